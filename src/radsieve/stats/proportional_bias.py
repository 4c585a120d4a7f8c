"""Whether the difference of two measurements depends on their size (J. M. Bland, D. G. Altman. Measuring agreement in
method comparison studies. Statistical Methods in Medical Research 1999, doi:10.1177/096228029900800204).
"""

from math import nan

import numpy as np
from numpy.typing import NDArray

from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate

_FEWEST = 5  # units


def proportional_bias(
    found: NDArray[np.float64],
    true: NDArray[np.float64],
    units: NDArray[np.integer],
    resamples: int,
    confidence: float,
    seed: int,
) -> Estimate:
    """Return the slope of the regression of `found` - `true` (n,) on their mean, 0 if the bias is the same everywhere.

    The interval has the percentiles of a bootstrap of `units` (n,). The slope is not defined (NaN) if the means do not
    vary, the interval if there are fewer than five units.
    """
    difference, mean = found - true, (found + true) / 2
    value = float(_slopes(mean, difference, np.ones((1, len(mean))))[0])
    if len(np.unique(units)) < _FEWEST or np.isnan(value):
        return Estimate(value)
    patterns = resampling.patterns(np.arange(len(mean))[:, None], units)
    drawn = np.concatenate(
        [_slopes(mean, difference, block[:, patterns.of_item]) for block in patterns.resamples(resamples, seed)]
    )
    return Estimate(value, *resampling.interval(drawn, confidence))


def _slopes(x: NDArray[np.float64], y: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slope (b,) of y on x (n,), each counted so many `times` (b, n); NaN where x does not vary."""
    total = times.sum(axis=1)
    mean_x, mean_y = times @ x / total, times @ y / total
    spread = times @ x**2 / total - mean_x**2
    slope = np.full(len(times), nan)
    enough = spread > 1e-12 * max(float(np.abs(x).max()) ** 2, 1e-300)
    np.divide(times @ (x * y) / total - mean_x * mean_y, spread, out=slope, where=enough)
    return slope
