"""Two tables of the same things joined by a key, such as headers of images and what was found on them."""

import logging
from collections.abc import Sequence

import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.image_splits import patient_key
from radsieve.imaging.pseudonyms import NOT_GIVEN
from radsieve.tables.spreadsheets import refuse_shortened

_log = logging.getLogger(__name__)


def join(table: pd.DataFrame, other: pd.DataFrame, by: Sequence[str], key: str) -> pd.DataFrame:
    """Return `table` with the columns of `other`, every cell text, in the rows of the same key; empty where none is.

    `by` names the column of the key in each. Of several rows of `other` with one key those columns are taken that are
    the same in all of them, for every key. A column that both have keeps what `table` says. A key that is empty or a
    code for what is missing joins nothing. The log says how many rows found none.

    Raises InputError, naming the section `key` of params.yaml, for a key that is no column or that a spreadsheet
    has shortened, and if no key is in both.
    """
    if len(by) != 2:
        raise InputError(f"params.yaml, {key}.joined_by: name two columns, of the table and of the one that is joined")
    for name, columns in ((by[0], table.columns), (by[1], other.columns)):
        if name not in columns:
            raise InputError(f"params.yaml, {key}.joined_by: no column {name!r}; there are {', '.join(columns)}")
    for name, keys in ((by[0], table[by[0]]), (by[1], other[by[1]])):
        refuse_shortened(keys, name, f"params.yaml, {key}.joined_by")
    other = other[~_missing(other[by[1]])]
    same = (other.groupby(by[1]).nunique() < 2).all()
    added = [name for name in other.columns if name != by[1] and name not in table.columns and same[name]]
    rows = other.drop_duplicates(by[1]).set_index(by[1])[added]
    known = table[by[0]].isin(rows.index)
    if not known.any():
        raise InputError(f"params.yaml, {key}.joined: no {by[1]!r} of it is a {by[0]!r} of the table; check joined_by")
    if not known.all():
        _log.warning("%s.joined: %d of %d rows have no row there", key, int((~known).sum()), len(table))
    return table.join(rows, on=by[0]).fillna("")


def _missing(keys: pd.Series) -> pd.Series:
    return keys.map(patient_key).isin(NOT_GIVEN)
