"""A set of images as params.yaml describes it: which files are its images, and whose, of which label, with which
mask.
"""

import logging
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve import settings as settings_of
from radsieve.errors import InputError
from radsieve.imaging.dicom_transforms import Window
from radsieve.imaging.image_folders import Rejected, listing
from radsieve.imaging.image_splits import patient_key
from radsieve.imaging.known_names import KnownNames
from radsieve.imaging.named_files import files_named
from radsieve.imaging.pseudonyms import UNKNOWN
from radsieve.imaging.rendering import Rendering
from radsieve.settings import expand
from radsieve.storage.folder import FolderSource
from radsieve.storage.keys import UNSAFE_KEY, escaped, unsafe
from radsieve.storage.objects import StoredObject
from radsieve.tables.spreadsheets import refuse_shortened
from radsieve.tables.subgroups import AGE, GROUP, LONGEST_LIFE, age_band, joined
from radsieve.tables.user_tables import read_cells

ABSENT, DISAGREEING_ROWS, NO_PATIENT = "not in the folder", "rows disagree", "no patient"
FOLDER, COLUMN, PATTERN = "folder", "column:", "pattern:"
_SHOWN = 40  # signs of a value that cannot be used
_UNION = " + "  # between the patterns of masks of which an image has several
_COLUMNS = ["image", "patient", "label", "group", "subgroups", "masks"]
_ENDING = re.compile(r"\.[^./]*$")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImageSet:
    """Where the images, their table and their masks are, and which columns of the table say what.

    The fields are those of a set in section `pack_images` of params.yaml, paths with environment variables filled in
    and None for `none`; `key` is the section and the name of the set, for messages.
    """

    key: str
    images: Path
    table: Path | None
    name: str
    patient: str | None
    patient_pattern: re.Pattern[str] | None
    label: str | re.Pattern[str] | None
    labels: tuple[str, ...]
    group: str | re.Pattern[str] | None
    subgroups: tuple[str, ...]
    age: str | None
    age_bands: tuple[float, ...]
    masks: Path | None
    mask: str
    foreground: str | None
    bits: str
    window: Window
    channels: int

    @property
    def rendering(self) -> Rendering:
        """How stored values become grey."""
        return Rendering(self.bits, self.window)

    @classmethod
    def of(cls, settings: settings_of.ImageSetSettings, key: str) -> "ImageSet":
        """Return the set that `settings` describe. Raises InputError naming the parameter that is wrong."""
        given = settings.model_dump(include=set(cls.__dataclass_fields__))
        for name in ("images", "table", "masks"):
            given[name] = given[name] and expand(given[name], f"{key}.{name}")
        if given["patient"] and given["patient_pattern"]:
            raise InputError(f"{key}: give patient or patient_pattern, and set the other one to none")
        if given["patient_pattern"]:
            given["patient_pattern"] = _pattern(given["patient_pattern"], f"{key}.patient_pattern", "patient")
        for name in ("label", "group"):
            if given[name] and given[name].startswith(PATTERN):
                given[name] = _pattern(given[name].removeprefix(PATTERN), f"{key}.{name}", name)
        if given["table"] is None and (column := next(filter(None, _columns(given)), None)):
            raise InputError(f"{key}.table = none, but '{column}' should be a column of it; name the table")
        if given["labels"] and given["label"] is None:
            raise InputError(f"{key}.label = none, but labels are given; name their column, or set labels to []")
        if given["masks"] and not given["mask"]:
            raise InputError(f"{key}.mask = none: give the name of an image's mask, for example {{stem}}.png")
        return cls(key=key, **given)


@dataclass(frozen=True)
class SetListing:
    """The images of a set before any of them is read.

    `images`: a row per image, sorted by path: image, patient, label, group, subgroups (all text) and masks (a tuple of
    paths below the folder of masks, with an empty one where none is named). `stored`: the files of the folder, by path.
    `rejected`: what cannot be used. `left_out`: number of images of each label that is not among those wanted.
    `without_row`: number of other files in the folder that no row of the table names.
    """

    images: pd.DataFrame
    stored: Mapping[str, StoredObject]
    rejected: list[Rejected]
    left_out: dict[str, int]
    without_row: int


