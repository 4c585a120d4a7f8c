"""Compare the twin with the published tables, in memory that does not grow with its rows."""

from pathlib import Path

import numpy as np
import pandas as pd

from radsieve.errors import InputError
from radsieve.prefilter.latents.latent_table import TARGETS, LatentTable
from radsieve.prefilter.tables import TWIN
from radsieve.prefilter.twin import twin
from radsieve.screening.tables import SCORES

RATE, CORRELATION = 0.003, 0.03  # greatest differences allowed
SPREAD = 0.02  # of quantiles and mean: share of the published interquartile range; of std: share of the published std
QUANTILES = {"min": 0.0, "25%": 0.25, "50%": 0.5, "75%": 0.75, "max": 1.0}

_UNIT = 10**twin.DECIMALS


class Tally:
    """Counts of the twin's rows: exact, as its scores are whole numbers of thousandths."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.valid: dict[str, int] = {}
        self._times: dict[str, dict[int, int]] = {name: {} for name in SCORES}
        self._products = np.zeros((len(TARGETS), len(TARGETS)))
        self._sums = np.zeros(len(TARGETS))

    def add(self, rows: LatentTable) -> None:
        """Count further rows of one group."""
        (group,) = rows.groups
        self.rows[group] = self.rows.get(group, 0) + len(rows)
        self.valid[group] = self.valid.get(group, 0) + int(rows.valid.sum())
        values = np.column_stack([rows.valid, rows.scores])
        self._products += values.T @ values
        self._sums += values.sum(axis=0)
        for name, column in zip(SCORES, rows.scores.T, strict=True):
            times = self._times[name]
            for value, count in zip(*np.unique(np.rint(column * _UNIT).astype(int), return_counts=True), strict=True):
                times[int(value)] = times.get(int(value), 0) + int(count)

    @property
    def total(self) -> int:
        """Number of rows of all groups."""
        return sum(self.rows.values())

    def quantile(self, score: str, share: float) -> float:
        """Return the quantile of a score over all rows, linear between neighbouring rows as in pandas."""
        values = np.array(sorted(self._times[score]))
        last = np.cumsum([self._times[score][value] for value in values])  # rank of the last row with each value
        place = (self.total - 1) * share
        below, above = (int(values[np.searchsorted(last, rank, "right")]) for rank in (int(place), int(np.ceil(place))))
        return float(below + (place - int(place)) * (above - below)) / float(_UNIT)

    def moments(self) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
        """Return mean, standard deviation (divided by n - 1) and correlations of `valid` and the scores."""
        mean = self._sums / self.total
        covariance = (self._products - self.total * np.outer(mean, mean)) / (self.total - 1)
        deviation = np.sqrt(np.diag(covariance))
        names = list(TARGETS)
        correlations = pd.DataFrame(covariance / np.outer(deviation, deviation), names, names)
        return pd.Series(mean, names), pd.Series(deviation, names), correlations


def compare_twin(tally: Tally, published: Path) -> pd.DataFrame:
    """Return TWIN: the valid rate of each simulated group, and the published figures of all groups together if all were
    simulated.

    Raises InputError naming the published table that is missing.
    """
    rates = _read(published / "valid_rate_by_group.csv")["valid_rate"]
    rows = [
        ("valid_rate", group, float(rates[group]), tally.valid[group] / count, RATE)
        for group, count in tally.rows.items()
    ]
    if len(set(tally.rows.values())) == 1 and set(tally.rows) == set(rates.index):
        rows += _pooled(tally, published)
    table = pd.DataFrame(rows, columns=[name for name in TWIN.columns if name != "within"])
    return table.assign(within=(table["ours"] - table["published"]).abs() <= table["tolerance"])


def _pooled(tally: Tally, published: Path) -> list[tuple[str, str, float, float, float]]:
    statistics = _read(published / "score_statistics.csv")
    expected = _read(published / "score_correlation.csv")
    mean, deviation, correlations = tally.moments()
    rows: list[tuple[str, str, float, float, float]] = []
    for name in SCORES:
        of = {str(label): float(value) for label, value in statistics[name].items()}
        spread = SPREAD * (of["75%"] - of["25%"])
        for label, share in QUANTILES.items():
            rows.append((f"quantile {label}", name, of[label], tally.quantile(name, share), spread))
        rows.append(("mean", name, of["mean"], float(mean[name]), spread))
        rows.append(("std", name, of["std"], float(deviation[name]), SPREAD * of["std"]))
    for one, name in enumerate(TARGETS):
        for two, other in enumerate(TARGETS[:one]):
            found = float(correlations.to_numpy()[one, two])
            rows.append(("correlation", f"{other}, {name}", float(expected[name][other]), found, CORRELATION))
    return rows


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, index_col=0)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; it is one of the published tables that come with the project") from None
