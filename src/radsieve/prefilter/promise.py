"""What a sieve's card promises, and what came: the same quantities with intervals, side by side."""

from collections.abc import Iterable, Mapping
from math import isfinite, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from radsieve.binary_metrics import measures_with_intervals
from radsieve.prefilter import diversity
from radsieve.prefilter.estimates import Estimate, difference, ratio, share
from radsieve.prefilter.prospective import ArmRecord
from radsieve.prefilter_tables import CHECKED_DIVERSITY, CHECKED_PROMISE, Arm

ALL = "all"
PRECISION = {arm: f"precision_{arm}" for arm in Arm}
PROBABILITY = {arm: f"mean_probability_{arm}" for arm in Arm}
RATIO, SAVING, ACCEPTANCE = "precision_ratio", "saving", "acceptance_rate"
RECALL, FALSE_POSITIVES, ROC_AUC = "recall", "false_positive_rate", "roc_auc"
SECONDS = {arm: f"seconds_per_good_{arm}" for arm in Arm}

# In which direction a quantity is better: 1 up, -1 down; the others are to come as promised, neither more nor less.
_BETTER = {
    PRECISION[Arm.SIEVED]: 1,
    RATIO: 1,
    SAVING: 1,
    RECALL: 1,
    ROC_AUC: 1,
    FALSE_POSITIVES: -1,
    SECONDS[Arm.SIEVED]: -1,
}

_COMPONENTS = 20  # principal components of a space of features that diversity is measured in


def hold_to_promise(arms: Mapping[Arm, ArmRecord], card: Mapping[str, Any], resamples: int, seed: int) -> pd.DataFrame:
    """Return CHECKED_PROMISE of the films of both arms, for all of them and for each group of the generator.

    Shares have Wilson's intervals, their ratio and the difference of promised and came those of `estimates`, the area
    under the curve a bootstrap of `resamples`; all at the confidence of the `card`.
    """
    confidence, seconds = card["confidence"], card["seconds"]
    stored = {name: Estimate.of(value) for name, value in card["promise"].items()}
    promised = _quantities(
        stored["base_rate"], stored["precision"], stored["ratio"], stored["acceptance_rate"], seconds
    ) | {RECALL: stored["tpr"], FALSE_POSITIVES: stored["fpr"], ROC_AUC: stored["roc_auc"]}
    unsieved, sieved = (arms[name].films for name in Arm)
    good = {Arm.UNSIEVED: _good(unsieved, confidence), Arm.SIEVED: _good(sieved, confidence)}
    acceptance = share(len(sieved), arms[Arm.SIEVED].drawn, confidence)
    came = _quantities(
        good[Arm.UNSIEVED], good[Arm.SIEVED], ratio(good[Arm.SIEVED], good[Arm.UNSIEVED]), acceptance, seconds
    )
    came |= _of_the_sieve(unsieved, confidence, resamples, seed)
    films = dict.fromkeys(came, len(unsieved) + len(sieved)) | {
        PRECISION[Arm.UNSIEVED]: len(unsieved),
        PRECISION[Arm.SIEVED]: len(sieved),
        SECONDS[Arm.UNSIEVED]: len(unsieved),
        SECONDS[Arm.SIEVED]: len(sieved),
        ACCEPTANCE: len(sieved),
        RECALL: int(unsieved["valid"].sum()),
        FALSE_POSITIVES: int((1 - unsieved["valid"]).sum()),
        ROC_AUC: len(unsieved),
    }
    rows = [_row(ALL, name, films[name], promised[name], came[name]) for name in came]
    rows += _expected(ALL, (unsieved, sieved), {}, confidence)
    for group in dict.fromkeys([*unsieved["group"], *sieved["group"]]):
        of_group = [arm[arm["group"] == group] for arm in (unsieved, sieved)]
        rows += _expected(group, of_group, promised, confidence)
    return pd.DataFrame(rows, columns=list(CHECKED_PROMISE.columns))


