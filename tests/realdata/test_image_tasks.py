"""The sets of real images that the presets pneumonia, modalities and knee-grade name: how they are divided."""

import os
from pathlib import Path

import pytest
import yaml
from defaults import content, settings

from radsieve.tasks.images.preparation import prepare
from radsieve.tasks.images.settings import PictureSet

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder"))
PRESETS = Path(__file__).parents[2] / "workflow/presets"
NAMES = ("pneumonia", "pneumonia_test", "medical_mnist", "knee")

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in NAMES),
        reason=f"RADSIEVE_DATA does not name a folder with {', '.join(NAMES)}",
    ),
]


def prepared(preset, name, folder):
    changes = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text(encoding="utf-8"))["prepare_images"][name]
    described = PictureSet.model_validate(content()["prepare_images"][name] | changes | {"pixels": 32})
    return prepare(described, settings("splits"), f"prepare_images.{name}", folder)


def test_children_are_whole_and_the_official_test_part_is_of_others(tmp_path):
    found = prepared("pneumonia", "pneumonia", tmp_path)
    assert found.metrics["images"] == 5216
    assert found.metrics["outside"] == 342
    assert found.metrics["outside_left_out"] == 0
    children = found.images.loc[found.images["label"] == "PNEUMONIA", "patient"]
    assert children.nunique() == 2443
    assert found.images.groupby("unit")["split"].nunique().max() == 1


def test_single_knees_are_there_once_for_each_expert(tmp_path):
    found = prepared("knee-grade", "knee", tmp_path)
    assert set(found.images[["width", "height"]].itertuples(index=False, name=None)) == {(300, 162)}
    assert found.images.groupby("picture")["label"].nunique().max() == 1
    assert found.images.groupby("picture")["split"].nunique().max() == 1
    assert found.metrics["quarantined"] == 22
    assert found.metrics["pictures"] == 1405
