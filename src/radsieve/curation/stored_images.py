"""The ingested images as they are stored in data/images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.decode import Pixels, grayscale, read_pixels
from radsieve.imaging.duplicates.image_similarity import Gray

_MAX_PIXELS = 1_000_000_000  # ingestion has already checked every image against its own limit


def stored_pixels(folder: Path, image_path: str) -> Pixels:
    """Return the pixels of the image at `image_path` of `folder` in canonical form (`radsieve.imaging.decode`).

    Raises InputError if it is not there.
    """
    try:
        content = (folder / image_path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{folder / image_path}: not found; run ingest_images again") from None
    return read_pixels(content, _MAX_PIXELS)


def reduced(pixels: Pixels, longest_side: int) -> Pixels:
    """Return `pixels` in canonical form, (H, W) or (H, W, 3), with neither side longer than `longest_side` pixels: as
    they are, or each value the mean of the area that it stands for, in the same type and proportions.
    """
    scale = longest_side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    if pixels.dtype == np.uint16:  # Pillow takes no mean of 16-bit values, but of 32-bit floats
        image = Image.fromarray(pixels.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
        return np.asarray(np.rint(np.asarray(image)), dtype=np.uint16)
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))


def picture_loader(folder: Path, image_table: pd.DataFrame) -> Callable[[str], Pixels]:
    """Return a function that gives the pixels of a picture, by their digest, of `folder` with the files `image_table`
    (IMAGES of `radsieve.curation.tables`).
    """
    first = image_table.drop_duplicates("pixel_digest").set_index("pixel_digest")["image_path"]
    return lambda digest: stored_pixels(folder, first[digest])


def gray_loader(folder: Path) -> Callable[[str], Gray]:
    """Return a function that gives the grey values (H, W) in [0, 1] of an image of `folder` by its path there."""
    return lambda image_path: grayscale(stored_pixels(folder, image_path))
