"""What the twin is made of, and the published distribution of a score as a function.

Between the quartiles the quantile function is a monotone cubic interpolation (Fritsch and Carlson 1980) over normal
scores, that is over the value that a standard normal variable has at the same probability. Below the lower and above
the upper quartile it follows a generalised Pareto distribution (Pickands 1975), which ends at the published minimum and
maximum where the lowest and the highest of 60,000 rows are expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
Curve = Callable[[Floats], Floats]

ROWS = 60_000  # of the published table
_KNOTS = 33  # of each tail


@dataclass(frozen=True)
class ScoreShape:
    """The five published quantiles of a score, and the shapes of the Pareto tails beyond the quartiles.

    A shape below 0 stands for a tail that ends, above 0 for a heavy one.
    """

    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float
    lower_shape: float
    upper_shape: float

    def function(self) -> Curve:
        """Return the quantile function over normal scores: any array of them to scores of the same shape."""
        from scipy.interpolate import PchipInterpolator  # seconds of import that a user's own table does not need

        share = np.geomspace(4 / (ROWS + 1), 1, _KNOTS)  # of a quarter of the rows
        below = _pareto(share, self.lower_shape)
        above = _pareto(share, self.upper_shape)[::-1]
        knots = np.concatenate([share / 4, [0.5], 1 - share[::-1] / 4])
        values = np.concatenate(
            [
                self.lower_quartile - (self.lower_quartile - self.minimum) * below,
                [self.median],
                self.upper_quartile + (self.maximum - self.upper_quartile) * above,
            ]
        )
        normal = ndtri(knots)
        curve = PchipInterpolator(normal, values)
        return lambda score: np.asarray(curve(np.clip(score, normal[0], normal[-1])))


@dataclass(frozen=True)
class Constants:
    """All constants of the twin, by the name of the score or the group; see `radsieve.prefilter.twin.twin`.

    shapes: distribution of each score; extremes: its published minimum and maximum; correlation: (5, 5) of the copula;
    valid_rates: published share of valid rows of each group; shifts: means of x; linear, radial: shares of its
    variance that the two functions of the latent explain.
    """

    shapes: Mapping[str, ScoreShape]
    extremes: Mapping[str, tuple[float, float]]
    correlation: tuple[tuple[float, ...], ...]
    valid_rates: Mapping[str, float]
    shifts: Mapping[str, float]
    linear: Mapping[str, float]
    radial: float


def _pareto(share: Floats, shape: float) -> Floats:
    """The excess over the quartile that `share` of the tail goes beyond, in units of the greatest one (share[0])."""
    excess = -np.log(share) if abs(shape) < 1e-9 else (share**-shape - 1) / shape
    return np.asarray(excess / excess[0])
