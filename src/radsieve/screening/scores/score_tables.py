"""The tables of stage score_images: scores, pass rates, statistics, and what alterations do to the scores."""

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.progress import working
from radsieve.screening.scores.image_scores import ScoredImages, true_images
from radsieve.screening.scores.reference_images import EVALUATED, FITTED, UNALTERED
from radsieve.screening.scores.scores import QUANTITIES
from radsieve.screening.tables import LATENTS, PASS_RATES, REACTIONS, SCALING, SCORED_LATENTS, SCORES
from radsieve.stats import resampling

ALL_GENERATED, TRUE_IMAGES = "all generated", "true images"


def with_latents(images: pd.DataFrame, latents: npt.NDArray[np.float32]) -> pd.DataFrame:
    """SCORED_LATENTS of `images`, which are SCORED_IMAGES (n rows), and their `latents` (n, 128): the input of the
    prefilter."""
    components = pd.DataFrame(latents, columns=list(LATENTS))
    return pd.concat([images.drop(columns="image"), components], axis=1)[list(SCORED_LATENTS.columns)]


def scaling(scored: ScoredImages, confidence: float) -> pd.DataFrame:
    """SCALING: thresholds, and how many true images pass in the split where they were fitted and in the other."""
    rows = []
    for split in (FITTED, EVALUATED):
        images = true_images(scored, split)
        for name in (*SCORES, "valid"):
            quantity, threshold = QUANTITIES.get(name, "all scores"), scored.scaler.thresholds.get(name, np.nan)
            rows.append((name, quantity, threshold, split, *_passing(images, name, confidence)))
    return pd.DataFrame(rows, columns=list(SCALING.columns))


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


def statistics(scored: ScoredImages) -> pd.DataFrame:
    """SCORE_STATISTICS: count, mean, std, min, quartiles and max of `valid` and of each score."""
    found = scored.generated[["valid", *SCORES]].astype(float).describe()
    return found.rename_axis("statistic").reset_index()


@working("bootstrap of the reactions")
def reactions(scored: ScoredImages, resamples: int, confidence: float, seed: int) -> pd.DataFrame:
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
            rows.append(
                (
                    alteration,
                    name,
                    len(after),
                    float(np.median(change)),
                    *bounds,
                    *_shares(before, after, name, confidence),
                )
            )
        rows.append((alteration, "valid", len(after), *[np.nan] * 3, *_shares(before, after, "valid", confidence)))
    return pd.DataFrame(rows, columns=list(REACTIONS.columns))


def score_metrics(scored: ScoredImages, rates: pd.DataFrame) -> dict[str, Any]:
    """Counts, thresholds, and the share of generated and of true images that pass each score."""
    share = {(group, name): value for group, name, value in rates[["group", "score", "share"]].itertuples(index=False)}
    return {
        "images": len(scored.generated),
        "valid": int(scored.generated["valid"].sum()),
        "thresholds": scored.scaler.thresholds,
        "pass_share_generated": {name: _or_none(share[ALL_GENERATED, name]) for name in (*SCORES, "valid")},
        "pass_share_true_images": {name: _or_none(share[TRUE_IMAGES, name]) for name in (*SCORES, "valid")},
    }


def _passing(images: pd.DataFrame, name: str, confidence: float) -> tuple[int, int, float, float, float]:
    """Number of images, how many pass, their share and its bounds."""
    passed = int((images[name] > 0).sum())
    share = passed / len(images) if len(images) else np.nan
    return len(images), passed, share, *resampling.wilson(passed, len(images), confidence)


def _shares(before: pd.DataFrame, after: pd.DataFrame, name: str, confidence: float) -> tuple[float, ...]:
    return float((before[name] > 0).mean()), *_passing(after, name, confidence)[2:]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
