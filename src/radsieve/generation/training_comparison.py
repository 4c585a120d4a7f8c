"""Of what use are synthetic films? A classifier learns from real, synthetic and changed films, judged on real ones.

All films have gone through one frozen backbone before, so that each of the many fits is that of one linear unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve import resampling
from radsieve.binary_metrics import roc_auc
from radsieve.errors import InputError
from radsieve.progress import track, working

REAL, SYNTHETIC = "real", "synthetic"
WITH_SYNTHETIC, WITH_SCREENED, WITH_COPIES = "real + synthetic", "real + screened synthetic", "real + augmentation"
ARMS = (REAL, SYNTHETIC, WITH_SYNTHETIC, WITH_SCREENED, WITH_COPIES)
COMPARED = [
    "arm",
    "real_films",
    *(f"{name}{bound}" for name in ("roc_auc", "gain") for bound in ("", "_lower", "_upper")),
    "p_value",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.int64]
Fit = Callable[[Floats, Flags], Callable[[Floats], Floats]]  # learn from features and labels how to score features


@dataclass(frozen=True)
class Films:
    """Films as a frozen backbone sees them: `features` (n, ...), `labels` (n,) 0 or 1, and `units` (n,), patients."""

    features: Floats
    labels: Flags
    units: Flags

    def take(self, rows: NDArray[np.integer]) -> "Films":
        """The films of `rows`."""
        return Films(self.features[rows], self.labels[rows], self.units[rows])


@dataclass(frozen=True)
class Sources:
    """What the arms learn from. `copies` are augmented copies of `real`: `copies[k]` (n, ...) one of each film.

    Without `screened` films the arm WITH_SCREENED is left out.
    """

    real: Films
    synthetic: Films
    screened: Films | None
    copies: Sequence[Floats]


def real_rows(real: Films, most: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of whole units of `real`, in random order, until there are at least `most` films.

    The first unit with a film of the one label and the first with one of the other come first, so that no draw lacks a
    label. A larger `most` gives the same films and further ones, if `random` is in the same state.
    """
    order = random.permutation(np.unique(real.units))
    first = [next(unit for unit in order if label in real.labels[real.units == unit]) for label in (0, 1)]
    chosen: list[NDArray[np.int64]] = []
    for unit in dict.fromkeys([*first, *order]):
        if sum(map(len, chosen)) >= most:
            break
        chosen.append(np.flatnonzero(real.units == unit))
    return np.concatenate(chosen)


def train_arms(
    sources: Sources, test: Floats, sizes: Sequence[int], seeds: Sequence[int], synthetic_films: int, fit: Fit
) -> pd.DataFrame:
    """Train all ARMS for each of `sizes` and `seeds`, a row each: what they say of the test films `test` (t, ...).

    Columns arm, real_films, seed, training_films, score (t,). `sizes` are numbers of real films (`real_rows`), `seeds`
    draw them and the synthetic ones; arms of one size and seed share their real films. Of the synthetic films and of
    the screened ones as many are drawn, `synthetic_films`, half of them of each label, so that screening is not judged
    by the number that it leaves. SYNTHETIC has no real films and is trained once a seed.

    Raises InputError if there are too few films of a kind, or real ones of one label only.
    """
    check_sizes(sources.real.labels, sizes)
    _check_synthetic(sources, synthetic_films)
    rows = []
    for seed in track(seeds, "training", unit="seed"):
        drawn = {
            name: films.take(_balanced_rows(films, synthetic_films, np.random.default_rng([seed, 1])))
            for name, films in ((WITH_SYNTHETIC, sources.synthetic), (WITH_SCREENED, sources.screened))
            if films is not None
        }
        alone = drawn[WITH_SYNTHETIC]
        rows.append((SYNTHETIC, 0, seed, len(alone.labels), fit(alone.features, alone.labels)(test)))
        for size in sizes:
            chosen = real_rows(sources.real, size, np.random.default_rng([seed, 0]))
            real = sources.real.take(chosen)
            further = {
                REAL: (real.features[:0], real.labels[:0]),
                **{name: (films.features, films.labels) for name, films in drawn.items()},
                WITH_COPIES: (
                    np.concatenate([real.features[:0], *(copy[chosen] for copy in sources.copies)]),
                    np.tile(real.labels, len(sources.copies)),
                ),
            }
            for arm, (features, labels) in further.items():
                learnt = fit(np.concatenate([real.features, features]), np.concatenate([real.labels, labels]))
                rows.append((arm, size, seed, len(real.labels) + len(labels), learnt(test)))
    return pd.DataFrame(rows, columns=["arm", "real_films", "seed", "training_films", "score"])


