"""Read the images and masks of a set, bring them to one form, and write them as a pack."""

import functools
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.cost import room
from radsieve.imaging.decode import Pixels, canonical, decode, pixel_digest
from radsieve.imaging.image_folders import (
    MASK_VALUES,
    Bytes,
    Rejected,
    as_mask,
    chosen_foreground,
    fault,
    listing,
    quarantine_table,
    threads,
    to_mask,
)
from radsieve.imaging.image_sets import COLUMN, ImageSet, SetListing, open_folder
from radsieve.imaging.image_splits import patient_key
from radsieve.imaging.named_files import files_named
from radsieve.imaging.packs import write_pack
from radsieve.imaging.pseudonyms import KEY, Pseudonyms, with_own_key
from radsieve.imaging.rendering import InputForm, uses_little
from radsieve.imaging.spacing import Spacing, spacing_in
from radsieve.imaging.tags import patient_of
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.parallel import ordered
from radsieve.progress import track
from radsieve.storage.folder import FolderSource
from radsieve.storage.keys import escaped
from radsieve.storage.objects import StoredObject, sha256_of
from radsieve.tables.images import PACKED_FILES

NO_MASK, BROKEN_MASK, MASK_SIZE = "no mask", "broken mask", "mask of another size"
TWO_LABELS = "two labels"

