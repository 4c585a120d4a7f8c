"""The features of symmetry of a batch of masks as a table, from an array or from a folder of images."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.image_folders import Mask, Rejected, quarantine_table, read_masks
from radsieve.imaging.packs import read_array
from radsieve.progress import track
from radsieve.screening.symmetry.features import Element, symmetry_features
from radsieve.screening.tables import FEATURES, SEGMENTED, SYMMETRY_FEATURES

_TOGETHER = 64  # masks of a folder that are measured at once
_HALF_EMPTY = 0.25  # the area asymmetry that only a mask with an empty half has


def features_of_batch(folder: Path, width: int, element: Element) -> pd.DataFrame:
    """Return SYMMETRY_FEATURES of the masks in `folder`: masks.npy and segmented.csv, as segment_images writes them.

    `width` and `element` as in `symmetry_features`. Raises InputError if the two do not belong together.
    """
    names = tables.read(SEGMENTED, folder / "segmented.csv")["image"].tolist()
    masks = read_array(folder / "masks.npy", len(names))
    if masks.shape[1] != 1:
        raise InputError(f"{folder / 'masks.npy'}: shape {masks.shape}; masks have one channel")
    return _table(names, symmetry_features(masks[:, 0], width, element))


def features_of_folder(folder: Path, width: int, element: Element) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return SYMMETRY_FEATURES of the mask images below `folder`, of any sizes, and IMAGE_QUARANTINE of the others.

    Raises InputError if there is no such folder, or no mask in it.
    """
    rejected: list[Rejected] = []
    names: list[str] = []
    features = [np.empty((0, len(FEATURES)))]
    for masks in _batches(track(read_masks(folder), "measuring"), rejected):
        names += [mask.name for mask in masks]
        features.append(symmetry_features(np.stack([mask.pixels for mask in masks]), width, element))
    if not names:
        raise InputError(
            f"{folder}: no mask among {len(rejected)} files; masks are grey images of the values 0 and 255, or 0 and 1"
        )
    return _table(names, np.concatenate(features)), quarantine_table(rejected)


def features_metrics(features: pd.DataFrame) -> dict[str, Any]:
    """Number of images, images with an empty half, and the median of each feature (None without images)."""
    return {
        "images": len(features),
        "images_with_an_empty_half": int((features["area_asymmetry"] == _HALF_EMPTY).sum()),
        "median": {name: float(features[name].median()) if len(features) else None for name in FEATURES},
    }


def _batches(masks: Iterable[Mask | Rejected], rejected: list[Rejected]) -> Iterator[list[Mask]]:
    """Lists of successive masks of one shape; what is rejected goes to its own list."""
    batch: list[Mask] = []
    for mask in masks:
        if isinstance(mask, Rejected):
            rejected.append(mask)
            continue
        if batch and (len(batch) == _TOGETHER or batch[0].pixels.shape != mask.pixels.shape):
            yield batch
            batch = []
        batch.append(mask)
    if batch:
        yield batch


def _table(names: Sequence[str], features: Any) -> pd.DataFrame:
    table = pd.DataFrame(features, columns=list(FEATURES))
    table.insert(0, "image", list(names))
    return table[list(SYMMETRY_FEATURES.columns)]
