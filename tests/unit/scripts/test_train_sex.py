"""Stage train_sex on a tiny set."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from labelled_packs import write_labelled, write_segmenter

from radsieve import tables
from radsieve.networks.checkpoints import read_checkpoint
from radsieve.screening.tables import ABLATION, HELD_OUT, ROC, SHORTCUT, UNSEEN

SMALL = {
    "input_pixels": 64, "stride": 16, "grid": 1, "strengths": [0.01], "folds": 2, "inner_folds": 2, "bootstrap": 100,
}  # fmt: skip


@pytest.mark.slow
def test_what_the_net_may_see_is_compared_and_where_it_looks_is_measured(
    tmp_path: Path, run_stage: Callable[..., object], set_params: Callable[..., None]
) -> None:
    write_labelled(tmp_path, ("M", "F"))
    write_segmenter(tmp_path / "lungs.safetensors", 64)
    set_params(tmp_path, train_sex=SMALL)
    done = run_stage(
        "train_sex",
        tmp_path,
        images=tmp_path / "pack",
        images_table=tmp_path / "images.csv",
        segmenter=tmp_path / "lungs.safetensors",
        out=tmp_path / "out",
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    ablation = tables.read(ABLATION, out / "ablation.csv")
    assert ablation[["top_crop", "views"]].drop_duplicates().to_numpy().tolist() == [
        [0, "whole"], [0, "halves"], [0.15, "whole"], [0.15, "halves"],
    ]  # fmt: skip
    predictions, shortcut = tables.read(HELD_OUT, out / "predictions.csv"), tables.read(SHORTCUT, out / "shortcut.csv")
    assert shortcut["image"].tolist() == predictions["image"].tolist()
    heat = shortcut[["heat_inside", "heat_outside"]].dropna().sum(axis=1)
    assert len(heat)
    assert heat.round(6).eq(1).all()
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["images"] == 16
    assert {"F", "M", "F, group 0", "F, group 1"} <= set(metrics["where_it_looks"])
    assert len(metrics["cross_validated"]) == 4
    unseen = tables.read(UNSEEN, out / "unseen.csv")
    assert len(unseen) == 32 and not set(unseen["image"]) & set(predictions["image"])
    _, card = read_checkpoint(out / "model.safetensors", "classifier")
    assert card["operating_point"]["chosen_on"] == "train and validation, out of fold"
    assert len(tables.read(ROC, out / "roc.csv"))
    for name in ("model.safetensors", "roc.png", "heatmaps.png"):
        assert (out / name).stat().st_size
