"""Is the nearest neighbour of a good latent good more often than chance? (a conjecture of Sinyavsky's term paper, part
2)
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.prefilter.latents.latent_table import TARGETS, LatentTable
from radsieve.progress import working
from radsieve.stats.permutations import p_value

COLUMNS = (
    "score", "rows", "good", "good_beside_good", "share", "chance", "chance_lower", "chance_upper", "p_value",
    "distance_ratio",
)  # fmt: skip
_BLOCK = 512  # rows at a time: bounds the memory


@working("permutations of nearest neighbours")
def evaluate_neighbours(table: LatentTable, permutations: int, confidence: float, seed: int) -> pd.DataFrame:
    """Count the good rows of one group whose nearest neighbour is good too; columns COLUMNS, one row per target.

    `share` is `good_beside_good` divided by `good`, and `chance` its average if the labels are permuted, with the
    interval `chance_lower` to `chance_upper` of `confidence`; `p_value` is one-sided. Shares are NaN without good rows.
    `distance_ratio` is the mean distance to the nearest neighbour divided by that of two rows: near 1 nothing is near.
    """
    nearest, distance_ratio = nearest_neighbours(table.latents)
    labels = np.stack([table.target(name) for name in TARGETS], axis=1)
    good = labels.sum(axis=0, dtype=np.int64)
    beside = (labels * labels[nearest]).sum(axis=0, dtype=np.int64)
    permuted = np.array(list(_permuted(labels, nearest, permutations, seed)))
    tails = np.quantile(permuted, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    chance = np.where(good > 1, good * (good - 1) / max(len(labels) - 1, 1), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = [values / good for values in (beside, chance, *tails)]
    p = np.where(good > 0, p_value(beside, permuted), np.nan)
    columns = [TARGETS, len(labels), good, beside, *shares, p, distance_ratio]
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def nearest_neighbours(latents: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int64], float]:
    """The nearest other row (Euclidean) of each row of `latents` (n, d), and the ratio of mean distances.

    The ratio is that of the mean distance to the nearest row to the root mean squared distance of two rows.
    """
    norms = np.einsum("nd,nd->n", latents, latents)
    nearest = np.empty(len(latents), dtype=np.int64)
    closest = np.empty(len(latents))
    total = 0.0
    for start in range(0, len(latents), _BLOCK):
        block = slice(start, start + _BLOCK)
        squared = norms[block, None] + norms - 2 * (latents[block] @ latents.T)
        total += float(squared.sum(dtype=float))
        place = np.arange(len(squared))
        squared[place, start + place] = np.inf
        nearest[block] = squared.argmin(axis=1)
        closest[block] = squared[place, nearest[block]]
    pairs = len(latents) * (len(latents) - 1)
    return nearest, float(np.sqrt(np.maximum(closest, 0)).mean() / np.sqrt(total / pairs))


def _permuted(
    labels: npt.NDArray[np.int8], nearest: npt.NDArray[np.int64], permutations: int, seed: int
) -> Iterator[npt.NDArray[np.int64]]:
    """The number of good rows beside good ones (targets,), for each permutation of the rows of `labels` (n, targets).

    The labels of a row are the bits of one byte, so that all targets are counted at once.
    """
    generator = np.random.default_rng(seed)
    targets = np.arange(labels.shape[1])
    codes = (labels << targets).sum(axis=1, dtype=np.uint8)
    bits = np.arange(1 << len(targets))[:, None] >> targets & 1
    for _ in range(permutations):
        draws = generator.permutation(codes)
        yield np.bincount(draws & draws[nearest], minlength=len(bits)) @ bits
