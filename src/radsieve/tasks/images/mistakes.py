"""Protocols of evaluation of classifiers of images: the honest one, and others that each repeat one mistake.

`by_image`, `by_slice` and `by_row` deal images at random, so that a child, a scan or a picture that two readers graded
is on both sides; `test_in_training` evaluates on all images, those of training included; `chosen_on_test` takes the
variant with the most test images right; `shuffled_truth` compares predictions with truth in another order, as a
generator that shuffles does.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import Split
from radsieve.tasks.images.data import random_division
from radsieve.tasks.images.evaluation import Candidate, Study
from radsieve.tasks.images.measures import RESAMPLED, EvaluatedImages, differences, measured
from radsieve.tasks.leaks import Row, leak_row
from radsieve.tasks.tables import LEAKS, Protocol

_METRICS = ("accuracy", *RESAMPLED)
_DEALT = {Protocol.BY_IMAGE: False, Protocol.BY_SLICE: False, Protocol.BY_ROW: True}


def leaks(of: Study) -> pd.DataFrame:
    """LEAKS: every protocol of the settings, by the variants that are trained again, or by the chosen one."""
    rows: list[Row] = []
    for protocol in map(Protocol, of.settings.protocols):
        for model, found, honest, paired in _evaluated(of, protocol):
            rows += _rows(of, protocol, model, found, honest, paired)
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _evaluated(of: Study, protocol: Protocol) -> Iterator[tuple[str, EvaluatedImages, EvaluatedImages, bool]]:
    """Model, images evaluated by the protocol, the same honestly, and whether both are the same images."""
    chosen = of.chosen
    again = [of.candidate(name) for name in of.settings.protocol_variants]
    match protocol:
        case Protocol.HONEST:
            for one in {one.name: one for one in (chosen, *again)}.values():
                yield one.name, of.evaluated(one.test), of.evaluated(one.test), True
        case Protocol.SHUFFLED_TRUTH:
            order = np.random.default_rng(of.settings.seed).permutation(len(chosen.test))
            yield chosen.name, of.evaluated(chosen.test[order]), of.evaluated(chosen.test), True
        case Protocol.CHOSEN_ON_TEST:
            best = max(of.candidates, key=lambda one: _right(of, one))
            yield "the best of all", of.evaluated(best.test), of.evaluated(chosen.test), True
        case Protocol.TEST_IN_TRAINING:
            for one in again:
                yield one.name, _on_all(of, one), of.evaluated(one.test), False
        case _:
            for one in again:
                yield one.name, _dealt(of, one, _DEALT[protocol]), of.evaluated(one.test), False


def _right(of: Study, one: Candidate) -> int:
    evaluated = of.evaluated(one.test)
    return int((evaluated.called == evaluated.truth).sum())


def _on_all(of: Study, one: Candidate) -> EvaluatedImages:
    """All pictures, those that the candidate was fitted to included."""
    rows = of.division.rows(*Split)
    return of.evaluated(one.fitted.probability(of.inputs[one.name][rows]), replace(of.division, test=rows))


def _dealt(of: Study, one: Candidate, every_row: bool) -> EvaluatedImages:
    """The test images of a random division, by the same variant, fitted to its training images."""
    division = random_division(of.data, of.division, every_row, of.settings.seed)
    fitted = of.fit(one.learner, division, one.seed)
    return of.evaluated(fitted.probability(of.inputs[one.name][division.test]), division)


def _rows(
    of: Study, protocol: Protocol, model: str, found: EvaluatedImages, honest: EvaluatedImages, paired: bool
) -> list[Row]:
    values, base = measured(found, of.how), measured(honest, of.how)
    same = dict.fromkeys(_METRICS, False)
    if protocol is Protocol.HONEST:
        apart = dict.fromkeys(_METRICS, Estimate(np.nan))
    elif paired:
        same = dict.fromkeys(_METRICS, np.array_equal(found.called, honest.called))
        same["roc_auc"] = np.array_equal(rankdata(found.probability, axis=0), rankdata(honest.probability, axis=0))
        apart = differences(found, honest, of.how)
    else:
        apart = {name: resampling.difference(values[name], base[name]) for name in _METRICS}
    units = len(np.unique(found.units)), len(np.unique(honest.units))
    return [
        leak_row(protocol, model, name, len(found.truth), values[name], base[name].value, apart[name], units,
                 same=same[name])
        for name in _METRICS
        if not np.isnan(values[name].value)
    ]  # fmt: skip