@working("bootstrap of the arms")
def compare_arms(
    trained: pd.DataFrame, labels: Flags, units: Flags, resamples: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Judge what `train_arms` gave on the real test films of `labels` (t,) and `units` (t,): columns COMPARED.

    roc_auc: mean over the seeds. gain: by how much it is above that of REAL with as many real films (SYNTHETIC: with
    the most). Intervals from a bootstrap of the units of the test films and of the seeds, all arms in the same
    resamples, so that the gain is paired. p_value: two-sided, by the share of resamples with a gain on the other side
    of 0, at least 2 / (resamples + 1), for each gain by itself. Gain and p are NaN for REAL itself.
    """
    random = np.random.default_rng([seed, 1])
    patterns = resampling.patterns(np.arange(len(labels))[:, None], units)
    weights = np.concatenate([block[:, patterns.of_item] for block in patterns.resamples(resamples, seed)])
    runs = trained["seed"].nunique()
    picked = random.integers(runs, size=(resamples, runs))
    once, drawn = {}, {}
    for key, group in trained.sort_values("seed").groupby(["arm", "real_films"]):
        scores = group["score"].tolist()
        once[key] = float(np.mean([roc_auc(labels, score, np.ones((1, len(labels))))[0] for score in scores]))
        areas = np.stack([roc_auc(labels, score, weights) for score in scores], axis=1)
        drawn[key] = np.take_along_axis(areas, picked, axis=1).mean(axis=1)
    most = trained["real_films"].max()
    rows = []
    for arm, size in sorted(once, key=lambda key: (ARMS.index(key[0]), key[1])):
        row = [arm, size, once[arm, size], *resampling.interval(drawn[arm, size], confidence)]
        if arm == REAL:
            rows.append((*row, *[np.nan] * 4))
            continue
        reference = (REAL, size or most)
        gains = drawn[arm, size] - drawn[reference]
        p_value = min(1.0, 2 * (min((gains <= 0).sum(), (gains >= 0).sum()) + 1) / (resamples + 1))
        gain = once[arm, size] - once[reference]
        rows.append((*row, gain, *resampling.interval(gains, confidence), p_value))
    return pd.DataFrame(rows, columns=COMPARED)


def _balanced_rows(films: Films, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Rows of `count` // 2 different films of each label."""
    halves = [random.choice(np.flatnonzero(films.labels == label), count // 2, replace=False) for label in (0, 1)]
    return np.concatenate(halves)


def check_sizes(labels: Flags, sizes: Sequence[int]) -> None:
    """Raise InputError if there are fewer real films, of these `labels` (n,), than `sizes` ask for, or of one label."""
    if max(sizes) > len(labels):
        raise InputError(
            f"{max(sizes)} real films are asked for, but there are {len(labels)} in part train; "
            "lower compare_training.real_films"
        )
    if set(labels.tolist()) != {0, 1}:
        raise InputError("the real films have one label only; a classifier needs both")


def _check_synthetic(sources: Sources, synthetic_films: int) -> None:
    for name, films in (("synthetic", sources.synthetic), ("screened synthetic", sources.screened)):
        if films is None:
            continue
        fewest = int(np.bincount(films.labels, minlength=2).min())
        if not 1 <= synthetic_films // 2 <= fewest:
            raise InputError(
                f"{synthetic_films} {name} films are asked for, half of each label, but there are {fewest} of one label"
            )
