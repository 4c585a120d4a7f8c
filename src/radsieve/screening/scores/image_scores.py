"""Score the generated images, and the true images on which the scores are scaled, from what earlier stages measured."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_array, read_pack
from radsieve.progress import track
from radsieve.screening.scores.lung_shapes import Mask, area_ratios, measure_lungs
from radsieve.screening.scores.reference_images import FITTED, UNALTERED
from radsieve.screening.scores.score_scaler import ScoreScaler, fit_scaler
from radsieve.screening.scores.scores import dice_from_iou
from radsieve.screening.tables import PREDICTIONS, SYMMETRY_FEATURES

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float32] | Floats

# What follows the name of a batch in the options by which a script is given its BatchFiles, and what these are.
_OPTIONS = {
    "": "pack of the images",
    "-table": "table of the images",
    "-masks": "masks of the lungs on them (segment_images)",
    "-features": "features of symmetry of the masks (measure_symmetry)",
    "-predictions": "probability of an abnormality, and maximum of its heat (predict_images)",
}

_MIN_IMAGES = 20  # with fewer true images the 95% quantile cannot be told from the greatest value


@dataclass(frozen=True)
class ScoredBatches:
    """Images with their scores.

    `reference` has the columns of REFERENCE_IMAGES, `generated` those of GENERATED_IMAGES; both have the quantities
    from which the scores are computed, `valid` and SCORES. `scaler` is what they were scaled by.
    """

    reference: pd.DataFrame
    generated: pd.DataFrame
    scaler: ScoreScaler


@dataclass(frozen=True)
class MeasuredBatch:
    """A batch of n images: their `table`, `pixels` (n, channels, H, W), and QUANTITIES but for the distance of shape.

    `shapes` (n, 13) are the DESCRIPTORS of their lungs, measured on masks of `mask_pixels` height and width.
    """

    table: pd.DataFrame
    pixels: Bytes
    quantities: pd.DataFrame
    shapes: Floats
    mask_pixels: int


class BatchFiles(NamedTuple):
    """The files of a batch: the pack of the images and their table, and what stages have measured on them.

    `masks` were written by segment_images, `features` by measure_symmetry, `predictions` by predict_images.
    """

    pack: Path
    table: Path
    masks: Path
    features: Path
    predictions: Path

    @classmethod
    def of(cls, args: argparse.Namespace, batch: str) -> "BatchFiles":
        """Those that the command line names by `batch_options`."""
        return cls(*(getattr(args, f"{batch}{name}".replace("-", "_")) for name in _OPTIONS))

    def read(self, schema: pa.DataFrameSchema) -> MeasuredBatch:
        """Read the images, whose table has this `schema`, and what was measured on them, and measure the lungs.

        Raises InputError if the files are not of the images of the table, in its order.
        """
        table, pack = tables.read(schema, self.table), read_pack(self.pack)
        measured = tables.read(SYMMETRY_FEATURES, self.features)
        predicted = tables.read(PREDICTIONS, self.predictions)
        named = (self.pack, pack.names), (self.features, measured["image"]), (self.predictions, predicted["file"])
        for path, names in named:
            if list(names) != table["image"].tolist():
                raise InputError(f"{path}: not the images of {self.table} in their order; make it again")
        masks = read_array(self.masks, len(table))
        shown = track((mask[0] for mask in masks), f"measuring {self.pack.name}", total=len(masks))
        probability, max_heat = (predicted[name].to_numpy(float) for name in ("probability", "max_heat"))
        iou, side = measured["iou"].to_numpy(float), masks.shape[-1]
        quantities, shapes = measure_quantities(shown, iou, probability, max_heat, side**2)
        return MeasuredBatch(table, pack.images, quantities, shapes, side)


def batch_options(batch: str) -> dict[str, str]:
    """The options by which a script is given the BatchFiles of `batch`, and their help."""
    return {f"{batch}{name}": f"{batch} images: {what}" for name, what in _OPTIONS.items()}


def score_batches(reference: MeasuredBatch, generated: MeasuredBatch, pass_share: float, seed: int) -> ScoredBatches:
    """Score the generated images, and the reference images on which the scores are scaled.

    The tables of the two batches have the columns of REFERENCE_IMAGES and of GENERATED_IMAGES. The scaler is fitted to
    the unaltered images of the validation split, so that `pass_share` of them pass each score.

    Raises InputError if there are fewer than 20 images to scale on.
    """
    fitted = _fitted(reference.table)
    known = reference.quantities.iloc[fitted], reference.shapes[fitted]
    scaler, held_out = fit_scaler(*known, reference.mask_pixels, pass_share, seed)
    distances = scaler.shape.distances(reference.shapes)
    distances[fitted] = held_out
    return ScoredBatches(
        reference=pd.concat([reference.table, scaler.score_at(reference.quantities, distances)], axis=1),
        generated=pd.concat([generated.table, scaler.score(generated.quantities, generated.shapes)], axis=1),
        scaler=scaler,
    )


def measure_quantities(
    masks: Iterable[Mask], iou: Floats, probability: Numbers, max_heat: Numbers, pixels: int
) -> tuple[pd.DataFrame, Floats]:
    """Return the QUANTITIES of n images except the distance of shape, and the DESCRIPTORS (n, 13) of their lungs.

    `masks` (H, W) of the lungs, of so many `pixels` each, come one after another; `iou` (n,) of the image-left half
    and the mirrored image-right half; `probability` and `max_heat` (n,) of an abnormality.
    """
    lungs = measure_lungs(masks, len(iou))
    quantities = {
        "probability": probability,
        "max_heat": max_heat,
        "dice": dice_from_iou(iou),
        "area_ratio": area_ratios(lungs.areas, pixels),
    }
    return pd.DataFrame(quantities, dtype=float), lungs.shapes


def true_images(scored: ScoredBatches, split: str) -> pd.DataFrame:
    """The unaltered reference images of a split."""
    return scored.reference[(scored.reference["alteration"] == UNALTERED) & (scored.reference["split"] == split)]


def _fitted(reference: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The rows of the unaltered images on which the scores are scaled. Raises InputError if they are too few."""
    rows = np.flatnonzero((reference["alteration"] == UNALTERED) & (reference["split"] == FITTED))
    if len(rows) < _MIN_IMAGES:
        raise InputError(
            f"results of alter_images: {len(rows)} unaltered images of the {FITTED} split, but the scores need at "
            f"least {_MIN_IMAGES} to be scaled on; take more images (alter_images.images, pack_images.abnormality)"
        )
    return rows