def film_diversity(arms: Mapping[Arm, ArmRecord], resamples: int, confidence: float, seed: int) -> pd.DataFrame:
    """Return CHECKED_DIVERSITY: good films of the sieved arm against as many drawn at random from those of both arms.

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


def promise_metrics(promise: pd.DataFrame) -> dict[str, Any]:
    """How many of the promises for all films were kept, and these; None where not defined.

    `groups_below_promise` are those groups of the generator that had fewer good films from sieved latents than promised
    for all.
    """
    of_all = promise[(promise["group"] == ALL) & promise["kept"].notna()]
    below = promise[(promise["group"] != ALL) & (promise["quantity"] == PRECISION[Arm.SIEVED]) & (promise["kept"] == 0)]
    columns = ["promised", "came", "came_lower", "came_upper"]
    return {
        "promises": len(of_all),
        "promises_kept": int(of_all["kept"].sum()),
        "groups_below_promise": below["group"].tolist(),
        "quantities": {
            row["quantity"]: {name: _or_none(row[name]) for name in columns}
            for row in promise[promise["group"] == ALL].to_dict("records")
        },
    }


def _quantities(
    base_rate: Estimate,
    precision: Estimate,
    precision_ratio: Estimate,
    acceptance: Estimate,
    seconds: Mapping[str, float],
) -> dict[str, Estimate]:
    """The precisions and what follows from them for the time, where a film takes seconds["draw"].

    A latent takes seconds["predict"], and so many are judged for a film as are drawn for one that is accepted. With
    the precision p a good film takes t / p; the uncertainty of the number of latents for a film is left aside.
    """
    draw = seconds["draw"]
    sieved = draw + seconds["predict"] / acceptance.value if acceptance.value else nan
    return {
        PRECISION[Arm.UNSIEVED]: base_rate,
        PRECISION[Arm.SIEVED]: precision,
        RATIO: precision_ratio,
        ACCEPTANCE: acceptance,
        SECONDS[Arm.UNSIEVED]: base_rate.inverse().times(draw),
        SECONDS[Arm.SIEVED]: precision.inverse().times(sieved),
        SAVING: precision_ratio.times(draw / sieved),
    }


def _of_the_sieve(unsieved: pd.DataFrame, confidence: float, resamples: int, seed: int) -> dict[str, Estimate]:
    """What the sieve would have done with the latents that it was not asked about."""
    truth, accepted = unsieved["valid"].to_numpy(), unsieved["accepted"].to_numpy()
    films = np.arange(len(unsieved))
    found = measures_with_intervals(
        truth, unsieved["probability"].to_numpy(), accepted, films, resamples, confidence, seed
    ).set_index("metric")
    area = found.loc["roc_auc", ["value", "lower", "upper"]].to_numpy(float)
    return {
        RECALL: share(int(accepted[truth == 1].sum()), int(truth.sum()), confidence),
        FALSE_POSITIVES: share(int(accepted[truth == 0].sum()), int((1 - truth).sum()), confidence),
        ROC_AUC: Estimate(*area.tolist()),
    }


def _expected(
    group: str, films_of_arms: Iterable[pd.DataFrame], promised: Mapping[str, Estimate], confidence: float
) -> list[tuple[object, ...]]:
    """The share of good films of each arm beside what is promised of it, if so, and the model's mean probability."""
    rows = []
    for arm, films in zip(Arm, films_of_arms, strict=True):
        if len(films):
            expected = {PROBABILITY[arm]: Estimate(float(films["probability"].mean()))}
            if PRECISION[arm] in promised:
                expected = {PRECISION[arm]: promised[PRECISION[arm]]} | expected
            came = _good(films, confidence)
            rows += [_row(group, name, len(films), value, came) for name, value in expected.items()]
    return rows


def _good(films: pd.DataFrame, confidence: float) -> Estimate:
    return share(int(films["valid"].sum()), len(films), confidence)


def _row(group: str, quantity: str, films: int, promised: Estimate, came: Estimate) -> tuple[object, ...]:
    gap = difference(came, promised.exact())
    kept: float = nan
    if isfinite(gap.lower) and isfinite(gap.upper):
        enough, not_more = gap.upper >= 0, gap.lower <= 0
        kept = float({1: enough, -1: not_more}.get(_BETTER.get(quantity, 0), enough and not_more))
    numbers = [*vars(promised).values(), *vars(came).values(), *vars(gap).values()]
    return group, quantity, films, *(number if isfinite(number) else nan for number in numbers), kept


def _reduced(points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Standardised features, by at most 20 principal components."""
    standard = StandardScaler().fit_transform(points.astype(float))
    components = min(_COMPONENTS, *standard.shape)
    return np.asarray(PCA(components, svd_solver="full").fit_transform(standard))


def _or_none(value: float) -> float | None:
    return float(value) if isfinite(value) else None
