"""Estimates with their intervals, and the difference and the ratio of two of them.

The interval of a difference or ratio is put together from those of its two independent parts (method of variance
estimates recovery: Zou and Donner 2008, Donner and Zou 2012). The difference of two shares with Wilson's intervals has
Newcombe's interval (1998, method 10). Unlike the logarithmic interval of a ratio it keeps a width where no film or
every film is good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isnan, nan, sqrt

from radsieve import resampling


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
        """One by the (not negative) estimate, infinite for 0."""
        value, upper, lower = (inf if part == 0 else 1 / part for part in (self.value, self.lower, self.upper))
        return Estimate(value, lower, upper)

    def exact(self) -> "Estimate":
        """The estimate; if it has no interval, with one of no width."""
        return Estimate(self.value, self.value, self.value) if isnan(self.lower) or isnan(self.upper) else self


def share(successes: int, trials: int, confidence: float) -> Estimate:
    """A share with Wilson's interval; not defined without trials."""
    if not trials:
        return Estimate(nan)
    return Estimate(successes / trials, *resampling.wilson(successes, trials, confidence))


def difference(a: Estimate, b: Estimate) -> Estimate:
    """`a` minus `b`, which are independent."""
    value = a.value - b.value
    below = sqrt((a.value - a.lower) ** 2 + (b.upper - b.value) ** 2)
    above = sqrt((a.upper - a.value) ** 2 + (b.value - b.lower) ** 2)
    return Estimate(value, value - below, value + above)


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """`a` by `b`, which are independent and not negative; not defined if `b` is 0."""
    if not b.value:
        return Estimate(nan)
    product = a.value * b.value
    most, least = b.upper * (2 * b.value - b.upper), b.lower * (2 * b.value - b.lower)
    low, high = a.lower * (2 * a.value - a.lower), a.upper * (2 * a.value - a.upper)
    root = product + sqrt(product**2 - most * low)
    lower = low / root if root else 0.0
    upper = (product + sqrt(product**2 - least * high)) / least if least else inf
    return Estimate(a.value / b.value, lower, upper)
