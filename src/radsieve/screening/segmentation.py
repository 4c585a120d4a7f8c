"""What stage train_segmenter takes in and gives out around the training itself: films by part, scores and metrics."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_pack
from radsieve.networks.segmenter import Segmenter, segment_batches
from radsieve.screening.segmentation_metrics import mean_scores, score_masks
from radsieve.screening.training import SegmenterTraining, TrainingFilms
from radsieve.screening_tables import FILMS, Split

Bytes = npt.NDArray[np.uint8]


def read_training_films(folder: Path, table: Path) -> tuple[TrainingFilms, pd.DataFrame]:
    """Open the pack in `folder`, and read its `table` (FILMS), which has the same rows.

    Raises InputError if one of them is missing or broken, if they do not belong together, or if the pack has no masks
    or a part no films.
    """
    pack, films = read_pack(folder), tables.read(FILMS, table)
    if pack.masks is None:
        raise InputError(f"{folder}: a pack without masks; name the set's masks in pack_films and pack it again")
    if pack.names != films["film"].tolist():
        raise InputError(f"{table}: its films are not those of {folder}, row by row; run pack_films again")
    rows = {part: np.flatnonzero(films["part"] == part) for part in Split}
    if empty := [part for part in Split if not len(rows[part])]:
        raise InputError(
            f"{table}: no films in part {', '.join(empty)}; pack more films, or change the shares of parts"
        )
    return TrainingFilms(pack.films, pack.masks, rows[Split.TRAIN], rows[Split.VALIDATION], rows[Split.TEST]), films


def segment_held_back(segmenter: Segmenter, films: Bytes, settings: Mapping[str, Any]) -> Bytes:
    """Return the masks, 0 and 1, that are found on `films` at the threshold."""
    batches = segment_batches(segmenter, films, settings["batch"])
    return np.concatenate([(batch >= segmenter.threshold).astype(np.uint8) for batch in batches])


def score_held_back(table: pd.DataFrame, predicted: Bytes, truth: Bytes, tolerance: float) -> pd.DataFrame:
    """Return SEGMENTATION_SCORES of the films of `table` (FILMS), whose masks are `predicted` and `truth`."""
    scores = score_masks(predicted > 0, truth > 0, tolerance)
    return pd.concat([table[["film", "patient"]].reset_index(drop=True), scores], axis=1)


def summarise(
    films: pd.DataFrame, scores: pd.DataFrame, training: SegmenterTraining, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the metrics of the stage: films and patients by part, epochs, and mean scores with their intervals."""
    of_part = films.groupby("part")
    counts = {f"{part}_films": int(n) for part, n in of_part.size().reindex(list(Split)).items()}
    patients = {f"{part}_patients": int(n) for part, n in of_part["patient"].nunique().reindex(list(Split)).items()}
    return {
        **counts,
        **patients,
        "parameters": sum(int(tensor.numel()) for tensor in training.best.values()),
        "epochs": len(training.curves),
        "best_epoch": training.best_epoch,
        **mean_scores(scores, settings["bootstrap"], settings["confidence"], settings["seed"]),
    }
