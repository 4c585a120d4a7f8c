"""One row of LEAKS: what a protocol shows beside the honest one."""

from math import nan

from radsieve.stats.resampling import Estimate
from radsieve.tasks.tables import Protocol

Row = tuple[object, ...]


def leak_row(
    protocol: str,
    model: str,
    metric: str,
    evaluated: int,
    value: Estimate,
    honest: float,
    apart: Estimate,
    units: tuple[int, int],
    *,
    same: bool = False,
    chance: float = nan,
) -> Row:
    """The columns of LEAKS in their order.

    `apart` is the difference from the honest value, `units` are those that the protocol and the honest one evaluate.
    The honest protocol itself has no difference. Where the predictions are the `same` the difference is 0 and has no
    interval: nothing was estimated. Where no honest value was measured, so that `honest` is NaN, `chance` says what
    would be right by chance.
    """
    if protocol == Protocol.HONEST:
        apart, same = Estimate(nan), False
    elif same:
        apart = Estimate(0.0)
    told = value.value, value.lower, value.upper, honest, apart.value, apart.lower, apart.upper
    return str(protocol), str(model), metric, evaluated, *told, *units, chance, int(same)
