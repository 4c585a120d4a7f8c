"""Numbers as a reader takes them: no more digits than the data carry.

Two significant digits of the half-width of an interval decide how many decimals a value and its bounds have (as the
Guide to the Expression of Uncertainty in Measurement, JCGM 100:2008, 7.2.6, has it for uncertainties). A number
without an interval has three significant digits and at most three decimals; counts are whole.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SMALLEST_P = 0.001
_P_VALUE = re.compile("(^|[_ ])(p([_ ](value|adjusted))?($| of | after )|holm$)")
_MAX_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"
_NEGATIVE = re.compile(r"(?<![\w.\-/–])-(?=\d[\d,.]*+(?:e[+-]\d++)?(?![\w/-]))")  # no part of a name, a date or a range
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROUNDING = 1e-12  # what a sum that should be 0 may come to in double precision


@dataclass(frozen=True)
class ShownEstimate:
    """A number and the bounds of its interval, each NaN if it is not defined.

    An interval without width is none: it says that nothing could differ, not that all is known. However narrow one is,
    there are at most `finest` decimals.
    """

    value: float
    lower: float = math.nan
    upper: float = math.nan
    finest: int = field(default=_MAX_DECIMALS, kw_only=True)

    def __post_init__(self) -> None:
        """Take the bounds of an interval without width away."""
        if self.lower == self.upper:
            object.__setattr__(self, "lower", math.nan)
            object.__setattr__(self, "upper", math.nan)

    @property
    def text(self) -> str:
        """The value in as many decimals as its interval allows."""
        return self._shown(self.value)

    @property
    def interval(self) -> str:
        """The bounds in words, empty if they are not defined; without an upper one there is no limit above."""
        if math.isnan(self.lower):
            return ""
        above = " or more" if math.isnan(self.upper) else f" to {self._shown(self.upper)}"
        return f"{self._shown(self.lower)}{above}"

    def _shown(self, number: float) -> str:
        half = (self.upper - self.lower) / 2
        if math.isnan(number) or not math.isfinite(half) or half <= 0:
            return show(number)
        return f"{number:z,.{min(decimals(half, 2), self.finest)}f}"


@dataclass(frozen=True)
class ShownAs(ShownEstimate):
    """A number without an interval that is shown as `written`, whatever digits others have."""

    written: str = ""

    @property
    def text(self) -> str:
        """What is written."""
        return self.written


def year(value: float) -> ShownAs:
    """A year, or a value on the scale of years: without separators."""
    return ShownAs(value, written=show(value) if math.isnan(value) else f"{value:.1f}".removesuffix(".0"))


def printed(value: float, digits: int) -> ShownAs:
    """A number with as many `digits` after the point as it is printed with elsewhere."""
    return ShownAs(value, written=f"{value:z.{digits}f}")


def decimals(number: float, digits: int) -> int:
    """How many decimals show `digits` significant digits of `number`, which is not 0: none to six.

    What rounds up to a power of ten counts as that: 0.0996 has two significant digits in 0.10.
    """
    exponent = int(f"{abs(number):.{digits - 1}e}".partition("e")[2])
    return min(max(digits - 1 - exponent, 0), _MAX_DECIMALS)


def show(value: object) -> str:
    """A value as text for a reader: numbers with separators, nothing as a dash, hidden characters escaped."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return _show_float(value)
    if hasattr(value, "item"):  # a numpy scalar
        return show(value.item())
    if isinstance(value, int):
        return f"{value:,}"
    return visible(str(value))


def show_p(value: float) -> str:
    """A p-value: two significant digits and at most three decimals, what is below 0.001 as `<0.001`."""
    if math.isnan(value):
        return show(value)
    if value < SMALLEST_P:
        return f"<{SMALLEST_P}"
    return f"{value:.{max(min(decimals(value, 2), 3), 2)}f}"


def p_is(value: float) -> str:
    """A p-value in a sentence: `p = 0.041`, `p < 0.001`."""
    shown = show_p(value)
    return f"p < {shown[1:]}" if shown.startswith("<") else f"p = {shown}"


def show_permuted_p(value: float, permutations: int) -> str:
    """A p-value of a permutation test; the smallest that so many can give is an upper bound, and said as `at most`."""
    floor = 1 / (1 + permutations)
    return f"at most {show(value)}" if value <= floor * 1.001 else show_p(value)


def is_p_value(column: object) -> bool:
    """Whether a column of this name holds p-values, as `p_value` and `delong_p` do."""
    return bool(_P_VALUE.search(str(column)))


def show_alike(values: Iterable[float]) -> list[str]:
    """The numbers of one column: whole ones stay whole if all are; shares, within -1 and 1, all have three decimals."""
    numbers = [float(value) for value in values]
    finite = [number for number in numbers if math.isfinite(number)]
    if all(number.is_integer() for number in finite) or any(abs(number) > 1 for number in finite):
        return [_show_float(number) for number in numbers]
    return [
        f"{number:z.3f}" if number in (-1, 1) or abs(number) < _ROUNDING else _show_float(number) for number in numbers
    ]


def or_none(value: float) -> float | None:
    """The number as a file of JSON takes it: None for what is not defined or not finite."""
    return float(value) if math.isfinite(value) else None


def three_digits(value: float) -> str:
    """A number in a figure in three significant digits, or as `show` has it where it is large or tiny.

    >>> from radsieve.numbers import three_digits
    >>> three_digits(2693.4), three_digits(-0.01234), three_digits(4.1e-7)
    ('2,693', '-0.0123', '4.1 × 10⁻⁷')
    """
    return f"{value:.3g}" if 0.001 <= abs(value) < 999.5 else show(float(value))


def percent(share: float) -> str:
    """A share as in `94.8%`; `n/a` if it is not defined."""
    return "n/a" if math.isnan(share) else f"{100 * share:.1f}%"


def visible(text: str) -> str:
    r"""Escape characters that cannot be seen or that reorder text (controls, odd spaces, ...), as in \n or \u202e."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def with_minus(text: str) -> str:
    """The text with a minus sign (U+2212) in place of the hyphen before each number that stands by itself.

    For what people read: in a file of data it would be no number.
    """
    return _NEGATIVE.sub(MINUS, text)


def show_bytes(count: float) -> str:
    """A number of bytes in the unit (powers of 1000) that suits it."""
    units = iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while count >= 1000 and unit != "TB":
        count, unit = count / 1000, next(units)
    digits = 1 if unit != "bytes" and count < 100 else 0
    return f"{count:,.{digits}f} {unit}"


def count_of(number: int, thing: str) -> str:
    """A number of things in words: `1 pair`, `2 pairs`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _show_float(value: float) -> str:
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{value}"
    if value.is_integer() or abs(value) < _ROUNDING:
        return f"{value:z,.0f}"
    if abs(value) < 0.001:
        return _small(f"{value:.2g}")
    return f"{value:,.{min(decimals(value, 3), 3)}f}"


def _small(text: str) -> str:
    """A number as `4.1 × 10⁻⁷`, not 4.1e-07."""
    digits, _, power = text.partition("e")
    return f"{digits} \N{MULTIPLICATION SIGN} 10{str(int(power)).translate(_POWERS)}" if power else text
