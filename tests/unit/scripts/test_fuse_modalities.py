"""scripts/fuse_modalities.py on small simulated chest radiographs: what it writes, twice the same."""

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
        ("early", "image", "late", "table"), 80
    )
    assert len(tables.read(FUSION, chests / "out/comparison.csv")) == 12
    leaks = tables.read(LEAKS, chests / "out/leaks.csv")
    assert set(leaks["protocol"]) == {"honest", "with_findings", "view_known"}


def test_twice_the_same_bytes(chests, run_stage):
    before = {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}
    assert run_stage("fuse_modalities", chests, **OPTIONS).returncode == 0
    assert before == {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}


def test_results_that_are_missing_are_named(chests, run_stage):
    done = run_stage("fuse_modalities", chests, images="packs", tables="nowhere", out="other")
    assert done.returncode == 2
    assert "counts.csv" in done.stderr
