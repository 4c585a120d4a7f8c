"""Results of closing the loop: new images with and without a sieve, compared with real images and with what was
expected.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from radsieve.generation.generated_groups import scorer_of
from radsieve.generation.grouped_images import ScoredGroup
from radsieve.generation.settings import MeasureLoop
from radsieve.generation.tables import LOOP, LOOP_DISTANCES, LOOP_DIVERSITY, NO_SAVING, LoopSet
from radsieve.generators.interface import Generator
from radsieve.numbers import or_none
from radsieve.prefilter.sieve.expected_observed import ALL, compare_with_expected, image_diversity
from radsieve.prefilter.sieve.prospective import generate_arms
from radsieve.prefilter.tables import CHECKED_IMAGES, EXPECTED_OBSERVED, Arm
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.screening.scores.image_scorer import ScoredImages
from radsieve.settings import LatentSettings
from radsieve.stats import resampling
from radsieve.stats.distances import MIN_POINTS, frechet_distance, kernel_distance
from radsieve.stats.paired_tests import holm

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating[Any]]
ScoredT = TypeVar("ScoredT")

# of all images of an arm, and of the good ones
_SETS = {Arm.UNSIEVED: (LoopSet.GENERATED, LoopSet.SCREENED), Arm.SIEVED: (LoopSet.SIEVED, LoopSet.KEPT)}
SPACE = "network features"  # in which the coverage of the kept images is measured


@dataclass
class Watched(Generic[ScoredT]):
    """A scorer of images that also stores the features (n, k) that `look` gives for each, in the order of the calls."""

    score: Callable[[Bytes], ScoredT]
    look: Callable[[Bytes], Points]
    _seen: list[Points] = field(default_factory=list)

    def __call__(self, images: Bytes) -> ScoredT:
        """Score `images` (n, channels, H, W)."""
        self._seen.append(self.look(images))
        return self.score(images)

    def sets(self, arm: Arm, good: npt.NDArray[np.bool_]) -> dict[str, Points]:
        """The features of all images so far and of the `good` (n,) ones, by their name in an arm."""
        features, (every, kept) = np.concatenate(self._seen), _SETS[arm]
        return {every: features, kept: features[good]}


@dataclass(frozen=True)
class ClosedLoop:
    """CHECKED_IMAGES, EXPECTED_OBSERVED, LOOP_DIVERSITY, LOOP_DISTANCES and LOOP of all groups, and images to show."""

    images: pd.DataFrame
    expected_observed: pd.DataFrame
    diversity: pd.DataFrame
    distances: pd.DataFrame
    loop: pd.DataFrame
    shown: dict[Arm, list[Any]]

    @property
    def tables(self) -> list[tuple[pa.DataFrameSchema, pd.DataFrame]]:
        """The tables with their schemas."""
        schemas = CHECKED_IMAGES, EXPECTED_OBSERVED, LOOP_DIVERSITY, LOOP_DISTANCES, LOOP
        return [(schema, getattr(self, str(schema.name))[list(schema.columns)]) for schema in schemas]


def close_loop(
    groups: Iterable[ScoredGroup],
    generator: Generator,
    score: Callable[[Bytes], ScoredImages],
    look: Callable[[Bytes], Points],
    options: MeasureLoop,
    latents: LatentSettings,
) -> ClosedLoop:
    """Fit the sieve of each group, generate and score new images with it and without, and measure what it achieves.

    `score` scores images as those of a healthy chest; `look` gives the features (n, k) in which they are compared with
    real ones. `options` and `latents` are the sections measure_loop and latents.
    """
    found, shown = list[tuple[pd.DataFrame, ...]](), {name: list[Any]() for name in Arm}
    for group in groups:
        sieve = fit_sieve(group.scored, options.thresholds, latents)
        scorer = scorer_of(score, group.diseased)
        watched = {name: Watched(scorer, look) for name in Arm}
        wanted = options.batch, options.grid_images, options.seed
        arms = generate_arms(sieve, {group.name: options.images}, generator, watched, *wanted)
        sets = dict[str, Points]()
        for name, arm in arms.items():
            sets |= watched[name].sets(name, arm.images["valid"].to_numpy() == 1)
            shown[name] += arm.shown
        held = compare_with_expected(arms, sieve.card, options.bootstrap, options.seed)
        held = held[held["group"] == ALL].assign(group=group.name)
        diverse = image_diversity(arms, options.bootstrap, latents.confidence, options.seed).assign(group=group.name)
        far = distances(group.name, look(group.real.held_out), sets, latents.confidence)
        generated = pd.concat([arm.images for arm in arms.values()])
        found.append((generated, held, diverse, far, loop_row(sieve.card, options.images, held, diverse, far)))
    images, held, diverse, far, loop = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    diverse = diverse.assign(holm=holm(diverse["p_value"]))
    return ClosedLoop(images, held, diverse, far, loop, shown)


def distances(group: str, real: Points, sets: Mapping[str, Points], confidence: float) -> pd.DataFrame:
    """Return LOOP_DISTANCES of `sets` of images, by name, to real ones; features (n, k) and (m, k).

    FID grows as images get fewer, so all sets of at least three images are compared at equal numbers: that of the
    smallest.
    """
    counts = [len(points) for points in sets.values() if len(points) >= MIN_POINTS]
    rows = []
    for which, points in sets.items():
        kid, fid, compared = (nan, nan, nan), nan, 0
        if len(points) >= MIN_POINTS:
            compared = min(counts)
            kid, fid = kernel_distance(real, points, confidence), frechet_distance(real, points[:compared])
        rows.append((group, which, len(points), *kid, fid, compared, len(real)))
    return pd.DataFrame(rows, columns=list(LOOP_DISTANCES.columns))


def loop_row(
    card: Mapping[str, Any],
    images: int,
    expected_observed: pd.DataFrame,
    diversity: pd.DataFrame,
    measured: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row of LOOP: the expected values of the sieve's `card`, and those observed on so many `images` of each
    arm.

    `expected_observed` are the rows of EXPECTED_OBSERVED of the prefilter for all images, `diversity` those of
    CHECKED_DIVERSITY, `measured` are LOOP_DISTANCES, all of the group.
    """
    data, confidence = card["data"], card["confidence"]
    observed = expected_observed.set_index("quantity")
    covered = diversity[(diversity["space"] == SPACE) & (diversity["measure"] == "coverage")]
    far = measured.set_index("which")
    bounds = resampling.wilson(data["good"], data["rows"], confidence)
    row = {"group": card["group"], "rows": data["rows"], "model": card["model"], "rule": card["rule"], "images": images}
    row |= {"threshold": card["threshold"], "reason": card["reason"]}
    row |= _bounded("valid_rate", data["valid_rate"], *bounds)
    row |= _bounded("roc_auc", *(card["expected"]["roc_auc"][key] for key in ("value", "lower", "upper")))
    for name, quantity, what in (
        ("precision_before", "precision_unsieved", "observed"),
        ("precision_after", "precision_sieved", "observed"),
        ("saving_expected", "saving", "expected"),
        ("saving_observed", "saving", "observed"),
    ):
        row |= _bounded(name, *observed.loc[quantity, _columns(what)].to_numpy(float))
    for name, column in (("coverage", "value"), ("coverage_by_chance", "chance")):
        row[name] = covered[column].iloc[0] if len(covered) else nan
    for name, which in (("all", LoopSet.GENERATED), ("kept", LoopSet.KEPT)):
        row[f"fid_{name}"] = far.loc[which, "fid"]
        row |= _bounded(f"kid_{name}", *far.loc[which, _columns("kid")].to_numpy(float))
    return pd.DataFrame([row])[list(LOOP.columns)]


