"""The results of the methods of getting good images: by method, by depth of the generator, and by image."""

from collections.abc import Callable, Sequence
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist

from radsieve.generation.plots.sieving import MovedImage
from radsieve.generation.settings import CompareSieving
from radsieve.generation.sieving.costs import GENERATION, SECONDS, GeneratorCosts, Method, savings
from radsieve.generation.sieving.study import SievingStudy, Tried, good_rows
from radsieve.generation.tables import NO_SAVING, SIEVED_IMAGES, SIEVING_DEPTHS, SIEVING_METHODS, SievingMethod
from radsieve.generators.interface import Latents
from radsieve.screening.tables import SCORES
from radsieve.stats import resampling
from radsieve.stats.distances import fidelity, frechet_distance, kernel_distance

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating]

_MINIMUM = 10  # good images of a method that is compared with the others at equal numbers
_FIDELITY = {"precision": "real_like", "recall": "recall", "density": "density", "coverage": "coverage"}


def methods_table(found: SievingStudy, real: Points, settings: CompareSieving, confidence: float) -> pd.DataFrame:
    """Return SIEVING_METHODS of a group; `real` are the features (m, k) of images that no generator has seen.

    `settings` is section compare_sieving; intervals have `confidence`.
    """
    methods = [one.method for one in found.tried]
    gains = _savings(methods, found, settings, confidence)
    counts = [int(method.good.sum()) for method in methods]
    compared = min((count for count in counts if count >= _MINIMUM), default=0)
    rows = []
    for one, gain in zip(found.tried, gains, strict=True):
        row = {"group": found.group, "method": one.name, "depth": one.depth, "target": one.target, "reason": one.reason}
        row |= _yield(one.method, found.costs, confidence) | gain | _moves(one, found)
        chosen = good_rows(one)[: compared if compared <= one.method.good.sum() else 0]
        row |= _likeness(one.features[chosen], one.latents[chosen], real, confidence)
        rows.append(row)
    return pd.DataFrame(rows)[list(SIEVING_METHODS.columns)]


def depths_table(found: SievingStudy, settings: CompareSieving, confidence: float) -> pd.DataFrame:
    """Return SIEVING_DEPTHS of a group; `settings` as those of `methods_table`."""
    gains = _savings(found.by_depth, found, settings, confidence)
    reference = found.costs.generate_seconds / found.learned_share if found.learned_share else nan
    rows = []
    for one, method, gain in zip(found.exits, found.by_depth, gains, strict=True):
        row = {"group": found.group, "depth": one.depth, "chosen": int(one.depth == found.chosen), "reason": one.reason}
        row |= {"activations": len(one.predictor.weights), "multiply_adds": one.multiply_adds}
        row |= {"generator_share": one.multiply_adds / found.costs.generator}
        row |= {"image_share": found.costs.share(one.multiply_adds)}
        row |= dict(zip(_bounds("roc_auc"), one.roc_auc, strict=True))
        row |= {"share_expected": one.share, "saving_expected": reference / one.seconds}
        rows.append(row | _yield(method, found.costs, confidence) | gain)
    return pd.DataFrame(rows)[list(SIEVING_DEPTHS.columns)]


def images_table(found: SievingStudy) -> pd.DataFrame:
    """Return SIEVED_IMAGES of a group: the images of the pool, then those of latents that were moved."""
    by_choice = [one for one in found.tried if one.images is None and not len(one.moved)]
    finished = np.array([one.method.finished for one in by_choice])
    names = np.array([one.name for one in by_choice])
    pool = found.pool.scores.assign(method="pool", row=np.arange(len(found.pool.scores)), distance=0.0)
    pool["generated_by"] = ["; ".join(names[flags]) for flags in finished.T]
    parts = [pool]
    for one in found.tried:
        if one.images is not None:
            rows = np.flatnonzero(one.moved)
            parts.append(
                one.images.scores.assign(
                    method=one.name, row=rows, distance=_distances(one, found)[rows], generated_by=one.name
                )
            )
    every = pd.concat(parts, ignore_index=True).assign(group=found.group)
    return every[["group", "method", "row", "generated_by", "distance", "valid", *SCORES]][list(SIEVED_IMAGES.columns)]


def tables_of(
    found: SievingStudy, real: Points, settings: CompareSieving, confidence: float
) -> tuple[pd.DataFrame, ...]:
    """Return SIEVING_METHODS, SIEVING_DEPTHS and SIEVED_IMAGES of a group; see `methods_table`."""
    return (
        methods_table(found, real, settings, confidence),
        depths_table(found, settings, confidence),
        images_table(found),
    )


def moved_images(found: SievingStudy, generate: Callable[[Latents], Bytes], maximum: int) -> list[MovedImage]:
    """The images of the first `maximum` latents that each method has moved, generated before and after."""
    shown = []
    for one in found.tried:
        rows = np.flatnonzero(one.moved)[:maximum]
        if one.images is not None and len(rows):
            before, after = generate(found.pool.latents[rows]), generate(one.latents[rows])
            far, good = _distances(one, found)[rows], one.images.good[: len(rows)]
            shown += [
                MovedImage(f"{found.group}\n{one.name}", *pair)
                for pair in zip(before, after, found.pool.good[rows], good, far, strict=True)
            ]
    return shown


