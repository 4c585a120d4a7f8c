import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from sameness import all_files

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.storage.objects import Content

ROOT = Path(__file__).parents[3]


@pytest.fixture
def bucket(tmp_path):
    """Images of two graders, one of them twice, and three objects that are none, as files below `images`."""
    random = np.random.default_rng(0)
    for grader in ("one", "two"):
        for grade in ("0", "1"):
            folder = tmp_path / "images" / grader / grade
            folder.mkdir(parents=True)
            for number in range(3):
                Image.fromarray(random.integers(0, 256, (40, 30), np.uint8)).save(folder / f"é {number}.png")
    (tmp_path / "images" / "two" / "0" / "again.png").write_bytes((tmp_path / "images/one/0/é 0.png").read_bytes())
    (tmp_path / "images" / "two" / "1" / "empty.png").write_bytes(b"")
    (tmp_path / "images" / "two" / "1" / "note.txt").write_bytes(b"no image")
    (tmp_path / "images" / "two" / "9").mkdir()
    (tmp_path / "images" / "two" / "9" / "a.png").write_bytes(b"x")
    return tmp_path


def command(folder, out="out", phantoms="images", **changes):
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    given = {"endpoint": "embedded", "bucket": "images", "prefix": "", "graders": ["one", "two"], "grades": ["0", "1"]}
    params["source"] |= given | changes
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    options = {"phantoms": folder / phantoms, "images": folder / out / "images", "out": folder / out / "tables"}
    options["params"] = folder / "params.yaml"
    given = [text for name, path in options.items() for text in (f"--{name}", str(path))]
    return [sys.executable, str(ROOT / "scripts" / "ingest_images.py"), *given]


def environment(folder):
    changes = {"PYTHONPATH": str(ROOT / "src"), "RADSIEVE_CACHE": str(folder / "cache")}
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | changes


def ingest(folder, **options):
    return subprocess.run(
        command(folder, **options), cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120
    )


def test_grades_from_a_table_beside_the_images(bucket):
    folder = bucket / "images/one"
    paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.png"))]
    rows = [f"{path};0;1;P{number % 2}" for number, path in enumerate(paths)]
    (bucket / "labels.csv").write_text("\n".join(["file;one;two;who", *rows]), encoding="utf-8")
    table = {"file": str(bucket / "labels.csv"), "image": "file", "rater": "*", "label": "none", "patient": "who"}
    table |= dict.fromkeys(("study", "view", "split"), "none")
    done = ingest(bucket, endpoint="folder", bucket=str(folder), layout="table", table=table)
    assert done.returncode == 0, done.stderr
    assert "12 images, 6 distinct, 0 in quarantine; 6 objects read" in done.stderr
    raw = tables.read(curation_tables.RAW_DATA, bucket / "out/tables/raw_data.csv")
    assert raw.groupby(["expert", "severity"]).size().to_dict() == {("one", "0"): 6, ("two", "1"): 6}
    assert tables.read(curation_tables.IMAGES, bucket / "out/tables/images.csv")["PatientID"].nunique() == 2


@pytest.mark.slow
def test_embedded_and_folder_give_the_same_bytes_the_second_time_too(bucket):
    first = ingest(bucket, out="first")
    assert first.returncode == 0, first.stderr
    assert "13 images, 12 distinct, 3 in quarantine; 14 objects read" in first.stderr
    second = ingest(bucket, out="second")
    assert "0 objects read" in second.stderr
    folder = ingest(bucket, out="folder", endpoint="folder", bucket=str(bucket / "images"))
    assert folder.returncode == 0, folder.stderr
    assert all_files(bucket / "first") == all_files(bucket / "second") == all_files(bucket / "folder")

    raw_data = tables.read(curation_tables.RAW_DATA, bucket / "first/tables/raw_data.csv")
    images = tables.read(curation_tables.IMAGES, bucket / "first/tables/images.csv")
    quarantine = tables.read(curation_tables.QUARANTINE, bucket / "first/tables/quarantine.csv")
    metrics = json.loads((bucket / "first/tables/metrics.json").read_text())
    assert list(raw_data.relative_path) == sorted(raw_data.relative_path, key=str.encode)
    for image in raw_data.itertuples():
        assert image.file_id == Content.of((bucket / "images" / image.relative_path).read_bytes()).file_id
        assert image.relative_path.startswith(f"{image.expert}/{image.severity}/")
    assert list(quarantine.reason) == ["empty object", "no image", "unknown grade"]
    assert metrics["images"] == len(raw_data) == 13
    assert metrics["distinct_images"] == len(images) == 12
    for image in images.itertuples():
        content = (bucket / "first" / "images" / image.image_path).read_bytes()
        assert Content.of(content).file_id == image.file_id
    assert len(all_files(bucket / "first" / "images")) == 12


