"""scripts/train_writer.py on works that were simulated."""

import json

import pytest
from defaults import content

from radsieve import tables
from radsieve.settings import Splits
from radsieve.tasks.cases.texts import simulate
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.settings import PackTexts
from radsieve.tasks.texts.tables import WORKS

OUTPUTS = ["best.safetensors", "curves.csv", "entropy.csv", "entropy.png", "leaks.csv", "metrics.json", "samples.csv"]
SMALL = {"width": 8, "embedding": 8, "epochs": 1, "samples": 1, "sample_characters": 60, "resamples": 100,
         "temperatures": [1.0], "windows": 100}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    found = tmp_path_factory.mktemp("writer")
    simulate(found / "texts", 12, 1)
    packed = pack_texts(found / "texts", PackTexts(**content()["pack_texts"]), Splits(**content()["splits"]))
    tables.write(WORKS, packed.works, found / "works.parquet")
    set_params(found, train_writer=content()["train_writer"] | SMALL)
    return found


@pytest.mark.slow
def test_a_writer_and_its_results_the_same_twice(folder, run_stage):
    for out in ("first", "second"):
        done = run_stage("train_writer", folder, author="Birch", works="works.parquet", out=out)
        assert done.returncode == 0, done.stderr
        assert "bits per character (gru and 3-gram)" in done.stderr
        assert sorted(path.name for path in (folder / out).iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "first" / name).read_bytes() == (folder / "second" / name).read_bytes()
    metrics = json.loads((folder / "first/metrics.json").read_text())
    assert metrics["best_epoch"] == 1
    assert metrics["works"]["train"] + metrics["works"]["validation"] + metrics["works"]["test"] == 12


def test_an_author_that_is_not_there(folder, run_stage):
    done = run_stage("train_writer", folder, author="Nobody", works="works.parquet", out="out")
    assert done.returncode == 2
    assert "--author Nobody: no such author; there are Alder, Birch, Cedar" in done.stderr
