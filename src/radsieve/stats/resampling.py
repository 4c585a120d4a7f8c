"""Intervals: a bootstrap of items, Wilson's for shares, and those of means, differences and ratios of estimates.

Items with the same ratings are interchangeable, so a resample is a vector of counts of the distinct rows. If
1,633 images show 6 different pairs of grades, 1,000 resamples are a matrix (1000, 6) of multinomial counts.

The interval of a mean, difference or ratio is put together from those of its parts, which are independent unless their
correlation is given (method of variance estimates recovery: Zou and Donner 2008, Donner and Zou 2012). The difference
of two shares with Wilson's intervals has Newcombe's interval (1998, method 10). Unlike the logarithmic interval of a
ratio it keeps a width where no image or every image is good.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot, inf, isnan, nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtri

_CELLS = 1_000_000  # of a block of resamples: bounds the memory
_RARE_UNITS = 5  # with which a bootstrap of units begins to mean something
_FEWEST, _ENOUGH = 4, 10  # units with the rarer outcome: up to these units are counted, from those on items alone


@dataclass(frozen=True)
class Patterns:
    """The distinct rows of a table of ratings.

    rows: (P, raters) distinct rows of codes; of_item: (items,) the row of each item; units: (U, P) how often each row
    occurs in each kind of unit that is resampled; repeats: (U,) units of a kind.
    """

    rows: NDArray[np.integer]
    of_item: NDArray[np.integer]
    units: sparse.csr_array
    repeats: NDArray[np.integer]

    @property
    def times(self) -> NDArray[np.integer]:
        """How often each row occurs (P,)."""
        return np.bincount(self.of_item, minlength=len(self.rows))

    def resamples(self, number: int, seed: int) -> Iterator[NDArray[np.float64]]:
        """Yield blocks (b, P) of `number` resamples altogether: how often each row occurs in each of them.

        Units are drawn with replacement, as many as there are. Without items nothing is yielded.
        """
        total = int(self.repeats.sum())
        if not total:
            return
        generator = np.random.default_rng(seed)
        block = max(_CELLS // max(self.units.shape), 1)
        for start in range(0, number, block):
            draws = generator.multinomial(total, self.repeats / total, size=min(block, number - start))
            yield np.asarray(draws @ self.units, dtype=float)


def patterns(codes: NDArray[np.integer], subjects: NDArray[np.integer] | None = None) -> Patterns:
    """Find the distinct rows of `codes` (items, raters).

    `subjects` (items,) numbers what is resampled as a whole, such as the image to which several findings belong: items
    of one image are not independent. Without it every item is resampled by itself.
    """
    rows, of_item, repeats = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    of_item = of_item.ravel()
    if subjects is None:
        return Patterns(rows, of_item, sparse.csr_array(sparse.eye_array(len(rows))), repeats)
    known, subject = np.unique(subjects, return_inverse=True)  # numbers that no item has are not drawn
    members = (np.ones(len(of_item)), (subject, of_item))
    units = sparse.csr_array(sparse.coo_array(members, shape=(len(known), len(rows))))
    return Patterns(rows, of_item, units, np.ones(units.shape[0], dtype=np.int64))


def interval(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Percentile interval of the values (resamples,) that are defined.

    NaN for both bounds if fewer than half of the values are: they would not represent the whole.
    """
    defined = values[np.isfinite(values)]
    if not len(defined) or 2 * len(defined) < len(values):
        return float("nan"), float("nan")
    lower, upper = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(lower), float(upper)


