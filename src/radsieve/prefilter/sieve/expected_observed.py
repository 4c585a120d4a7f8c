"""What a sieve's card expects, and what was observed: the same quantities with intervals, side by side."""

from collections.abc import Hashable, Iterable, Mapping
from math import isfinite, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from radsieve.numbers import or_none
from radsieve.prefilter.sieve.prospective import ArmRecord
from radsieve.prefilter.sieve.two_arms import detectable, power, score_test
from radsieve.prefilter.tables import CHECKED_DIVERSITY, EXPECTED_OBSERVED, Arm, given
from radsieve.prefilter.thresholds.confusion_measures import Costs, EvaluationSettings, confusion_counts, evaluated
from radsieve.progress import working
from radsieve.stats import diversity
from radsieve.stats.binary_metrics import measures_with_intervals
from radsieve.stats.paired_tests import holm, p_of_interval
from radsieve.stats.resampling import Estimate, difference, ratio, share

ALL = "all"
PRECISION = {arm: f"precision_{arm}" for arm in Arm}
PROBABILITY = {arm: f"mean_probability_{arm}" for arm in Arm}
RATIO, SAVING, ACCEPTANCE = "precision_ratio", "saving", "acceptance_rate"
RECALL, FALSE_POSITIVES, ROC_AUC = "recall", "false_positive_rate", "roc_auc"
SECONDS = {arm: f"seconds_per_good_{arm}" for arm in Arm}
PAIRED = "saving_paired"

# Counts that do not follow from one another; all other quantities follow from these, or from the same images.
INDEPENDENT = (PRECISION[Arm.UNSIEVED], PRECISION[Arm.SIEVED], ACCEPTANCE, RECALL, FALSE_POSITIVES)

_POWER = 0.8  # with which a saving is to be detected
_COMPONENTS = 20  # principal components of a space of features in which diversity is measured


@working("bootstrap of the expected values")
def compare_with_expected(
    arms: Mapping[Arm, ArmRecord], card: Mapping[str, Any], resamples: int, seed: int
) -> pd.DataFrame:
    """Return EXPECTED_OBSERVED of the images of both arms, for all of them and for each group of the generator.

    Shares have Wilson's intervals, the ratio of the arms and the difference of observed and expected those of
    `stats.resampling`, the paired saving (among the unsieved images, of those that the sieve accepts) that of
    `evaluated`, the area under the curve a bootstrap of `resamples`; all at the confidence of the `card`.
    """
    confidence, seconds = card["confidence"], card["seconds"]
    stored = {name: Estimate.of(value) for name, value in card["expected"].items()}
    expected = _quantities(
        stored["base_rate"], stored["precision"], stored["ratio"], stored["acceptance_rate"], seconds
    ) | {RECALL: stored["tpr"], FALSE_POSITIVES: stored["fpr"], ROC_AUC: stored["roc_auc"], PAIRED: stored["saving"]}
    unsieved, sieved = (arms[name].images for name in Arm)
    good = {Arm.UNSIEVED: _good(unsieved, confidence), Arm.SIEVED: _good(sieved, confidence)}
    acceptance = share(len(sieved), arms[Arm.SIEVED].sampled, confidence)
    observed = _quantities(
        good[Arm.UNSIEVED], good[Arm.SIEVED], ratio(good[Arm.SIEVED], good[Arm.UNSIEVED]), acceptance, seconds
    )
    evaluation = EvaluationSettings(Costs(seconds["generate"], seconds["predict"]), resamples, confidence, seed)
    observed |= _of_the_sieve(unsieved, evaluation)
    images = dict.fromkeys(observed, len(unsieved) + len(sieved)) | {
        PRECISION[Arm.UNSIEVED]: len(unsieved),
        PRECISION[Arm.SIEVED]: len(sieved),
        SECONDS[Arm.UNSIEVED]: len(unsieved),
        SECONDS[Arm.SIEVED]: len(sieved),
        ACCEPTANCE: len(sieved),
        RECALL: int(unsieved["valid"].sum()),
        FALSE_POSITIVES: int((1 - unsieved["valid"]).sum()),
        ROC_AUC: len(unsieved),
        PAIRED: len(unsieved),
    }
    rows = [_row(ALL, name, images[name], expected[name], observed[name]) for name in observed]
    rows += _expected(ALL, (unsieved, sieved), {}, confidence)
    for group in dict.fromkeys([*unsieved["group"], *sieved["group"]]):
        of_group = [arm[arm["group"] == group] for arm in (unsieved, sieved)]
        rows += _expected(group, of_group, expected, confidence)
    return pd.DataFrame(rows, columns=list(EXPECTED_OBSERVED.columns))


