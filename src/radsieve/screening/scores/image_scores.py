"""Score the generated images, and the true images on which the scores are scaled, from what earlier stages measured."""

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
from radsieve.screening.scores.lung_shapes import Mask, area_ratios, measure_lungs
from radsieve.screening.scores.score_scaler import ScoreScaler, fit_scaler
from radsieve.screening.scores.scores import dice_from_iou
from radsieve.screening.tables import (
    GENERATED_IMAGES,
    LATENTS,
    PREDICTIONS,
    REFERENCE_IMAGES,
    SYMMETRY_FEATURES,
)
from radsieve.tables.images import Split

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float32] | Floats

REFERENCE, GENERATED = "reference", "generated"
UNALTERED = "none"
FITTED, EVALUATED = Split.VALIDATION, Split.TEST

_IMAGES = "alter_images/images.csv"  # below the folder of results
_MIN_IMAGES = 20  # with fewer true images the 95 % quantile cannot be told from the greatest value


@dataclass(frozen=True)
class ScoredImages:
    """Images with their scores.

    `reference` has the columns of REFERENCE_IMAGES, `generated` those of GENERATED_IMAGES; both have the quantities
    from which the scores are computed, `valid` and SCORES. `scaler` is what they were scaled by.
    """

    reference: pd.DataFrame
    generated: pd.DataFrame
    scaler: ScoreScaler


@dataclass(frozen=True)
class _Batch:
    """The table of a batch of `images`, their QUANTITIES except the distances of shape, and the DESCRIPTORS of lungs.

    `pixels` is the height and width of the masks.
    """

    images: pd.DataFrame
    quantities: pd.DataFrame
    shapes: Floats
    pixels: int


def score_batches(results: Path, pass_share: float, seed: int) -> ScoredImages:
    """Score the generated images, and the reference images on which the scores are scaled.

    `results` is the folder with the results of alter_images, generate_images, segment_images, measure_symmetry and
    predict_images. Scaling takes the unaltered images of the validation split, so that `pass_share` of them pass each
    score.

    Raises InputError if tables do not belong together, or there are fewer than 20 images to scale on.
    """
    reference = _measured(results, REFERENCE, tables.read(REFERENCE_IMAGES, results / _IMAGES))
    generated = _measured(results, GENERATED, tables.read(GENERATED_IMAGES, results / "generate_images/images.csv"))
    fitted = _fitted(reference.images, results)
    known = reference.quantities.iloc[fitted], reference.shapes[fitted]
    scaler, held_out = fit_scaler(*known, reference.pixels, pass_share, seed)
    distances = scaler.shape.distances(reference.shapes)
    distances[fitted] = held_out
    return ScoredImages(
        reference=pd.concat([reference.images, scaler.score_at(reference.quantities, distances)], axis=1),
        generated=pd.concat([generated.images, scaler.score(generated.quantities, generated.shapes)], axis=1),
        scaler=scaler,
    )


def measure_quantities(
    masks: Iterable[Mask], iou: Floats, probability: Numbers, max_heat: Numbers, pixels: int
) -> tuple[pd.DataFrame, Floats]:
    """Return the QUANTITIES of n images except the distance of shape, and the DESCRIPTORS (n, 13) of their lungs.

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


def read_latents(path: Path, images: int) -> npt.NDArray[np.float32]:
    """Return the latents (images, 128) of the generated images. Raises InputError if the file is missing or wrong."""
    try:
        latents = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run generate_images first") from None
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path}: not an array of latents: {error}") from None
    if latents.shape != (images, len(LATENTS)) or latents.dtype != np.float32 or not np.isfinite(latents).all():
        raise InputError(
            f"{path}: {latents.dtype} of shape {latents.shape}, but finite float32 of shape {(images, len(LATENTS))} "
            "is needed, a row for each generated image"
        )
    return np.asarray(latents)


def true_images(scored: ScoredImages, split: str) -> pd.DataFrame:
    """The unaltered reference images of a split."""
    return scored.reference[(scored.reference["alteration"] == UNALTERED) & (scored.reference["split"] == split)]


def _fitted(reference: pd.DataFrame, results: Path) -> npt.NDArray[np.int64]:
    """The rows of the unaltered images on which the scores are scaled. Raises InputError if they are too few."""
    rows = np.flatnonzero((reference["alteration"] == UNALTERED) & (reference["split"] == FITTED))
    if len(rows) < _MIN_IMAGES:
        raise InputError(
            f"{results / _IMAGES}: {len(rows)} unaltered images of the {FITTED} split, but the scores need at least "
            f"{_MIN_IMAGES} to be scaled on; take more images"
        )
    return rows


def _measured(results: Path, batch: str, images: pd.DataFrame) -> _Batch:
    features_path = results / f"measure_symmetry/{batch}/features.csv"
    predictions_path = results / f"predict_images/{batch}/predictions.csv"
    masks_path = results / f"segment_images/{batch}/masks.npy"
    features = tables.read(SYMMETRY_FEATURES, features_path)
    predictions = tables.read(PREDICTIONS, predictions_path)
    for path, names in ((features_path, features["image"]), (predictions_path, predictions["file"])):
        if names.tolist() != images["image"].tolist():
            raise InputError(f"{path}: not the images of the batch '{batch}' in their order; run the stage again")
    masks = read_array(masks_path, len(images))
    shown = track((mask[0] for mask in masks), f"measuring {batch}", total=len(masks))
    probability, max_heat = (predictions[name].to_numpy(float) for name in ("probability", "max_heat"))
    pixels = masks.shape[-1]
    quantities, shapes = measure_quantities(shown, features["iou"].to_numpy(float), probability, max_heat, pixels**2)
    return _Batch(images, quantities, shapes, pixels)
