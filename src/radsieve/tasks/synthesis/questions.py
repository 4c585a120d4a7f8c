"""Conclusions that are drawn from a table: odds ratios, differences, shares, and whether two tables agree in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.stats import regression, resampling
from radsieve.stats.resampling import Estimate
from radsieve.tasks.synthesis.frames import Floats, Frame
from radsieve.tasks.synthesis.settings import QuestionSettings

RATIO, DIFFERENCE, SHARE = "odds_ratio", "difference", "share"
_NOTHING = {RATIO: 1.0, DIFFERENCE: 0.0}  # what the estimate is where nothing is found
_RARE = 5  # rows of a level below which it has no column of its own


def check(questions: Sequence[QuestionSettings], frame: Frame, where: str) -> None:
    """Raise InputError, which names the setting `where`, for a question that the columns of `frame` cannot answer."""
    names = [question.name for question in questions]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{where}.questions: several are named {', '.join(twice)}")
    for question in questions:
        here = f"{where}.questions, {question.name}"
        if strange := [name for name in (question.exposure, *question.adjust) if name not in frame.rows]:
            raise InputError(f"{here}: the table has no column {', '.join(strange)}")
        column = frame.rows[question.exposure]
        if question.level is None:
            if question.exposure not in frame.numbers or question.kind == SHARE:
                raise InputError(f"{here}: {question.exposure} needs a `level`")
        elif not _exposed(question, column, frame).any():
            raise InputError(f"{here}: no row has {question.exposure} = {question.level}")


def answer(question: QuestionSettings, frame: Frame, spread: pd.Series, confidence: float) -> Estimate:
    """The estimate of `question` in the rows of `frame` that have all values which it needs; NaN if there is none.

    `odds_ratio`: of the outcome, by logistic regression, of those exposed to the others, or for one `spread` more of a
    number. `difference`: of the share with the outcome, by linear regression. Both hold the columns of `adjust` equal.
    `share`: of those exposed who have the outcome.
    """
    needed = [question.exposure, *question.adjust]
    known = np.logical_and.reduce(
        [frame.rows[name].notna() if name in frame.numbers else frame.rows[name] != "" for name in needed]
    )
    rows, units, truth = frame.rows[known], frame.units[known], frame.truth[known]
    if question.level is None:
        exposure = (rows[question.exposure] / spread[question.exposure]).to_numpy(float)
    else:
        exposure = _exposed(question, rows[question.exposure], frame).astype(float)
    if question.kind == SHARE:
        hits = exposure == 1
        return resampling.clustered_share(truth[hits] == 1, units[hits], confidence)
    if not len(rows):
        return Estimate(np.nan)
    design = np.column_stack([np.ones(len(rows)), exposure, *_adjusters(question, rows, frame, spread)])
    if question.kind == DIFFERENCE:
        return regression.linear(design, truth.astype(float), units).estimate(1, confidence)
    found = regression.logistic(design, truth, units).estimate(1, confidence)
    return Estimate(*np.exp([found.value, found.lower, found.upper]))


def _exposed(question: QuestionSettings, column: pd.Series, frame: Frame) -> npt.NDArray[np.bool_]:
    if question.exposure in frame.numbers:
        try:
            return (column == float(question.level or "")).to_numpy(bool)
        except ValueError:
            return np.zeros(len(column), dtype=bool)
    return (column == question.level).to_numpy(bool)


def _adjusters(question: QuestionSettings, rows: pd.DataFrame, frame: Frame, spread: pd.Series) -> list[Floats]:
    """A column for each number, and for each level of a code but the most frequent one and those that are rare."""
    columns = []
    for name in question.adjust:
        if name in frame.numbers:
            columns.append((rows[name] / (spread[name] or 1.0)).to_numpy(float))
            continue
        counts = rows[name].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        levels = [level for level, count in counts.iloc[1:].items() if count >= _RARE]
        columns += [(rows[name] == level).to_numpy(float) for level in levels]
    return [column for column in columns if np.ptp(column) > 0]


@dataclass(frozen=True)
class Agreement:
    """How an estimate agrees with a real one: `overlap` of the intervals, 1 for equal ones; same side of no effect;
    same verdict, which is also whether the interval excludes it. NaN where a share has no side.
    """

    overlap: float
    same_sign: float
    same_verdict: float


def agreement(kind: str, real: Estimate, other: Estimate) -> Agreement:
    """Compare `other` with `real`; without an estimate nothing agrees."""
    sides = [_side(kind, one) for one in (real, other)]
    verdicts = [_verdict(kind, one) for one in (real, other)]
    found = overlap(real, other)
    if kind == SHARE:
        return Agreement(found, np.nan, np.nan)
    usable = np.isfinite([real.value, other.value]).all()
    return Agreement(found, float(usable and sides[0] == sides[1]), float(usable and verdicts[0] == verdicts[1]))


def overlap(first: Estimate, second: Estimate) -> float:
    """The mean share of the two intervals that is common to both (Karr and others 2006, doi:10.1198/000313006X124640),
    0 where they are apart.

    >>> from radsieve.stats.resampling import Estimate
    >>> from radsieve.tasks.synthesis.questions import overlap
    >>> round(overlap(Estimate(1.56, 1.11, 2.2), Estimate(2.03, 1.44, 2.87)), 2)
    0.61
    """
    common = min(first.upper, second.upper) - max(first.lower, second.lower)
    widths = first.upper - first.lower, second.upper - second.lower
    if not np.isfinite([common, *widths]).all() or min(widths) <= 0:
        return 0.0
    return max(common, 0.0) / 2 * (1 / widths[0] + 1 / widths[1])


def link(kind: str, value: float) -> float:
    """The value on the scale on which estimates are averaged: the logarithm of an odds ratio."""
    return float(np.log(value)) if kind == RATIO else value


def back(kind: str, value: float) -> float:
    """The value that `link` took."""
    return float(np.exp(value)) if kind == RATIO else value


def _side(kind: str, found: Estimate) -> bool:
    return found.value > _NOTHING.get(kind, np.nan)


def _verdict(kind: str, found: Estimate) -> int:
    nothing = _NOTHING.get(kind, np.nan)
    return int(found.lower > nothing) - int(found.upper < nothing)
