"""scripts/score_turing_test.py on answers written by the test."""

import json
from pathlib import Path

import pandas as pd
import pytest

from radsieve import tables
from radsieve.curation import tables as curation_tables
from radsieve.generation.tables import TURING_IMAGES, TURING_KEY, TURING_READERS

ROOT = Path(__file__).parents[3]
OPTIONS = {"key": "key.csv", "published": ROOT / "data/published", "out": "out"}
OUTPUTS = ["agreement.csv", "images.csv", "metrics.json", "readers.csv", "readers.png"]
TEST = "0123456789ab"


@pytest.fixture
def folder(tmp_path):
    """A key of 10 real and 10 synthetic images, and two readers: Ada is always right, Zoe takes all for real."""
    kinds = ["real", "synthetic"] * 10
    places = range(1, 21)
    key = pd.DataFrame({"test": TEST, "place": places, "kind": kinds, "image": [f"f{place}" for place in places]})
    tables.write(TURING_KEY, key, tmp_path / "key.csv")
    (tmp_path / "answers").mkdir()
    for reader, said in (("Ada", kinds), ("Zoe", ["real"] * 20)):
        answers = pd.DataFrame({"test": TEST, "reader": reader, "place": places, "answer": said, "seconds": 2.5})
        answers.to_csv(tmp_path / f"answers/{reader}.csv", index=False)
    return tmp_path


def test_two_readers(folder, run_stage, set_params, monkeypatch):
    monkeypatch.setenv("ANSWERS", str(folder / "answers"))
    set_params(folder, score_turing_test={"answers": "$ANSWERS", "bootstrap": 200})
    for out in ("out", "again"):
        done = run_stage("score_turing_test", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    assert "2 readers, 40 answers: 50% of the synthetic images taken for real" in done.stderr
    found = tables.read(TURING_READERS, folder / "out/readers.csv").set_index(["reader", "measure"])["value"]
    assert found["Ada", "taken_for_real"] == 0
    assert found["Zoe", "taken_for_real"] == found["Zoe", "specificity"] == 1
    assert found["Zoe", "d_prime"] == 0
    assert found["Ada", "d_prime"] > 3
    images = tables.read(TURING_IMAGES, folder / "out/images.csv")
    assert images.groupby("kind")["taken_for_real"].unique().map(list).to_dict() == {"real": [2], "synthetic": [1]}
    agreement = tables.read(curation_tables.COEFFICIENTS, folder / "out/agreement.csv").set_index(
        ["raters", "coefficient"]
    )
    assert agreement.loc[("Ada | Zoe", "Cohen's kappa"), "value"] == 0
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert (metrics["readers"], metrics["answers"], metrics["published"]) == (2, 40, 0.47)
    assert metrics["taken_for_real"]["value"] == 0.5


def test_nobody_has_answered_yet(folder, run_stage, set_params):
    set_params(folder)
    done = run_stage("score_turing_test", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "no answers yet" in done.stderr
    assert tables.read(TURING_READERS, folder / "out/readers.csv").empty
    assert tables.read(TURING_IMAGES, folder / "out/images.csv")["answers"].sum() == 0
    assert json.loads((folder / "out/metrics.json").read_text())["readers"] == 0


def test_one_reader_has_nobody_to_agree_with(folder, run_stage, set_params):
    set_params(folder, score_turing_test={"answers": "answers/Zoe.csv", "bootstrap": 200})
    done = run_stage("score_turing_test", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert tables.read(curation_tables.COEFFICIENTS, folder / "out/agreement.csv")["value"].isna().all()


def test_answers_to_another_page(folder, run_stage, set_params):
    path = folder / "answers/Zoe.csv"
    path.write_text(path.read_text().replace(TEST, "f" * 12))
    set_params(folder, score_turing_test={"answers": "answers"})
    done = run_stage("score_turing_test", folder, **OPTIONS)
    assert done.returncode == 2
    assert f"answers/Zoe.csv, row 2: answers another test than {TEST}" in done.stderr
    assert not (folder / "out").exists()
