"""What two arms of images can tell: whether their shares of good images differ, and what difference would be seen."""

from math import isnan, nan, sqrt

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

_TINY = 1e-9


def score_test(good: int, images: int, other_good: int, other_images: int) -> float:
    """The two-sided p-value of equal shares in two arms, by the score test (Pearson's chi-squared of the four counts).

    1 where no image or every image is good; NaN if an arm is empty.

    >>> from radsieve.prefilter.sieve.two_arms import score_test
    >>> round(score_test(170, 420, 145, 420), 3)
    0.075
    """
    if not images or not other_images:
        return nan
    pooled = (good + other_good) / (images + other_images)
    error = sqrt(pooled * (1 - pooled) * (1 / images + 1 / other_images))
    return float(2 * ndtr(-abs(good / images - other_good / other_images) / error)) if error else 1.0


def power(share: float, other: float, images: int, confidence: float) -> float:
    """The probability that two arms of `images` each, of which such shares are good, differ by the two-sided test.

    By the normal approximation (Fleiss, Levin and Paik 2003, chapter 4, without continuity correction); NaN where not
    defined.

    >>> from radsieve.prefilter.sieve.two_arms import power
    >>> round(power(0.2, 0.3, 293, 0.95), 2)
    0.8
    """
    if not images or isnan(share) or isnan(other):
        return nan
    mean = (share + other) / 2
    by_chance, true = 2 * mean * (1 - mean), share * (1 - share) + other * (1 - other)
    if not true:
        return float(share != other)
    reach, gap = ndtri((1 + confidence) / 2) * sqrt(by_chance), abs(share - other) * sqrt(images)
    return float(ndtr((gap - reach) / sqrt(true)) + ndtr((-gap - reach) / sqrt(true)))


def detectable(share: float, images: int, confidence: float, wanted: float) -> float:
    """The lowest share above `share` that two arms of `images` each tell from it with the probability `wanted`.

    NaN if none does.
    """
    if isnan(share) or not images or not power(share, 1 - _TINY, images, confidence) >= wanted:
        return nan
    return float(brentq(lambda other: power(share, other, images, confidence) - wanted, share, 1 - _TINY))
