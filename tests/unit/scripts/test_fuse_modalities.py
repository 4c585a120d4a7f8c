"""scripts/fuse_modalities.py on small simulated chest radiographs: what it writes, twice the same."""

import json
import shutil

import pandas as pd
import pytest
from defaults import content

from radsieve import tables
from radsieve.tasks.cases import pictures
from radsieve.tasks.images.tables import FUSION, FUSION_PREDICTIONS
from radsieve.tasks.tables import LEAKS

pytestmark = pytest.mark.slow

OPTIONS = {"images": "packs", "tables": "prepared", "out": "out"}


@pytest.fixture(scope="module")
def chests(tmp_path_factory, run_stage, set_params):
    folder = tmp_path_factory.mktemp("chests")
    pictures.write(folder / "data/cases", 2, 10, 80, seed=1)
    set_params(
        folder,
        prepare_images={"chest": content()["prepare_images"]["chest"] | {"pixels": 32}},
        fuse_modalities={"pixels": [32], "bootstrap": 100, "folds": 3},
    )
    for stage, options in (
        ("prepare_images", {"set": "chest", "images": "packs", "out": "prepared"}),
        ("fuse_modalities", OPTIONS),
    ):
        done = run_stage(stage, folder, **options)
        assert done.returncode == 0, done.stderr
    return folder


def test_every_image_is_predicted_by_every_model(chests):
    predictions = tables.read(FUSION_PREDICTIONS, chests / "out/predictions.csv")
    assert predictions.groupby("model")["image"].nunique().to_dict() == dict.fromkeys(
        ("early", "image", "joint concat", "joint product", "joint sum", "late", "table"), 80
    )
    assert len(tables.read(FUSION, chests / "out/comparison.csv")) == 27
    leaks = tables.read(LEAKS, chests / "out/leaks.csv")
    assert set(leaks["protocol"]) == {"honest", "with_findings", "view_known"}


def test_twice_the_same_bytes(chests, run_stage):
    before = {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}
    assert run_stage("fuse_modalities", chests, **OPTIONS).returncode == 0
    assert before == {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}


def test_findings_some_of_which_are_uncertain(chests, run_stage, set_params, tmp_path):
    """As in a table of findings: 1 is present, 0 absent, -1 uncertain, an empty cell not mentioned."""
    shutil.copytree(chests / "data/cases/chests", tmp_path / "images")
    table = pd.read_csv(chests / "data/cases/chests.csv", dtype=str)
    table["Edema"] = table["finding"].map({"abnormal": "1.0", "normal": "0.0"})
    table.loc[::3, "Edema"], table.loc[1::20, "Edema"] = "-1.0", ""
    table.to_csv(tmp_path / "findings.csv", index=False)
    named = {"table": "findings.csv", "name": "image"}
    chest = {"images": "images", "label": "Edema", "labels": ["0.0", "1.0", "-1.0"], "pixels": 32} | named
    fused = {"pixels": [32], "bootstrap": 100, "uncertain_label": "-1.0", "uncertain": "one"} | named
    for label, code in (("-1.0", 0), ("none", 2)):
        set_params(
            tmp_path,
            prepare_images={"chest": content()["prepare_images"]["chest"] | chest},
            fuse_modalities=fused | {"uncertain_label": label},
        )
        if label != "none":
            done = run_stage("prepare_images", tmp_path, set="chest", images="packs", out="prepared")
            assert done.returncode == 0, done.stderr
        done = run_stage("fuse_modalities", tmp_path, **OPTIONS)
        assert done.returncode == code, done.stderr
    assert "has 3 labels; name two" in done.stderr
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["images"], metrics["uncertain"]) == (50, 26)
    leaks = tables.read(LEAKS, tmp_path / "out/leaks.csv").set_index("protocol")
    assert set(leaks.loc["uncertain_negative", "evaluated"]) == {76}
    assert set(leaks.loc["honest", "evaluated"]) == {50}


def test_results_that_are_missing_are_named(chests, run_stage):
    done = run_stage("fuse_modalities", chests, images="packs", tables="nowhere", out="other")
    assert done.returncode == 2
    assert "counts.csv" in done.stderr
