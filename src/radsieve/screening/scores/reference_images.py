"""True images with which the scores are compared, and altered copies of some of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.screening.scores.alterations import Extent, alterations
from radsieve.screening.scores.lung_shapes import split_lungs
from radsieve.screening.settings import AlterImages
from radsieve.screening.tables import REFERENCE_IMAGES, AlterationKind
from radsieve.tables.images import Split

UNALTERED = "none"
FITTED, EVALUATED = Split.VALIDATION, Split.TEST  # of unaltered images: what scores are scaled by, and evaluated on

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """REFERENCE_IMAGES, the images (channels, H, W) of its rows, which can be taken once, and how many there are."""

    table: pd.DataFrame
    images: Iterator[Bytes]
    metrics: dict[str, int]


def choose_reference(
    pixels: Bytes, images: pd.DataFrame, find_lungs: Callable[[Bytes], npt.NDArray[np.bool_]], settings: AlterImages
) -> Reference:
    """Choose true images among `pixels` (n, channels, H, W), whose table is `images` (PACKED_IMAGES), and alter some.

    `find_lungs` returns the masks (m, H, W) of images (m, channels, H, W); an image without a lung on either side is
    not altered. `settings` is section alter_images. Raises InputError as `choose_true` does.
    """
    true = choose_true(images, settings.label, settings.images, settings.seed)
    candidates = choose_altered(images, true, settings.altered, settings.seed)
    masks = zip(candidates.tolist(), find_lungs(pixels[candidates]), strict=True)
    altered = [(row, lungs) for row, lungs in masks if has_two_lungs(lungs)]
    changes = alterations(Extent(settings.shifts, settings.widening, settings.rotation, settings.gamma))
    copies = (made.change(pixels[row], lungs) for row, lungs in altered for made in changes.values())
    return Reference(
        table=reference_table(
            images, true, [row for row, _ in altered], {name: made.kind for name, made in changes.items()}
        ),
        images=chain((pixels[row] for row in true), copies),
        metrics={
            **{f"true_{split}": int((images["split"].iloc[true] == split).sum()) for split in (FITTED, EVALUATED)},
            "altered_images": len(altered),
            "alterations": len(changes),
            "without_two_lungs": len(candidates) - len(altered),
        },
    )


def choose_true(images: pd.DataFrame, label: str, maximum: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the rows of `images` (PACKED_IMAGES) with which scores are compared, those of the validation split first.

    They are images of `label`; of each split at most `maximum`, at random. Raises InputError if a split has none.
    """
    rng = np.random.default_rng(seed)
    chosen = []
    for split in (FITTED, EVALUATED):
        rows = np.flatnonzero((images["split"] == split) & (images["label"] == label))
        if not len(rows):
            labels = ", ".join(sorted(set(images["label"]))) or "none"
            raise InputError(
                f"alter_images.label = {label!r}: no image of the {split} split has it; the labels are {labels}"
            )
        chosen.append(np.sort(rng.permutation(rows)[:maximum]))
    return np.concatenate(chosen)


def choose_altered(images: pd.DataFrame, true: npt.NDArray[np.int64], maximum: int, seed: int) -> npt.NDArray[np.int64]:
    """Return at most `maximum` of the rows `true` of `images`: of the test split, and no two of one unit."""
    evaluated = true[images["split"].iloc[true] == EVALUATED]
    shuffled = images["unit"].iloc[np.random.default_rng(seed).permutation(evaluated)]
    return np.sort(shuffled[~shuffled.duplicated()].index.to_numpy()[:maximum])


def reference_table(
    images: pd.DataFrame, true: npt.NDArray[np.int64], altered: list[int], kinds: Mapping[str, AlterationKind]
) -> pd.DataFrame:
    """Return REFERENCE_IMAGES: the rows `true` of `images`, then for each of the rows `altered` its copies by name."""
    known = images[["image", "unit", "split"]]
    rows = [
        (image, image, unit, split, UNALTERED, AlterationKind.NONE)
        for image, unit, split in known.iloc[true].itertuples(index=False)
    ]
    for image, unit, split in known.iloc[altered].itertuples(index=False):
        rows += [(f"{image} ({name})", image, unit, split, name, kind) for name, kind in kinds.items()]
    return pd.DataFrame(rows, columns=list(REFERENCE_IMAGES.columns))


def has_two_lungs(mask: Mask) -> bool:
    """Whether the mask (H, W) has a lung on either side, so that one can be painted over."""
    left, right, _ = split_lungs(mask)
    return bool(left.any() and right.any())
