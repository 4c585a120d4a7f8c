"""Correlation of scores with each component of the latent, and the level reached by chance alone.

The level of chance is that of the largest of all correlations of a score, in absolute value, over permutations of the
rows (the maximum statistic of Westfall and Young 1993). This corrects for the number of components and holds for any
distribution: a score with a few enormous values has larger correlations by chance than a normal one.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from radsieve.progress import working
from radsieve.stats.permutations import p_value

Floats = npt.NDArray[np.floating]

COLUMNS = (
    "score", "component", "correlation", "chance_level", "p_value", "rank_correlation", "rank_chance_level",
    "rank_p_value",
)  # fmt: skip
_BLOCK = 64  # permutations at a time: bounds the memory


@working("permutations of the components")
def relate_components(
    latents: Floats, scores: pd.DataFrame, permutations: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Correlate each column of `scores` with each component of `latents` (n, d); columns COLUMNS, one row per pair.

    Pearson's correlation and Spearman's, which no single value can dominate. In a share 1 - `confidence` of the
    permutations at least one component exceeds `chance_level`; `p_value` is the share that reaches the component's own
    correlation. NaN where a score or a component is constant.
    """
    values = scores.to_numpy(float)
    kinds = [(latents, values), (rankdata(latents, axis=0), rankdata(values, axis=0))]
    measured = []
    for components, targets in kinds:
        observed = pearson_correlations(components, targets)
        chance = largest_by_chance(components, targets, permutations, seed)
        level = np.broadcast_to(np.quantile(chance, confidence, axis=0)[:, None], observed.shape)
        p = np.array([p_value(abs(row), by_chance[:, None]) for row, by_chance in zip(observed, chance.T, strict=True)])
        measured += [observed, np.where(np.isnan(observed), np.nan, level), p]
    names = np.repeat(np.array(scores.columns, dtype=object), latents.shape[1])
    numbers = np.tile(np.arange(latents.shape[1]), scores.shape[1])
    columns = [names, numbers, *(found.ravel() for found in measured)]
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def pearson_correlations(components: Floats, targets: Floats) -> npt.NDArray[np.float64]:
    """Pearson's correlation (targets, components) of columns; NaN where one is constant."""
    found: npt.NDArray[np.float64] = _standardized(targets).T @ _standardized(components) / len(targets)
    return found


def largest_by_chance(components: Floats, targets: Floats, permutations: int, seed: int) -> npt.NDArray[np.float64]:
    """The largest absolute correlation of each target over all components, rows permuted: (permutations, targets).

    All targets of a row stay together. Computed in single precision; 0 where nothing is defined.
    """
    generator = np.random.default_rng(seed)
    first, second = (np.nan_to_num(_standardized(columns)).astype(np.float32) for columns in (components, targets))
    rows, count = second.shape
    found = []
    for start in range(0, permutations, _BLOCK):
        block = min(_BLOCK, permutations - start)
        order = generator.permuted(np.tile(np.arange(rows), (block, 1)), axis=1)
        both = first.T @ second[order.T].reshape(rows, block * count)
        found.append(abs(both).max(axis=0).reshape(block, count))
    largest: npt.NDArray[np.float64] = np.concatenate(found).astype(float) / rows
    return largest


def _standardized(columns: Floats) -> npt.NDArray[np.float64]:
    """Columns with mean 0 and standard deviation 1; NaN where one is constant."""
    values = columns.astype(float)
    centred = values - values.mean(axis=0)
    spread = np.where(np.ptp(values, axis=0) > 0, centred.std(axis=0), np.nan)
    found: npt.NDArray[np.float64] = centred / spread
    return found
