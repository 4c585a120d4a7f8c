"""Whether a generator draws films or repeats those that it was trained on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from radsieve import resampling
from radsieve.generation_tables import NEAREST_FILMS
from radsieve.imaging.film_folders import formed
from radsieve.progress import working

_PIXELS = 64  # at most: copies show at that size, and the comparison stays fast
KINDS = ("feature", "pixel")

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]


@working("searching the nearest real films")
def nearest_films(
    points: Floats, films: Bytes, train_points: Floats, train_films: Bytes, train_names: Sequence[str]
) -> pd.DataFrame:
    """Return the nearest film of part train for each of `films` (n, channels, H, H) with features `points` (n, d).

    Columns as in generation_tables.NEAREST_FILMS, without `film` and `source`.
    """
    by_feature = cdist(points, train_points)
    one, other = (_flat(films), _flat(train_films))
    by_pixel = cdist(one, other) / np.sqrt(one.shape[1])
    columns: dict[str, object] = {}
    for kind, distances in zip(KINDS, (by_feature, by_pixel), strict=True):
        columns[f"{kind}_film"] = [train_names[place] for place in distances.argmin(axis=1)]
        columns[f"{kind}_distance"] = distances.min(axis=1)
    return pd.DataFrame(columns)


def nearest_table(drawn: pd.DataFrame, held_back: pd.DataFrame, held_back_names: Sequence[str]) -> pd.DataFrame:
    """Return generation_tables.NEAREST_FILMS of `nearest_films` of drawn films and of real ones held back."""
    digits = len(str(len(drawn) - 1))
    numbered = drawn.assign(film=[f"drawn {row:0{digits}}" for row in range(len(drawn))], source="drawn")
    table = pd.concat([numbered, held_back.assign(film=list(held_back_names), source="held_back")], ignore_index=True)
    return table[list(NEAREST_FILMS.columns)]


def closeness(nearest: pd.DataFrame, bootstrap: int, confidence: float, seed: int) -> dict[str, float]:
    """Say how much closer drawn films lie to those of part train than real films do that were held back.

    `nearest` is generation_tables.NEAREST_FILMS. For both kinds of distance: `<kind>_closer`, the probability that a
    drawn film is closer to its nearest film of part train than a held-back one to its own, ties half (Mann-Whitney; 0.5
    for a generator as new as reality, 1 for copies), with bootstrap bounds; and `<kind>_copies`, the share of drawn
    films that are closer than the closest 1 % of those held back.
    """
    found: dict[str, float] = {}
    random = np.random.default_rng(seed)
    for kind in KINDS:
        by_source = nearest.groupby("source")[f"{kind}_distance"]
        drawn, held_back = (by_source.get_group(source).to_numpy() for source in ("drawn", "held_back"))
        value = _probability_less(drawn, held_back)
        again = [
            _probability_less(random.choice(drawn, len(drawn)), random.choice(held_back, len(held_back)))
            for _ in range(bootstrap)
        ]
        lower, upper = resampling.interval(np.array(again), confidence)
        found |= {f"{kind}_closer": value, f"{kind}_closer_lower": lower, f"{kind}_closer_upper": upper}
        found[f"{kind}_copies"] = float((drawn < np.quantile(held_back, 0.01)).mean())
    return found


def _probability_less(one: Floats, other: Floats) -> float:
    statistic = mannwhitneyu(other, one, method="asymptotic").statistic  # its p-value is not asked for
    return float(statistic / (len(one) * len(other)))


def _flat(films: Bytes) -> npt.NDArray[np.float32]:
    """The films in [0, 1], one in a row, at most 64 pixels high and wide."""
    pixels, channels = min(films.shape[-1], _PIXELS), films.shape[1]
    rows = np.stack([formed(film, pixels, channels).ravel() for film in films])
    return np.asarray(rows / np.float32(255), dtype=np.float32)