def sieving_metrics(methods: pd.DataFrame, depths: pd.DataFrame, aim: float) -> dict[str, Any]:
    """The savings of each method by group, the chosen depth, and whether the aim was reached; None where not defined.

    `best_saving` is that of the best method with its bounds; `aim_reached` says whether the former is at least the aim.
    """
    found: dict[str, Any] = {}
    for group, of_group in methods.groupby("group", sort=False):
        by_method = of_group.set_index("method")
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        best = by_method["saving"].drop(SievingMethod.UNSIEVED).fillna(0)
        bounds = by_method[list(_bounds("saving"))].iloc[int(best.argmax()) + 1]  # the first is unsieved
        found[str(group)] = {
            "precision_unsieved": _or_none(by_method.loc[SievingMethod.UNSIEVED, "precision"]),
            "chosen_depth": int(chosen["depth"]),
            "chosen_generator_share": float(chosen["generator_share"]),
            "saving": {str(name): _or_none(value) for name, value in by_method["saving"].items()},
            "best_method": str(best.idxmax()) if best.max() > 0 else None,
            "best_saving": [_or_none(value) for value in bounds],
            "aim": aim,
            "aim_reached": bool(best.max() >= aim),
        }
    return found


def summary(methods: pd.DataFrame, depths: pd.DataFrame) -> list[str]:
    """A sentence for each group."""
    found = []
    for group, of_group in methods.groupby("group", sort=False):
        saving = of_group.set_index("method")["saving"]
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        moved = of_group[of_group["target"].notna()].set_index("method")["saving"].fillna(0)
        if saving.drop(SievingMethod.UNSIEVED).isna().all():
            found.append(f"{group}: {NO_SAVING}")
            continue
        found.append(
            f"{group}: saving {_saved(saving[SievingMethod.SIEVE])} by the sieve, {_saved(saving[SievingMethod.Z])} by "
            f"z at least cost, {_saved(saving[SievingMethod.EXIT])} by an exit at depth {chosen['depth']} "
            f"({chosen['generator_share']:.0%} of the generator), {moved.max():.2f} {moved.idxmax()}"
        )
    return found


def _saved(saving: float) -> str:
    """A saving in words; a method may have none, although others have."""
    return "none" if isnan(saving) else f"{saving:.2f}"


def _savings(
    methods: Sequence[Method], found: SievingStudy, settings: CompareSieving, confidence: float
) -> list[dict[str, float]]:
    """The columns of both savings of each method."""
    reference = found.tried[0].method
    gains = savings(methods, reference, found.costs, settings.bootstrap, confidence, settings.seed)
    return [
        {
            column: value
            for name in (SECONDS, GENERATION)
            for column, value in zip(_bounds(name), gain[name], strict=True)
        }
        for gain in gains
    ]


def _yield(method: Method, costs: GeneratorCosts, confidence: float) -> dict[str, float]:
    """What a method did with its latents: shares have Wilson's bounds."""
    finished, good = int(method.finished.sum()), int(method.good.sum())
    bounds = resampling.wilson(good, finished, confidence)
    return {
        "latents": method.tried,
        "images": finished,
        "acceptance": finished / method.tried,
        "good": good,
        **dict(zip(_bounds("precision"), (good / finished if finished else nan, *bounds), strict=True)),
        "seconds_per_good": float(method.seconds(costs).sum()) / good if good else nan,
    }


def _moves(one: Tried, found: SievingStudy) -> dict[str, float]:
    """How many latents were moved, how many good images they gave, and how far they went."""
    moved = int(one.moved.sum())
    good = int(one.images.good.sum()) if one.images is not None else 0
    distance = float(_distances(one, found)[one.moved].mean()) if moved else nan
    return {"moved": moved, "moved_good": good, "distance": distance}


def _distances(one: Tried, found: SievingStudy) -> npt.NDArray[np.float64]:
    """Euclidean distance by which each latent (n,) of the pool was moved."""
    return np.asarray(np.linalg.norm(one.latents.astype(float) - found.pool.latents, axis=1))


def _likeness(features: Points, latents: Points, real: Points, confidence: float) -> dict[str, float]:
    """How like `real` images (m, k) good images (n, k) are, and how diverse; NaN without them."""
    names = ["fid", *_bounds("kid"), *_FIDELITY.values(), "feature_distance", "latent_distance"]
    row = {"compared": len(features)} | dict.fromkeys(names, nan)
    if len(features):
        row |= {"fid": frechet_distance(real, features)}
        row |= dict(zip(_bounds("kid"), kernel_distance(real, features, confidence), strict=True))
        row |= {_FIDELITY[name]: value for name, value in fidelity(features, real).items()}
        row |= {"feature_distance": float(pdist(features).mean()), "latent_distance": float(pdist(latents).mean())}
    return row


def _bounds(name: str) -> tuple[str, str, str]:
    """The columns of an estimate and its bounds."""
    return name, f"{name}_lower", f"{name}_upper"


def _or_none(value: Any) -> float | None:
    return float(value) if isfinite(value) else None
