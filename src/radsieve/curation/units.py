"""What ties files to one another: the patients and studies of which each is, and its pixels."""

from collections.abc import Collection

import pandas as pd

from radsieve.imaging.image_splits import Integers, linked
from radsieve.imaging.tags import FURTHER

_COLUMNS = ["pixel_digest", *FURTHER]


def claims(images: pd.DataFrame) -> pd.DataFrame:
    """Return each of `images` (curation.tables.IMAGES) with its pixel_digest, PatientID and StudyInstanceUID, in order,
    and behind them once more for each further patient or study of it; `row` is its place.
    """
    own = images[_COLUMNS].reset_index(drop=True).assign(row=range(len(images)))
    found = [own]
    for name, place in FURTHER.items():
        others = images[place].str.split().reset_index(drop=True).explode().dropna()
        found.append(own.loc[others.index].assign(**{name: others.to_numpy()}))
    return pd.concat(found, ignore_index=True)


def linked_claims(claimed: pd.DataFrame, ties: Collection[tuple[int, int]]) -> Integers:
    """Return the numbers of `linked` of each row of `claims`: equal pixels, a patient or study in common, or `ties`."""
    return linked(*(claimed[name].tolist() for name in _COLUMNS), pairs=ties)
