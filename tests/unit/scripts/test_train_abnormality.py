"""Stage train_abnormality on a tiny set."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from labelled_packs import write_labelled, write_segmenter

from radsieve import tables
from radsieve.networks.checkpoints import read_checkpoint
from radsieve.screening.classifiers.operating_point import choose_operating_point
from radsieve.screening.tables import (
    CONFUSION,
    HELD_OUT,
    OPERATING_POINT,
    REGULARIZATION,
    RELIABILITY,
    ROC,
    SHORTCUT,
    SUBGROUPS,
    UNSEEN,
)

SMALL = {"input_pixels": 64, "stride": 16, "grid": 1, "strengths": [0.01, 0.1], "folds": 2, "bootstrap": 100}


def options(folder: Path) -> dict[str, object]:
    return {
        "images": folder / "pack",
        "images_table": folder / "images.csv",
        "segmenter": folder / "lungs.safetensors",
        "out": folder / "out",
    }


@pytest.mark.slow
def test_the_classifier_is_trained_measured_and_kept(
    tmp_path: Path, run_stage: Callable[..., object], set_params: Callable[..., None]
) -> None:
    write_labelled(tmp_path, ("normal", "abnormal"))
    write_segmenter(tmp_path / "lungs.safetensors", 64)
    set_params(tmp_path, train_abnormality=SMALL | {"augmented_copies": 1, "calibration_units": 2})
    done = run_stage("train_abnormality", tmp_path, **options(tmp_path))
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    predictions = tables.read(HELD_OUT, out / "predictions.csv")
    assert predictions["image"].tolist() == [f"{number}.png" for number in range(32, 48)]
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["images"] == 16
    assert metrics["patients"] == 8
    assert metrics["roc_auc"]["value"] == 1  # the square is easily seen
    assert metrics["specificity"]["lower"] <= metrics["specificity"]["value"] <= metrics["specificity"]["upper"]
    _, point = read_checkpoint(out / "model.safetensors", "classifier")
    called = predictions["probability"] >= point["operating_point"]["probability"]
    assert metrics["missed_positive_images"] == int(((predictions["truth"] == 1) & ~called).sum())
    assert metrics["sensitivity"]["lower"] < 1  # also where every image is found
    shares = tables.read(OPERATING_POINT, out / "operating_point.csv").set_index("measure")
    assert shares.loc["accuracy", ["count", "of"]].tolist() == [int((called == predictions["truth"]).sum()), 16]
    assert tables.read(CONFUSION, out / "confusion.csv")["images"].sum() == 16
    assert tables.read(RELIABILITY, out / "reliability.csv")["images"].sum() == 16
    unseen = tables.read(UNSEEN, out / "unseen.csv")
    assert unseen["image"].tolist() == [f"{number}.png" for number in range(24, 32)]  # validation alone chose
    assert point["operating_point"]["chosen_on"] == "validation"
    assert point["recalibration"]["done"]
    expected = choose_operating_point(unseen["truth"].to_numpy(), unseen["probability"].to_numpy(), "youden", 0.95)
    assert point["operating_point"]["probability"] == pytest.approx(expected)
    subgroups = tables.read(SUBGROUPS, out / "subgroups.csv")
    assert set(subgroups["subgroup"]) >= {"F", "M"}
    assert {"normal", "abnormal"} <= set(metrics["where_it_looks"])
    assert len(tables.read(SHORTCUT, out / "shortcut.csv")) == 16
    assert set(tables.read(REGULARIZATION, out / "regularization.csv")["c"]) == {0.01, 0.1}
    assert tables.read(ROC, out / "roc.csv")["tpr"].iloc[-1] == 1
    _, card = read_checkpoint(out / "model.safetensors", "classifier")
    assert (card["positive"], card["negative"], card["pixels"], card["channels"]) == ("abnormal", "normal", 64, 1)


def test_weights_that_are_not_there_are_named_and_nothing_is_written(
    tmp_path: Path, run_stage: Callable[..., object], set_params: Callable[..., None]
) -> None:
    write_labelled(tmp_path, ("normal", "abnormal"))
    write_segmenter(tmp_path / "lungs.safetensors", 64)
    set_params(tmp_path, train_abnormality=SMALL | {"backbone": "resnet18", "weights": "resnet18.pth"})
    done = run_stage("train_abnormality", tmp_path, **options(tmp_path))
    assert done.returncode == 2
    assert "resnet18.pth: not found; set train_abnormality.weights" in done.stderr
    assert not (tmp_path / "out").exists()
