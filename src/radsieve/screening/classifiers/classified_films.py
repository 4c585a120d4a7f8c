"""Classification of any number of films, a batch at a time: a row for each film, and a few films to show."""

import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from radsieve.imaging.film_batches import FilmBatch
from radsieve.networks.classifier import Classifier, classify
from radsieve.screening.classifiers.labelled_films import THRESHOLD
from radsieve.screening.plots.heat_maps import ShownFilm
from radsieve.screening.tables import PREDICTIONS

# The kinds of films that are shown, and by which function of the probability they are sought: the lower the sooner.
KINDS: dict[str, Callable[[float], float]] = {
    "highest probability": lambda probability: -probability,
    "closest to 0.5": lambda probability: abs(probability - 0.5),
    "lowest probability": lambda probability: probability,
}


@dataclass
class ClassifiedFilms:
    """What is kept of all films: a row for each, and of each of `KINDS` at most `most` films to show."""

    most: int
    rows: list[tuple[str, float, float]] = field(default_factory=list)
    _shown: dict[str, list[tuple[float, int, ShownFilm]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def add(self, found: ShownFilm) -> None:
        """Note a film."""
        self.rows.append((found.name, found.probability, float(found.heat.max())))
        for kind, place in KINDS.items():
            shown = self._shown[kind]
            entry = (place(found.probability), len(self.rows), found)
            if len(shown) < self.most or entry[:2] < shown[-1][:2]:
                bisect.insort(shown, entry, key=lambda one: one[:2])
                del shown[self.most :]

    @property
    def shown(self) -> dict[str, list[ShownFilm]]:
        """The films to show by kind, each film under the first kind that it belongs to."""
        films: dict[str, list[ShownFilm]] = {}
        taken: set[int] = set()
        for kind, entries in self._shown.items():
            films[kind] = [found for _, row, found in entries if row not in taken]
            taken |= {row for _, row, _ in entries}
        return films

    @property
    def table(self) -> pd.DataFrame:
        """screening.tables.PREDICTIONS."""
        return pd.DataFrame(self.rows, columns=list(PREDICTIONS.columns))

    def metrics(self, positive: str, quarantined: int) -> dict[str, Any]:
        """Return numbers of films, and means; None where there are no films."""
        table = self.table
        known = bool(len(table))
        return {
            "films": len(table),
            "quarantined": quarantined,
            "positive": positive,
            "films_taken_for_positive": int((table["probability"] >= THRESHOLD).sum()),
            "mean_probability": round(float(table["probability"].mean()), 6) if known else None,
            "median_max_heat": round(float(table["max_heat"].median()), 6) if known else None,
            "greatest_max_heat": round(float(table["max_heat"].max()), 6) if known else None,
        }


def classify_films(classifier: Classifier, batches: Iterable[FilmBatch], found: ClassifiedFilms) -> None:
    """Classify every film of `batches` and add it to `found`; one batch is in memory at a time."""
    for batch in batches:
        probabilities, heats = classify(classifier, batch.films)
        for name, film, heat, probability in zip(batch.names, batch.films, heats, probabilities, strict=True):
            found.add(ShownFilm(name, film.copy(), heat.copy(), float(probability)))