def choose_images(images: ImageSet) -> SetListing:
    """List the images of a set.

    Of several equal rows for one image, one is used; if they differ, none is, since it is unknown which of them is
    right. Raises InputError if the folder, the table or a column of it is missing.
    """
    stored = {one.key: one for one in listing(open_folder(images.images, f"{images.key}.images"))}
    named = [key for key in stored if not unsafe(key)]
    table = (
        _read_table(images, images.table, stored) if images.table else pd.DataFrame({images.name: named}, dtype=object)
    )
    names = table[images.name]
    rows = pd.DataFrame({"image": names, "patient": _patients(images, table, names)})
    rows["label"] = _as_wanted(images, _labels(images, table, names))
    rows["group"] = _groups(images, table, names)
    rows["subgroups"] = _subgroups(images, table, rows["group"])
    rows["masks"] = _masks(images, table, names)
    rows = rows.drop_duplicates().sort_values(_COLUMNS, ignore_index=True)
    rejected = _faults(images, rows, stored)
    if not images.table:
        rejected |= {key: (UNSAFE_KEY, danger) for key in stored if (danger := unsafe(key))}
    rows = rows[~rows["image"].isin(rejected)]
    wanted = rows["label"].isin(images.labels) if images.labels else pd.Series(True, index=rows.index)
    left_out = Counter(map(escaped, rows.loc[~wanted, "label"]))
    return SetListing(
        images=rows[wanted].reset_index(drop=True),
        stored=stored,
        rejected=[Rejected(escaped(image), *why) for image, why in sorted(rejected.items())],
        left_out=dict(sorted(left_out.items())),
        without_row=_without_row(images, stored, names),
    )


def _without_row(images: ImageSet, stored: Collection[str], names: pd.Series) -> int:
    """How many files no row names, but for the table itself."""
    if images.table is None:
        return 0
    folder, own = images.images.resolve(), images.table.resolve()
    named = {*names, own.relative_to(folder).as_posix()} if own.is_relative_to(folder) else set(names)
    return len(set(stored) - named)


def open_folder(path: Path, key: str) -> FolderSource:
    """Open the folder that the parameter `key` names. Raises InputError if it is not one."""
    if not path.is_dir():
        raise InputError(f"{key}: {path} is not a folder; make it first, or name another")
    return FolderSource(path)


def _columns(images: Mapping[str, Any]) -> list[str | None]:
    """The columns that a table must have besides that of the images' names."""
    masks = images["mask"].split(_UNION) if images["masks"] and images["mask"] else []
    return [
        *images["subgroups"],
        images["age"],
        images["patient"],
        None if images["label"] == FOLDER or isinstance(images["label"], re.Pattern) else images["label"],
        None if isinstance(images["group"], re.Pattern) else images["group"],
        *(part.removeprefix(COLUMN) for part in masks if part.startswith(COLUMN)),
    ]


