"""scripts/draw_lesions.py on a few small films."""

import json

import numpy as np
import pytest
from PIL import Image

from radsieve import tables
from radsieve.phantoms.tables import LESION_TRUTH

OPTIONS = {"films": "data", "out": "out"}


@pytest.mark.parametrize("films", [0, 5])
def test_films_masks_and_truth_belong_together(tmp_path, run_stage, set_params, films):
    set_params(tmp_path, draw_lesions={"films": films, "pixels": 40, "sheet_films": 2})
    done = run_stage("draw_lesions", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert f"draw_lesions: {films} films" in done.stderr
    truth = tables.read(LESION_TRUTH, tmp_path / "out/truth.csv")
    assert len(truth) == films
    assert truth["patient"].is_unique
    for film, share in zip(truth["film"], truth["area_share"], strict=True):
        with Image.open(tmp_path / "data/films" / film) as image:
            assert (image.mode, image.size) == ("RGB", (40, 40))
        with Image.open(tmp_path / "data/masks" / film) as image:
            mask = np.asarray(image)
        assert set(np.unique(mask)) == {0, 255}
        assert (mask > 0).mean() == pytest.approx(share)
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["films"] == films
    assert metrics.get("mean_area_share") == (pytest.approx(truth["area_share"].mean()) if films else None)
    with Image.open(tmp_path / "out/sheet.png") as sheet:
        assert sheet.width > 500
    assert (tmp_path / "data").is_dir()
