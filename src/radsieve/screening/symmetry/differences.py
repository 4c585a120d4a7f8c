"""Whether a model tells good images from bad ones better than the best single feature: paired, on the same images."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.screening.symmetry.classifier import ALWAYS, SINGLE
from radsieve.screening.tables import SYMMETRY_DIFFERENCES, LabelSource
from radsieve.stats import resampling
from radsieve.stats.binary_metrics import measures
from radsieve.stats.paired_tests import areas, holm, normal_test

Floats = npt.NDArray[np.float64]

_METRICS = ("roc_auc", "recall", "precision")


def differences(
    predictions: pd.DataFrame, units: pd.Series, resamples: int, confidence: float, seed: int
) -> pd.DataFrame:
    """SYMMETRY_DIFFERENCES of every model from the best single feature, by the labels and, if known, by the truth.

    `predictions` are SYMMETRY_PREDICTIONS; `units` numbers what is resampled as a whole, by image. Models are not
    refitted, so that the bounds hold for the predictions as they are.
    """
    by_model = {str(name): found.set_index("image") for name, found in predictions.groupby("model", sort=False)}
    reference = by_model.pop(SINGLE)
    by_model.pop(ALWAYS, None)
    columns = {LabelSource.LABELS: "label"}
    if reference["truth"].notna().all():
        columns[LabelSource.TRUTH] = "truth"
    counts = resampling.patterns(np.arange(len(reference))[:, None], units.loc[reference.index].to_numpy())
    weights = np.concatenate([block[:, counts.of_item] for block in counts.resamples(resamples, seed)])
    parts = []
    for evaluator, column in columns.items():
        good = reference[column].to_numpy(int)
        rows = []
        for model, found in by_model.items():
            same = found.loc[reference.index]
            whole, drawn = (_gained(good, same, reference, one) for one in (np.ones((1, len(good))), weights))
            scores = np.column_stack([same["probability"], reference["probability"]]).astype(float)
            covariance = areas(good, scores).covariance
            variance = float(np.array([1, -1]) @ covariance @ np.array([1, -1]))
            tested = normal_test(float(whole["roc_auc"][0]), variance, confidence)
            for metric in _METRICS:
                bounds = resampling.interval(drawn[metric], confidence)
                p_value = tested.p_value if metric == "roc_auc" else np.nan
                rows.append((model, evaluator, metric, len(good), float(whole[metric][0]), *bounds, p_value))
        table = pd.DataFrame(rows, columns=list(SYMMETRY_DIFFERENCES.columns)[:-1])
        parts.append(table.assign(p_adjusted=holm(table["p_value"])))
    return pd.concat(parts, ignore_index=True)


def _gained(
    good: npt.NDArray[np.int64], model: pd.DataFrame, reference: pd.DataFrame, weights: Floats
) -> dict[str, Floats]:
    """How much greater each metric of `model` is than that of `reference`, for each row of `weights`."""
    a, b = (
        measures(good, one["probability"].to_numpy(float), one["accepted"].to_numpy(), weights)
        for one in (model, reference)
    )
    return {name: a[name] - b[name] for name in _METRICS}
