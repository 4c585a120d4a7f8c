"""The results of the methods of getting good images: by method, by depth of the generator, and by image."""

from collections.abc import Callable, Sequence
from math import isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist

from radsieve.generation.plots.sieving import MovedImage
from radsieve.generation.settings import CompareSieving
from radsieve.generation.sieving.costs import SECONDS, GeneratorCosts, Method, Ratio, savings
from radsieve.generation.sieving.study import SievingStudy, Tried, good_rows
from radsieve.generation.tables import (
    MIN_GOOD,
    NO_SAVING,
    NOT_COMPARED,
    SIEVED_IMAGES,
    SIEVING_DEPTHS,
    SIEVING_METHODS,
    SievingMethod,
)
from radsieve.generators.interface import Latents
from radsieve.numbers import or_none
from radsieve.screening.tables import SCORES
from radsieve.stats import resampling
from radsieve.stats.distances import fidelity, frechet_distance, kernel_distance
from radsieve.stats.paired_tests import holm

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating]

_FIDELITY = {"precision": "real_like", "recall": "recall", "density": "density", "coverage": "coverage"}


def methods_table(found: SievingStudy, real: Points, settings: CompareSieving, confidence: float) -> pd.DataFrame:
    """Return SIEVING_METHODS of a group; `real` are the features (m, k) of real images of the test split.

    `settings` is section compare_sieving; intervals have `confidence`.
    """
    methods = [one.method for one in found.tried]
    gains = _savings(methods, found, settings, confidence)
    against = _against_sieve(found, settings, confidence)
    counts = [int(method.good.sum()) for method in methods]
    compared = min((count for count in counts if count >= MIN_GOOD), default=0)
    rows = []
    for one, gain, beside in zip(found.tried, gains, against, strict=True):
        row = {"group": found.group, "method": one.name, "depth": one.depth, "target": one.target, "reason": one.reason}
        told = not one.reason and one.name != SievingMethod.UNSIEVED  # which saves 1 by definition
        row |= _yield(one.method, found.costs, confidence) | _saving_columns(gain, told) | beside | _moves(one, found)
        chosen = good_rows(one)[: compared if compared <= one.method.good.sum() else 0]
        row |= _likeness(one.features[chosen], one.latents[chosen], real, confidence)
        rows.append(row)
    return adjusted(pd.DataFrame(rows))[list(SIEVING_METHODS.columns)]


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
        rows.append(row | _yield(method, found.costs, confidence) | _saving_columns(gain, not one.reason))
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


def adjusted(methods: pd.DataFrame) -> pd.DataFrame:
    """SIEVING_METHODS with Holm's p-values for all comparisons with the stored sieve, of all groups."""
    return methods.assign(holm=holm(methods["p_value"]))


def sieving_metrics(methods: pd.DataFrame, depths: pd.DataFrame, aim: float, confidence: float) -> dict[str, Any]:
    """The savings of each method by group and the chosen depth; None where not defined.

    `saving_sieve` is that of the stored sieve, which was named before the images were generated, with its bounds.
    `cheaper_than_sieve` are the methods that are so beyond chance after Holm's adjustment, `above_aim` those whose
    whole interval lies above the aim.
    """
    found: dict[str, Any] = {}
    for group, of_group in methods.groupby("group", sort=False):
        by_method = of_group.set_index("method")
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        sieve = by_method.loc[SievingMethod.SIEVE, list(_bounds("saving"))]
        found[str(group)] = {
            "precision_unsieved": or_none(by_method["precision"].to_dict()[SievingMethod.UNSIEVED]),
            "chosen_depth": int(chosen["depth"]),
            "chosen_generator_share": float(chosen["generator_share"]),
            "saving": {str(name): or_none(value) for name, value in by_method["saving"].items()},
            "saving_sieve": dict(zip(("value", "lower", "upper"), map(or_none, sieve), strict=True)),
            "cheaper_than_sieve": _cheaper(by_method, confidence),
            "aim": aim,
            "above_aim": by_method.index[by_method["saving_lower"] >= aim].tolist(),
        }
    return found


def summary(methods: pd.DataFrame, depths: pd.DataFrame, confidence: float) -> list[str]:
    """A sentence for each group."""
    found = []
    for group, of_group in methods.groupby("group", sort=False):
        by_method = of_group.set_index("method")
        saving = by_method["saving"]
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        if saving.isna().all():
            found.append(f"{group}: {NO_SAVING}")
            continue
        found.append(
            f"{group}: saving {_saved(saving[SievingMethod.SIEVE])} by the sieve, {_saved(saving[SievingMethod.Z])} by "
            f"z at minimum cost, {_saved(saving[SievingMethod.EXIT])} by an exit at depth {chosen['depth']} "
            f"({chosen['generator_share']:.0%} of the generator); cheaper than the sieve beyond chance: "
            f"{', '.join(_cheaper(by_method, confidence)) or 'none'}"
        )
    return found


def _cheaper(by_method: pd.DataFrame, confidence: float) -> list[str]:
    beyond = (by_method["holm"] < 1 - confidence) & (by_method["against_sieve"] > 1)
    return [str(name) for name in by_method.index[beyond]]


def _saved(saving: float) -> str:
    """A saving in words; a method may have none, although others have."""
    return "none" if isnan(saving) else f"{saving:.2f}"


def _savings(
    methods: Sequence[Method], found: SievingStudy, settings: CompareSieving, confidence: float
) -> list[dict[str, Ratio]]:
    return savings(methods, found.tried[0].method, found.costs, settings.bootstrap, confidence, settings.seed)


def _saving_columns(gain: dict[str, Ratio], told: bool) -> dict[str, float]:
    """The columns of both savings; empty if none is `told`, since every latent is accepted by definition."""
    return {
        column: value if told else nan
        for name, ratio in gain.items()
        for column, value in zip(_bounds(name), (ratio.value, ratio.lower, ratio.upper), strict=True)
    }


def _against_sieve(found: SievingStudy, settings: CompareSieving, confidence: float) -> list[dict[str, float]]:
    """How each method compares with the stored sieve on the same latents.

    Only those that choose latents, and made enough good images to tell, are compared.
    """
    sieve = next(one.method for one in found.tried if one.name == SievingMethod.SIEVE)
    methods = [one.method for one in found.tried]
    gains = savings(methods, sieve, found.costs, settings.bootstrap, confidence, settings.seed)
    names = (*_bounds("against_sieve"), "p_value")
    rows = []
    for one, gain in zip(found.tried, gains, strict=True):
        ratio = gain[SECONDS]
        told = one.name not in NOT_COMPARED and min(one.method.good.sum(), sieve.good.sum()) >= MIN_GOOD
        values = (ratio.value, ratio.lower, ratio.upper, ratio.p_value) if told else (nan,) * len(names)
        rows.append(dict(zip(names, values, strict=True)))
    return rows


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
        row |= {_FIDELITY[name]: value for name, value in fidelity(features, real).means().items()}
        row |= {"feature_distance": float(pdist(features).mean()), "latent_distance": float(pdist(latents).mean())}
    return row


def _bounds(name: str) -> tuple[str, str, str]:
    """The columns of an estimate and its bounds."""
    return name, f"{name}_lower", f"{name}_upper"
