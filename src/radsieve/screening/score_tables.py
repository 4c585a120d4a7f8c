"""The tables of stage score_images: scores, pass rates, statistics, and what alterations do to the scores."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import resampling
from radsieve.errors import InputError
from radsieve.screening.film_scores import FITTED, JUDGED, UNALTERED, ScoredImages, true_films
from radsieve.screening.scores import QUANTITIES
from radsieve.screening_tables import (
    LATENTS,
    PASS_RATES,
    REACTIONS,
    SCALING,
    SCORED_FILMS,
    SCORED_LATENTS,
    SCORES,
)

ALL_GENERATED, TRUE_FILMS = "all generated", "true films"


def scored_films(scored: ScoredImages) -> pd.DataFrame:
    """SCORED_FILMS of the generated films."""
    return scored.generated[list(SCORED_FILMS.columns)]


def scored_latents(scored: ScoredImages, latents: npt.NDArray[np.float32]) -> pd.DataFrame:
    """SCORED_LATENTS of the generated films, the input of the prefilter."""
    return with_latents(scored_films(scored), latents)


def with_latents(films: pd.DataFrame, latents: npt.NDArray[np.float32]) -> pd.DataFrame:
    """SCORED_LATENTS of `films`, which are SCORED_FILMS (n rows), and their `latents` (n, 128)."""
    components = pd.DataFrame(latents, columns=list(LATENTS))
    return pd.concat([films.drop(columns="film"), components], axis=1)[list(SCORED_LATENTS.columns)]


def scaling(scored: ScoredImages, confidence: float) -> pd.DataFrame:
    """SCALING: thresholds, and how many true films pass where they were fitted and where not."""
    rows = []
    for part in (FITTED, JUDGED):
        films = true_films(scored, part)
        for name in (*SCORES, "valid"):
            quantity, threshold = QUANTITIES.get(name, "all scores"), scored.thresholds.get(name, np.nan)
            rows.append((name, quantity, threshold, part, *_passing(films, name, confidence)))
    return pd.DataFrame(rows, columns=list(SCALING.columns))


def pass_rates(scored: ScoredImages, confidence: float) -> pd.DataFrame:
    """PASS_RATES of each group of generated films, of all of them, and of the true films of part test."""
    groups = by_group(scored.generated) | {TRUE_FILMS: true_films(scored, JUDGED)}
    return rates_of(groups, confidence)


def by_group(films: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each group of generated films, groups in the order of their names, and all of them."""
    return {name: films[films["group"] == name] for name in sorted(set(films["group"]))} | {ALL_GENERATED: films}


def rates_of(groups: Mapping[str, pd.DataFrame], confidence: float) -> pd.DataFrame:
    """PASS_RATES of films, by the names of their groups, that have the columns `valid` and SCORES."""
    rows = [
        (group, name, *_passing(films, name, confidence))
        for group, films in groups.items()
        for name in (*SCORES, "valid")
    ]
    return pd.DataFrame(rows, columns=list(PASS_RATES.columns))


def statistics(scored: ScoredImages) -> pd.DataFrame:
    """SCORE_STATISTICS: count, mean, std, min, quartiles and max of `valid` and of each score."""
    found = scored.generated[["valid", *SCORES]].astype(float).describe()
    return found.rename_axis("statistic").reset_index()


def reactions(scored: ScoredImages, resamples: int, confidence: float, seed: int) -> pd.DataFrame:
    """REACTIONS of the scores to each alteration, over the altered films of part test with their unaltered originals.

    Raises InputError if the original of an altered film is not among the unaltered films.
    """
    reference = scored.reference
    originals = reference[reference["alteration"] == UNALTERED].set_index("film")
    altered = reference[(reference["alteration"] != UNALTERED) & (reference["part"] == JUDGED)]
    if len(lost := altered.loc[~altered["original"].isin(originals.index), "original"]):
        raise InputError(f"results of alter_films: {lost.iloc[0]} has altered copies but is not there unaltered")
    rows = []
    for alteration in dict.fromkeys(altered["alteration"]):
        after = altered[altered["alteration"] == alteration]
        before = originals.loc[after["original"]]
        drawn = np.random.default_rng(seed).integers(len(after), size=(resamples, len(after)))
        for name in SCORES:
            change = after[name].to_numpy() - before[name].to_numpy()
            bounds = resampling.interval(np.median(change[drawn], axis=1), confidence)
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
    """Counts, thresholds, and the share of generated and of true films that pass each score."""
    share = {(group, name): value for group, name, value in rates[["group", "score", "share"]].itertuples(index=False)}
    return {
        "films": len(scored.generated),
        "valid": int(scored.generated["valid"].sum()),
        "thresholds": scored.thresholds,
        "pass_share_generated": {name: _or_none(share[ALL_GENERATED, name]) for name in (*SCORES, "valid")},
        "pass_share_true_films": {name: _or_none(share[TRUE_FILMS, name]) for name in (*SCORES, "valid")},
    }


def _passing(films: pd.DataFrame, name: str, confidence: float) -> tuple[int, int, float, float, float]:
    """Number of films, how many pass, their share and its bounds."""
    passed = int((films[name] > 0).sum())
    share = passed / len(films) if len(films) else np.nan
    return len(films), passed, share, *resampling.wilson(passed, len(films), confidence)


def _shares(before: pd.DataFrame, after: pd.DataFrame, name: str, confidence: float) -> tuple[float, ...]:
    return float((before[name] > 0).mean()), *_passing(after, name, confidence)[2:]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
