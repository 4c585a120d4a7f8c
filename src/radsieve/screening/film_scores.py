"""Score the generated films, and the true films that the scores are scaled on, from what earlier stages measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_array
from radsieve.progress import track
from radsieve.screening.lung_shapes import SCALE_FLOORS, Mask, area_ratios, measure_lungs
from radsieve.screening.scores import (
    UsualShape,
    dice_from_iou,
    fit_thresholds,
    score_films,
    shape_distances,
    usual_shape,
)
from radsieve.screening_tables import (
    GENERATED_FILMS,
    LATENTS,
    PREDICTIONS,
    REFERENCE_FILMS,
    SCALING,
    SCORES,
    SYMMETRY_FEATURES,
    Split,
)

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float32] | Floats

REFERENCE, GENERATED = "reference", "generated"
UNALTERED = "none"
FITTED, JUDGED = Split.VALIDATION, Split.TEST

_FILMS, _SCALING = "alter_films/films.csv", "score_images/scaling.csv"  # below the folder of results
_MASKS = f"segment_images/{REFERENCE}/masks.npy"
_LEAST_FILMS = 20  # true films below which no quantile of 95 % can be told from the greatest value


@dataclass(frozen=True)
class ScoredImages:
    """Films with their scores.

    `reference` has the columns of REFERENCE_FILMS, `generated` those of GENERATED_FILMS; both have the quantities that
    the scores are made of, `valid` and SCORES. `thresholds` are those of the scores.
    """

    reference: pd.DataFrame
    generated: pd.DataFrame
    thresholds: dict[str, float]


@dataclass(frozen=True)
class Scaling:
    """What the scores of a film are held to: the usual shape of lungs, and the threshold of each score.

    `pixels` is the height and width of the masks that it was fitted on.
    """

    shape: UsualShape
    thresholds: dict[str, float]
    pixels: int

    def score(self, quantities: pd.DataFrame, shapes: Floats) -> pd.DataFrame:
        """Return the `quantities` of films with shape_distance, `valid` and SCORES.

        `quantities` and `shapes` as `measure_quantities` gives them, of films that the scaling was not fitted on.
        """
        complete = quantities.assign(shape_distance=self.shape.distances(shapes))
        return pd.concat([complete, score_films(complete, self.thresholds)], axis=1)


def score_batches(results: Path, pass_share: float, seed: int) -> ScoredImages:
    """Score the generated films, and the reference films that the scores are scaled on.

    `results` is the folder with the results of alter_films, generate_films, segment_images, measure_symmetry and
    classify_images. Scaling takes the unaltered films of part validation, so that `pass_share` of them pass each score.

    Raises InputError if tables do not belong together, or there are fewer than 20 films to scale on.
    """
    listed = {
        REFERENCE: tables.read(REFERENCE_FILMS, results / _FILMS),
        GENERATED: tables.read(GENERATED_FILMS, results / "generate_films/films.csv"),
    }
    measured = {batch: _measured(results, batch, films["film"]) for batch, films in listed.items()}
    reference = listed[REFERENCE]
    fitted = _fitted(reference, results)
    shapes = np.concatenate([measured[batch][1] for batch in listed])
    distances = shape_distances(shapes, fitted, SCALE_FLOORS, seed)
    quantities = pd.concat([measured[batch][0] for batch in listed], ignore_index=True)
    quantities["shape_distance"] = distances
    thresholds = fit_thresholds(quantities.iloc[fitted], pass_share)
    scored = pd.concat([quantities, score_films(quantities, thresholds)], axis=1)
    count = len(reference)
    return ScoredImages(
        reference=pd.concat([reference, scored.iloc[:count]], axis=1),
        generated=pd.concat([listed[GENERATED], scored.iloc[count:].reset_index(drop=True)], axis=1),
        thresholds=thresholds,
    )


def read_scaling(results: Path) -> Scaling:
    """Return the scaling of the films that `score_batches` has scored, to score others by.

    `results` is the folder with the results of alter_films, segment_images and score_images.
    Raises InputError if one of them is missing or not complete.
    """
    reference = tables.read(REFERENCE_FILMS, results / _FILMS)
    masks = read_array(results / _MASKS, len(reference))
    fitted = _fitted(reference, results)
    lungs = measure_lungs((masks[row, 0] for row in fitted), len(fitted))
    table = tables.read(SCALING, results / _SCALING)
    found = table[(table["part"] == FITTED) & table["threshold"].notna()].set_index("score")["threshold"]
    if missing := [score for score in SCORES if score not in found]:
        raise InputError(f"{results / _SCALING}: no threshold of {', '.join(missing)}; run score_images again")
    thresholds = {score: float(found[score]) for score in SCORES}
    return Scaling(usual_shape(lungs.shapes, SCALE_FLOORS), thresholds, masks.shape[-1])


def scaling_sources(results: Path) -> list[Path]:
    """Return the files below `results` that `read_scaling` reads."""
    return [results / name for name in (_FILMS, _MASKS, _SCALING)]


def measure_quantities(
    masks: Iterable[Mask], iou: Floats, probability: Numbers, max_heat: Numbers, pixels: int
) -> tuple[pd.DataFrame, Floats]:
    """Return the QUANTITIES of n films but the distance of shape, and the DESCRIPTORS (n, 13) of their lungs.

    `masks` (H, W) of the lungs, of so many `pixels` each, come one after another; `iou` (n,) of the left half and the
    mirrored right half; `probability` and `max_heat` (n,) of an abnormality.
    """
    lungs = measure_lungs(masks, len(iou))
    quantities = {
        "probability": probability,
        "max_heat": max_heat,
        "dice": dice_from_iou(iou),
        "area_ratio": area_ratios(lungs.areas, pixels),
    }
    return pd.DataFrame(quantities, dtype=float), lungs.shapes


def read_latents(path: Path, films: int) -> npt.NDArray[np.float32]:
    """Return the latents (films, 128) of the generated films. Raises InputError if the file is missing or another."""
    try:
        latents = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run generate_films first") from None
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path}: no array of latents: {error}") from None
    if latents.shape != (films, len(LATENTS)) or latents.dtype != np.float32 or not np.isfinite(latents).all():
        raise InputError(
            f"{path}: {latents.dtype} of shape {latents.shape}, but finite float32 of shape {(films, len(LATENTS))} "
            "is needed, a row for each generated film"
        )
    return np.asarray(latents)


def true_films(scored: ScoredImages, part: str) -> pd.DataFrame:
    """The unaltered reference films of a part."""
    return scored.reference[(scored.reference["alteration"] == UNALTERED) & (scored.reference["part"] == part)]


def _fitted(reference: pd.DataFrame, results: Path) -> npt.NDArray[np.int64]:
    """The rows of the unaltered films that the scores are scaled on. Raises InputError if they are too few."""
    rows = np.flatnonzero((reference["alteration"] == UNALTERED) & (reference["part"] == FITTED))
    if len(rows) < _LEAST_FILMS:
        raise InputError(
            f"{results / _FILMS}: {len(rows)} unaltered films of part {FITTED}, but the scores need at least "
            f"{_LEAST_FILMS} to be scaled on; take more films"
        )
    return rows


def _measured(results: Path, batch: str, films: pd.Series) -> tuple[pd.DataFrame, Floats]:
    """The QUANTITIES of a batch but the distances of shape, and its descriptors of shape."""
    features_path = results / f"measure_symmetry/{batch}/features.csv"
    predictions_path = results / f"classify_images/{batch}/predictions.csv"
    masks_path = results / f"segment_images/{batch}/masks.npy"
    features = tables.read(SYMMETRY_FEATURES, features_path)
    predictions = tables.read(PREDICTIONS, predictions_path)
    for path, names in ((features_path, features["film"]), (predictions_path, predictions["file"])):
        if names.tolist() != films.tolist():
            raise InputError(f"{path}: not the films of the batch '{batch}' in their order; run the stage again")
    masks = read_array(masks_path, len(films))
    shown = track((mask[0] for mask in masks), f"measuring {batch}", total=len(masks))
    probability, max_heat = (predictions[name].to_numpy(float) for name in ("probability", "max_heat"))
    pixels = masks[0].size if len(masks) else 1
    return measure_quantities(shown, features["iou"].to_numpy(float), probability, max_heat, pixels)
