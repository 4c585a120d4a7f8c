"""The best and the worst rows by a score, or as many valid ones as others (Sinyavsky, term paper, part 2)."""

import numpy as np
import numpy.typing as npt

from radsieve.prefilter.latents.latent_table import VALID, LatentTable
from radsieve.screening.tables import SCORES

Rows = npt.NDArray[np.int64]


def extremes(table: LatentTable, score: str, count: int, seed: int) -> tuple[Rows, Rows]:
    """The best and the worst rows of `table` by `score`, each in ascending order and at most `count`.

    By a score these are the two ends of its order, at most half of the rows each. No value is in both: a value that
    they share is left out, except of an end that has no other. By `valid`, all rows of a kind are alike: as many of
    each are drawn at random as there are of the rarer one.
    """
    if score == VALID:
        return _at_random(table.valid, count, seed)
    values = table.scores[:, SCORES.index(score)]
    order = np.argsort(values, kind="stable")
    ends = min(count, len(order) // 2)
    best, worst = order[len(order) - ends :], order[:ends]
    if ends and values[best[0]] == values[worst[-1]]:
        shared = values[best[0]]
        highest, lowest = values[best[-1]], values[worst[0]]
        if highest > shared:
            best = best[values[best] > shared]
        if highest == shared or lowest < shared:
            worst = worst[values[worst] < shared]
    return np.sort(best), np.sort(worst)


def _at_random(valid: npt.NDArray[np.int8], count: int, seed: int) -> tuple[Rows, Rows]:
    generator = np.random.default_rng(seed)
    kinds = np.flatnonzero(valid == 1), np.flatnonzero(valid == 0)
    each = min(count, *map(len, kinds))
    best, worst = (np.sort(generator.choice(rows, each, replace=False)) for rows in kinds)
    return best, worst
