"""scripts/generate_lesions.py on a few small images."""

import json

import numpy as np
import pytest
from PIL import Image

from radsieve import tables
from radsieve.phantoms.tables import LESION_TRUTH

OPTIONS = {"images": "data", "out": "out"}


@pytest.mark.parametrize("images", [0, 5])
def test_images_masks_and_truth_belong_together(tmp_path, run_stage, set_params, images):
    set_params(tmp_path, generate_lesions={"images": images, "pixels": 40, "grid_images": 2})
    done = run_stage("generate_lesions", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert f"generate_lesions: {images} images" in done.stderr
    truth = tables.read(LESION_TRUTH, tmp_path / "out/truth.csv")
    assert len(truth) == images
    assert truth["patient"].is_unique
    for image, share in zip(truth["image"], truth["area_share"], strict=True):
        with Image.open(tmp_path / "data/images" / image) as opened:
            assert (opened.mode, opened.size) == ("RGB", (40, 40))
        with Image.open(tmp_path / "data/masks" / image) as opened:
            mask = np.asarray(opened)
        assert set(np.unique(mask)) == {0, 255}
        assert (mask > 0).mean() == pytest.approx(share)
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["images"] == images
    assert metrics.get("mean_area_share") == (pytest.approx(truth["area_share"].mean()) if images else None)
    with Image.open(tmp_path / "out/grid.png") as grid:
        assert grid.width > 500
    assert (tmp_path / "data").is_dir()
