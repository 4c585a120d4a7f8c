"""What a classifier gains from cropping the top and from seeing the halves separately."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from radsieve.networks.classifier import Network
from radsieve.networks.device import Device
from radsieve.networks.views import HALVES, WHOLE
from radsieve.progress import track
from radsieve.screening.classifiers.labelled_images import LabelledImages
from radsieve.screening.classifiers.transfer_learning import (
    choose_strength,
    fit_linear,
    preprocessing_of,
    training_features,
    unit_folds,
    with_copies,
)
from radsieve.screening.settings import TrainSex
from radsieve.screening.tables import ABLATION
from radsieve.stats import binary_metrics, resampling
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import Split

Floats = NDArray[np.float64]
Flags = NDArray[np.int64]

_METRIC = "roc_auc"


def ablate(network: Network, images: LabelledImages, device: Device, options: TrainSex) -> pd.DataFrame:
    """Return ABLATION on the images of the training and validation splits: crop of the top or none, whole images or
    halves.

    Each image is classified in the fold that holds its unit out; C is chosen by folds within the others. `options`
    is section train_sex of params.yaml.
    """
    rows = images.rows(Split.TRAIN, Split.VALIDATION)
    truth, units = images.truth[rows], images.units(rows)
    probabilities = {}
    for crop in (0.0, options.ablated_crop):
        for views in (WHOLE, HALVES):
            preprocessing = preprocessing_of(options, top_crop=crop, views=views)
            features = training_features(network, preprocessing, device, images.pack.images, rows, options)
            probabilities[crop, views] = out_of_fold(features, truth, units, options)
    return compare_views(truth, units, probabilities, options)


def out_of_fold(features: Floats, truth: Flags, units: Flags, options: TrainSex) -> Floats:
    """Return the probability (n,) of each image by a linear unit that was fitted, and its C chosen, without its unit.

    `features` are those of the n images and then of their augmented copies, which only help to fit.
    """
    count = len(truth)
    probability = np.empty(count)
    folds = unit_folds(truth, units, options.folds, options.seed)
    for train, held_out in track(folds, "cross-validating", unit="fold"):
        fitted = with_copies(train, count, len(features))
        strength = choose_strength(
            features[fitted],
            truth[train],
            units[train],
            options.strengths,
            options.inner_folds,
            options.seed,
        ).strength
        linear = fit_linear(features[fitted], truth[fitted % count], strength)
        probability[held_out] = expit(linear.logits(features[held_out]))
    return probability


def compare_views(
    truth: Flags, units: Flags, probabilities: Mapping[tuple[float, str], Floats], options: TrainSex
) -> pd.DataFrame:
    """Return ABLATION of the probabilities (n,) by (top_crop, views), the first of them the one compared with.

    They are compared by ROC-AUC, which needs no operating point: that of the net was chosen for what the net sees, and
    for recalibrated probabilities. Intervals: `bootstrap` resamples of units at `confidence`, drawn by `seed`, the same
    for all; where these repeat one area, or one difference, it is put together from Newcombe's of both areas.
    """
    patterns = resampling.patterns(np.arange(len(truth))[:, None], units)
    weights = [block[:, patterns.of_item] for block in patterns.resamples(options.bootstrap, options.seed)]
    areas = []
    for probability in probabilities.values():
        value = float(binary_metrics.roc_auc(truth, probability, np.ones((1, len(truth))))[0])
        drawn = np.concatenate([binary_metrics.roc_auc(truth, probability, block) for block in weights])
        bounds = binary_metrics.area_bounds(value, drawn, truth, units, options.confidence)
        areas.append((Estimate(value, *bounds), drawn))
    rows: list[tuple[object, ...]] = []
    for (crop, views), (area, drawn) in zip(probabilities, areas, strict=True):
        gain = _gain((area, drawn), areas[0], options.confidence) if rows else Estimate(np.nan)
        rows.append((crop, views, _METRIC, *vars(area).values(), *vars(gain).values()))
    return pd.DataFrame(rows, columns=list(ABLATION.columns))


def _gain(one: tuple[Estimate, Floats], other: tuple[Estimate, Floats], confidence: float) -> Estimate:
    """The area `one` less the `other`, each with its resamples, which are the same for both."""
    lower, upper = resampling.interval(one[1] - other[1], confidence)
    apart = resampling.difference(one[0], other[0])
    return apart if lower == upper else Estimate(apart.value, lower, upper)


def ablation_metrics(ablation: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Return value and bounds of each metric by what the classifier sees."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in ablation.to_dict("records"):
        seen = f"{row['views']}, {row['top_crop']:.0%} of the top cropped"
        found.setdefault(seen, {})[row["metric"]] = {name: row[name] for name in ("value", "lower", "upper")}
    return found
