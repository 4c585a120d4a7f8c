"""The tables of stage score_images: scores, pass rates, statistics, and what alterations do to the scores."""

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.numbers import or_none
from radsieve.progress import working
from radsieve.screening.scores.alterations import expected
from radsieve.screening.scores.image_scores import ScoredBatches, true_images
from radsieve.screening.scores.reference_images import EVALUATED, FITTED, UNALTERED
from radsieve.screening.scores.scores import QUANTITIES
from radsieve.screening.tables import (
    ALL_GENERATED,
    LATENTS,
    PASS_RATES,
    REACTIONS,
    REFERENCE_SCORES,
    SCALING,
    SCORED_LATENTS,
    SCORES,
    TRUE_IMAGES,
    AlterationKind,
    Expected,
)
from radsieve.stats import resampling
from radsieve.stats.paired_tests import share_difference


def with_latents(images: pd.DataFrame, latents: npt.NDArray[np.float32]) -> pd.DataFrame:
    """SCORED_LATENTS of `images`, which are SCORED_IMAGES (n rows), and their `latents` (n, 128): the input of the
    prefilter."""
    components = pd.DataFrame(latents, columns=list(LATENTS))
    return pd.concat([images.drop(columns="image"), components], axis=1)[list(SCORED_LATENTS.columns)]


def scaling(scored: ScoredBatches, confidence: float) -> pd.DataFrame:
    """SCALING: thresholds, and how many true images pass in the split where they were fitted and in the other.

    In the difference of the two the interval of the share where the threshold was set stands for its own uncertainty:
    of other images as many would have set it elsewhere.
    """
    rows = []
    for split in (FITTED, EVALUATED):
        images = true_images(scored, split)
        units = images["unit"].nunique()
        for name in (*SCORES, "valid"):
            quantity, threshold = QUANTITIES.get(name, "all scores"), scored.scaler.thresholds.get(name, np.nan)
            number, passed, share, *bounds = _passing(images, name, confidence)
            defined = split == FITTED and name != "valid"
            change = _more_than_fitted(scored, name, confidence) if split == EVALUATED else resampling.Estimate(np.nan)
            rows.append(
                (name, quantity, threshold, split, number, units, passed, share)
                + ((np.nan, np.nan) if defined else tuple(bounds))
                + (int(defined), change.value, change.lower, change.upper)
            )
    return pd.DataFrame(rows, columns=list(SCALING.columns))


def _more_than_fitted(scored: ScoredBatches, name: str, confidence: float) -> resampling.Estimate:
    """The share of the true images that pass where they are evaluated, minus that in the one where scores are set."""
    found = [_passing(true_images(scored, split), name, confidence)[2:] for split in (EVALUATED, FITTED)]
    return resampling.difference(*(resampling.Estimate(*one) for one in found))


def reference_scores(scored: ScoredBatches) -> pd.DataFrame:
    """REFERENCE_SCORES: the scores of true images and of their altered copies."""
    return scored.reference[list(REFERENCE_SCORES.columns)]


def pass_rates(
    images: pd.DataFrame,
    confidence: float,
    true: pd.DataFrame | None = None,
    by_definition: Collection[tuple[str, str]] = (),
) -> pd.DataFrame:
    """PASS_RATES of generated `images`: of each group by name, of all of them, and of `true` images, if there are any.

    Both have the columns `valid` and SCORES. Groups that pass a score `by_definition`, as (group, score), have no rate
    of it, and do not count among all images.
    """
    groups = {name: images[images["group"] == name] for name in sorted(set(images["group"]))} | {ALL_GENERATED: images}
    if true is not None:
        groups[TRUE_IMAGES] = true
    rows = []
    for group, every in groups.items():
        for name in (*SCORES, "valid"):
            untold = [which for which, score in by_definition if score == name]
            measured = every if group == TRUE_IMAGES else every[~every["group"].isin(untold)]
            if len(measured) or not len(every):
                rows.append((group, name, *_passing(measured, name, confidence)))
    return pd.DataFrame(rows, columns=list(PASS_RATES.columns))


