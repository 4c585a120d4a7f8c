"""The tables of what ways to good films came to: by way, by depth of the generator, and by film."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist

from radsieve import resampling
from radsieve.coverage import fidelity
from radsieve.generation.distances import frechet_distance, kernel_distance
from radsieve.generation.sieving_costs import DRAWING, SECONDS, GeneratorCosts, Way, savings
from radsieve.generation.sieving_study import SievingStudy, Tried, good_rows
from radsieve.generation_tables import SIEVED_FILMS, SIEVING_DEPTHS, SIEVING_WAYS, SievingMethod
from radsieve.generators.interface import Latents
from radsieve.plots.sieving import MovedFilm
from radsieve.screening_tables import SCORES

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.floating]

_LEAST = 10  # good films of a way that is compared with the others at equal numbers
_FIDELITY = {"precision": "real_like", "recall": "recall", "density": "density", "coverage": "coverage"}


def ways_table(found: SievingStudy, real: Points, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return SIEVING_WAYS of a group; `real` are the features (m, k) of films that no generator has seen.

    `settings` has bootstrap, confidence and seed.
    """
    ways = [one.way for one in found.tried]
    gains = _savings(ways, found, settings)
    counts = [int(way.good.sum()) for way in ways]
    compared = min((count for count in counts if count >= _LEAST), default=0)
    rows = []
    for one, gain in zip(found.tried, gains, strict=True):
        row = {"group": found.group, "way": one.name, "depth": one.depth, "target": one.target, "reason": one.reason}
        row |= _yield(one.way, found.costs, settings["confidence"]) | gain | _moves(one, found)
        chosen = good_rows(one)[: compared if compared <= one.way.good.sum() else 0]
        row |= _likeness(one.features[chosen], one.latents[chosen], real, settings["confidence"])
        rows.append(row)
    return pd.DataFrame(rows)[list(SIEVING_WAYS.columns)]