@working("measuring diversity")
def image_diversity(arms: Mapping[Arm, ArmRecord], resamples: int, confidence: float, seed: int) -> pd.DataFrame:
    """Return CHECKED_DIVERSITY: good images of the sieved arm against as many drawn at random from those of both arms.

    In each space the features are standardised and reduced to at most 20 principal components, of both arms together.
    """
    tables = []
    for space, features in arms[Arm.SIEVED].features.items():
        points = np.concatenate([features, arms[Arm.UNSIEVED].features[space]])
        if len(points) < 2 or not len(features):
            continue
        kept = np.arange(len(points)) < len(features)
        with threadpool_limits(1):  # so that the last digits do not depend on the number of threads
            found = diversity.against_chance(_reduced(points), kept, resamples, confidence, seed)
        tables.append(found.assign(space=space, sieved=len(features), unsieved=len(points) - len(features)))
    columns = list(CHECKED_DIVERSITY.columns)
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def expected_observed_metrics(expected_observed: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """How many of the INDEPENDENT expected values are compatible with what was observed, without those that hold of
    any images, and all values; None where not defined.

    `two_arms` says what the images of both arms can tell: the p-value of equal shares of good images, the probability
    with which the expected saving would be told from none, and the lowest saving that would be with the probability
    `power`, both if as many of the unsieved images are good as were. `groups_below_expected` are those of the
    `groups_compared` groups of the generator that had fewer good images from sieved latents than expected for all, by
    p-values that go with the intervals of the differences, adjusted by Holm for the number of groups.
    """
    told = expected_observed[(expected_observed["group"] == ALL) & ~given(expected_observed)]
    independent = told.loc[told["quantity"].isin(INDEPENDENT), "within"].dropna()
    of_all = expected_observed[expected_observed["group"] == ALL].set_index("quantity")
    groups = expected_observed[
        (expected_observed["group"] != ALL) & (expected_observed["quantity"] == PRECISION[Arm.SIEVED])
    ]
    gaps = groups[["difference", "difference_lower", "difference_upper"]].to_numpy(float).tolist()
    adjusted = holm([p_of_interval(Estimate(*gap), confidence) for gap in gaps])
    below = groups[(adjusted <= 1 - confidence) & (groups["difference"] < 0)]
    columns = ["expected", "observed", "observed_lower", "observed_upper"]
    return {
        "expectations": len(independent),
        "within_expected": int(independent.sum()),
        "two_arms": {name: or_none(value) for name, value in _two_arms(of_all, confidence).items()},
        "groups_compared": int(np.isfinite(adjusted).sum()),
        "groups_below_expected": below["group"].tolist(),
        "quantities": {
            str(quantity): {name: or_none(row[name]) for name in columns} for quantity, row in of_all.iterrows()
        },
    }


def _two_arms(of_all: pd.DataFrame, confidence: float) -> dict[str, float]:
    """The keys of `two_arms`, from the rows of all images by quantity."""
    found: dict[Hashable, dict[Hashable, Any]] = of_all.to_dict("index")
    images = [int(found[PRECISION[arm]]["images"]) for arm in Arm]
    shares = [float(found[PRECISION[arm]]["observed"]) for arm in Arm]
    good = [round(value * count) if count else 0 for value, count in zip(shares, images, strict=True)]
    base, fewest = shares[0], min(images)
    costs = (
        found[SAVING]["observed"] / found[RATIO]["observed"] if found[RATIO]["observed"] else nan
    )  # the time for the predictor
    expected = min(base * found[RATIO]["expected"], 1.0) if base else nan
    return {
        "images": fewest,
        "p_value": score_test(good[1], images[1], good[0], images[0]),
        "power_of_expected": power(base, expected, fewest, confidence),
        "power": _POWER,
        "detectable_saving": detectable(base, fewest, confidence, _POWER) / base * costs if base else nan,
    }


def _quantities(
    base_rate: Estimate,
    precision: Estimate,
    precision_ratio: Estimate,
    acceptance: Estimate,
    seconds: Mapping[str, float],
) -> dict[str, Estimate]:
    """The precisions and the times that follow from them, where an image takes seconds["generate"].

    A latent takes seconds["predict"], and as many are evaluated for an image as are sampled until one is accepted. With
    the precision p a good image takes t / p; the uncertainty of the number of latents for an image is ignored.
    """
    generate = seconds["generate"]
    sieved = generate + seconds["predict"] / acceptance.value if acceptance.value else nan
    return {
        PRECISION[Arm.UNSIEVED]: base_rate,
        PRECISION[Arm.SIEVED]: precision,
        RATIO: precision_ratio,
        ACCEPTANCE: acceptance,
        SECONDS[Arm.UNSIEVED]: base_rate.inverse().times(generate),
        SECONDS[Arm.SIEVED]: precision.inverse().times(sieved),
        SAVING: precision_ratio.times(generate / sieved),
    }


def _of_the_sieve(unsieved: pd.DataFrame, evaluation: EvaluationSettings) -> dict[str, Estimate]:
    """What the sieve would have done with the latents to which it was not applied."""
    confidence = evaluation.confidence
    truth, accepted = unsieved["valid"].to_numpy(), unsieved["accepted"].to_numpy()
    images = np.arange(len(unsieved))
    found = measures_with_intervals(
        truth, unsieved["probability"].to_numpy(), accepted, images, evaluation.resamples, confidence, evaluation.seed
    ).set_index("metric")
    area = found.loc["roc_auc", ["value", "lower", "upper"]].to_numpy(float)
    paired = evaluated(confusion_counts(truth, accepted == 1), evaluation)
    return {
        RECALL: share(int(accepted[truth == 1].sum()), int(truth.sum()), confidence),
        FALSE_POSITIVES: share(int(accepted[truth == 0].sum()), int((1 - truth).sum()), confidence),
        ROC_AUC: Estimate(*area.tolist()),
        PAIRED: Estimate(*(float(paired[f"saving{end}"]) for end in ("", "_lower", "_upper"))),
    }


def _expected(
    group: str, images_of_arms: Iterable[pd.DataFrame], expected: Mapping[str, Estimate], confidence: float
) -> list[tuple[object, ...]]:
    """The share of good images of each arm beside the expected one, if any, and the model's mean probability."""
    rows = []
    for arm, images in zip(Arm, images_of_arms, strict=True):
        if len(images):
            references = {PROBABILITY[arm]: Estimate(float(images["probability"].mean()))}
            if PRECISION[arm] in expected:
                references = {PRECISION[arm]: expected[PRECISION[arm]]} | references
            observed = _good(images, confidence)
            rows += [_row(group, name, len(images), value, observed) for name, value in references.items()]
    return rows


def _good(images: pd.DataFrame, confidence: float) -> Estimate:
    return share(int(images["valid"].sum()), len(images), confidence)


def _row(group: str, quantity: str, images: int, expected: Estimate, observed: Estimate) -> tuple[object, ...]:
    gap = difference(observed, expected.exact())
    known = isfinite(gap.lower) and isfinite(gap.upper)
    within = float(gap.lower <= 0 <= gap.upper) if known else nan
    numbers = [*vars(expected).values(), *vars(observed).values(), *vars(gap).values()]
    return group, quantity, images, *(number if isfinite(number) else nan for number in numbers), within


def _reduced(points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Standardised features, by at most 20 principal components."""
    standard = StandardScaler().fit_transform(points.astype(float))
    components = min(_COMPONENTS, *standard.shape)
    return np.asarray(PCA(components, svd_solver="full").fit_transform(standard))