def statistics(scored: ScoredBatches) -> pd.DataFrame:
    """SCORE_STATISTICS: count, mean, std, min, quartiles and max of `valid` and of each score."""
    found = scored.generated[["valid", *SCORES]].astype(float).describe()
    return found.rename_axis("statistic").reset_index()


@working("bootstrap of the reactions")
def reactions(scored: ScoredBatches, resamples: int, confidence: float, seed: int) -> pd.DataFrame:
    """REACTIONS of the scores to each alteration, over the altered images of the test split and their originals.

    Raises InputError if the original of an altered image is not among the unaltered images.
    """
    reference = scored.reference
    originals = reference[reference["alteration"] == UNALTERED].set_index("image")
    altered = reference[(reference["alteration"] != UNALTERED) & (reference["split"] == EVALUATED)]
    if len(lost := altered.loc[~altered["original"].isin(originals.index), "original"]):
        raise InputError(f"results of alter_images: {lost.iloc[0]} has altered copies but is not there unaltered")
    rows = []
    for alteration in dict.fromkeys(altered["alteration"]):
        after = altered[altered["alteration"] == alteration]
        before = originals.loc[after["original"]]
        draws = np.random.default_rng(seed).integers(len(after), size=(resamples, len(after)))
        for name in SCORES:
            change = after[name].to_numpy() - before[name].to_numpy()
            bounds = resampling.interval(np.median(change[draws], axis=1), confidence)
            middle = float(np.median(change)), *bounds
            rows.append((*_named(after, name), *middle, *_shares(before, after, name, confidence)))
        rows.append((*_named(after, "valid"), *[np.nan] * 3, *_shares(before, after, "valid", confidence)))
    return pd.DataFrame(rows, columns=list(REACTIONS.columns))


def score_metrics(scored: ScoredBatches, rates: pd.DataFrame) -> dict[str, Any]:
    """Counts, thresholds, and the share of generated and of true images that pass each score."""
    share = {(group, name): value for group, name, value in rates[["group", "score", "share"]].itertuples(index=False)}
    return {
        "images": len(scored.generated),
        "valid": int(scored.generated["valid"].sum()),
        "thresholds": scored.scaler.thresholds,
        "pass_share_generated": {name: or_none(share[ALL_GENERATED, name]) for name in (*SCORES, "valid")},
        "pass_share_true_images": {name: or_none(share[TRUE_IMAGES, name]) for name in (*SCORES, "valid")},
    }


def _passing(images: pd.DataFrame, name: str, confidence: float) -> tuple[int, int, float, float, float]:
    """Number of images, how many pass, their share and its bounds, clustered by `unit` if the images have that."""
    passes = (images[name] > 0).to_numpy()
    share = float(passes.mean()) if len(images) else np.nan
    if "unit" in images:
        bounds = resampling.clustered_wilson(passes, pd.factorize(images["unit"])[0], confidence)
    else:
        bounds = resampling.wilson(int(passes.sum()), len(images), confidence)
    return len(images), int(passes.sum()), share, *bounds


def _named(after: pd.DataFrame, score: str) -> tuple[str, AlterationKind, str, Expected, int]:
    kind = AlterationKind(after["kind"].iloc[0])
    return str(after["alteration"].iloc[0]), kind, score, expected(kind, score), len(after)


def _shares(before: pd.DataFrame, after: pd.DataFrame, name: str, confidence: float) -> tuple[float, ...]:
    passes_before, passes = ((images[name] > 0).to_numpy() for images in (before, after))
    change = share_difference(passes, passes_before, confidence)
    bounds = change.value, change.lower, change.upper
    return float(passes_before.mean()), *_passing(after, name, confidence)[2:], *bounds
