"""How true, how diverse and how new the films of a generator are, beside real films that it was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.coverage import fidelity
from radsieve.generation.copies import closeness, nearest_films, nearest_table
from radsieve.generation.distances import frechet_distance, kernel_distance
from radsieve.generation.film_features import Features, FilmFeatures
from radsieve.generation.gan_training import Draw, GanTraining
from radsieve.generation.grouped_films import GroupedFilms
from radsieve.generators.interface import draw_latents
from radsieve.screening_tables import Split

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class GanEvaluation:
    """The films that were `drawn`, generation_tables.NEAREST_FILMS of them, and the metrics of the stage."""

    drawn: Bytes
    nearest: pd.DataFrame
    metrics: dict[str, Any]


class GanJudge:
    """Holds films of a generator to the real `films` of its group, by `settings` (section train_gan).

    Drawn films are `judged_films` of latents that stay the same. Beside their figures stand those of as many films of
    part train at most, evenly spaced: what a perfect generator would reach.
    """

    def __init__(self, films: GroupedFilms, features: FilmFeatures, settings: Mapping[str, Any]) -> None:
        self._films, self._features, self._settings = films, features, settings
        self._latents = draw_latents(settings["judged_films"], settings["seed"], "judged")
        self._points = {part: features(of_part) for part, of_part in films.films.items()}
        self._real = self._course(_evenly(self._points[Split.TRAIN], settings["judged_films"]), Split.VALIDATION)

    def course(self, draw: Draw) -> dict[str, float]:
        """Return FID and KID of what `draw` draws beside part validation, as in generation_tables.GAN_CURVES."""
        found = self._course(self._features(draw(self._latents)), Split.VALIDATION)
        return {**found, "fid_real": self._real["fid"], "kid_real": self._real["kid"]}

    def judge(self, draw: Draw, training: GanTraining) -> GanEvaluation:
        """Hold what `draw` draws, with the weights that were chosen, to part test, which chose nothing."""
        settings = self._settings
        drawn = draw(self._latents)
        points = self._features(drawn)
        real = _evenly(self._points[Split.TRAIN], settings["judged_films"])
        train, names = self._films.films[Split.TRAIN], self._films.names[Split.TRAIN]
        held_back = np.concatenate([self._points[Split.VALIDATION], self._points[Split.TEST]])
        nearest = nearest_table(
            nearest_films(points, drawn, self._points[Split.TRAIN], train, names),
            nearest_films(held_back, self._films.held_back, self._points[Split.TRAIN], train, names),
            self._films.held_back_names,
        )
        as_real = self._measures(real)
        metrics = {
            **{f"{part}_films": len(of_part) for part, of_part in self._films.films.items()},
            "drawn_films": len(drawn),
            "parameters": sum(int(tensor.numel()) for tensor in training.weights.values()),
            "round": int(training.curves["round"].iloc[training.best]),
            "step": int(training.curves["step"].iloc[training.best]),
            **self._measures(points),
            **{f"{name}_real": as_real[name] for name in ("fid", "kid", "precision", "recall", "density", "coverage")},
            **closeness(nearest, settings["bootstrap"], settings["confidence"], settings["seed"]),
        }
        return GanEvaluation(drawn, nearest, {name: _rounded(value) for name, value in metrics.items()})

    def _course(self, points: Features, part: Split) -> dict[str, float]:
        real = self._points[part]
        kid, lower, upper = kernel_distance(points, real, self._settings["confidence"])
        return {"fid": frechet_distance(points, real), "kid": kid, "kid_lower": lower, "kid_upper": upper}

    def _measures(self, points: Features) -> dict[str, float]:
        return {**self._course(points, Split.TEST), **fidelity(points, self._points[Split.TEST])}


def _evenly(points: Features, most: int) -> Features:
    """At most so many of `points` (n, d), evenly spaced."""
    rows = np.linspace(0, len(points) - 1, min(most, len(points))).round().astype(int)
    return np.asarray(points[rows])


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.6g}")
