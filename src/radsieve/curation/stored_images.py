"""The ingested images as they are stored in data/images."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.decode import Pixels, canonical, decode, grayscale
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
    return canonical(decode(content, _MAX_PIXELS))


def picture_loader(folder: Path, image_table: pd.DataFrame) -> Callable[[str], Pixels]:
    """Return a function that gives the pixels of a picture, by their digest, of `folder` with the files `image_table`
    (IMAGES of `radsieve.curation.tables`).
    """
    first = image_table.drop_duplicates("pixel_digest").set_index("pixel_digest")["image_path"]
    return lambda digest: stored_pixels(folder, first[digest])


def gray_loader(folder: Path) -> Callable[[str], Gray]:
    """Return a function that gives the grey values (H, W) in [0, 1] of an image of `folder` by its path there."""
    return lambda image_path: grayscale(stored_pixels(folder, image_path))
