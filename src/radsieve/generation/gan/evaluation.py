"""How realistic, diverse and novel a generator's images are, beside real images that it was not trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.generation.gan.copies import closeness, nearest_images, nearest_table
from radsieve.generation.gan.training import GanTraining, Generate
from radsieve.generation.grouped_images import GroupedImages
from radsieve.generation.settings import TrainGan
from radsieve.generators.interface import sample_latents
from radsieve.networks.image_features import Features, ImageFeatures
from radsieve.progress import working
from radsieve.stats.distances import fidelity, frechet_distance, kernel_distance
from radsieve.stats.resampling import clustered_wilson
from radsieve.tables.images import Split

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class GanEvaluation:
    """The images that were `generated`, their features (n, k) and those of the `real` test images (m, k),
    generation.tables.NEAREST_IMAGES of them, and the metrics of the stage.
    """

    generated: Bytes
    features: Features
    real: Features
    nearest: pd.DataFrame
    metrics: dict[str, Any]

    @property
    def summary(self) -> str:
        """FID, KID and coverage in words."""
        found = {name: f"{self.metrics[name]:,.5g}" for name in ("fid", "fid_real", "kid", "kid_lower", "kid_upper")}
        return (
            f"FID {found['fid']} ({found['fid_real']} for real images), KID {found['kid']} ({found['kid_lower']} to "
            f"{found['kid_upper']}), coverage {self.metrics['coverage']:.2f}"
        )


class GanEvaluator:
    """Compares images of a generator with the real `images` of its group, by `settings` (section train_gan).

    The generated images are always those of the same `evaluated_images` latents. Beside their figures stand those of at
    most as many training images, evenly spaced: what a perfect generator would reach.
    """

    def __init__(self, images: GroupedImages, features: ImageFeatures, settings: TrainGan) -> None:
        self._images, self._features, self._settings = images, features, settings
        self._latents = sample_latents(settings.evaluated_images, settings.seed, "evaluated")
        self._points = {split: features(of_split) for split, of_split in images.images.items()}
        self._real = self._course(_evenly(self._points[Split.TRAIN], settings.evaluated_images), Split.VALIDATION)

    @working("evaluating the generator")
    def course(self, generate: Generate) -> dict[str, float]:
        """Return FID and KID of images of `generate` to the validation split, as in generation.tables.GAN_CURVES."""
        found = self._course(self._features(generate(self._latents)), Split.VALIDATION)
        return {**found, "fid_real": self._real["fid"], "kid_real": self._real["kid"]}

    @working("evaluating the generator")
    def evaluate(self, generate: Generate, training: GanTraining) -> GanEvaluation:
        """Compare images made by `generate`, with the chosen weights, with the test split, which was used for no
        choice."""
        settings = self._settings
        generated = generate(self._latents)
        points = self._features(generated)
        real = _evenly(self._points[Split.TRAIN], settings.evaluated_images)
        train, names = self._images.images[Split.TRAIN], self._images.names[Split.TRAIN]
        held_out = self._points[Split.TEST]
        nearest = nearest_table(
            nearest_images(points, generated, self._points[Split.TRAIN], train, names),
            nearest_images(held_out, self._images.held_out, self._points[Split.TRAIN], train, names),
            self._images.held_out_names,
        )
        as_real = self._measures(real, _evenly(self._images.units[Split.TRAIN], settings.evaluated_images))
        metrics = {
            **{f"{split}_images": len(of_split) for split, of_split in self._images.images.items()},
            "generated_images": len(generated),
            "features": points.shape[1],
            "parameters": sum(int(tensor.numel()) for tensor in training.weights.values()),
            "round": int(training.curves["round"].iloc[training.best]),
            "step": training.best_step,
            **self._measures(points, np.arange(len(points))),
            **{f"{name}_real": as_real[name] for name in ("fid", "density")},
            **{
                f"{name}_real{end}": as_real[f"{name}{end}"]
                for name in ("kid", "precision", "recall", "coverage")
                for end in ("", "_lower", "_upper")
            },
            **closeness(
                nearest, self._images.units[Split.TEST], settings.bootstrap, settings.confidence, settings.seed
            ),
        }
        rounded = {name: _rounded(value) for name, value in metrics.items()}
        return GanEvaluation(generated, points, held_out, nearest, rounded)

    def _course(self, points: Features, split: Split) -> dict[str, float]:
        real = self._points[split]
        kid, lower, upper = kernel_distance(points, real, self._settings.confidence)
        return {"fid": frechet_distance(points, real), "kid": kid, "kid_lower": lower, "kid_upper": upper}

    def _measures(self, points: Features, units: npt.NDArray[np.int64]) -> dict[str, float]:
        """FID, KID and fidelity of images in `units` (n,) to the test split; shares have Wilson's bounds, by unit."""
        compared = fidelity(points, self._points[Split.TEST])
        found = self._course(points, Split.TEST) | compared.means()
        held_out = self._images.units[Split.TEST]
        for name, of in (("precision", units), ("recall", held_out), ("coverage", held_out)):
            bounds = clustered_wilson(getattr(compared, name), of, self._settings.confidence)
            found |= dict(zip((f"{name}_lower", f"{name}_upper"), bounds, strict=True))
        return found


def _evenly(values: npt.NDArray[Any], maximum: int) -> npt.NDArray[Any]:
    """At most so many of `values` (n, ...), evenly spaced."""
    rows = np.linspace(0, len(values) - 1, min(maximum, len(values))).round().astype(int)
    return np.asarray(values[rows])


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.6g}")
