"""What mistakes of counting do to correlations of numbers and to shares of findings: LEAKS of a profile."""

from collections.abc import Iterator
from itertools import combinations
from math import nan

import numpy as np
import pandas as pd
from scipy.special import ndtri

from radsieve.stats.resampling import Estimate, clustered_share
from radsieve.tasks.leaks import Row, leak_row
from radsieve.tasks.profiles.associations import Correlation, correlation, sandwich
from radsieve.tasks.profiles.description import item_counts
from radsieve.tasks.profiles.frame import Flags, Floats, Profiled
from radsieve.tasks.tables import LEAKS, Protocol

CORRELATION, SHARE = "correlation", "share_present"
_OF_CORRELATIONS = (Protocol.REPEATED_ROWS, Protocol.EXPLODED, Protocol.EXPLODED_TWICE, Protocol.MISSING_AS_ZERO)


def leaks(data: Profiled) -> pd.DataFrame:
    """LEAKS of the protocols that are asked for: each repeats one mistake, and is compared on the same units.

    The honest correlation of two columns that are the same in all rows of each unit counts each unit once, others each
    row. Differences are of dependent values: their error is that of the linearised difference, summed within units.
    """
    found = [*_correlations(data), *_shares(data)]
    order = {str(protocol): place for place, protocol in enumerate(data.settings.protocols)}
    table = pd.DataFrame(found, columns=list(LEAKS.columns))
    return table.sort_values("protocol", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _correlations(data: Profiled) -> Iterator[Row]:
    for first, second in combinations(data.settings.correlated, 2):
        honest, _, honest_units = _correlation(data, first, second, Protocol.HONEST)
        for protocol in map(Protocol, data.settings.protocols):
            if protocol in (Protocol.HONEST, *_OF_CORRELATIONS):
                found, evaluated, units = _correlation(data, first, second, protocol)
                if not evaluated:  # no row has both
                    continue
                value = found.estimate(data.settings.confidence)
                shift, error = found.value - honest.value, sandwich(found.influence - honest.influence)
                yield _row(data, protocol, f"{first} and {second}", CORRELATION, evaluated, value, honest.value,
                           shift, error, (units, honest_units))  # fmt: skip


def _correlation(data: Profiled, first: str, second: str, protocol: Protocol) -> tuple[Correlation, int, int]:
    """The correlation by a protocol, with the influence of every unit of the table; rows and units that it counts."""
    x, y = (data.values(name).to_numpy(float) for name in (first, second))
    if protocol == Protocol.MISSING_AS_ZERO:
        x, y = np.nan_to_num(x, nan=0.0), np.nan_to_num(y, nan=0.0)
    weight = _weight(data, first, second, protocol) * np.isfinite(x) * np.isfinite(y)
    used = weight > 0
    found = correlation(x[used], y[used], weight[used], data.units[used], data.unit_count)
    return found, int(weight.sum()), _units(data, used)


def _weight(data: Profiled, first: str, second: str, protocol: Protocol) -> Floats:
    """How often each row (n,) counts."""
    of_units = not (data.differing[first] or data.differing[second])
    once = data.first_of_unit.astype(float) if of_units else np.ones(len(data.rows))
    if protocol == Protocol.REPEATED_ROWS:
        return np.ones(len(once))
    if protocol in (Protocol.EXPLODED, Protocol.EXPLODED_TWICE):
        power = 1 if protocol == Protocol.EXPLODED else 2
        return np.asarray(once * item_counts(data, str(data.settings.exploded)) ** power)
    return once


def _shares(data: Profiled) -> Iterator[Row]:
    settings = data.settings
    for name in settings.labels:
        values = data.values(name)
        present = (values == settings.present).to_numpy()
        denied = (values == settings.absent).to_numpy()
        if not denied.any():
            continue  # never denied, as CheXpert's No Finding: the share is 1 by coding
        certain = present | denied
        counted: dict[Protocol, Flags] = {
            Protocol.HONEST: certain,
            Protocol.UNCERTAIN_NEGATIVE: certain | (values == settings.uncertain).to_numpy(),
            Protocol.MISSING_AS_ZERO: certain | ~data.known[name],
        }
        honest, reference = _share(data, present, certain)
        for protocol in map(Protocol, settings.protocols):
            if protocol in counted and counted[protocol].any():
                value, influence = _share(data, present, counted[protocol])
                shift = value.value - honest.value
                evaluated = int(counted[protocol].sum())
                units = _units(data, counted[protocol]), _units(data, certain)
                error = sandwich(influence - reference)
                yield _row(data, protocol, name, SHARE, evaluated, value, honest.value, shift, error, units)


def _units(data: Profiled, used: Flags) -> int:
    return len(np.unique(data.units[used]))


def _share(data: Profiled, present: Flags, counted: Flags) -> tuple[Estimate, Floats]:
    """The share present among the rows that are counted, and the influence of every unit on it."""
    if not counted.any():
        return Estimate(nan), np.zeros(data.unit_count)
    found = clustered_share(present[counted], data.units[counted], data.settings.confidence)
    moves = np.where(counted, present - found.value, 0.0) / counted.sum()
    return found, np.asarray(np.bincount(data.units, moves, data.unit_count), dtype=float)


def _row(
    data: Profiled,
    protocol: Protocol,
    of: str,
    metric: str,
    evaluated: int,
    value: Estimate,
    honest: float,
    shift: float,
    error: float,
    units: tuple[int, int],
) -> Row:
    """A row of LEAKS; without the interval of the difference if nothing moves."""
    reach = float(ndtri((1 + data.settings.confidence) / 2)) * error if error > 0 else nan
    apart = Estimate(shift, shift - reach, shift + reach)
    same = shift == 0 and not error > 0  # no unit moves it
    return leak_row(protocol, of, metric, evaluated, value, honest, apart, units, same=same)
