"""scripts/score_images.py on images written by the test."""

import json

import pytest
import screened
from PIL import Image

from radsieve import tables
from radsieve.screening.tables import LATENTS, SCALING, SCORED_IMAGES, SCORED_LATENTS

OPTIONS = {**screened.BATCHES["reference"], **screened.BATCHES["generated"], "out": "out"}
OUTPUTS = [
    "accepted.png",
    "flow.csv",
    "flow.png",
    "metrics.json",
    "pass_rates.csv",
    "reactions.csv",
    "reactions.png",
    "reference.csv",
    "rejected.png",
    "scaler.json",
    "scaling.csv",
    "scores.csv",
    "scores.parquet",
    "scores.png",
    "statistics.csv",
]


@pytest.fixture
def folder(tmp_path, set_params):
    set_params(tmp_path, score_images={"bootstrap": 100, "grid_images": 8})
    screened.write_generated(tmp_path)
    screened.write_reference(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_everything_is_written_alike_each_time(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("score_images", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    images = tables.read(SCORED_IMAGES, folder / "out/scores.csv")
    latents = tables.read(SCORED_LATENTS, folder / "out/scores.parquet")
    assert list(latents.columns[-128:]) == list(LATENTS)
    assert latents["valid"].tolist() == images["valid"].tolist()
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["valid"] == images["valid"].sum() > 0
    assert f"{metrics['valid']} of 60 generated images pass all five scores" in done.stderr
    scaling = tables.read(SCALING, folder / "out/scaling.csv").dropna()
    assert dict(zip(scaling["score"], scaling["threshold"], strict=False)) == pytest.approx(metrics["thresholds"])
    with Image.open(folder / "out/accepted.png") as grid:
        assert grid.width > 500


def test_a_pack_of_other_images_is_refused(folder, run_stage):
    index = folder / "data/generated/index.csv"
    index.write_text(index.read_text().replace("007.png", "700.png"))
    done = run_stage("score_images", folder, **OPTIONS)
    assert done.returncode == 2
    assert "data/generated: not the images of results/generate_images/images.csv in their order" in done.stderr
    assert not (folder / "out").exists()
