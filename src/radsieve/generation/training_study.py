"""Of what use are synthetic films: the three parts of the study, and what they come to in a few numbers and words.

The synthetic films know more than the real films of their arm: the generators, and the networks that screened the
films, learnt from all real films of part train. What an arm gains is the use of such films where few are labelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from radsieve.generation import matched_gap
from radsieve.generation.label_preservation import label_preservation
from radsieve.generation.training_comparison import Fit, Sources, check_sizes, compare_arms, train_arms
from radsieve.generation.training_films import Pictures, Pools, prepared
from radsieve.generation_tables import Augmentation, TrainingArm
from radsieve.networks.classifier import Classifier

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Look(Protocol):
    """What the backbone of a classifier makes of films."""

    def __call__(
        self, classifier: Classifier, films: Bytes, changes: Mapping[str, float] | None = None, seed: int = 0
    ) -> Floats:
        """Return the features (n, views, k) of `films` (n, channels, H, W).

        With `changes`, settings of an augmentation, each film is changed in its own way, drawn by `seed`.
        """
        ...


@dataclass(frozen=True)
class TrainingStudy:
    """Real films to learn from (`train`) and to judge by (`test`), synthetic ones, and how films are seen and learnt.

    `frozen` has the backbone; `fit` learns from features and labels how to give features their logit. `options` is the
    section compare_training.
    """

    train: Pictures
    test: Pictures
    pools: Pools
    frozen: Classifier
    look: Look
    fit: Fit
    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Raise InputError if there are too few real films, before the network looks at any of them."""
        check_sizes(self.train.labels, self.options["real_films"])

    @cached_property
    def sources(self) -> Sources:
        """The features that the arms learn from."""
        augmentation, screened = self.options["classifier"]["augmentation"], self.pools.screened
        copies = [
            self.look(self.frozen, self.train.films, augmentation, seed) for seed in self.seeds("augmented_copies")
        ]
        return Sources(
            self._seen(self.train),
            self._seen(self.pools.synthetic),
            None if screened is None else self._seen(screened),
            copies,
        )

    def seeds(self, key: str) -> list[int]:
        """As many seeds as `options` say for `key`."""
        found: list[int] = np.random.SeedSequence(self.options["seed"]).generate_state(self.options[key]).tolist()
        return found

    @property
    def drawing(self) -> dict[str, Any]:
        """The settings of every bootstrap."""
        options = self.options
        return {"resamples": options["bootstrap"], "confidence": options["confidence"], "seed": options["seed"]}

    def _seen(self, films: Pictures) -> Any:
        return films.as_seen(self.look(self.frozen, films.films))


def comparison(study: TrainingStudy) -> pd.DataFrame:
    """Train and judge all arms: what `compare_arms` gives, `training_films` (mean of the seeds), `synthetic_films`."""
    test, options, count = study.test, study.options, study.pools.count
    trained = train_arms(
        study.sources,
        study.look(study.frozen, test.films),
        options["real_films"],
        study.seeds("seeds"),
        count,
        study.fit,
    )
    key = ["arm", "real_films"]
    films = trained.groupby(key)["training_films"].mean()
    found = compare_arms(trained, test.labels, test.units, **study.drawing).join(films, on=key)
    return found.assign(synthetic_films=np.where(found["arm"].str.contains(TrainingArm.SYNTHETIC.value), count, 0))


def preservation(study: TrainingStudy) -> pd.DataFrame:
    """Let classifiers that learnt from all of part train judge films of part test, changed by each augmentation.

    Augmentation.WITHOUT learnt from the films as they are, WITH from their augmented copies too.
    """
    options, test, real = study.options, study.test, study.sources.real
    copies = study.sources.copies
    judges = {
        Augmentation.WITHOUT: study.fit(real.features, real.labels),
        Augmentation.WITH: study.fit(np.concatenate([real.features, *copies]), np.tile(real.labels, 1 + len(copies))),
    }

    def answers(films: Bytes) -> dict[str, Floats]:
        features = study.look(study.frozen, films)
        return {name: expit(judge(features)) for name, judge in judges.items()}

    return label_preservation(
        answers,
        prepared(test.films, study.frozen.preprocessing),
        test.labels,
        test.units,
        options["classifier"]["augmentation"],
        options["augmented_copies"],
        options["margin"],
        **study.drawing,
    )


def gap(study: TrainingStudy) -> pd.DataFrame:
    """How far synthetic films are from real ones of part test, before and after the matching of statistics."""
    options = study.options
    real, synthetic = matched_gap.domains(study.train, study.test, study.pools.synthetic, options["seed"])
    return matched_gap.matched_gaps(
        study.frozen, study.look, real, synthetic, options["matched_batch"], options["folds"], **study.drawing
    )


def metrics(study: TrainingStudy, arms: pd.DataFrame, kept: pd.DataFrame, gaps: pd.DataFrame) -> dict[str, Any]:
    """The few numbers that matter of the three tables; `arms` has Holm's p-values in column `holm`."""
    areas = gaps[gaps["measure"] == "roc_auc"].set_index("features")["value"]
    return {
        "test_films": len(study.test.labels),
        "test_patients": len(np.unique(study.test.units)),
        "synthetic_films": study.pools.count,
        "left_out": dict(study.pools.left_out),
        "roc_auc": {name: float(value) for name, value in _most(arms)["roc_auc"].items()},
        "gains_beyond_chance": _beyond_chance(arms, study.options["confidence"]),
        "augmentations_that_keep_the_label": {
            judge: rows.loc[rows["preserved"] == 1, "augmentation"].tolist()
            for judge, rows in kept.groupby("judge", sort=False)
        },
        "domain_roc_auc": {name: float(value) for name, value in areas.items()},
    }


def summary(study: TrainingStudy, arms: pd.DataFrame, gaps: pd.DataFrame) -> str:
    """The study in one line."""
    most = _most(arms)
    found = ", ".join(f"{name} {value:.3f}" for name, value in most["roc_auc"].items())
    areas = gaps[gaps["measure"] == "roc_auc"].set_index("features")["value"]
    left_out = "".join(f"; {name} left out: {reason}" for name, reason in study.pools.left_out.items())
    return (
        f"ROC-AUC with {most['real_films'].max()} real films: {found}; real from synthetic films "
        f"{areas[matched_gap.REAL_STATISTICS]:.3f}, adapted {areas[matched_gap.OWN_STATISTICS]:.3f}{left_out}"
    )


def _most(arms: pd.DataFrame) -> pd.DataFrame:
    """The rows of all arms with the most real films, by arm."""
    return arms.sort_values("real_films", kind="stable").drop_duplicates("arm", keep="last").set_index("arm")


def _beyond_chance(arms: pd.DataFrame, confidence: float) -> list[str]:
    rows = arms[arms["holm"] < 1 - confidence]
    return [f"{row.arm}, {row.real_films} real films: {row.gain:+.3f}" for row in rows.itertuples()]