def loop_metrics(loop: pd.DataFrame) -> dict[str, Any]:
    """The main figures of LOOP by group, with the bounds of their intervals; None where not defined."""
    names = ("valid_rate", "roc_auc", "precision_before", "precision_after", "saving_expected", "saving_observed")
    return {
        row["group"]: {
            f"{name}{end}": or_none(row[f"{name}{end}"])
            for name in (*names, "kid_all", "kid_kept")
            for end in ("", "_lower", "_upper")
        }
        for row in loop.to_dict("records")
    }


def summary(loop: pd.DataFrame) -> list[str]:
    """A sentence for each row of LOOP."""
    return [
        f"{row['group']}: {row['precision_before']:.1%} good images without the sieve, {row['precision_after']:.1%} "
        f"with it, {_saving(row['saving_observed'], row['saving_expected'])}"
        for row in loop.to_dict("records")
    ]


def _saving(observed: float, expected: float) -> str:
    """Both in words; neither need be defined, as a saving is a ratio of times for a good image."""
    if not isfinite(observed):
        return NO_SAVING
    return f"saving {observed:.2f} ({f'expected {expected:.2f}' if isfinite(expected) else 'none was expected'})"


def _columns(name: str) -> list[str]:
    """The columns of an estimate and its bounds."""
    return [name, f"{name}_lower", f"{name}_upper"]


def _bounded(name: str, value: float | None, lower: float | None, upper: float | None) -> dict[str, float]:
    """The columns of an estimate; NaN for what is not defined, or bounded by infinity."""
    found = zip(_columns(name), (value, lower, upper), strict=True)
    return {key: nan if number is None or not isfinite(number) else number for key, number in found}
