"""Images with the rows of a table that belong to them, for fuse_modalities, and their folds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from radsieve.errors import InputError
from radsieve.imaging.named_files import files_named
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.images.settings import FuseModalities

_LEARNT = 2  # units of a class, so that inner folds can leave one out

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNCERTAIN = 2  # in place of the classes 0 and 1


@dataclass(frozen=True)
class Pairs:
    """Images with rows: features (n, f) of the images, the `rows` (n) of the table, truth, units and folds (n,).

    The truth is 0, 1, or UNCERTAIN.
    """

    names: list[str]
    features: Floats
    rows: pd.DataFrame
    truth: Integers
    units: Integers
    fold: Integers

    @property
    def certain(self) -> Flags:
        """Which images (n,) are of a class that is known."""
        return np.asarray(self.truth != UNCERTAIN)

    def of(self, chosen: Flags) -> "Pairs":
        """Those that are `chosen` (n,)."""
        return Pairs(
            names=[name for name, kept in zip(self.names, chosen, strict=True) if kept],
            features=self.features[chosen],
            rows=self.rows[chosen].reset_index(drop=True),
            truth=self.truth[chosen],
            units=self.units[chosen],
            fold=self.fold[chosen],
        )

    def read_as(self, label: int) -> "Pairs":
        """The same with every image that is uncertain of the class `label`."""
        return replace(self, truth=np.where(self.certain, self.truth, label))


@dataclass(frozen=True)
class Columns:
    """Which columns of the table take part: numbers, and codes without an order."""

    numbers: tuple[str, ...]
    codes: tuple[str, ...]


def read_rows(path: Path, images: pd.DataFrame, settings: FuseModalities, where: str) -> tuple[pd.DataFrame, Integers]:
    """The rows of the table at `path` that belong to `images` (CLASS_IMAGES), and the places of these images.

    An image without a row, or with two that differ, takes no part. Raises InputError, which names `where`, for a column
    that is missing, a number that is none, or no image with a row.
    """
    wanted = [settings.name, *settings.numbers, *settings.codes, *settings.findings, *settings.acquisition]
    table = read_cells(path, wanted)
    if missing := [name for name in wanted if name not in table.columns]:
        raise InputError(
            f"{path}: no column {', '.join(map(repr, missing))} ({where}); it has {', '.join(table.columns)}"
        )
    files = files_named(table[settings.name], images["image"], f"{where}.table")
    table = table.assign(**{settings.name: [files.get(name, name) for name in table[settings.name]]})
    table = table[list(dict.fromkeys(wanted))].drop_duplicates()
    once = table[~table.duplicated(settings.name, keep=False)].set_index(settings.name)
    places = np.flatnonzero(images["image"].isin(once.index).to_numpy())
    if not len(places):
        raise InputError(f"{path}: no row of it names an image of the set ({where}.name = {settings.name})")
    rows = once.loc[images["image"].iloc[places]].reset_index(drop=True)
    for name in settings.numbers:
        numbers = pd.to_numeric(rows[name].replace("", np.nan), errors="coerce")
        wrong = rows.loc[numbers.isna() & (rows[name] != ""), name]
        if len(wrong):
            raise InputError(f"{path}: column '{name}' ({where}.numbers) holds {wrong.iloc[0]!r}, which is no number")
        rows[name] = numbers
    return rows, places


def labelled(truth: Integers, classes: Sequence[str], uncertain: str | None, where: str) -> Integers:
    """The class (n,) of images whose places among the `classes` are `truth` (n,): 0 and 1 in their order, or UNCERTAIN.

    Raises InputError, which names `where`, for an `uncertain` label that is none of the classes, or not two others.
    """
    if uncertain is not None and uncertain not in classes:
        raise InputError(
            f"{where}.uncertain_label = {uncertain!r}: not among the labels of prepare_images.chest"
            f" ({', '.join(classes)}); add it there"
        )
    known = [name for name in classes if name != uncertain]
    if len(known) != 2:
        besides = "" if uncertain is None else f" besides {uncertain!r}"
        raise InputError(f"{where}: prepare_images.chest has {len(known)} labels{besides}; name two")
    codes = [UNCERTAIN if name == uncertain else known.index(name) for name in classes]
    return np.asarray(codes, dtype=np.int64)[truth]


def folds_of(truth: Integers, units: Integers, folds: int, seed: int, where: str) -> Integers:
    """The fold (n,) that holds out each image; units are whole. Raises InputError for fewer units of a class.

    Images that are UNCERTAIN change no fold of others: those of other units are dealt out.
    """
    for label in (0, 1):
        count = len(np.unique(units[truth == label]))
        if count < folds:
            raise InputError(f"{where}.folds = {folds}: only {count} units of class {label}; take fewer folds")
    certain = truth != UNCERTAIN
    known, own = truth[certain], units[certain]
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    of_unit: dict[int, int] = {}
    for number, (_, held_out) in enumerate(splitter.split(known, known, own)):
        of_unit |= dict.fromkeys(own[held_out].tolist(), number)
    others = np.random.default_rng(seed).permutation(np.setdiff1d(units, own)).tolist()
    of_unit |= {unit: place % folds for place, unit in enumerate(others)}
    found = np.array([of_unit[unit] for unit in units.tolist()], dtype=np.int64)
    for label, fold in product((0, 1), range(folds)):
        if len(np.unique(units[(truth == label) & (found != fold)])) < _LEARNT:
            raise InputError(f"{where}.folds = {folds}: too few units of class {label} to learn from; add images")
    return found
