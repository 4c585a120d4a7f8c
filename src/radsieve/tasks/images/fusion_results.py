"""What fuse_modalities finds: how much a table adds to the image, what each is worth, and what a leak would add."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.stats import binary_metrics, paired_tests, resampling
from radsieve.stats.resampling import Estimate
from radsieve.tasks.images.fusion import EARLY, IMAGE, LATE, TABLE, WHOLE, Columns, Floats, Fused, Pairs, fuse
from radsieve.tasks.images.tables import FUSION, FUSION_PREDICTIONS, FUSION_SHARES
from radsieve.tasks.leaks import leak_row
from radsieve.tasks.plots.fusion import plot_gains
from radsieve.tasks.rows.areas import same_ranking
from radsieve.tasks.settings import FuseModalities
from radsieve.tasks.tables import LEAKS, Protocol

_CALLED, _CHANCE = 0.5, 0.5
_MODELS = (IMAGE, TABLE, EARLY, LATE)


@dataclass(frozen=True)
class FusionResults:
    """Tables by their schemas, figures by their names, metrics, and a summary."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


def fusion_results(pairs: Pairs, settings: FuseModalities) -> FusionResults:
    """Evaluate image, table and both out of fold, and each leak that the settings name columns for."""
    columns = Columns(settings.numbers, settings.codes)
    found = fuse(pairs, columns, settings.strengths, settings.seed)
    areas = {key: _Area.of(pairs, one, settings) for key, one in found.probability.items()}
    comparison, shares = _comparison(pairs, found, areas, settings), _shares(areas, settings)
    mistakes = _leaks(pairs, found, areas, columns, settings)
    metrics = _metrics(pairs, comparison, shares)
    gain = metrics["gain"]["late"]
    return FusionResults(
        tables=(
            (FUSION, comparison),
            (FUSION_SHARES, shares),
            (FUSION_PREDICTIONS, _predictions(pairs, found)),
            (LEAKS, mistakes),
        ),
        figures={"gains": plot_gains(comparison)},
        metrics=metrics,
        summary=f"{len(pairs.truth)} images; the table adds {gain['value']:.3f} ({gain['lower']:.3f} to"
        f" {gain['upper']:.3f}) to the ROC-AUC of the image (late)",
    )


@dataclass(frozen=True)
class _Area:
    """A ROC-AUC with its interval, and its value in each resample of units: the same resamples for all models."""

    estimate: Estimate
    draws: Floats

    @classmethod
    def of(cls, pairs: Pairs, probability: Floats, settings: FuseModalities) -> "_Area":
        """The mean over the folds, each of whose models ranks its own images."""
        patterns = resampling.patterns(np.arange(len(pairs.truth))[:, None], pairs.units)
        blocks = [block[:, patterns.of_item] for block in patterns.resamples(settings.bootstrap, settings.seed)]
        value = float(_mean_area(pairs, probability, np.ones((1, len(pairs.truth))))[0])
        draws = np.concatenate([_mean_area(pairs, probability, block) for block in blocks])
        bounds = binary_metrics.area_bounds(value, draws, pairs.truth, pairs.units, settings.confidence)
        return cls(Estimate(value, *bounds), draws)


def _mean_area(pairs: Pairs, probability: Floats, weights: Floats) -> Floats:
    parts = []
    for number in np.unique(pairs.fold):
        rows = pairs.fold == number
        parts.append(binary_metrics.roc_auc(pairs.truth[rows], probability[rows], weights[:, rows]))
    areas = np.vstack(parts)
    known = np.isfinite(areas)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, areas, 0).sum(axis=0) / known.sum(axis=0))


def _difference(first: _Area, second: _Area, confidence: float) -> Estimate:
    """The first minus the second area, by the same resamples; without a width, none."""
    lower, upper = resampling.interval(first.draws - second.draws, confidence)
    value = first.estimate.value - second.estimate.value
    return Estimate(value, lower, upper) if lower < upper else Estimate(value)


def _comparison(
    pairs: Pairs, found: Fused, areas: Mapping[tuple[str, str, str], _Area], settings: FuseModalities
) -> pd.DataFrame:
    """FUSION of every model, with whole and with damaged inputs."""
    alone = areas[IMAGE, WHOLE, WHOLE]
    rows = []
    for key, area in areas.items():
        model, image, table = key
        right = (found.probability[key] >= _CALLED) == (pairs.truth == 1)
        accuracy = resampling.clustered_share(right, pairs.units, settings.confidence)
        apart = Estimate(np.nan) if area is alone else _difference(area, alone, settings.confidence)
        estimates = [value for one in (area.estimate, accuracy, apart) for value in (one.value, one.lower, one.upper)]
        rows.append((model, image, table, len(pairs.truth), *estimates))
    return pd.DataFrame(rows, columns=list(FUSION.columns))


