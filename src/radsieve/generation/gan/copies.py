"""Whether a generator makes new images or repeats those that it was trained on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import binomtest

from radsieve.generation.tables import NEAREST_IMAGES, NearestSource
from radsieve.imaging.rendering import formed
from radsieve.progress import working
from radsieve.stats import resampling
from radsieve.stats.binary_metrics import area_bounds, roc_auc

_PIXELS = 64  # at most: copies show at that size, and the comparison stays fast
KINDS = ("feature", "pixel")

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Units = npt.NDArray[np.integer]


@working("searching the nearest real images")
def nearest_images(
    points: Floats, images: Bytes, train_points: Floats, train_images: Bytes, train_names: Sequence[str]
) -> pd.DataFrame:
    """Return the nearest training image for each of `images` (n, channels, H, H) with features `points` (n, d).

    Columns as in generation.tables.NEAREST_IMAGES, without `image` and `source`.
    """
    by_feature = cdist(points, train_points)
    one, other = (_flat(images), _flat(train_images))
    by_pixel = cdist(one, other) / np.sqrt(one.shape[1])
    columns: dict[str, object] = {}
    for kind, distances in zip(KINDS, (by_feature, by_pixel), strict=True):
        columns[f"{kind}_image"] = [train_names[place] for place in distances.argmin(axis=1)]
        columns[f"{kind}_distance"] = distances.min(axis=1)
    return pd.DataFrame(columns)


def nearest_table(generated: pd.DataFrame, held_out: pd.DataFrame, held_out_names: Sequence[str]) -> pd.DataFrame:
    """Return generation.tables.NEAREST_IMAGES from `nearest_images` of generated images and of held-out real ones."""
    digits = len(str(len(generated) - 1))
    numbered = generated.assign(
        image=[f"generated {row:0{digits}}" for row in range(len(generated))], source=NearestSource.GENERATED
    )
    table = pd.concat(
        [numbered, held_out.assign(image=list(held_out_names), source=NearestSource.HELD_OUT)], ignore_index=True
    )
    return table[list(NEAREST_IMAGES.columns)]


def closeness(
    nearest: pd.DataFrame, held_out_units: Units, bootstrap: int, confidence: float, seed: int
) -> dict[str, float]:
    """Measure how much closer generated images lie to the training images than held-out real images do.

    `nearest` is generation.tables.NEAREST_IMAGES, and `held_out_units` (n,) numbers what its held-out images belong to,
    such as a patient; a generated image is a unit by itself. For both kinds of distance: `<kind>_closer`, the
    probability that a generated image is closer to its nearest training image than a held-out real image is to its own,
    ties counting half (the area under the ROC curve; 0.5 for images as new as unseen real ones, 1 for copies), with
    bounds of a bootstrap of units, or Newcombe's by units where no resample can differ; `<kind>_copies`, how many
    generated images are closer than every held-out one, with the `_share` of them and its one-sided upper `_limit`
    (Clopper and Pearson 1934); and `<kind>_nearest`, how many different training images are nearest to a generated one,
    beside `_nearest_real` of the held-out ones.
    """
    found: dict[str, float] = {}
    is_held_out = (nearest["source"] == NearestSource.HELD_OUT).to_numpy()
    is_generated = (~is_held_out).astype(np.int64)
    units = np.arange(len(nearest))
    units[is_held_out] = len(nearest) + held_out_units
    patterns = resampling.patterns(np.arange(len(nearest))[:, None], units)
    for kind in KINDS:
        distances = nearest[f"{kind}_distance"].to_numpy()
        value = float(roc_auc(is_generated, -distances, np.ones((1, len(nearest))))[0])
        blocks = [
            roc_auc(is_generated, -distances, weights[:, patterns.of_item])
            for weights in patterns.resamples(bootstrap, seed)
        ]
        lower, upper = area_bounds(value, np.concatenate(blocks), is_generated, units, confidence)
        found |= {f"{kind}_closer": value, f"{kind}_closer_lower": lower, f"{kind}_closer_upper": upper}
        generated, held_out = distances[~is_held_out], distances[is_held_out]
        images, others = (nearest.loc[here, f"{kind}_image"].nunique() for here in (~is_held_out, is_held_out))
        copies, looked_at = int((generated < held_out.min()).sum()), len(generated)
        found |= {f"{kind}_copies": copies, f"{kind}_copies_share": copies / looked_at}
        found |= {f"{kind}_copies_limit": upper_limit(copies, looked_at, confidence)}
        found |= {f"{kind}_nearest": images, f"{kind}_nearest_real": others}
    return found


def upper_limit(found: int, looked_at: int, confidence: float) -> float:
    """The exact one-sided upper limit of a share of which so many were `found` (Clopper and Pearson 1934).

    >>> from radsieve.generation.gan.copies import upper_limit
    >>> round(upper_limit(0, 64, 0.95), 4)
    0.0457
    """
    return float(binomtest(found, looked_at, alternative="less").proportion_ci(confidence, method="exact").high)


def _flat(images: Bytes) -> npt.NDArray[np.float32]:
    """The images in [0, 1], one in a row, at most 64 pixels high and wide."""
    pixels, channels = min(images.shape[-1], _PIXELS), images.shape[1]
    rows = np.stack([formed(image, pixels, channels).ravel() for image in images])
    return np.asarray(rows / np.float32(255), dtype=np.float32)