_HALF = 0.5
_NAMED = 10  # labels that an error names
_SAID = {
    "little_of_16_bits": "16 bits, nearly all values in a quarter of the scale; `bits: stored` takes 12 bits for 12"
    " bits, and what is dark or pale with that has to be brought to the scale before",
    "masks_empty": "the mask has no foreground",
    "masks_full": "the mask is foreground everywhere",
    "masks_inverted": "the mask is foreground at its border, unlike most; is it inverted?",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Form:
    """Side of an image in the pack in `pixels`, and maximum number of pixels of a file."""

    pixels: int
    max_pixels: int


@dataclass(frozen=True)
class Packed:
    """What was packed: PACKED_FILES and IMAGE_QUARANTINE of `radsieve.tables.images`, and `metrics` (counts)."""

    files: pd.DataFrame
    quarantine: pd.DataFrame
    metrics: dict[str, Any]


@dataclass(frozen=True)
class _Read:
    image: Bytes
    mask: Bytes | None
    sha256: str
    digest: str
    patient: str  # of a DICOM file, as a pseudonym; else empty
    spacing: Spacing | None  # of the packed pixels
    little_used: bool  # of 16 bits, and within a quarter of the scale


class _Unusable(Exception):
    """An image cannot be used: reason and detail."""


def pack_set(
    images: ImageSet,
    choice: SetListing,
    form: Form,
    folder: Path,
    pseudonyms: Callable[[], Pseudonyms] = with_own_key,
) -> Packed:
    """Read the images of `choice`, write the usable ones into the pack `folder`, and report what became of each.

    Images and masks become squares; a mask must have the size of its image and, unless the set says what is foreground,
    only the values 0 and 255 (or 0 and 1).
    Images with equal pixels under two labels are left out. Where neither a column nor a pattern names the patients, the
    headers of DICOM do, as pseudonyms, by `pseudonyms`, which are asked once; by which key the metrics tell. Few images
    are in memory at a time, whatever the set's size.

    Raises InputError if no image is left, or a wanted label has none; nothing is written then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    shape = (images.channels, form.pixels, form.pixels)
    own = functools.cache(pseudonyms)
    with (
        tempfile.TemporaryFile(dir=folder.parent) as images_file,
        tempfile.TemporaryFile(dir=folder.parent) as masks_file,
    ):
        rows, read, seen, rejected = [], [], [], list(choice.rejected)
        spacing_of_row: list[Spacing | None] = []
        for row, result in enumerate(track(_read_all(images, choice, form, own), "packing", total=len(choice.images))):
            if isinstance(result, Rejected):
                rejected.append(result)
                continue
            images_file.write(result.image.data)
            if result.mask is not None:
                masks_file.write(result.mask.data)
            rows.append(row)
            read.append((result.sha256, result.digest, result.patient))
            spacing_of_row.append(result.spacing)
            seen.append((result.little_used, *_foreground(result.mask)))
        digests = pd.DataFrame(read, columns=["sha256", "pixel_digest", "header"], dtype=object)
        table = pd.concat([choice.images.iloc[rows].reset_index(drop=True), digests], axis=1)
        key = own().key_digits if table["header"].any() else ""
        if key:
            table["patient"] = table["header"].where(table["header"] != "", table["patient"])
        conflicts = _conflicts(table)
        rejected += conflicts
        table = table[~table["image"].isin([conflict.name for conflict in conflicts])]
        _check(images, table, rejected, choice.left_out)
        masks = None if images.masks is None else _rows(masks_file, table.index, (1, *shape[1:]))
        rows_of_images = _rows(images_file, table.index, shape)
        spacings = [spacing_of_row[row] for row in table.index]
        write_pack(folder, table["image"].tolist(), rows_of_images, shape, masks, spacings, images.rendering)
    texts = {column: table[column].map(escaped) for column in ("patient", "label", "group", "subgroups")}
    table = table.assign(**texts)
    return Packed(
        files=table[list(PACKED_FILES.columns)].reset_index(drop=True),
        quarantine=quarantine_table(sorted(rejected, key=lambda one: one.name)),
        metrics=_metrics(table, choice, rejected, key) | _oddities(images, seen),
    )


def _read_all(
    images: ImageSet, choice: SetListing, form: Form, pseudonyms: Callable[[], Pseudonyms]
) -> Iterator[_Read | Rejected]:
    """Read each image of `choice` in turn, in threads."""
    source = open_folder(images.images, f"{images.key}.images")
    mask_source = images.masks and open_folder(images.masks, f"{images.key}.masks")
    stored_masks = {one.key: one for one in listing(mask_source)} if mask_source else {}
    named = images.patient is not None or images.patient_pattern is not None
    mask_names = [name for each in choice.images["masks"] for name in each]
    by_column = mask_source is not None and COLUMN in images.mask
    meant = files_named(mask_names, stored_masks, f"{images.key}.mask") if by_column else {}
    wanted = InputForm(form.pixels, images.channels, images.rendering)

    def read(entry: tuple[str, tuple[str, ...]]) -> _Read | Rejected:
        name, masks = entry
        try:
            if reason := fault(choice.stored[name]):
                raise _Unusable(*reason)
            content = source.read(choice.stored[name])
            with room(content.data):
                image = images.rendering.decoded(content.data, form.max_pixels)
                mask = None
                if mask_source:
                    parts = [
                        _mask(mask_source, stored_masks.get(meant.get(one, one)), one, image, form, images.foreground)
                        for one in masks
                    ]
                    mask = to_mask(np.logical_or.reduce(parts), form.pixels)
                packed = wanted.image(image)
                known = (
                    sha256_of(content.file_id),
                    pixel_digest(image),
                    "" if named else patient_of(content.data, pseudonyms),
                )
                spacing = spacing_in(content.data)
                spacing = spacing and spacing.resampled(image.shape[:2], packed.shape[1:])
                return _Read(packed, mask, *known, spacing, uses_little(images.rendering.scaled(image)))
        except UnreadableImageError as error:
            return Rejected(name, error.reason, escaped(error.detail))
        except _Unusable as error:
            return Rejected(name, *map(escaped, error.args))

    return ordered(read, zip(choice.images["image"], choice.images["masks"], strict=True), threads())


def _mask(
    source: FolderSource, stored: StoredObject | None, name: str, image: Pixels, form: Form, chosen: str | None
) -> npt.NDArray[np.bool_]:
    if stored is None:
        raise _Unusable(NO_MASK, f"{name} is not in the folder of masks" if name else "none is named")
    if reason := fault(stored):
        raise _Unusable(BROKEN_MASK, f"{name}: {' '.join(reason)}")
    try:
        stored_mask = decode(source.read(stored).data, form.max_pixels)
        mask = canonical(stored_mask)
    except UnreadableImageError as error:
        raise _Unusable(BROKEN_MASK, f"{name}: {error}") from None
    if mask.shape[:2] != image.shape[:2]:
        sizes = [f"{width} x {height}" for height, width in (mask.shape[:2], image.shape[:2])]
        raise _Unusable(MASK_SIZE, f"{name} is {sizes[0]}, the image {sizes[1]}")
    foreground = chosen_foreground(stored_mask, mask, chosen) if chosen else as_mask(mask)
    if isinstance(foreground, str):
        raise _Unusable(MASK_VALUES, f"{name}: {foreground}; name what is foreground (foreground of the set)")
    return foreground


def _foreground(mask: Bytes | None) -> tuple[float, float]:
    """The share of a mask that is foreground, and that of its border; NaN without a mask."""
    if mask is None:
        return float("nan"), float("nan")
    border = np.concatenate([mask[0, 0], mask[0, -1], mask[0, :, 0], mask[0, :, -1]])
    return float(mask.mean()), float(border.mean())


def _oddities(images: ImageSet, seen: list[tuple[bool, float, float]]) -> dict[str, int]:
    """What may be wrong with images and masks that could be read, counted, and said in the log.

    A mask is `inverted` if most of its border is foreground, and that of most masks is not.
    """
    little, shares, borders = (np.array(each) for each in zip(*seen, strict=True))
    found = {"little_of_16_bits": int(little.sum())}
    if images.masks is not None:
        usual = np.median(borders) < _HALF
        found |= {
            "masks_empty": int((shares == 0).sum()),
            "masks_full": int((shares == 1).sum()),
            "masks_inverted": int((usual & (borders > _HALF) & (shares < 1)).sum()),
        }
    for name, count in found.items():
        if count:
            _log.warning("%s: %d of %d images: %s", images.key, count, len(seen), _SAID[name])
    return found


def _rows(file: IO[bytes], rows: Iterable[int], shape: tuple[int, ...]) -> Iterator[Bytes]:
    """Those of the arrays of `shape` in `file` that are in `rows`, in turn."""
    count = int(np.prod(shape))
    for row in rows:
        file.seek(row * count)
        yield np.frombuffer(file.read(count), dtype=np.uint8).reshape(shape)


def _conflicts(table: pd.DataFrame) -> list[Rejected]:
    """The images whose pixels are also found under another label."""
    found = []
    for _, same in table[table.duplicated("pixel_digest", keep=False)].groupby("pixel_digest"):
        if len(set(same["label"])) > 1:
            images = dict(zip(same["image"], same["label"], strict=True))
            pairs = ", ".join(f"{image} ({label})" for image, label in images.items())
            found += [Rejected(image, TWO_LABELS, escaped(f"the same picture: {pairs}")) for image in images]
    return found


def _check(images: ImageSet, table: pd.DataFrame, rejected: list[Rejected], left_out: Mapping[str, int]) -> None:
    """Raise InputError if there is no image, or none of a wanted label."""
    if table.empty:
        reasons = [f"{count} {reason}" for reason, count in Counter(one.reason for one in rejected).most_common()]
        reasons += [f"{count} of label {label!r}, which is not in labels" for label, count in left_out.items()][:_NAMED]
        first = f"; the first is {rejected[0].name!r}: {rejected[0].detail}" if rejected else ""
        raise InputError(
            f"{images.key}: no image in {images.images} can be used ({', '.join(reasons) or 'none is there'}){first}"
        )
    if missing := [label for label in images.labels if label not in set(table["label"])]:
        raise InputError(f"{images.key}: no usable image of label {', '.join(map(repr, missing))} in {images.images}")


def _metrics(table: pd.DataFrame, choice: SetListing, rejected: list[Rejected], key: str) -> dict[str, Any]:
    return {
        "images": len(table),
        "patients": table["patient"].map(patient_key).nunique(),
        "distinct_pictures": table["pixel_digest"].nunique(),
        "images_by_label": dict(sorted(Counter(filter(None, table["label"])).items())),
        "left_out_by_label": choice.left_out,
        "quarantined": len(rejected),
        "quarantined_by_reason": dict(sorted(Counter(one.reason for one in rejected).items())),
    } | ({KEY: key} if key else {})
