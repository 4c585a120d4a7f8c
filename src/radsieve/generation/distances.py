"""How far drawn films are from real ones as two distributions of features: FID and KID."""

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from radsieve.progress import working

Points = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

LEAST_POINTS = 3  # of each set, for KID with an interval


@working("Fréchet distance")
def frechet_distance(one: Points, other: Points) -> float:
    """Return the Frechet distance of normal distributions fitted to `one` (n, d) and `other` (m, d), two points each.

    |mean1 - mean2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2) (Heusel et al. 2017, FID). With centred A = X / sqrt(n - 1)
    and B alike, C1 = A'A and C2 = B'B, the last trace is the sum of the singular values of A B' (n, m): exact, and fast
    for fewer points than features. It grows as points get fewer, so compare it at equal numbers only.
    """
    means, centred = [], []
    for points in (one, other):
        exact = np.asarray(points, dtype=float)
        means.append(exact.mean(axis=0))
        centred.append((exact - means[-1]) / np.sqrt(len(exact) - 1))
    shared = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    distance = np.square(means[0] - means[1]).sum() + sum(np.square(part).sum() for part in centred) - 2 * shared
    return max(float(distance), 0.0)  # rounding alone goes below 0


@working("kernel distance")
def kernel_distance(one: Points, other: Points, confidence: float) -> tuple[float, float, float]:
    """Return KID of `one` (n, d) and `other` (m, d), three points each at least, and the bounds of its interval.

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
