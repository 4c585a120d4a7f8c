"""What fuse_modalities finds: how much a table adds to the image, what each is worth, and what a leak would add."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.stats import binary_metrics, paired_tests, resampling
from radsieve.stats.resampling import Estimate
from radsieve.tasks.images.fusion import WHOLE, Fused, Key, fuse, keys_of
from radsieve.tasks.images.fusion_pairs import Columns, Flags, Floats, Pairs
from radsieve.tasks.images.settings import IGNORE, ONE, FuseModalities
from radsieve.tasks.images.tables import FUSION, FUSION_PREDICTIONS, FUSION_SHARES, IMAGE, LATE, TABLE
from radsieve.tasks.leaks import Row, leak_row
from radsieve.tasks.plots.fusion import plot_gains
from radsieve.tasks.rows.areas import same_ranking
from radsieve.tasks.tables import LEAKS, Protocol

_CALLED, _CHANCE = 0.5, 0.5


@dataclass(frozen=True)
class FusionResults:
    """Tables by their schemas, figures by their names, metrics, and a summary."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


def fusion_results(pairs: Pairs, settings: FuseModalities) -> FusionResults:
    """Evaluate image, table and both out of fold, and each leak that the settings name columns for.

    Images of an uncertain class are learnt from as the settings say, and evaluated by the protocol alone that takes
    them for negative.
    """
    found = _honest(pairs, Columns(settings.numbers, settings.codes), settings, keys_of(settings))
    known = pairs.of(pairs.certain)
    areas = {key: _Area.of(known, one, settings) for key, one in found.probability.items()}
    comparison, shares = _comparison(known, found, areas, settings), _shares(areas, settings)
    mistakes = _leaks(pairs, found, areas, settings)
    metrics = _metrics(known, comparison, shares) | {"uncertain": len(pairs.truth) - len(known.truth)}
    gain = metrics["gain"]["late"]
    return FusionResults(
        tables=(
            (FUSION, comparison),
            (FUSION_SHARES, shares),
            (FUSION_PREDICTIONS, _predictions(known, found)),
            (LEAKS, mistakes),
        ),
        figures={"gains": plot_gains(comparison)},
        metrics=metrics,
        summary=f"{len(known.truth)} images; the table adds {gain['value']:.3f} ({gain['lower']:.3f} to"
        f" {gain['upper']:.3f}) to the ROC-AUC of the image (late)",
    )


def _honest(pairs: Pairs, columns: Columns, settings: FuseModalities, keys: Collection[Key]) -> Fused:
    """The images that are certain as predicted by models that learn from the others as the settings say.

    These ways are U-Ignore, U-Zeros and U-Ones of Irvin et al. 2019 (doi:10.1609/aaai.v33i01.3301590).
    """
    certain = pairs.certain
    if settings.uncertain == IGNORE or certain.all():
        return fuse(pairs.of(certain), columns, settings, keys)
    found = fuse(pairs.read_as(int(settings.uncertain == ONE)), columns, settings, keys)
    return Fused({key: one[certain] for key, one in found.probability.items()})


@dataclass(frozen=True)
class _Area:
    """A ROC-AUC with its interval, and its value in each resample of units: the same resamples for all models."""

    estimate: Estimate
    draws: Floats

    @classmethod
    def of(cls, pairs: Pairs, probability: Floats, settings: FuseModalities) -> "_Area":
        """The mean over the folds, each of whose models ranks its own images; without a probability one is left out."""
        value = float(_mean_area(pairs, probability, np.ones((1, len(pairs.truth))))[0])
        draws = np.concatenate([_mean_area(pairs, probability, block) for block in _resamples(pairs, settings)])
        there = np.isfinite(probability)
        bounds = binary_metrics.area_bounds(value, draws, pairs.truth[there], pairs.units[there], settings.confidence)
        return cls(Estimate(value, *bounds), draws)


def _resamples(pairs: Pairs, settings: FuseModalities) -> Iterator[Floats]:
    """How often each image (resamples, n) counts when units are drawn anew, in blocks of resamples."""
    patterns = resampling.patterns(np.arange(len(pairs.truth))[:, None], pairs.units)
    for block in patterns.resamples(settings.bootstrap, settings.seed):
        yield block[:, patterns.of_item]


def _mean_area(pairs: Pairs, probability: Floats, weights: Floats) -> Floats:
    parts = []
    for number in np.unique(pairs.fold):
        rows = (pairs.fold == number) & np.isfinite(probability)
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


def _models(keys: Iterable[Key]) -> list[str]:
    """Image, table, and what takes both."""
    return [model for model, *states in keys if states == [WHOLE, WHOLE]]


def _comparison(pairs: Pairs, found: Fused, areas: Mapping[Key, _Area], settings: FuseModalities) -> pd.DataFrame:
    """FUSION of every model, with whole and with damaged inputs."""
    alone = areas[IMAGE, WHOLE, WHOLE]
    rows = []
    for key, area in areas.items():
        model, image, table = key
        right = _right(pairs, found.probability[key])
        accuracy = resampling.clustered_share(right, pairs.units, settings.confidence)
        apart = Estimate(np.nan) if area is alone else _difference(area, alone, settings.confidence)
        estimates = [value for one in (area.estimate, accuracy, apart) for value in (one.value, one.lower, one.upper)]
        rows.append((model, image, table, len(pairs.truth), *estimates))
    return pd.DataFrame(rows, columns=list(FUSION.columns))


