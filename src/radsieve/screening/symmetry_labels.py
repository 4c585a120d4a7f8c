"""Bring together what the classifier of symmetry learns from: features, labels, and which films belong together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from radsieve import tables
from radsieve.columns import PATH, text
from radsieve.errors import InputError
from radsieve.screening_tables import GENERATED_TRUTH, SYMMETRY_FEATURES, SYMMETRY_LABELS

PHANTOMS = "phantoms"
_NAMED = 5  # films named in a message


def read_features(features: Path, films: Path, grouped_by: str, resampled_by: str) -> pd.DataFrame:
    """Return the table `features` (SYMMETRY_FEATURES) with two more columns: `group` and `unit`.

    They are the columns `grouped_by` and `resampled_by` of the table `films`, which has a row for each film.

    Raises InputError naming the file and the films or rows that are missing, double or not numbers.
    """
    measured = tables.read(SYMMETRY_FEATURES, features)
    _unique(measured["film"], features)
    columns = {name: text(PATH) for name in ("film", grouped_by, resampled_by)}
    listed = tables.read(pa.DataFrameSchema(columns, name="films", strict="filter", coerce=True), films)
    _unique(listed["film"], films)
    place = pd.Index(listed["film"]).get_indexer(pd.Index(measured["film"]))
    if (place < 0).any():
        raise InputError(f"{films}: no row for {_some(measured.loc[place < 0, 'film'])} of {features}")
    chosen = listed.iloc[place].reset_index(drop=True)
    return measured.assign(group=chosen[grouped_by], unit=chosen[resampled_by])


def read_labels(films: pd.Series, table: Path) -> pd.Series:
    """Return the labels (1 good, 0 bad) of `films` from a table with the columns image and good.

    Raises InputError naming films without a label, labels of no film, and films labelled twice.
    """
    return _joined(films, tables.read(SYMMETRY_LABELS, table).set_index("image")["good"], table)


def read_truth(films: pd.Series, table: Path) -> pd.Series:
    """Return whether each of `films` is good (1 or 0) by the truth of the phantoms (GENERATED_TRUTH).

    Raises InputError if there is no truth, as when the films come from a generator that knows none.
    """
    truth = tables.read(GENERATED_TRUTH, table)
    if truth.empty:
        raise InputError(
            f"{table}: no truth is known of these films; "
            "give a table with the columns image,good as classify_symmetry.labels"
        )
    return _joined(films, truth.set_index("film")["good"], table)


def with_noise(labels: pd.Series, share: float, seed: int) -> pd.Series:
    """Turn each label (0 or 1) into the other with probability `share`."""
    turned = np.random.default_rng(seed).random(len(labels)) < share
    return labels.where(~turned, 1 - labels)


def _joined(films: pd.Series, good: pd.Series, source: Path) -> pd.Series:
    names = pd.Series(good.index)
    _unique(names, source)
    if len(unknown := names[~names.isin(films)]):
        raise InputError(f"{source}: {_some(unknown)} not among the films that have features; take them out")
    if len(missing := films[~films.isin(names)]):
        raise InputError(f"{source}: no label for {_some(missing)}; every film needs one")
    return good.reindex(films).reset_index(drop=True)


def _unique(films: pd.Series, source: Path) -> None:
    if len(double := films[films.duplicated()].drop_duplicates()):
        raise InputError(f"{source}: {_some(double)} stand in several rows; keep one of each")


def _some(films: pd.Series) -> str:
    names = ", ".join(films.head(_NAMED))
    return f"{len(films)} film{'s' if len(films) > 1 else ''} ({names}{', ...' if len(films) > _NAMED else ''})"
