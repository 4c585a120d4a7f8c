"""Pictures with letters, and the networks that read them, where their packages are installed."""

import importlib.util
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

PACKAGES = ("onnxruntime", "rapidocr_onnxruntime")
INSTALLED = all(importlib.util.find_spec(name) for name in PACKAGES)
needs_reader = pytest.mark.skipif(not INSTALLED, reason="packages are not installed: pip install -e '.[text]'")
_FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")


def lettered(gray, text, height, left=0.1, top=0.1):
    """`gray` (H, W) in [0, 1] with `text` in white capitals `height` pixels high; `left`, `top` are shares of it."""
    mask = Image.new("L", gray.shape[::-1])
    place = round(left * gray.shape[1]), round(top * gray.shape[0])
    ImageDraw.Draw(mask).text(place, text, fill=255, font=ImageFont.truetype(str(_FONT), height / 0.729))
    return np.maximum(gray, np.asarray(mask, dtype=np.float32) / 255).astype(np.float32)