def _shares(areas: Mapping[tuple[str, str, str], _Area], settings: FuseModalities) -> pd.DataFrame:
    """FUSION_SHARES: of two players, half of what each adds to nothing and to the other (Shapley 1953)."""
    rows = []
    for model in (EARLY, LATE):
        both = areas[model, WHOLE, WHOLE]
        for modality, other in ((IMAGE, TABLE), (TABLE, IMAGE)):
            own, rest = areas[modality, WHOLE, WHOLE], areas[other, WHOLE, WHOLE]
            value = (own.estimate.value - _CHANCE + both.estimate.value - rest.estimate.value) / 2
            lower, upper = resampling.interval((own.draws - _CHANCE + both.draws - rest.draws) / 2, settings.confidence)
            rows.append((model, modality, value, *((lower, upper) if lower < upper else (np.nan, np.nan))))
    return pd.DataFrame(rows, columns=list(FUSION_SHARES.columns))


def _leaks(
    pairs: Pairs,
    found: Fused,
    areas: Mapping[tuple[str, str, str], _Area],
    columns: Columns,
    settings: FuseModalities,
) -> pd.DataFrame:
    """LEAKS: the table alone and both together with columns that would not be known, or say how an image was taken."""
    told = {Protocol.WITH_FINDINGS: settings.findings, Protocol.VIEW_KNOWN: settings.acquisition}
    models = [(TABLE, WHOLE, WHOLE), (LATE, WHOLE, WHOLE)]
    units = (len(np.unique(pairs.units)),) * 2
    rows = []
    for protocol in (Protocol.HONEST, *(name for name, more in told.items() if more)):
        leaky = found
        if protocol is not Protocol.HONEST:
            more = Columns(columns.numbers, tuple(dict.fromkeys([*columns.codes, *told[protocol]])))
            leaky = fuse(pairs, more, settings.strengths, settings.seed)
        for key in models:
            area = _Area.of(pairs, leaky.probability[key], settings)
            right, honestly = ((one.probability[key] >= _CALLED) == (pairs.truth == 1) for one in (leaky, found))
            accuracy = resampling.clustered_share(right, pairs.units, settings.confidence)
            apart = _difference(area, areas[key], settings.confidence)
            shares = paired_tests.share_difference(right, honestly, settings.confidence, pairs.units)
            alike = same_ranking(leaky.probability[key], found.probability[key], pairs.fold)
            for name, value, base, gained, same in (
                ("roc_auc", area.estimate, areas[key].estimate.value, apart, alike),
                ("accuracy", accuracy, float(honestly.mean()), shares, np.array_equal(right, honestly)),
            ):
                row = leak_row(protocol, key[0], name, len(pairs.truth), value, base, gained, units, same=same)
                rows.append(row)
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _predictions(pairs: Pairs, found: Fused) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "image": pairs.names,
                "unit": [f"unit {one + 1}" for one in pairs.units],
                "fold": pairs.fold + 1,
                "truth": pairs.truth,
                "model": model,
                "probability": found.probability[model, WHOLE, WHOLE],
            }
        )
        for model in _MODELS
    ]
    return pd.concat(parts, ignore_index=True)


def _metrics(pairs: Pairs, comparison: pd.DataFrame, shares: pd.DataFrame) -> dict[str, Any]:
    whole = comparison[(comparison["image"] == WHOLE) & (comparison["table"] == WHOLE)].set_index("model")

    def estimates(name: str, models: tuple[str, ...]) -> dict[str, dict[str, float | None]]:
        ends = {"value": "", "lower": "_lower", "upper": "_upper"}
        return {
            model: {key: _known(whole[f"{name}{end}"].to_dict()[model]) for key, end in ends.items()}
            for model in models
        }

    return {
        "images": len(pairs.truth),
        "units": len(np.unique(pairs.units)),
        "positive": int(pairs.truth.sum()),
        "roc_auc": estimates("roc_auc", _MODELS),
        "gain": estimates("difference", (TABLE, EARLY, LATE)),
        "shares": {f"{row['model']} {row['modality']}": float(row["share"]) for row in shares.to_dict("records")},
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
