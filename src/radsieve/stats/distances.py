"""How far apart two sets of points are (FID and KID), and how they cover each other (by nearest neighbours).

With B(x) the ball around x up to its 5th nearest neighbour in x's own set (Naeem, Oh, Uh, Choi and Yoo 2020, "Reliable
fidelity and diversity metrics for generative models"; the first two by Kynkaanniemi et al. 2019, "Improved precision
and recall metric for assessing generative models"):

- precision: the share of the generated points within B of some real one; recall: of the real ones within B of a
  generated one.
- density: the mean number of real points' B in which a generated point lies, divided by 5; about 1 if both sets are
  alike.
- coverage: the share of the real points that have a generated one within their own B.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from scipy.stats import norm
from sklearn.neighbors import NearestNeighbors

from radsieve.progress import working

Points = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MIN_POINTS = 3  # of each set, for KID with an interval


@working("Fréchet distance")
def frechet_distance(one: Points, other: Points) -> float:
    """Return the Frechet distance of normal distributions fitted to `one` (n, d) and `other` (m, d), at least two
    points each.

    |mean1 - mean2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2) (Heusel et al. 2017, FID). With centred A = X / sqrt(n - 1)
    and B alike, C1 = A'A and C2 = B'B, the last trace is the sum of the singular values of A B' (n, m): exact, and fast
    for fewer points than features. It grows as points get fewer, so compare it at equal numbers only.

    >>> import numpy as np
    >>> from radsieve.stats.distances import frechet_distance
    >>> points = np.random.default_rng(0).normal(size=(100, 3))
    >>> round(frechet_distance(points, points + [2, 0, 0]), 6)  # alike but for the means, two apart
    4.0
    """
    means, centred = [], []
    for points in (one, other):
        exact = np.asarray(points, dtype=float)
        means.append(exact.mean(axis=0))
        centred.append((exact - means[-1]) / np.sqrt(len(exact) - 1))
    shared = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    distance = np.square(means[0] - means[1]).sum() + sum(np.square(part).sum() for part in centred) - 2 * shared
    return max(float(distance), 0.0)  # only rounding goes below 0


@working("kernel distance")
def kernel_distance(one: Points, other: Points, confidence: float) -> tuple[float, float, float]:
    """Return KID of `one` (n, d) and `other` (m, d), at least three points each, and the bounds of its interval.

    The unbiased estimate of the squared maximum mean discrepancy with the kernel (x.y / d + 1)^3 (Binkowski et al.
    2018, KID), which may be negative. The interval is normal, its variance the jackknife's: every point is left out
    once.
    """
    a, b = (np.asarray(points, dtype=float) for points in (one, other))
    n, m = len(a), len(b)
    within_a, within_b, between = _kernel(a, a), _kernel(b, b), _kernel(a, b)
    np.fill_diagonal(within_a, 0)
    np.fill_diagonal(within_b, 0)
    total_a, total_b, total = within_a.sum(), within_b.sum(), between.sum()
    mean_a, mean_b = total_a / (n * (n - 1)), total_b / (m * (m - 1))
    value = mean_a + mean_b - 2 * total / (n * m)
    without_a = (
        (total_a - 2 * within_a.sum(axis=1)) / ((n - 1) * (n - 2))
        + mean_b
        - 2 * (total - between.sum(axis=1)) / ((n - 1) * m)
    )
    without_b = (
        mean_a
        + (total_b - 2 * within_b.sum(axis=1)) / ((m - 1) * (m - 2))
        - 2 * (total - between.sum(axis=0)) / (n * (m - 1))
    )
    variance = (n - 1) * without_a.var() + (m - 1) * without_b.var()
    half = float(norm.ppf((1 + confidence) / 2) * np.sqrt(variance))
    return float(value), float(value) - half, float(value) + half


def _kernel(one: Floats, other: Floats) -> Floats:
    return np.asarray((one @ other.T / one.shape[1] + 1) ** 3, dtype=float)


NEIGHBOURS = 5  # as in the publication


def neighbourhoods(points: Points) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return the distance (m,) of the farthest of the nearest neighbours of `points` (m, d), and these (m, at most 5).

    No point is its own neighbour; there must be at least two points.
    """
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(points) - 1), algorithm="brute").fit(points)
    distances, places = search.kneighbors()
    return distances[:, -1], places


def coverage(generated: Points, real: Points) -> float:
    """Return the coverage of `real` (m, d) by `generated` (n, d); m is at least two."""
    radius, _ = neighbourhoods(real)
    return float((cdist(real, generated).min(axis=1) <= radius).mean())


@dataclass(frozen=True)
class Fidelity:
    """`precision`: which generated points (n,) lie within B of some real one; `recall`: which real ones (m,) within B
    of a generated one; `coverage`: which real ones (m,) have a generated one within their own B; and the `density`.
    """

    precision: Flags
    recall: Flags
    density: float
    coverage: Flags

    def means(self) -> dict[str, float]:
        """The measures by name, which are the shares of such points."""
        return {name: float(np.mean(value)) for name, value in vars(self).items()}


def fidelity(generated: Points, real: Points) -> Fidelity:
    """Compare `generated` (n, d) with `real` (m, d), of at least two points."""
    between = cdist(real, generated)
    around_real, around_generated = neighbourhoods(real)[0], neighbourhoods(generated)[0]
    inside = between <= around_real[:, None]
    return Fidelity(
        precision=inside.any(axis=0),
        recall=(between <= around_generated).any(axis=1),
        density=float(inside.sum(axis=0).mean() / min(NEIGHBOURS, len(real) - 1)),
        coverage=between.min(axis=1) <= around_real,
    )