def wilson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927); NaN for both bounds without trials."""
    from scipy.stats import binomtest  # a second of import that the bootstrap does not need

    if not trials:
        return float("nan"), float("nan")
    found = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def clustered_wilson(
    successes: NDArray[np.bool_] | NDArray[np.floating], units: NDArray[np.integer], confidence: float
) -> tuple[float, float]:
    """Wilson's interval of a share of items (n,) that come in `units` (n,), which are not independent within one.

    `successes` are 0 or 1, or each between them, where an item succeeds in part; then the interval is on the safe side.
    The number of items is divided by the design effect, at least 1 (Franco, Little, Louis and Slud 2019,
    doi:10.1093/jssam/smy019). Where few units have the rarer outcome, nothing shows well how alike items of one unit
    are: of four or fewer the design effect is at least the mean number of items of a unit, which counts units, and that
    bound falls linearly to 1 at ten, so that no single error moves the interval far. In simulations of 720 designs (8
    to 60 units of 2 to 20 items, also of unequal size, shares .02 to .5, correlation 0 to 1) 95% intervals cover 96%
    on average and fewer than 90% in 3% of the designs (units of very unequal size); a bound that ends at five covers
    95%, and fewer than 90% in 4%. NaN without items.
    """
    if not len(successes):
        return nan, nan
    return _clustered_wilson(successes, np.unique(units, return_inverse=True)[1], confidence)


def clustered_wilsons(
    successes: Iterable[NDArray[np.bool_]], units: NDArray[np.integer], confidence: float
) -> NDArray[np.float64]:
    """The bounds (m, 2) of `clustered_wilson` of each of m `successes` (n,) of the same items, units numbered once."""
    numbers = np.unique(units, return_inverse=True)[1]
    found = [_clustered_wilson(one, numbers, confidence) if len(one) else (nan, nan) for one in successes]
    return np.array(found).reshape(-1, 2)


def _clustered_wilson(
    successes: NDArray[np.bool_] | NDArray[np.floating], numbers: NDArray[np.integer], confidence: float
) -> tuple[float, float]:
    """`clustered_wilson` of items of units that are numbered from 0 on without a gap."""
    count = len(successes)
    share, clusters = float(successes.mean()), int(numbers.max()) + 1
    of_unit, sizes = np.bincount(numbers, weights=successes), np.bincount(numbers)
    rarer = min(int((of_unit > 0).sum()), int((of_unit < sizes).sum()))
    few = min(max((_ENOUGH - rarer) / (_ENOUGH - _FEWEST), 0.0), 1.0)
    effective = count / (1 + few * (count / clusters - 1))
    if 0 < share < 1 and clusters > 1:
        variance = clusters / (clusters - 1) * float(((of_unit - share * sizes) ** 2).sum()) / count**2
        effective = min(effective, share * (1 - share) / variance) if variance else effective
    deviation = float(ndtri((1 + confidence) / 2))
    spread = deviation**2 / effective
    half = deviation * sqrt(share * (1 - share) / effective + spread / (4 * effective))
    centre = share + spread / 2
    return max(0.0, min(share, (centre - half) / (1 + spread))), min(1.0, max(share, (centre + half) / (1 + spread)))


@dataclass(frozen=True)
class Estimate:
    """A value and its interval; NaN where not defined, infinite bounds where there is none."""

    value: float
    lower: float = nan
    upper: float = nan

    @classmethod
    def of(cls, stored: Mapping[str, float | None]) -> "Estimate":
        """From the keys value, lower and upper of a card, None where not defined."""
        found = (stored[key] for key in ("value", "lower", "upper"))
        return cls(*(nan if number is None else number for number in found))

    def times(self, factor: float) -> "Estimate":
        """The estimate times a known, positive factor."""
        return Estimate(self.value * factor, self.lower * factor, self.upper * factor)

    def inverse(self) -> "Estimate":
        """1 divided by the (not negative) estimate, infinite for 0."""
        value, upper, lower = (inf if part == 0 else 1 / part for part in (self.value, self.lower, self.upper))
        return Estimate(value, lower, upper)

    def exact(self) -> "Estimate":
        """The estimate; if it has no interval, with one of zero width."""
        return Estimate(self.value, self.value, self.value) if isnan(self.lower) or isnan(self.upper) else self


def mean(
    values: NDArray[np.float64], units: NDArray[np.integer], resamples: int, confidence: float, seed: int
) -> Estimate:
    """The mean of `values` (n,) with the percentile interval of a bootstrap of `units` (n,).

    Without an interval if there are fewer than five units, or if all resamples have the same mean.
    """
    return means(values[:, None], units, resamples, confidence, seed)[0]


def means(
    values: NDArray[np.float64], units: NDArray[np.integer], resamples: int, confidence: float, seed: int
) -> list[Estimate]:
    """The mean of each column of `values` (n, columns), see `mean`; the same units are drawn for all of them."""
    if not len(values):
        return [Estimate(nan)] * values.shape[1]
    whole = [float(value) for value in values.mean(axis=0)]
    if len(np.unique(units)) < _RARE_UNITS:
        return [Estimate(value) for value in whole]
    found = patterns(np.arange(len(values))[:, None], units)
    drawn = [
        block[:, found.of_item] @ values / block.sum(axis=1)[:, None] for block in found.resamples(resamples, seed)
    ]
    limits = [interval(column, confidence) for column in np.concatenate(drawn).T]
    return [
        Estimate(value, lower, upper) if lower < upper else Estimate(value)
        for value, (lower, upper) in zip(whole, limits, strict=True)
    ]


def share(successes: int, trials: int, confidence: float) -> Estimate:
    """A share with Wilson's interval; not defined without trials."""
    if not trials:
        return Estimate(nan)
    return Estimate(successes / trials, *wilson(successes, trials, confidence))


def clustered_share(
    hits: NDArray[np.bool_] | NDArray[np.floating], units: NDArray[np.integer], confidence: float
) -> Estimate:
    """The share of `hits` (n,) with the interval of `clustered_wilson`; not defined without items."""
    if not len(hits):
        return Estimate(nan)
    return Estimate(float(hits.mean()), *clustered_wilson(hits, units, confidence))


def average(parts: Sequence[Estimate]) -> Estimate:
    """The mean of `parts`, which are independent."""
    value = sum(one.value for one in parts) / len(parts)
    below = hypot(*(one.value - one.lower for one in parts)) / len(parts)
    above = hypot(*(one.upper - one.value for one in parts)) / len(parts)
    return Estimate(value, value - below, value + above)


def difference(a: Estimate, b: Estimate, *, correlation: float = 0.0) -> Estimate:
    """`a` minus `b`, which have this correlation: 0 if they are independent."""
    value = a.value - b.value
    below, above = (
        sqrt(max(one**2 + other**2 - (2 * correlation * one * other if correlation else 0.0), 0.0))  # may be infinite
        for one, other in ((a.value - a.lower, b.upper - b.value), (a.upper - a.value, b.value - b.lower))
    )
    return Estimate(value, value - below, value + above)


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """`a` divided by `b`, which are independent and not negative; not defined if `b` is 0."""
    if not b.value:
        return Estimate(nan)
    product = a.value * b.value
    maximum, minimum = b.upper * (2 * b.value - b.upper), b.lower * (2 * b.value - b.lower)
    low, high = a.lower * (2 * a.value - a.lower), a.upper * (2 * a.value - a.upper)
    root = product + sqrt(product**2 - maximum * low)
    lower = low / root if root else 0.0
    upper = (product + sqrt(product**2 - minimum * high)) / minimum if minimum else inf
    return Estimate(a.value / b.value, lower, upper)
