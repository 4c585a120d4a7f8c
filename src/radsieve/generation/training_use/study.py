"""How useful synthetic images are: the three parts of the study, and their results in a few numbers and words.

The synthetic images carry more information than the real images of their arm: the generators, and the networks that
screened the images, learnt from all real images of the training split. What an arm gains is the benefit of such images
where few are labelled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from scipy.special import expit

from radsieve.generation.settings import CompareTraining
from radsieve.generation.tables import (
    LABEL_PRESERVATION,
    TRAINING_COMPARISON,
    TRAINING_GAP,
    AugmentationUse,
    TrainingArm,
)
from radsieve.generation.training_use import adaptation
from radsieve.generation.training_use.comparison import Fit, Sources, check_sizes, compare_arms, train_arms
from radsieve.generation.training_use.images import LabelledSet, Pools, prepared
from radsieve.generation.training_use.label_preservation import label_preservation
from radsieve.networks.classifier import Classifier
from radsieve.networks.device import Device
from radsieve.screening.classifiers.transfer_learning import (
    fit_linear,
    frozen_network,
    image_features,
    preprocessing_of,
)
from radsieve.settings import Augmentation
from radsieve.stats.paired_tests import holm

Bytes = NDArray[np.uint8]
Flags = NDArray[np.int64]
Floats = NDArray[np.float64]


class Look(Protocol):
    """Extracts the features of images by the backbone of a classifier."""

    def __call__(
        self, classifier: Classifier, images: Bytes, changes: Augmentation | None = None, seed: int = 0
    ) -> Floats:
        """Return the features (n, views, k) of `images` (n, channels, H, W).

        With `changes`, each image is changed at random by `seed`.
        """
        ...


@dataclass(frozen=True)
class TrainingStudy:
    """Real images to learn from (`train`) and to evaluate on (`test`), synthetic ones, the backbone and the fit.

    `frozen` has the backbone; `fit` learns from features and labels to compute the logit of features. `options` is the
    section compare_training.
    """

    train: LabelledSet
    test: LabelledSet
    pools: Pools
    frozen: Classifier
    look: Look
    fit: Fit
    options: CompareTraining

    def __post_init__(self) -> None:
        """Raise InputError if there are too few real images, before the network looks at any of them."""
        check_sizes(self.train.labels, self.options.real_images)

    @classmethod
    def of(
        cls,
        train: LabelledSet,
        test: LabelledSet,
        pools: Pools,
        form: Mapping[str, Any],
        device: Device,
        options: CompareTraining,
    ) -> "TrainingStudy":
        """Build the backbone on `device` and what learns from its features, as `options.classifier` says.

        `form` is what a card says of the real images (`LabelledImages.form`). Raises InputError if the file of weights
        is not usable, or there are too few real images.
        """
        settings, preprocessing = options.classifier, preprocessing_of(options.classifier)
        network = frozen_network(settings, "train_abnormality", device)

        def look(classifier: Classifier, images: Bytes, changes: Augmentation | None = None, seed: int = 0) -> Floats:
            rows = np.arange(len(images))
            return image_features(classifier.network, preprocessing, device, images, rows, changes, seed)

        def fit(features: Floats, labels: Flags) -> Callable[[Floats], Floats]:
            return fit_linear(features, labels, options.strength).logits

        return cls(train, test, pools, Classifier(network, preprocessing, device, form), look, fit, options)

    @cached_property
    def sources(self) -> Sources:
        """The features that the arms learn from."""
        augmentation, screened = self.options.classifier.augmentation, self.pools.screened
        copies = [
            self.look(self.frozen, self.train.images, augmentation, seed)
            for seed in self.seeds(self.options.augmented_copies)
        ]
        return Sources(
            self._seen(self.train),
            self._seen(self.pools.synthetic),
            None if screened is None else self._seen(screened),
            copies,
        )

    def seeds(self, count: int) -> list[int]:
        """So many seeds, generated from that of `options`."""
        found: list[int] = np.random.SeedSequence(self.options.seed).generate_state(count).tolist()
        return found

    @property
    def resampling(self) -> dict[str, Any]:
        """The settings of the bootstraps."""
        options = self.options
        return {"resamples": options.bootstrap, "confidence": options.confidence, "seed": options.seed}

    def _seen(self, images: LabelledSet) -> Any:
        return images.as_seen(self.look(self.frozen, images.images))


@dataclass(frozen=True)
class TrainingResults:
    """TRAINING_COMPARISON with Holm's p-values, LABEL_PRESERVATION and TRAINING_GAP."""

    arms: pd.DataFrame
    preservation: pd.DataFrame
    gap: pd.DataFrame

    @property
    def tables(self) -> list[tuple[pa.DataFrameSchema, pd.DataFrame]]:
        """The tables with their schemas."""
        found = (TRAINING_COMPARISON, self.arms), (LABEL_PRESERVATION, self.preservation), (TRAINING_GAP, self.gap)
        return [(schema, table[list(schema.columns)]) for schema, table in found]


