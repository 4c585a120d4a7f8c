"""The gap between real and synthetic films before and after the statistics of batch normalisation were matched."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.generation.adaptation import adapted_classifier
from radsieve.generation.domain_gap import domain_gap, gaps
from radsieve.generation.training_films import Pictures, rows_of_each
from radsieve.networks.classifier import Classifier

REAL_TO_REAL = "real to real: statistics of ImageNet"
AS_IT_COMES = "real to synthetic: statistics of ImageNet"
REAL_STATISTICS = "real to synthetic: statistics of real films"
OWN_STATISTICS = "real to synthetic: each with its own statistics"

Bytes = NDArray[np.uint8]
Look = Callable[[Classifier, Bytes], NDArray[np.float64]]  # films -> features (n, ...) of a classifier's backbone


@dataclass(frozen=True)
class Domain:
    """Films of a domain, as many of each label: those that statistics are `matched` to, and those `held_back`."""

    matched: Pictures
    held_back: Pictures


def domains(train: Pictures, test: Pictures, synthetic: Pictures, seed: int) -> tuple[Domain, Domain]:
    """Return the real domain, matched on `train` and compared on `test`, and the synthetic one, cut into two halves.

    All four sets have the same number of films of each label: disease must not tell the domains apart.
    """
    most = min(train.fewest, test.fewest, synthetic.fewest // 2)
    one, other, drawn = (
        films.take(rows_of_each(films.labels, count, np.random.default_rng([seed, place])))
        for place, (films, count) in enumerate(((train, most), (test, most), (synthetic, 2 * most)))
    )
    half = np.zeros(len(drawn.labels), dtype=bool)
    for label in (0, 1):
        half[np.flatnonzero(drawn.labels == label)[:most]] = True
    return Domain(one, other), Domain(drawn.take(np.flatnonzero(half)), drawn.take(np.flatnonzero(~half)))


def matched_gaps(
    classifier: Classifier,
    look: Look,
    real: Domain,
    synthetic: Domain,
    batch: int,
    folds: int,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the `domain_gap` of the films held back: columns of `domain_gap.COLUMNS`, and `films` of each domain.

    REAL_TO_REAL, the reference: real films held back and real films of other patients. AS_IT_COMES: real and synthetic
    films, the normalisation as ImageNet left it. REAL_STATISTICS: the same after it was matched to real films, in
    batches of `batch`; OWN_STATISTICS: after it was matched to synthetic films for the synthetic ones. No film that is
    compared was matched to. The features of the first two rows and those of the last two have scales of their own, and
    so has KID.
    """
    at_home = adapted_classifier(classifier, real.matched.films, batch)
    adapted = adapted_classifier(classifier, synthetic.matched.films, batch)

    def features(of: Classifier, films: Pictures) -> NDArray[np.float64]:
        return look(of, films.films).reshape(len(films.films), -1)

    settings = (folds, resamples, confidence, seed)
    as_it_comes, home = (features(of, real.held_back) for of in (classifier, at_home))
    reference = domain_gap(
        as_it_comes, features(classifier, real.matched), (real.held_back.units, real.matched.units), *settings
    ).assign(features=REAL_TO_REAL)
    pairs = {
        AS_IT_COMES: (as_it_comes, features(classifier, synthetic.held_back)),
        REAL_STATISTICS: (home, features(at_home, synthetic.held_back)),
        OWN_STATISTICS: (home, features(adapted, synthetic.held_back)),
    }
    found = gaps(pairs, (real.held_back.units, synthetic.held_back.units), *settings)
    return pd.concat([reference[list(found)], found], ignore_index=True).assign(films=len(real.held_back.labels))
