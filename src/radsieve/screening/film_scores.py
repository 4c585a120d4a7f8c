"""Score the generated films, and the true films that the scores are scaled on, from what earlier stages measured."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_array
from radsieve.progress import track
from radsieve.screening.lung_shapes import SCALE_FLOORS, area_ratios, measure_lungs
from radsieve.screening.scores import dice_from_iou, fit_thresholds, score_films, shape_distances
from radsieve.screening_tables import GENERATED_FILMS, LATENTS, PREDICTIONS, REFERENCE_FILMS, SYMMETRY_FEATURES

REFERENCE, GENERATED = "reference", "generated"
UNALTERED, FITTED, JUDGED = "none", "validation", "test"

_LEAST_FILMS = 20  # true films below which no quantile of 95 % can be told from the greatest value


@dataclass(frozen=True)
class Scored:
    """Films with their scores.

    `reference` has the columns of REFERENCE_FILMS, `generated` those of GENERATED_FILMS; both have the quantities that
    the scores are made of, `valid` and SCORES. `thresholds` are those of the scores.
    """

    reference: pd.DataFrame
    generated: pd.DataFrame
    thresholds: dict[str, float]


def score_batches(results: Path, pass_share: float, seed: int) -> Scored:
    """Score the generated films, and the reference films that the scores are scaled on.

    `results` is the folder with the results of alter_films, generate_films, segment_images, measure_symmetry and
    classify_images. Scaling takes the unaltered films of part validation, so that `pass_share` of them pass each score.

    Raises InputError if tables do not belong together, or there are fewer than 20 films to scale on.
    """
    listed = {
        REFERENCE: tables.read(REFERENCE_FILMS, results / "alter_films/films.csv"),
        GENERATED: tables.read(GENERATED_FILMS, results / "generate_films/films.csv"),
    }
    measured = {batch: _measured(results, batch, films["film"]) for batch, films in listed.items()}
    reference = listed[REFERENCE]
    fitted = np.flatnonzero((reference["alteration"] == UNALTERED) & (reference["part"] == FITTED))
    if len(fitted) < _LEAST_FILMS:
        raise InputError(
            f"{results / 'alter_films/films.csv'}: {len(fitted)} unaltered films of part {FITTED}, but the scores need "
            f"at least {_LEAST_FILMS} to be scaled on; take more films"
        )
    shapes = np.concatenate([measured[batch][1] for batch in listed])
    distances = shape_distances(shapes, fitted, SCALE_FLOORS, seed)
    quantities = pd.concat([measured[batch][0] for batch in listed], ignore_index=True)
    quantities["shape_distance"] = distances
    thresholds = fit_thresholds(quantities.iloc[fitted], pass_share)
    scored = pd.concat([quantities, score_films(quantities, thresholds)], axis=1)
    count = len(reference)
    return Scored(
        reference=pd.concat([reference, scored.iloc[:count]], axis=1),
        generated=pd.concat([listed[GENERATED], scored.iloc[count:].reset_index(drop=True)], axis=1),
        thresholds=thresholds,
    )


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


def true_films(scored: Scored, part: str) -> pd.DataFrame:
    """The unaltered reference films of a part."""
    return scored.reference[(scored.reference["alteration"] == UNALTERED) & (scored.reference["part"] == part)]


def _measured(results: Path, batch: str, films: pd.Series) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
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
    lungs = measure_lungs(track((mask[0] for mask in masks), f"measuring {batch}", total=len(masks)), len(masks))
    quantities = pd.DataFrame(
        {
            "probability": predictions["probability"],
            "max_heat": predictions["max_heat"],
            "dice": dice_from_iou(features["iou"].to_numpy()),
            "area_ratio": area_ratios(lungs.areas, masks[0].size if len(masks) else 1),
        }
    )
    return quantities, lungs.shapes
