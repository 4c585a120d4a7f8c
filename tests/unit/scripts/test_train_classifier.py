"""scripts/train_classifier.py on small drawn images: what it writes, twice the same, inside and outside."""

import json

import pytest
from defaults import content

from radsieve import tables
from radsieve.tasks.cases import pictures
from radsieve.tasks.images.tables import CLASS_COMPARISON, CLASS_PREDICTIONS, CLASS_SHIFT
from radsieve.tasks.tables import LEAKS

pytestmark = pytest.mark.slow

OPTIONS = {"images": "packs", "tables": "prepared", "out": "out"}
SMALL = {"variants": ["4x1 average", "efficientnet_lite0 32", "pixels 8 neighbour"], "epochs": 1, "heatmaps": 4,
         "protocol_variants": ["pixels 8 neighbour"], "bootstrap": 100}  # fmt: skip


def run(folder, run_stage, name, stages=("prepare_images", "train_classifier")):
    for stage in stages:
        options = {"images": "packs", "out": "prepared"} if stage == "prepare_images" else OPTIONS
        done = run_stage(stage, folder, set=name, **options)
        assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def films(tmp_path_factory, run_stage, set_params):
    """Films of one hospital inside, of another one outside; both are drawn as those from outside are."""
    folder = tmp_path_factory.mktemp("films")
    for part, seed, count in (("inside", 1, 70), ("outside", 2, 20)):
        pictures.write(folder / part, 2, 10, count, seed)
    set_of = {
        "images": "inside/films", "table": "inside/films.csv", "pixels": 32, "outside_images": "outside/films",
        "outside_table": "outside/films.csv",
    }  # fmt: skip
    other = content()["prepare_images"]["pneumonia"] | set_of
    rows = (folder / "outside/films.csv").read_text().replace("other P", "far P")
    (folder / "outside/films.csv").write_text(rows)
    set_params(
        folder,
        prepare_images={"pneumonia": other},
        train_classifier={"pneumonia": content()["train_classifier"]["pneumonia"] | SMALL},
    )
    run(folder, run_stage, "pneumonia")
    return folder


def test_every_variant_is_evaluated_inside_and_outside(films):
    table = tables.read(CLASS_COMPARISON, films / "out/comparison.csv")
    assert table.groupby("part")["variant"].nunique().to_dict() == {"test": 5, "outside": 5}
    assert table["chosen"].sum() == 2
    losses = table.dropna(subset=["choosing_loss"])
    assert losses.loc[losses["chosen"] == 1, "choosing_loss"].iloc[0] == losses["choosing_loss"].min()
    assert (losses["choosing_loss"] == losses["validation_loss"]).all()  # no changed copies were asked for


def test_ways_to_deal_with_a_shift_and_the_protocols(films):
    shift = tables.read(CLASS_SHIFT, films / "out/shift.csv")
    assert {"as fitted", "threshold of validation", "prior adapted"} <= set(shift["way"])
    leaks = tables.read(LEAKS, films / "out/leaks.csv")
    assert set(leaks["protocol"]) == {"honest", "shuffled_truth", "by_film"}
    metrics = json.loads((films / "out/metrics.json").read_text())
    predictions = tables.read(CLASS_PREDICTIONS, films / "out/predictions.csv")
    assert len(predictions) == metrics["test"] + metrics["outside"]
    assert metrics["outside"] == 20


def test_twice_the_same_bytes(films, run_stage):
    before = {path: path.read_bytes() for path in sorted((films / "out").iterdir())}
    run(films, run_stage, "pneumonia", ["train_classifier"])
    assert before == {path: path.read_bytes() for path in sorted((films / "out").iterdir())}


def test_images_and_rows_must_belong_together(films, run_stage, tmp_path, set_params):
    set_params(tmp_path)
    done = run_stage(
        "train_classifier", tmp_path, set="pneumonia", images=films / "packs", tables=films / "elsewhere", out="out"
    )
    assert done.returncode == 2
    assert "counts.csv" in done.stderr
