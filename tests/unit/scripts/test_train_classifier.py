"""scripts/train_classifier.py on small drawn images: what it writes, twice the same, inside and outside."""

import json

import pytest
from defaults import content

from radsieve import tables
from radsieve.tasks.cases import pictures
from radsieve.tasks.images.tables import CLASS_COMPARISON, CLASS_PREDICTIONS, CLASS_SHIFT, NEW_CLASSES
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
def chests(tmp_path_factory, run_stage, set_params):
    """Chests of one hospital inside, of another one outside; both are rendered as those from outside are."""
    folder = tmp_path_factory.mktemp("chests")
    for part, seed, count in (("inside", 1, 70), ("outside", 2, 20)):
        pictures.write(folder / part, 2, 10, count, seed)
    set_of = {
        "images": "inside/chests", "table": "inside/chests.csv", "pixels": 32, "outside_images": "outside/chests",
        "outside_table": "outside/chests.csv",
    }  # fmt: skip
    other = content()["prepare_images"]["pneumonia"] | set_of
    rows = (folder / "outside/chests.csv").read_text().replace("other P", "far P")
    (folder / "outside/chests.csv").write_text(rows)
    set_params(
        folder,
        prepare_images={"pneumonia": other},
        train_classifier={"pneumonia": content()["train_classifier"]["pneumonia"] | SMALL},
    )
    run(folder, run_stage, "pneumonia")
    return folder


def test_every_variant_is_evaluated_inside_and_outside(chests):
    table = tables.read(CLASS_COMPARISON, chests / "out/comparison.csv")
    assert table.groupby("part")["variant"].nunique().to_dict() == {"test": 5, "outside": 5}
    assert table["chosen"].sum() == 2
    losses = table.dropna(subset=["choosing_loss"])
    assert losses.loc[losses["chosen"] == 1, "choosing_loss"].iloc[0] == losses["choosing_loss"].min()
    assert (losses["choosing_loss"] == losses["validation_loss"]).all()  # no changed copies were asked for


def test_ways_to_deal_with_a_shift_and_the_protocols(chests):
    shift = tables.read(CLASS_SHIFT, chests / "out/shift.csv")
    assert {"as fitted", "threshold of validation", "prior adapted"} <= set(shift["method"])
    leaks = tables.read(LEAKS, chests / "out/leaks.csv")
    assert set(leaks["protocol"]) == {"honest", "shuffled_truth", "by_image"}
    metrics = json.loads((chests / "out/metrics.json").read_text())
    predictions = tables.read(CLASS_PREDICTIONS, chests / "out/predictions.csv")
    assert len(predictions) == metrics["test"] + metrics["outside"]
    assert metrics["outside"] == 20
    assert (chests / "out/worst.png").stat().st_size > 0


def test_twice_the_same_bytes(chests, run_stage):
    before = {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}
    run(chests, run_stage, "pneumonia", ["train_classifier"])
    assert before == {path: path.read_bytes() for path in sorted((chests / "out").iterdir())}


def test_what_is_stored_tells_other_images_apart(chests, run_stage):
    """Those from outside, as files, are told as the training told them; what is no image is in quarantine."""
    (chests / "outside/chests/broken.png").write_text("no image")
    model = (chests / "out/best.safetensors").read_bytes()
    options = {"model": "out/best.safetensors", "images": "outside/chests", "out": "found/predictions.csv"}
    done = run_stage("predict_classes", chests, **options)
    (chests / "outside/chests/broken.png").unlink()
    assert done.returncode == 0, done.stderr
    assert "20 images" in done.stderr and "1 in quarantine" in done.stderr
    found = tables.read(NEW_CLASSES, chests / "found/predictions.csv")
    assert (found.groupby("image")["probability"].sum() - 1).abs().max() < 1e-6
    called = found[found["called"] == 1].set_index("image")
    before = tables.read(CLASS_PREDICTIONS, chests / "out/predictions.csv")
    before = before[before["part"] == "outside"].set_index("image")
    assert called["label"].to_dict() == before["called"].to_dict()
    assert called["probability"].to_dict() == pytest.approx(before["probability_called"].to_dict(), abs=1e-5)
    for out in ("outside/chests/found.csv", "out/best.safetensors", "found/quarantine.csv"):
        done = run_stage("predict_classes", chests, **options | {"out": out})
        assert done.returncode == 2 and "--out" in done.stderr
    assert (chests / "out/best.safetensors").read_bytes() == model


def test_images_and_rows_must_belong_together(chests, run_stage, tmp_path, set_params):
    set_params(tmp_path)
    done = run_stage(
        "train_classifier", tmp_path, set="pneumonia", images=chests / "packs", tables=chests / "elsewhere", out="out"
    )
    assert done.returncode == 2
    assert "counts.csv" in done.stderr
