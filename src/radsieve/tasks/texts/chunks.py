"""Works cut into chunks, the folds that keep works whole, and shares of chunks recognised, clustered by work."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from radsieve.errors import InputError
from radsieve.stats import resampling
from radsieve.stats.paired_tests import share_difference
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import Split
from radsieve.tasks.texts.normalisation import masked

Integers = npt.NDArray[np.int64]

NORMALISED, RAW_TYPOGRAPHY, NAMES_KEPT, RAW = "normalised", "raw_typography", "names_kept", "raw"


@dataclass(frozen=True)
class Chunks:
    """The texts (n,) of chunks with the rows of WORKS that they come from: author, work, unit, split, and `start`."""

    texts: Sequence[str]
    rows: pd.DataFrame

    @property
    def authors(self) -> npt.NDArray[np.object_]:
        """The author (n,) of each chunk."""
        return self.rows["author"].to_numpy(dtype=object)

    @property
    def units(self) -> Integers:
        """The number (n,) of the unit of each chunk."""
        return np.asarray(pd.factorize(self.rows["unit"])[0], dtype=np.int64)

    def of(self, split: Split) -> "Chunks":
        """Those of a split."""
        chosen = (self.rows["split"] == split).to_numpy()
        return Chunks([text for text, one in zip(self.texts, chosen, strict=True) if one], self.rows[chosen])


def chunks(works: pd.DataFrame, form: str, length: int) -> Chunks:
    """Cut each of WORKS into chunks of `length` characters; a rest of less than half of it is left out.

    In the form `normalised` typography is normalised and names are masked; `raw_typography` and `names_kept` leave out
    one of both, and `raw` both.
    """
    texts, rows = [], []
    for work in works.itertuples():
        text = " ".join(str(work.raw).split()) if form in (RAW_TYPOGRAPHY, RAW) else str(work.text)
        if form in (NORMALISED, RAW_TYPOGRAPHY):
            text = masked(text)
        for start in range(0, len(text), length):
            if 2 * len(text[start : start + length]) >= length:
                texts.append(text[start : start + length])
                rows.append((work.author, work.work, work.unit, work.split, start))
    return Chunks(texts, pd.DataFrame(rows, columns=["author", "work", "unit", "split", "start"]))


def folds_of(data: Chunks, folds: int, seed: int, whole: bool = True) -> Integers:
    """The number (n,), from 0, of the fold that holds out each chunk, authors in proportion; `whole` keeps units whole.

    Raises InputError if an author has fewer units than there are folds.
    """
    units = data.rows.groupby("author")["unit"].nunique()
    if units.min() < folds:
        raise InputError(
            f"params.yaml, classify_texts.folds = {folds}: {units.idxmin()} has only {units.min()} works; take fewer"
        )
    splitter = (StratifiedGroupKFold if whole else StratifiedKFold)(folds, shuffle=True, random_state=seed)
    found = np.empty(len(data.texts), dtype=np.int64)
    for number, (_, held_out) in enumerate(splitter.split(data.rows, data.authors, data.units if whole else None)):
        found[held_out] = number
    return found


def accuracy(
    truth: npt.NDArray[np.object_], called: npt.NDArray[np.object_], units: Integers, confidence: float
) -> Estimate:
    """The share of chunks recognised, with an interval clustered by unit."""
    return resampling.clustered_share(truth == called, units, confidence)


def balanced_accuracy(
    truth: npt.NDArray[np.object_], called: npt.NDArray[np.object_], units: Integers, confidence: float
) -> Estimate:
    """The mean over authors of the share of chunks recognised; intervals of these are put together.

    Those of the shares are clustered by unit, and independent (Zou and Donner 2008). There is none where all chunks are
    called alike: then it is one over the number of authors by definition.
    """
    if len(set(called)) == 1 and called[0] in truth:
        return Estimate(1 / len(set(truth)))
    shares = [
        resampling.clustered_share(called[truth == author] == author, units[truth == author], confidence)
        for author in dict.fromkeys(truth)
    ]
    found = resampling.average(shares)
    return Estimate(found.value, max(found.lower, 0.0), min(found.upper, 1.0))


def balanced_difference(
    truth: npt.NDArray[np.object_],
    called: npt.NDArray[np.object_],
    before: npt.NDArray[np.object_],
    units: Integers,
    confidence: float,
) -> Estimate:
    """The balanced accuracy of `called` minus that of `before` (n,), of the same chunks.

    Each author's difference is paired (`stats.paired_tests.share_difference`); their intervals are put together.
    """
    names = dict.fromkeys(truth)
    return resampling.average([
        share_difference(called[truth == one] == one, before[truth == one] == one, confidence, units[truth == one])
        for one in names
    ])  # fmt: skip
