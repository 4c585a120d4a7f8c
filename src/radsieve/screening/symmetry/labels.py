"""Combine what the classifier of symmetry learns from: features, labels, and which images belong together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from radsieve import tables
from radsieve.errors import InputError
from radsieve.screening.tables import GENERATED_TRUTH, SYMMETRY_FEATURES, SYMMETRY_LABELS
from radsieve.tables.columns import PATH, text

PHANTOMS = "phantoms"
_NAMED = 5  # images named in a message


def read_features(features: Path, images: Path, grouped_by: str, resampled_by: str) -> pd.DataFrame:
    """Return the table `features` (SYMMETRY_FEATURES) with two more columns: `group` and `unit`.

    They are the columns `grouped_by` and `resampled_by` of the table `images`, which has a row for each image.

    Raises InputError naming the file and the images or rows that are missing, duplicated or not numbers.
    """
    measured = tables.read(SYMMETRY_FEATURES, features)
    _unique(measured["image"], features)
    columns = {name: text(PATH) for name in ("image", grouped_by, resampled_by)}
    listed = tables.read(pa.DataFrameSchema(columns, name="images", strict="filter", coerce=True), images)
    _unique(listed["image"], images)
    place = pd.Index(listed["image"]).get_indexer(pd.Index(measured["image"]))
    if (place < 0).any():
        raise InputError(f"{images}: no row for {_some(measured.loc[place < 0, 'image'])} of {features}")
    chosen = listed.iloc[place].reset_index(drop=True)
    return measured.assign(group=chosen[grouped_by], unit=chosen[resampled_by])


def read_labels(images: pd.Series, table: Path) -> pd.Series:
    """Return the labels (1 good, 0 bad) of `images` from a table with the columns image and good.

    Raises InputError naming images without a label, labels of no image, and images labelled twice.
    """
    return _joined(images, tables.read(SYMMETRY_LABELS, table).set_index("image")["good"], table)


def read_truth(images: pd.Series, table: Path) -> pd.Series:
    """Return whether each of `images` is good (1 or 0) by the truth of the phantoms (GENERATED_TRUTH).

    Raises InputError if there is no truth, as when the images come from a generator that gives none.
    """
    truth = tables.read(GENERATED_TRUTH, table)
    if truth.empty:
        raise InputError(
            f"{table}: no truth is known of these images; "
            "give a table with the columns image,good as train_symmetry.labels"
        )
    return _joined(images, truth.set_index("image")["good"], table)


def with_noise(labels: pd.Series, share: float, seed: int) -> pd.Series:
    """Flip each label (0 or 1) with probability `share`."""
    turned = np.random.default_rng(seed).random(len(labels)) < share
    return labels.where(~turned, 1 - labels)


def _joined(images: pd.Series, good: pd.Series, source: Path) -> pd.Series:
    names = pd.Series(good.index)
    _unique(names, source)
    if len(unknown := names[~names.isin(images)]):
        raise InputError(f"{source}: {_some(unknown)} not among the images that have features; take them out")
    if len(missing := images[~images.isin(names)]):
        raise InputError(f"{source}: no label for {_some(missing)}; every image needs one")
    return good.reindex(images).reset_index(drop=True)


def _unique(images: pd.Series, source: Path) -> None:
    if len(double := images[images.duplicated()].drop_duplicates()):
        raise InputError(f"{source}: {_some(double)} occur in several rows; keep one of each")


def _some(images: pd.Series) -> str:
    names = ", ".join(images.head(_NAMED))
    return f"{len(images)} image{'s' if len(images) > 1 else ''} ({names}{', ...' if len(images) > _NAMED else ''})"
