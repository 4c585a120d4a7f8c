"""The scaler of the scores: fitted to true images once, stored in a file, and used wherever images are scored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve import files
from radsieve.screening.scores.lung_shapes import DESCRIPTORS, SCALE_FLOORS
from radsieve.screening.scores.scores import (
    Floats,
    UsualShape,
    fit_thresholds,
    held_out_distances,
    score_images,
    usual_shape,
)
from radsieve.screening.tables import SCORES

FORMAT, VERSION = "radsieve score scaler", 1


def _array(length: int, items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": length, "maxItems": length, "items": items}


_NUMBER = {"type": "number"}
_POSITIVE, _THRESHOLD = {"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}
_PROPERTIES = {
    "format": {"const": FORMAT},
    "version": {"const": VERSION},
    "descriptors": {"const": list(DESCRIPTORS)},
    "centre": _array(len(DESCRIPTORS), _NUMBER),
    "scale": _array(len(DESCRIPTORS), _POSITIVE),
    "precision": _array(len(DESCRIPTORS), _array(len(DESCRIPTORS), _NUMBER)),
    "thresholds": {
        "type": "object",
        "additionalProperties": False,
        "required": list(SCORES),
        "properties": dict.fromkeys(SCORES, _THRESHOLD),
    },
    "pixels": {"type": "integer", "minimum": 1},
}
_SCHEMA = {"type": "object", "additionalProperties": False, "required": list(_PROPERTIES), "properties": _PROPERTIES}


@dataclass(frozen=True)
class ScoreScaler:
    """What the scores of an image are measured against: the usual shape of lungs, and the threshold of each score.

    `pixels` is the height and width of the masks to which it was fitted.
    """

    shape: UsualShape
    thresholds: dict[str, float]
    pixels: int

    def score(self, quantities: pd.DataFrame, shapes: Floats) -> pd.DataFrame:
        """Return the `quantities` of images with shape_distance, `valid` and SCORES.

        `quantities` and `shapes` as `measure_quantities` gives them, of images to which the scaler was not fitted.
        """
        return self.score_at(quantities, self.shape.distances(shapes))

    def score_at(self, quantities: pd.DataFrame, distances: Floats) -> pd.DataFrame:
        """Return the same of images whose lungs have these `distances` (n,) from the usual shape."""
        complete = quantities.assign(shape_distance=distances)
        return pd.concat([complete, score_images(complete, self.thresholds)], axis=1)

    def save(self, path: Path) -> None:
        """Write the scaler as JSON, keys in alphabetical order, each number with all its digits."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "descriptors": list(DESCRIPTORS),
            "centre": self.shape.centre.tolist(),
            "scale": self.shape.scale.tolist(),
            "precision": self.shape.precision.tolist(),
            "thresholds": dict(sorted(self.thresholds.items())),
            "pixels": self.pixels,
        }
        files.write_json(path, dict(sorted(content.items())))

    @classmethod
    def load(cls, path: Path) -> "ScoreScaler":
        """Read what `save` wrote. Raises InputError if the file is missing, not JSON, or not a scaler of this
        version.
        """
        kind = f"a scaler of version {VERSION}"
        stored = files.read_json(path, _SCHEMA, kind, "run score_images first", "run score_images again")
        shape = UsualShape(*(np.array(stored[name], float) for name in ("centre", "scale", "precision")))
        return cls(shape, {score: float(stored["thresholds"][score]) for score in SCORES}, stored["pixels"])


def fit_scaler(
    quantities: pd.DataFrame, shapes: Floats, pixels: int, pass_share: float, seed: int
) -> tuple[ScoreScaler, Floats]:
    """Fit the scaler to true images, so that `pass_share` of them pass each score.

    `quantities` (m rows) and `shapes` (m, 13) as `measure_quantities` gives them, of masks of `pixels` height and
    width. Returns it with the distances (m,) of these images from the usual shape of those in other folds: one that
    took part in the estimate would be too close.
    """
    distances = held_out_distances(shapes, SCALE_FLOORS, seed)
    thresholds = fit_thresholds(quantities.assign(shape_distance=distances), pass_share)
    return ScoreScaler(usual_shape(shapes, SCALE_FLOORS), thresholds, pixels), distances