def _pattern(text: str, key: str, what: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise InputError(f"{key} = {text!r}: not a regular expression: {error}") from None
    if not pattern.groups:
        raise InputError(f"{key} = {text!r}: needs parentheses around what names the {what}")
    return pattern


def _read_table(images: ImageSet, path: Path, stored: Collection[str]) -> pd.DataFrame:
    """The table, in which images are named as their files are."""
    wanted = [name for name in (images.name, *_columns(vars(images))) if name]
    table = read_cells(path, wanted)
    for column in wanted:
        if column not in table.columns:
            raise InputError(
                f"{path}: no column '{column}' ({images.key}); it has {', '.join(map(str, table.columns))}"
            )
    table = table[(table != "").any(axis=1)].reset_index(drop=True)
    if images.patient:
        refuse_shortened(table[images.patient], images.patient, path)
    meant = files_named(table[images.name], stored, str(path))
    return table.assign(**{images.name: [meant.get(name, name) for name in table[images.name]]})


def _patients(images: ImageSet, table: pd.DataFrame, names: pd.Series) -> pd.Series:
    """The name of the patient of each row, empty if it is not known; the image itself if nobody knows the patients."""
    if images.patient:
        return table[images.patient]
    if images.patient_pattern is None:
        return names
    return _found(images.patient_pattern, names)


def _labels(images: ImageSet, table: pd.DataFrame, names: pd.Series) -> pd.Series | str:
    if isinstance(images.label, re.Pattern):
        return _found(images.label, names)
    if images.label == FOLDER:
        return pd.Series([name.partition("/")[0] if "/" in name else "" for name in names], names.index, dtype=object)
    return table[images.label] if images.label else ""


def _as_wanted(images: ImageSet, labels: pd.Series | str) -> pd.Series | str:
    """The labels, of which those that differ from a wanted one in their spelling alone are that one."""
    if isinstance(labels, str) or not images.labels:
        return labels
    known = KnownNames(images.labels)
    meant = {label: known.meant(label) or label for label in labels.unique()}
    if others := [f"{label!r} for {name!r}" for label, name in meant.items() if label != name]:
        _log.warning(
            "%s: labels that differ in their spelling alone are taken for one: %s", images.key, ", ".join(others)
        )
    return labels.map(meant)


def _groups(images: ImageSet, table: pd.DataFrame, names: pd.Series) -> pd.Series | str:
    if isinstance(images.group, re.Pattern):
        return _found(images.group, names)
    return table[images.group] if images.group else ""


def _subgroups(images: ImageSet, table: pd.DataFrame, group: pd.Series) -> pd.Series:
    """The attributes by which results are told apart: the group is one of them, by the name of its column."""
    attributes = table[list(images.subgroups)]
    if images.group:
        name = GROUP if isinstance(images.group, re.Pattern) else images.group
        attributes = attributes.assign(**{name: group})
    if images.age:
        ages = table[images.age]
        bands = pd.Series([age_band(age, images.age_bands, LONGEST_LIFE) for age in ages], ages.index, dtype=object)
        if (strange := ages[(bands == "") & (ages.str.strip() != "")]).size:
            _log.warning(
                "%s.age: %d of %d ages are no years up to %g, and not stated in results; the first: %s",
                *(images.key, len(strange), len(ages), LONGEST_LIFE, escaped(strange.iloc[0])[:_SHOWN]),
            )
        attributes = attributes.assign(**{AGE: bands})
    return joined(attributes)


def _found(pattern: re.Pattern[str], names: pd.Series) -> pd.Series:
    """What the parentheses of `pattern` match in each of `names`, joined by blanks; empty where it does not occur."""
    found = map(pattern.search, names)
    texts = [" ".join(filter(None, match.groups())) if match else "" for match in found]
    return pd.Series(texts, index=names.index, dtype=object)


def _masks(images: ImageSet, table: pd.DataFrame, names: pd.Series) -> pd.Series:
    """The paths of the masks of each row, a tuple."""
    parts: list[list[str]] = []
    for part in images.mask.split(_UNION) if images.masks else ():
        if part.startswith(COLUMN):
            parts.append(list(table[part.removeprefix(COLUMN)]))
        else:
            parts.append([part.replace("{name}", name).replace("{stem}", _ENDING.sub("", name)) for name in names])
    return pd.Series([tuple(part[row] for part in parts) for row in range(len(names))], names.index, dtype=object)


def _faults(images: ImageSet, rows: pd.DataFrame, present: Collection[str]) -> dict[str, tuple[str, str]]:
    """Reason and detail for each image that can be seen to be unusable without reading it."""
    faults: dict[str, tuple[str, str]] = {}
    for image, same in rows.groupby("image", sort=False):
        name = str(image)
        if danger := unsafe(name):
            faults[name] = (UNSAFE_KEY, danger)
        elif name not in present:
            faults[name] = (ABSENT, "listed in the table")
        elif len(same) > 1:
            differing = [column for column in _COLUMNS[1:] if len(set(same[column])) > 1]
            faults[name] = (DISAGREEING_ROWS, f"{len(same)} different rows for one file: {', '.join(differing)}")
        elif patient_key(patient := same["patient"].iloc[0].strip()) in UNKNOWN:
            said = (
                f"column {images.patient} is {patient or 'empty'}"
                if images.patient
                else "the pattern is not in its path"
            )
            faults[name] = (NO_PATIENT, said)
    return faults