def depths_table(found: SievingStudy, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return SIEVING_DEPTHS of a group; `settings` as those of `ways_table`."""
    gains = _savings(found.by_depth, found, settings)
    reference = found.costs.draw_seconds / found.learned_share if found.learned_share else nan
    rows = []
    for one, way, gain in zip(found.exits, found.by_depth, gains, strict=True):
        row = {"group": found.group, "depth": one.depth, "chosen": int(one.depth == found.chosen), "reason": one.reason}
        row |= {"activations": len(one.predictor.weights), "multiply_adds": one.multiply_adds}
        row |= {"generator_share": one.multiply_adds / found.costs.generator}
        row |= {"film_share": found.costs.share(one.multiply_adds)}
        row |= dict(zip(_bounds("roc_auc"), one.roc_auc, strict=True))
        row |= {"share_expected": one.share, "saving_expected": reference / one.seconds}
        rows.append(row | _yield(way, found.costs, settings["confidence"]) | gain)
    return pd.DataFrame(rows)[list(SIEVING_DEPTHS.columns)]


def films_table(found: SievingStudy) -> pd.DataFrame:
    """Return SIEVED_FILMS of a group: the films of the pool, then those of latents that were moved."""
    by_choice = [one for one in found.tried if one.films is None and not len(one.moved)]
    drawing = np.array([one.way.drawn for one in by_choice])
    names = np.array([one.name for one in by_choice])
    pool = found.pool.scores.assign(way="pool", row=np.arange(len(found.pool.scores)), distance=0.0)
    pool["drawn_by"] = ["; ".join(names[flags]) for flags in drawing.T]
    parts = [pool]
    for one in found.tried:
        if one.films is not None:
            rows = np.flatnonzero(one.moved)
            parts.append(
                one.films.scores.assign(
                    way=one.name, row=rows, distance=_distances(one, found)[rows], drawn_by=one.name
                )
            )
    every = pd.concat(parts, ignore_index=True).assign(group=found.group)
    return every[["group", "way", "row", "drawn_by", "distance", "valid", *SCORES]][list(SIEVED_FILMS.columns)]


def tables_of(found: SievingStudy, real: Points, settings: Mapping[str, Any]) -> tuple[pd.DataFrame, ...]:
    """Return SIEVING_WAYS, SIEVING_DEPTHS and SIEVED_FILMS of a group; see `ways_table`."""
    return ways_table(found, real, settings), depths_table(found, settings), films_table(found)


def moved_films(found: SievingStudy, draw: Callable[[Latents], Bytes], most: int) -> list[MovedFilm]:
    """The films of the first `most` latents that each way has moved, drawn before and after."""
    shown = []
    for one in found.tried:
        rows = np.flatnonzero(one.moved)[:most]
        if one.films is not None and len(rows):
            before, after = draw(found.pool.latents[rows]), draw(one.latents[rows])
            far, good = _distances(one, found)[rows], one.films.good[: len(rows)]
            shown += [
                MovedFilm(f"{found.group}\n{one.name}", *pair)
                for pair in zip(before, after, found.pool.good[rows], good, far, strict=True)
            ]
    return shown


def sieving_metrics(ways: pd.DataFrame, depths: pd.DataFrame, aim: float) -> dict[str, Any]:
    """The savings of each way by group, the chosen depth, and whether the aim was reached; None where not defined.

    `best_saving` is that of the best way with its bounds; `aim_reached` says whether the former is at least the aim.
    """
    found: dict[str, Any] = {}
    for group, of_group in ways.groupby("group", sort=False):
        by_way = of_group.set_index("way")
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        best = by_way["saving"].drop(SievingMethod.UNSIEVED).fillna(0)
        bounds = by_way[list(_bounds("saving"))].iloc[int(best.argmax()) + 1]  # the first is unsieved
        found[str(group)] = {
            "precision_unsieved": _or_none(by_way.loc[SievingMethod.UNSIEVED, "precision"]),
            "chosen_depth": int(chosen["depth"]),
            "chosen_generator_share": float(chosen["generator_share"]),
            "saving": {str(name): _or_none(value) for name, value in by_way["saving"].items()},
            "best_way": str(best.idxmax()) if best.max() > 0 else None,
            "best_saving": [_or_none(value) for value in bounds],
            "aim": aim,
            "aim_reached": bool(best.max() >= aim),
        }
    return found


def summary(ways: pd.DataFrame, depths: pd.DataFrame) -> list[str]:
    """A sentence for each group."""
    found = []
    for group, of_group in ways.groupby("group", sort=False):
        saving = of_group.set_index("way")["saving"]
        chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)].iloc[0]
        moved = of_group[of_group["target"].notna()].set_index("way")["saving"].fillna(0)
        found.append(
            f"{group}: saving {saving[SievingMethod.SIEVE]:.2f} by the sieve, {saving[SievingMethod.Z]:.2f} by z at "
            f"least cost, {saving[SievingMethod.EXIT]:.2f} by an exit at depth {chosen['depth']} "
            f"({chosen['generator_share']:.0%} of the generator), {moved.max():.2f} {moved.idxmax()}"
        )
    return found


def _savings(ways: Sequence[Way], found: SievingStudy, settings: Mapping[str, Any]) -> list[dict[str, float]]:
    """The columns of both savings of each way."""
    reference = found.tried[0].way
    gains = savings(ways, reference, found.costs, settings["bootstrap"], settings["confidence"], settings["seed"])
    return [
        {column: value for name in (SECONDS, DRAWING) for column, value in zip(_bounds(name), gain[name], strict=True)}
        for gain in gains
    ]


def _yield(way: Way, costs: GeneratorCosts, confidence: float) -> dict[str, float]:
    """What a way made of its latents: shares with Wilson's bounds where they are shares."""
    drawn, good = int(way.drawn.sum()), int(way.good.sum())
    bounds = resampling.wilson(good, drawn, confidence)
    return {
        "latents": way.tried,
        "films": drawn,
        "acceptance": drawn / way.tried,
        "good": good,
        **dict(zip(_bounds("precision"), (good / drawn if drawn else nan, *bounds), strict=True)),
        "seconds_per_good": float(way.seconds(costs).sum()) / good if good else nan,
    }


def _moves(one: Tried, found: SievingStudy) -> dict[str, float]:
    """How many latents were moved, how many good films came of them, and how far they went."""
    moved = int(one.moved.sum())
    good = int(one.films.good.sum()) if one.films is not None else 0
    distance = float(_distances(one, found)[one.moved].mean()) if moved else nan
    return {"moved": moved, "moved_good": good, "distance": distance}


def _distances(one: Tried, found: SievingStudy) -> npt.NDArray[np.float64]:
    """How far each latent (n,) of the pool was moved, by Euclid."""
    return np.asarray(np.linalg.norm(one.latents.astype(float) - found.pool.latents, axis=1))


def _likeness(features: Points, latents: Points, real: Points, confidence: float) -> dict[str, float]:
    """How like `real` films (m, k) good films (n, k) are, and how diverse; NaN without them."""
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
