"""Only two stages can reach a network, as the guide to one's own data says."""

import re
from pathlib import Path

import pytest
import yaml
from imports import imported

ROOT = Path(__file__).parents[2]
NETWORK = re.compile(
    r"(socket|ssl|asyncio|http\.(client|server)|urllib\.request|urllib3|requests|httpx|aiohttp|boto3|botocore|obstore"
    r"|ftplib|smtplib|xmlrpc|webbrowser|fsspec|s3fs|huggingface_hub|torch\.hub)(\.|$)"
)
WITH_NETWORK = {"collect_pages", "ingest_images"}
# a bucket is opened if a location is s3://..., gs://... or az://..., which no stage names
BY_LOCATION = (
    ROOT / "src/radsieve/imaging/image_batches.py",
    re.compile(r"radsieve\.storage\.(clouds|credentials|s3|s3_errors)(\.|$)"),
)
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def reached(script: Path) -> set[str]:
    """What a script imports, directly or not, but from radsieve."""
    seen, waiting, found = set(), [script], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imported(path):
            if name.partition(".")[0] != "radsieve":
                found.add(name)
            elif path != BY_LOCATION[0] or not BY_LOCATION[1].match(name):
                place = ROOT.joinpath("src", *name.split("."))
                waiting += [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.exists()]
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_who_can_reach_a_network(stage):
    clients = [name for name in reached(ROOT / f"scripts/{stage}.py") if NETWORK.match(name)]
    assert bool(clients) == (stage in WITH_NETWORK), clients


def test_no_stage_reads_a_bucket_by_its_location():
    read = {name: re.findall(r"--images (\S+)", str(stage)) for name, stage in STAGES.items()}
    assert read["segment_images"]
    assert read["predict_images"]
    assert not [place for places in read.values() for place in places if not place.startswith(("data/", "results/"))]
