"""The five scores of an image, scaled so that more than 0 passes (Sinyavsky, term paper, part 2).

The source names the quantities and prints ranges, not formulas. Here each score compares a quantity of the image with
the value that the share `pass_share` of true images does not exceed (the Dice: does not fall short of), and keeps the
published range: at most 1; `score_abnormal` and `score_maxheat` at least -1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.covariance import LedoitWolf
from sklearn.model_selection import KFold

from radsieve.screening.tables import SCORES

Floats = npt.NDArray[np.float64]

# The column of the quantity of each score, in the order of SCORES.
QUANTITIES = dict(zip(SCORES, ("shape_distance", "probability", "max_heat", "dice", "area_ratio"), strict=True))

_MARGIN = 1e-6  # keeps thresholds away from the best possible value, where a score would be 0 / 0
_FOLDS = 5
_CLIP = 3.0  # deviations count at most so many robust standard deviations when the covariance is estimated
_MAD = 1.4826  # the standard deviation of a normal distribution divided by its median absolute deviation


def score_symmetry(dice: Floats, threshold: float) -> Floats:
    """(dice - t) / (1 - t): 1 for equal halves, -t / (1 - t) at worst (published: -37, so that t was 0.974).

    `dice` (n,) of the image-left half and the mirrored image-right half of the lung mask.
    """
    return (dice - threshold) / (1 - threshold)


def score_left2right(ratio: Floats, threshold: float) -> Floats:
    """1 - (r - 1) / (r0 - 1): 1 for lungs of equal area, unbounded below.

    `ratio` (n,) is the area of the larger lung divided by that of the smaller one, whichever side it is on: the
    published name of the score says left and right, its value does not know them.
    """
    return 1 - (ratio - 1) / (threshold - 1)


def score_shape(distance: Floats, threshold: float) -> Floats:
    """1 - d / d0: 1 for lungs of the most usual shape, unbounded below; `distance` (n,) as UsualShape gives it."""
    return 1 - distance / threshold


def score_abnormal(probability: Floats, threshold: float) -> Floats:
    """1 - 2 s, where s is the sigmoid of logit(p) - logit(p0): from 1 to -1; 1 - 2 p if the threshold p0 is 1/2.

    `probability` (n,) of an abnormality. Written without the logits, which p = 0 and p = 1 do not have.
    """
    ratio = (threshold - probability) / (threshold + probability - 2 * threshold * probability)
    return np.clip(ratio, -1, 1)  # at p = 1 it is rounded to beyond -1


def score_maxheat(heat: Floats, threshold: float) -> Floats:
    """(m0 - m) / (m0 + m): from 1 to -1; `heat` (n,) is the maximum of the heat map of an abnormality, at least 0."""
    return (threshold - heat) / (threshold + heat)


def dice_from_iou(iou: Floats) -> Floats:
    """Dice = 2 IoU / (1 + IoU)."""
    return 2 * iou / (1 + iou)


def fit_thresholds(true_images: pd.DataFrame, pass_share: float) -> dict[str, float]:
    """Return the threshold of each score at which `pass_share` of the `true_images` (columns QUANTITIES) pass."""
    found = {score: float(true_images[name].quantile(pass_share)) for score, name in QUANTITIES.items()}
    return {
        "score_shape": max(found["score_shape"], _MARGIN),
        "score_abnormal": min(max(found["score_abnormal"], _MARGIN), 1 - _MARGIN),
        "score_maxheat": max(found["score_maxheat"], _MARGIN),
        "score_symmetry": min(float(true_images["dice"].quantile(1 - pass_share)), 1 - _MARGIN),
        "score_left2right": max(found["score_left2right"], 1 + _MARGIN),
    }


def score_images(quantities: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return the columns `valid` (1 if all scores are above 0, else 0) and SCORES of images with QUANTITIES."""
    functions = (score_shape, score_abnormal, score_maxheat, score_symmetry, score_left2right)
    scores = pd.DataFrame(
        {
            score: function(quantities[QUANTITIES[score]].to_numpy(float), thresholds[score])
            for score, function in zip(SCORES, functions, strict=True)
        }
    )
    scores.insert(0, "valid", (scores > 0).all(axis=1).astype(int))
    return scores


@dataclass(frozen=True)
class UsualShape:
    """The usual shape of lungs: the centre (k,) and scale (k,) of the descriptors of true images, and how these vary.

    Rows are centred by the median of the true images and scaled by their median absolute deviation, at least by given
    floors. `precision` (k, k) is the inverse of their covariance, which is estimated from rows clipped at 3 such
    deviations, with the shrinkage of Ledoit and Wolf (2004), so that neither a failed segmentation nor few true images
    spoil it.
    """

    centre: Floats
    scale: Floats
    precision: Floats

    def distances(self, shapes: Floats) -> Floats:
        """Return the robust Mahalanobis distance (n,) of each row of `shapes` (n, k), divided by sqrt(k)."""
        scaled, middle = (shapes - self.centre) / self.scale, np.zeros((1, len(self.centre)))
        squared = cdist(scaled, middle, "mahalanobis", VI=self.precision)[:, 0] ** 2
        return np.asarray(np.sqrt(squared / shapes.shape[1]))


def usual_shape(true_shapes: Floats, floors: Floats) -> UsualShape:
    """Estimate the usual shape from the rows `true_shapes` (m, k); no scale is less than `floors` (k,)."""
    centre = np.median(true_shapes, axis=0)
    scale = np.maximum(_MAD * np.median(np.abs(true_shapes - centre), axis=0), floors)
    clipped = np.clip((true_shapes - centre) / scale, -_CLIP, _CLIP)
    return UsualShape(centre, scale, LedoitWolf(assume_centered=True).fit(clipped).get_precision())


def held_out_distances(true_shapes: Floats, floors: Floats, seed: int) -> Floats:
    """Return the distance (m,) of each row of `true_shapes` (m, k) from the usual shape of the rows in other folds.

    A row that took part in the estimate would be too close. No scale is less than `floors` (k,).
    """
    distances = np.empty(len(true_shapes))
    for fit, held_out in KFold(_FOLDS, shuffle=True, random_state=seed).split(true_shapes):
        distances[held_out] = usual_shape(true_shapes[fit], floors).distances(true_shapes[held_out])
    return distances