def run_study(study: TrainingStudy) -> TrainingResults:
    """Train and evaluate all arms, and check the augmentations and the gap between the domains."""
    arms = comparison(study)
    return TrainingResults(arms.assign(holm=holm(arms["p_value"])), preservation(study), gap(study))


def comparison(study: TrainingStudy) -> pd.DataFrame:
    """Train and evaluate all arms: what `compare_arms` gives, and the numbers of images and units behind it.

    `training_images_min` and `training_images_max` of the seeds, `synthetic_images`, `test_images`, `test_units`.
    """
    test, options, count = study.test, study.options, study.pools.count
    trained = train_arms(
        study.sources,
        study.look(study.frozen, test.images),
        options.real_images,
        study.seeds(options.seeds),
        count,
        study.fit,
    )
    key = ["arm", "real_images"]
    images = trained.groupby(key)["training_images"].agg(["min", "max"])
    images = images.rename(columns={"min": "training_images_min", "max": "training_images_max"})
    found = compare_arms(trained, test.labels, test.units, **study.resampling).join(images, on=key)
    return found.assign(
        synthetic_images=np.where(found["arm"].str.contains(TrainingArm.SYNTHETIC.value), count, 0),
        test_images=len(test.labels),
        test_units=len(np.unique(test.units)),
    )


def preservation(study: TrainingStudy) -> pd.DataFrame:
    """Classify images of the test split, changed by each augmentation, by classifiers trained on the whole training
    split.

    AugmentationUse.WITHOUT learnt from the unchanged images, WITH also from their augmented copies. Mirroring, which
    keeps no label of a chest, is not among what is checked.
    """
    options, test, real = study.options, study.test, study.sources.real
    copies = study.sources.copies
    evaluators = {
        AugmentationUse.WITHOUT: study.fit(real.features, real.labels),
        AugmentationUse.WITH: study.fit(
            np.concatenate([real.features, *copies]), np.tile(real.labels, 1 + len(copies))
        ),
    }

    def answers(images: Bytes) -> dict[str, Floats]:
        features = study.look(study.frozen, images)
        return {name: expit(evaluate(features)) for name, evaluate in evaluators.items()}

    return label_preservation(
        answers,
        prepared(test.images, study.frozen.preprocessing),
        test.labels,
        test.units,
        # a mirrored chest shows another finding, dextrocardia, whatever a classifier says of it
        options.classifier.augmentation.model_copy(update={"mirror": 0.0}),
        options.augmented_copies,
        options.margin,
        options.confidence,
        options.seed,
    )


def gap(study: TrainingStudy) -> pd.DataFrame:
    """How far synthetic images are from real ones of the test split, before and after the matching of statistics."""
    options = study.options
    real, synthetic = adaptation.domains(study.train, study.test, study.pools.synthetic, options.seed)
    return adaptation.matched_gaps(
        study.frozen, study.look, real, synthetic, options.matched_batch, options.folds, **study.resampling
    )


def metrics(study: TrainingStudy, found: TrainingResults) -> dict[str, Any]:
    """The few numbers that matter of the three tables."""
    return {
        "test_images": len(study.test.labels),
        "test_units": len(np.unique(study.test.units)),
        "synthetic_images": study.pools.count,
        "left_out": dict(study.pools.left_out),
        "roc_auc": {name: float(value) for name, value in _maximum(found.arms)["roc_auc"].items()},
        "gains_beyond_chance": _beyond_chance(found.arms, study.options.confidence),
        "augmentations_that_keep_the_label": {
            evaluator: rows.loc[rows["preserved"] == 1, "augmentation"].tolist()
            for evaluator, rows in found.preservation.groupby("classifier", sort=False)
        },
        "domain_roc_auc": {name: float(value) for name, value in _areas(found).items()},
    }


def summary(study: TrainingStudy, found: TrainingResults) -> str:
    """The study in one line."""
    maximum, areas = _maximum(found.arms), _areas(found)
    reached = ", ".join(f"{name} {value:.3f}" for name, value in maximum["roc_auc"].items())
    left_out = "".join(f"; {name} left out: {reason}" for name, reason in study.pools.left_out.items())
    return (
        f"ROC-AUC with {maximum['real_images'].max()} real images: {reached}; real from synthetic images "
        f"{areas[adaptation.REAL_STATISTICS]:.3f}, adapted {areas[adaptation.OWN_STATISTICS]:.3f}{left_out}"
    )


def _areas(found: TrainingResults) -> "pd.Series[Any]":
    """The ROC-AUC with which the domains are told apart, by the kind of features."""
    return found.gap[found.gap["measure"] == "roc_auc"].set_index("features")["value"]


def _maximum(arms: pd.DataFrame) -> pd.DataFrame:
    """The rows of all arms with the most real images, by arm."""
    return arms.sort_values("real_images", kind="stable").drop_duplicates("arm", keep="last").set_index("arm")


def _beyond_chance(arms: pd.DataFrame, confidence: float) -> list[str]:
    rows = arms[arms["holm"] < 1 - confidence]
    return [f"{row.arm}, {row.real_images} real images: {row.gain:+.3f}" for row in rows.itertuples()]
