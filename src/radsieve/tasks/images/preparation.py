"""The images of a task in one form: those that are divided, units whole, and those from outside that only evaluate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError

from radsieve.errors import InputError
from radsieve.imaging.decode import decode
from radsieve.imaging.file_structure import DICOM_MAGIC, DICOM_PREAMBLE, is_dicom
from radsieve.imaging.image_folders import Rejected
from radsieve.imaging.image_packing import Form, Packed, pack_set
from radsieve.imaging.image_sets import ImageSet, SetListing, choose_images
from radsieve.imaging.packs import read_pack
from radsieve.imaging.pseudonyms import KEY
from radsieve.imaging.set_splits import Likeness, PackedSet, SetSplits, split_sets
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.settings import Splits
from radsieve.storage.keys import escaped
from radsieve.tables.images import IMAGE_QUARANTINE, Split
from radsieve.tasks.images.settings import PictureSet
from radsieve.tasks.images.tables import CLASS_COUNTS, CLASS_IMAGES, OUTSIDE, OUTSIDE_IMAGES
from radsieve.text_files import NO_VALUE

INSIDE = "inside"
NO_LABEL = "no label"


@dataclass(frozen=True)
class Prepared:
    """CLASS_IMAGES, OUTSIDE_IMAGES, IMAGE_QUARANTINE of both, CLASS_COUNTS, and metrics."""

    images: pd.DataFrame
    outside: pd.DataFrame
    quarantine: pd.DataFrame
    counts: pd.DataFrame
    metrics: dict[str, Any]


def prepare(settings: PictureSet, splits: Splits, key: str, folder: Path) -> Prepared:
    """Pack the images of a set below `folder` (inside, outside), and divide them by the rule of all sets.

    An image from outside takes no part if its unit occurs among those that are trained or chosen on; how many did not
    is counted. Raises InputError if a folder, column or label is missing, or a split lacks a label.
    """
    form = Form(settings.pixels, int(settings.max_megapixels * 1e6))
    inside = ImageSet.of(settings, key)
    packed = {INSIDE: _packed(inside, form, settings, folder / INSIDE)}
    if settings.outside_images is not None:
        beyond = settings.model_copy(update={"images": settings.outside_images, "table": settings.outside_table})
        packed[OUTSIDE] = _packed(ImageSet.of(beyond, f"{key}.outside"), form, settings, folder / OUTSIDE)
    sets = {
        name: PackedSet(one.packed.files, read_pack(folder / name).images, one.packed.metrics.get(KEY, ""))
        for name, one in packed.items()
    }
    likeness = Likeness(settings.hash_distance, settings.min_similarity)
    section, _, name = key.rpartition(".")
    found = _named(split_sets(_renamed(sets, name), splits, likeness, section, [OUTSIDE]), name)
    tables = {part: _facts(found.images[part], sets[part], packed[part].facts) for part in packed}
    images, outside = tables[INSIDE], tables.get(OUTSIDE, tables[INSIDE].iloc[:0]).drop(columns="split")
    learnt = set(images.loc[images["split"] != Split.TEST, "unit"])
    outside = outside.assign(used=(~outside["unit"].isin(learnt)).astype(int))
    quarantine = [one.packed.quarantine for one in packed.values()]
    return Prepared(
        images=images,
        outside=outside[list(OUTSIDE_IMAGES.columns)],
        quarantine=pd.concat(quarantine, ignore_index=True)[list(IMAGE_QUARANTINE.columns)],
        counts=_counts(images, outside, settings.labels),
        metrics={
            "images": len(images),
            "pictures": int(images["picture"].nunique()),
            "units": int(images["unit"].nunique()),
            "nearly_alike_pairs": len(found.alike),
            "outside": len(outside),
            "outside_left_out": int((outside["used"] == 0).sum()),
            "left_out_by_shape": sum(one.other_shape for one in packed.values()),
            "left_out_by_label": sum(sum(one.packed.metrics["left_out_by_label"].values()) for one in packed.values()),
            "without_row": sum(one.without_row for one in packed.values()),
            "quarantined": sum(len(one) for one in quarantine),
        }
        | ({KEY: found.metrics[KEY]} if KEY in found.metrics else {}),
    )


@dataclass(frozen=True)
class _PackedPart:
    """What was packed of a folder, the facts of its files by name, and how many had another shape, or no row."""

    packed: Packed
    facts: pd.DataFrame
    other_shape: int
    without_row: int


def _packed(images: ImageSet, form: Form, settings: PictureSet, folder: Path) -> _PackedPart:
    choice, only_shape = _choice(images, settings.positive), settings.only_shape
    rows = [
        (name, choice.stored[name].byte_size, *_shape(images.images / name, form)) for name in choice.images["image"]
    ]
    facts = pd.DataFrame(rows, columns=["image", "bytes", "width", "height"])
    kept = np.ones(len(facts), dtype=bool)
    if only_shape is not None:
        width, height = map(int, only_shape.split("x"))
        unknown = facts["width"] == 0  # cannot be read: packing says why
        kept = ((facts["width"] == width) & (facts["height"] == height) | unknown).to_numpy()
        if not (kept & ~unknown.to_numpy()).any():
            raise InputError(f"{images.key}.only_shape = {only_shape}: no image of {images.images} has that shape")
    chosen = replace(choice, images=choice.images[kept].reset_index(drop=True))
    packed = pack_set(images, chosen, form, folder)
    return _PackedPart(packed, facts[kept].set_index("image"), int((~kept).sum()), choice.without_row)


def _choice(images: ImageSet, positive: str | None) -> SetListing:
    """The images of the set; with `positive`, all that have a label, of one of its two labels."""
    if positive is None:
        return choose_images(images)
    if len(images.labels) != 2:
        raise InputError(f"{images.key}.positive = {positive}: needs two labels, and there are {len(images.labels)}")
    try:
        pattern = re.compile(positive)
    except re.error as error:
        raise InputError(f"{images.key}.positive = {positive!r}: not a regular expression: {error}") from None
    choice = choose_images(replace(images, labels=()))
    given = ~choice.images["label"].str.strip().str.lower().isin(NO_VALUE)
    unlabelled = [
        Rejected(escaped(name), NO_LABEL, "its label is empty or missing")
        for name in choice.images.loc[~given, "image"]
    ]
    known = choice.images[given].reset_index(drop=True)
    found = [images.labels[int(pattern.search(label) is not None)] for label in known["label"]]
    return replace(choice, images=known.assign(label=found), rejected=[*choice.rejected, *unlabelled])


def _shape(path: Path, form: Form) -> tuple[int, int]:
    """Width and height of a file by its header; 0 and 0 if it is no picture, or too large."""
    try:
        with path.open("rb") as file:
            if is_dicom(file.read(DICOM_PREAMBLE + len(DICOM_MAGIC))):  # shown with pixels that are made square
                return decode(path.read_bytes(), form.max_pixels).size
        with Image.open(path) as image:
            width, height = image.size
    except (OSError, ValueError, UnidentifiedImageError, UnreadableImageError, Image.DecompressionBombError):
        return 0, 0
    return (width, height) if width * height <= form.max_pixels else (0, 0)


def _renamed(sets: dict[str, PackedSet], name: str) -> dict[str, PackedSet]:
    """The sets by the names that messages give them."""
    return {name if part == INSIDE else part: one for part, one in sets.items()}


def _named(found: SetSplits, name: str) -> SetSplits:
    return replace(found, images={INSIDE if part == name else part: one for part, one in found.images.items()})


def _facts(images: pd.DataFrame, packed: PackedSet, facts: pd.DataFrame) -> pd.DataFrame:
    """CLASS_IMAGES: the images with what is known of their files without looking at the picture."""
    known = facts.loc[images["image"]].reset_index(drop=True)
    table = pd.concat([images.reset_index(drop=True), known], axis=1)
    table["picture"] = packed.files["pixel_digest"].to_numpy()
    table["grey"] = [float(pixels.mean()) / 255 for pixels in packed.pixels]
    return table[list(CLASS_IMAGES.columns)]


def _counts(images: pd.DataFrame, outside: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """CLASS_COUNTS of the splits and of what is used from outside, `labels` in their order."""
    parts = pd.concat([images, outside[outside["used"] == 1].assign(split=OUTSIDE)], ignore_index=True)
    order = [(part, label) for part in (*Split, OUTSIDE) for label in labels]
    found = parts.groupby(["split", "label"]).agg(
        images=("image", "size"), pictures=("picture", "nunique"), units=("unit", "nunique")
    )
    counts = found.reindex(pd.MultiIndex.from_tuples(order, names=["split", "label"]), fill_value=0).reset_index()
    return counts.rename(columns={"split": "part"})[list(CLASS_COUNTS.columns)]