def _shares(areas: Mapping[Key, _Area], settings: FuseModalities) -> pd.DataFrame:
    """FUSION_SHARES: of two players, half of what each adds to nothing and to the other (Shapley 1953)."""
    rows = []
    for model in _models(areas)[2:]:
        both = areas[model, WHOLE, WHOLE]
        for modality, other in ((IMAGE, TABLE), (TABLE, IMAGE)):
            own, rest = areas[modality, WHOLE, WHOLE], areas[other, WHOLE, WHOLE]
            value = (own.estimate.value - _CHANCE + both.estimate.value - rest.estimate.value) / 2
            lower, upper = resampling.interval((own.draws - _CHANCE + both.draws - rest.draws) / 2, settings.confidence)
            rows.append((model, modality, value, *((lower, upper) if lower < upper else (np.nan, np.nan))))
    return pd.DataFrame(rows, columns=list(FUSION_SHARES.columns))


def _leaks(pairs: Pairs, found: Fused, areas: Mapping[Key, _Area], settings: FuseModalities) -> pd.DataFrame:
    """LEAKS: the table alone and both together with columns that would not be known, or say how an image was taken.

    Where there are images of an uncertain class, of these models and of the image alone what they would show as
    negative ones.
    """
    told = {Protocol.WITH_FINDINGS: settings.findings, Protocol.VIEW_KNOWN: settings.acquisition}
    certain = pairs.certain
    data = pairs.of(certain)
    models = [(name, WHOLE, WHOLE) for name in (TABLE, LATE, *(() if certain.all() else (IMAGE,)))]
    units = (len(np.unique(data.units)),) * 2
    rows = []
    for protocol in (Protocol.HONEST, *(name for name, more in told.items() if more)):
        leaky = found
        if protocol is not Protocol.HONEST:
            codes = tuple(dict.fromkeys([*settings.codes, *told[protocol]]))
            leaky = _honest(pairs, Columns(settings.numbers, codes), settings, models)
        for key in models if protocol is Protocol.HONEST else models[:2]:
            area = _Area.of(data, leaky.probability[key], settings)
            right, honestly = (_right(data, one.probability[key]) for one in (leaky, found))
            accuracy = resampling.clustered_share(right, data.units, settings.confidence)
            apart = _difference(area, areas[key], settings.confidence)
            shares = paired_tests.share_difference(right, honestly, settings.confidence, data.units)
            alike = same_ranking(leaky.probability[key], found.probability[key], data.fold)
            for name, value, base, gained, same in (
                ("roc_auc", area.estimate, areas[key].estimate.value, apart, alike),
                ("accuracy", accuracy, float(honestly.mean()), shares, np.array_equal(right, honestly)),
            ):
                row = leak_row(protocol, key[0], name, len(data.truth), value, base, gained, units, same=same)
                rows.append(row)
    if not certain.all():
        rows += _as_negative(pairs, found, models, settings)
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _as_negative(pairs: Pairs, found: Fused, models: Sequence[Key], settings: FuseModalities) -> Iterator[Row]:
    """Rows of LEAKS where uncertain images are negative ones, in learning and evaluation.

    The honest values are of fewer images, and differences of both by the same resamples of all units.
    """
    data, certain = pairs.read_as(0), pairs.certain
    leaky = fuse(data, Columns(settings.numbers, settings.codes), settings, models)
    units = len(np.unique(data.units)), len(np.unique(data.units[certain]))
    for key in models:
        honestly = np.full(len(certain), np.nan)
        honestly[certain] = found.probability[key]
        area, base = (_Area.of(data, one, settings) for one in (leaky.probability[key], honestly))
        right, before = _right(data, leaky.probability[key]), _right(data, honestly)
        shares = Estimate(float(right.mean()) - float(before[certain].mean()))
        moves = [
            block @ right / block.sum(axis=1) - block[:, certain] @ before[certain] / block[:, certain].sum(axis=1)
            for block in _resamples(data, settings)
        ]
        lower, upper = resampling.interval(np.concatenate(moves), settings.confidence)
        if lower < upper:
            shares = Estimate(shares.value, lower, upper)
        accuracy = resampling.clustered_share(right, data.units, settings.confidence)
        for name, value, honest, gained in (
            ("roc_auc", area.estimate, base.estimate.value, _difference(area, base, settings.confidence)),
            ("accuracy", accuracy, float(before[certain].mean()), shares),
        ):
            yield leak_row(Protocol.UNCERTAIN_NEGATIVE, key[0], name, len(data.truth), value, honest, gained, units)


def _right(pairs: Pairs, probability: Floats) -> Flags:
    """Which images (n,) are called what they are."""
    return np.asarray((probability >= _CALLED) == (pairs.truth == 1))


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
        for model in _models(found.probability)
    ]
    return pd.concat(parts, ignore_index=True)


def _metrics(pairs: Pairs, comparison: pd.DataFrame, shares: pd.DataFrame) -> dict[str, Any]:
    whole = comparison[(comparison["image"] == WHOLE) & (comparison["table"] == WHOLE)].set_index("model")

    models = list(whole.index)

    def estimates(name: str, models: Sequence[str]) -> dict[str, dict[str, float | None]]:
        ends = {"value": "", "lower": "_lower", "upper": "_upper"}
        return {
            model: {key: _known(whole[f"{name}{end}"].to_dict()[model]) for key, end in ends.items()}
            for model in models
        }

    return {
        "images": len(pairs.truth),
        "units": len(np.unique(pairs.units)),
        "positive": int(pairs.truth.sum()),
        "roc_auc": estimates("roc_auc", models),
        "gain": estimates("difference", models[1:]),
        "shares": {f"{row['model']} {row['modality']}": float(row["share"]) for row in shares.to_dict("records")},
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