def test_no_images_give_empty_tables(bucket):
    done = ingest(bucket, endpoint="none")
    assert done.returncode == 0, done.stderr
    assert sorted(all_files(bucket / "out")) == [
        f"tables/{name}" for name in ("images.csv", "metrics.json", "quarantine.csv", "raw_data.csv")
    ]
    assert (bucket / "out" / "images").is_dir()
    assert tables.read(curation_tables.RAW_DATA, bucket / "out/tables/raw_data.csv").empty


def test_what_is_wrong_is_said_in_a_line(bucket):
    done = ingest(bucket, endpoint="folder", bucket="nowhere")
    assert done.returncode == 2
    assert "nowhere: no such folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (bucket / "out").exists()


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_that_counts_and_the_next_one_completes(bucket):
    random = np.random.default_rng(1)
    for number in range(400):
        pixels = random.integers(0, 256, (120, 120), np.uint8)
        Image.fromarray(pixels).save(bucket / "images" / "one" / "0" / f"{number}.png")
    where = {"endpoint": "folder", "bucket": str(bucket / "images")}
    with subprocess.Popen(
        command(bucket, **where), cwd=bucket, env=environment(bucket), stderr=subprocess.DEVNULL
    ) as process:
        end = time.monotonic() + 60
        while len(list((bucket / "cache").rglob("objects/*/*"))) < 300 and time.monotonic() < end:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert not (bucket / "out").exists()
    done = ingest(bucket, **where)
    assert done.returncode == 0, done.stderr
    fetched = re.search(r"(\d+) objects read", done.stderr)
    assert int(fetched.group(1)) < 414  # the rest was read by the killed run
    assert len(tables.read(curation_tables.RAW_DATA, bucket / "out/tables/raw_data.csv")) == 413


FULL = """
import errno, os, runpy, shutil, sys
copied = []

def link(source, target):
    raise OSError(errno.EXDEV, "another disk")

def copy(source, target):
    copied.append(target)
    if len(copied) > 2:
        open(target, "wb").write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))  # as shutil does
    return copyfile(source, target)

os.link, copyfile, shutil.copyfile = link, shutil.copyfile, copy
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("before", [False, True])
def test_a_disk_that_is_full_below_the_images(bucket, before):
    """Another one than that of the cache, as of a project on a small disk: what was there stays, and the next run goes
    on with what was read.
    """
    where = {"endpoint": "folder", "bucket": str(bucket / "images")}
    if before:
        assert ingest(bucket, **where).returncode == 0
        Image.fromarray(np.eye(30, dtype=np.uint8)).save(bucket / "images/one/0/new.png")
    stood = all_files(bucket / "out") if before else {}
    python, *script = command(bucket, **where)
    words = [python, "-c", FULL, *script]
    done = subprocess.run(words, cwd=bucket, env=environment(bucket), capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert f"{bucket}/out/.images.partial" in done.stderr
    assert "no space left; free some" in done.stderr
    assert "Traceback" not in done.stderr
    assert all_files(bucket / "out") == stood
    done = ingest(bucket, **where)
    assert done.returncode == 0, done.stderr
    assert "; 1 objects read" in done.stderr  # what is no image is read again
    images = tables.read(curation_tables.IMAGES, bucket / "out/tables/images.csv")
    assert sorted(all_files(bucket / "out/images")) == sorted(images["image_path"])
