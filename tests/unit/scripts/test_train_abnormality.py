"""Stage train_abnormality on a tiny set."""

import json
from collections.abc import Callable
from pathlib import Path

from labelled_packs import write_labelled

from radsieve import tables
from radsieve.networks.checkpoints import read_checkpoint
from radsieve.screening.tables import HELD_OUT, REGULARIZATION, ROC

SMALL = {"input_pixels": 64, "stride": 16, "grid": 1, "strengths": [0.01, 0.1], "folds": 2, "bootstrap": 100}


def options(folder: Path) -> dict[str, object]:
    return {"images": folder / "pack", "images_table": folder / "images.csv", "out": folder / "out"}


def test_the_classifier_is_trained_measured_and_kept(
    tmp_path: Path, run_stage: Callable[..., object], set_params: Callable[..., None]
) -> None:
    write_labelled(tmp_path, ("normal", "abnormal"))
    set_params(tmp_path, train_abnormality=SMALL | {"augmented_copies": 1})
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
    assert set(tables.read(REGULARIZATION, out / "regularization.csv")["c"]) == {0.01, 0.1}
    assert tables.read(ROC, out / "roc.csv")["tpr"].iloc[-1] == 1
    _, card = read_checkpoint(out / "model.safetensors", "classifier")
    assert (card["positive"], card["negative"], card["pixels"], card["channels"]) == ("abnormal", "normal", 64, 1)


def test_weights_that_are_not_there_are_named_and_nothing_is_written(
    tmp_path: Path, run_stage: Callable[..., object], set_params: Callable[..., None]
) -> None:
    write_labelled(tmp_path, ("normal", "abnormal"))
    set_params(tmp_path, train_abnormality=SMALL | {"backbone": "resnet18", "weights": "resnet18.pth"})
    done = run_stage("train_abnormality", tmp_path, **options(tmp_path))
    assert done.returncode == 2
    assert "resnet18.pth: not found; set train_abnormality.weights" in done.stderr
    assert not (tmp_path / "out").exists()
