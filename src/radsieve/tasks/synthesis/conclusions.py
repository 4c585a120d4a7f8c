"""Which conclusions synthetic rows keep, by generator, question and number of real rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from radsieve.progress import track
from radsieve.settings import Compute
from radsieve.stats.resampling import Estimate
from radsieve.tasks.synthesis.frames import Frame, Space, synthetic_seed
from radsieve.tasks.synthesis.generators import generator
from radsieve.tasks.synthesis.questions import SHARE, agreement, answer, back, link
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import CONCLUSIONS, ESTIMATES

AGAIN = "again"


@dataclass(frozen=True)
class Concluded:
    """CONCLUSIONS, ESTIMATES, and the first synthetic rows of all real ones, by generator."""

    conclusions: pd.DataFrame
    estimates: pd.DataFrame
    first: Mapping[str, Frame]


def conclude(train: Frame, again: Frame, settings: SynthesisSettings, compute: Compute) -> Concluded:
    """Draw synthetic rows `settings.repeats` times from `train`, and from its first units alone where fewer rows are
    asked for, and answer each question of the settings in them and in the real rows that they stand for.

    Other real rows, `again`, show how far two samples of patients differ without any synthesis.
    """
    spread = Space.of(train).spread
    order = _by_unit(train, settings.seed)
    sizes = [*(count for count in settings.fewer_rows if count < len(train.rows)), len(train.rows)]
    rows: list[tuple[object, ...]] = []
    first: dict[str, Frame] = {}
    for number, count in enumerate(track(sizes, "conclusions", unit="number of rows")):
        whole = count == len(train.rows)
        real = train if whole else train.taken(order[:count])
        other = again if whole else again.taken(_by_unit(again, settings.seed)[:count])
        truth = [answer(question, real, spread, settings.confidence) for question in settings.questions]
        for place, kind in enumerate(settings.generators):
            draw = generator(kind, real, settings.leaf, settings.seed, compute)
            for repeat in range(settings.repeats):
                drawn = real.with_rows(draw(synthetic_seed(settings.seed, number, place, repeat)))
                rows += _answers(kind, count, repeat + 1, drawn, spread, truth, settings)
                if whole and repeat == 0:
                    first[kind] = drawn
        rows += _answers(AGAIN, count, 1, other, spread, truth, settings)
    estimates = pd.DataFrame(rows, columns=[*ESTIMATES.columns, *_REAL])
    return Concluded(_summary(estimates, settings, train.rows.shape[1]), estimates[list(ESTIMATES.columns)], first)


_REAL = ("real", "real_lower", "real_upper")


def _by_unit(frame: Frame, seed: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The places of the rows, those of a unit side by side, units in an order of their own."""
    units = np.random.default_rng([seed, 99]).permutation(int(frame.units.max()) + 1)
    return np.argsort(units[frame.units], kind="stable")


def _answers(
    kind: str,
    count: int,
    repeat: int,
    drawn: Frame,
    spread: pd.Series,
    truth: Sequence[Estimate],
    settings: SynthesisSettings,
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for question, real in zip(settings.questions, truth, strict=True):
        found = answer(question, drawn, spread, settings.confidence)
        told = agreement(question.kind, real, found)
        bounds = found.value, found.lower, found.upper
        agreed = told.overlap, told.same_sign, told.same_verdict
        rows.append((kind, question.name, count, repeat, *bounds, *agreed, real.value, real.lower, real.upper))
    return rows


def _summary(estimates: pd.DataFrame, settings: SynthesisSettings, variables: int) -> pd.DataFrame:
    kinds = {question.name: str(question.kind) for question in settings.questions}
    rows = []
    for key, part in estimates.groupby(["generator", "question", "rows"], sort=False):
        generator_name, question, count = str(key[0]), str(key[1]), int(str(key[2]))
        kind, real = kinds[question], Estimate(*part.iloc[0][list(_REAL)].astype(float))
        found = np.array([link(kind, value) for value in part["estimate"]])
        known = found[np.isfinite(found)]
        error = (link(kind, real.upper) - link(kind, real.lower)) / 2 if np.isfinite(real.lower) else np.nan
        away = (known - link(kind, real.value)) / error if error > 0 else np.full(len(known), np.nan)
        rows.append(
            {
                "generator": generator_name,
                "question": question,
                "kind": kind,
                "rows": count,
                "rows_per_variable": count / variables,
                "repeats": len(part),
                "undefined": int(len(part) - len(known)),
                "real": real.value,
                "real_lower": real.lower,
                "real_upper": real.upper,
                "synthetic": back(kind, float(known.mean())) if len(known) else np.nan,
                "bias": float(away.mean()) if len(away) else np.nan,
                "spread": float(away.std(ddof=1)) if len(away) > 1 else np.nan,
                "overlap": float(part["overlap"].mean()),
                "same_sign": np.nan if kind == SHARE else float(part["same_sign"].mean()),
                "same_verdict": np.nan if kind == SHARE else float(part["same_verdict"].mean()),
            }
        )
    return pd.DataFrame(rows, columns=list(CONCLUSIONS.columns))
