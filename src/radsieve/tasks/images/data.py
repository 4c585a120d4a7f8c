"""The images of a set as train_classifier reads them, and the division that each protocol makes of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_packed
from radsieve.imaging.rendering import AS_IT_IS, Rendering
from radsieve.tables.images import Split
from radsieve.tasks.images.learners import Lesson
from radsieve.tasks.images.preparation import INSIDE
from radsieve.tasks.images.tables import CLASS_COUNTS, CLASS_IMAGES, OUTSIDE, OUTSIDE_IMAGES

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

_ATTRIBUTES = ("bytes", "width", "height", "grey")


@dataclass(frozen=True)
class Part:
    """Images (n, channels, H, W), their table, and the class (n,) and the number of the unit (n,) of each."""

    images: Bytes
    table: pd.DataFrame
    truth: Integers
    units: Integers

    @property
    def attributes(self) -> npt.NDArray[np.float64]:
        """What is known of each file without looking at the picture, (n, 4): bytes, width, height, mean grey."""
        return self.table[list(_ATTRIBUTES)].to_numpy(np.float64)


@dataclass(frozen=True)
class ImageData:
    """The classes in their order, the images of the set, those from outside that take part (or none), and how all were
    rendered."""

    classes: tuple[str, ...]
    inside: Part
    outside: Part | None
    rendering: Rendering = AS_IT_IS


@dataclass(frozen=True)
class Division:
    """Rows to learn from, to choose on, and to evaluate on."""

    train: Integers
    validation: Integers
    test: Integers

    def rows(self, *splits: Split) -> Integers:
        """The rows of several parts, in order."""
        return np.sort(np.concatenate([getattr(self, split) for split in splits]))

    def lesson(self, data: ImageData, seed: int) -> Lesson:
        """What a learner is given."""
        return Lesson(data.inside.truth, data.inside.units, self.train, self.validation, len(data.classes), seed)


def read_data(packs: Path, results: Path, where: str) -> ImageData:
    """Read what prepare_images wrote of a set; its table of counts has the classes in their order.

    Raises InputError, which names `where`, if an image has another label, or images and rows do not belong together.
    """
    labels = tuple(dict.fromkeys(tables.read(CLASS_COUNTS, results / "counts.csv")["label"]))
    pack, table = read_packed(packs / INSIDE, results / "images.csv", CLASS_IMAGES)
    beyond = tables.read(OUTSIDE_IMAGES, results / "outside.csv")
    inside = _part(pack.images, table, labels, where)
    outside = None
    if len(beyond):
        others, beyond = read_packed(packs / OUTSIDE, results / "outside.csv", OUTSIDE_IMAGES)
        used = np.flatnonzero(beyond["used"].to_numpy() == 1)
        if len(used):
            outside = _part(others.images[used], beyond.iloc[used].reset_index(drop=True), labels, where)
    return ImageData(labels, inside, outside, pack.shown)


def _part(images: Bytes, table: pd.DataFrame, labels: tuple[str, ...], where: str) -> Part:
    if others := sorted(set(table["label"]) - set(labels)):
        raise InputError(f"{where}: images labelled {', '.join(map(repr, others))}; run prepare_images again")
    truth = np.array([labels.index(label) for label in table["label"]], dtype=np.int64)
    return Part(images, table, truth, np.asarray(pd.factorize(table["unit"])[0], dtype=np.int64))


def honest_division(data: ImageData) -> Division:
    """One row for each picture, and the parts of prepare_images, which keep units whole."""
    table = data.inside.table
    once = ~table.duplicated("picture").to_numpy()
    return Division(*(np.flatnonzero(once & (table["split"] == part).to_numpy()) for part in Split))


def random_division(data: ImageData, honest: Division, every_row: bool, seed: int) -> Division:
    """Rows dealt at random, in the proportions of the `honest` division, so that those of one unit are anywhere.

    `every_row`: a picture that is there several times, once for each reader, takes part as often.
    """
    known = honest.rows(*Split)
    rows = np.arange(len(data.inside.truth)) if every_row else known
    order = np.random.default_rng(seed).permutation(rows)
    first, second = (
        round(len(rows) * share / len(known))
        for share in (len(honest.train), len(honest.train) + len(honest.validation))
    )
    return Division(np.sort(order[:first]), np.sort(order[first:second]), np.sort(order[second:]))
