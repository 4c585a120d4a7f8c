"""The twin: simulated rows with the published statistics of the study's table, which itself is not public.

Each group is a GAN of its own. In group g the scores of an image with the latent z, uniform in [-1, 1]^128, are

    score_j = Q_j(x_j),   x_j = shift_g + sqrt(h_g) l_j(z) + sqrt(r) n(z) + sqrt(1 - h_g - r) e_j,

where l is linear in z, n falls with the length of z, and e is random; all have variance 1. That images from latents
near the centre are better is known of GANs (the truncation trick, Brock et al. 2019); a linear model cannot see it, but
in the study SVC_rbf and kNN30 are as good as they are. The five x_j of a group are correlated normal variables: a
Gaussian copula, as a sum over 128 components is all but normal. Q_j takes x_j, over all groups a mixture of normal
distributions, to the published distribution of the score. The l_j are more alike than the scores (COMMON), and chance
is less so. `radsieve.prefilter.twin.calibration` finds the constants.

Rows are drawn with quotas: in each block of 10,000 rows of a group just the published number is valid. Candidates come
in blocks until both quotas are full, and those beyond a quota are left out. So the rate is the published one for every
seed, and both the valid and the other rows are distributed as the model says.

In the study's 60,000 rows one image makes up 99% of the variance of score_left2right (2582.8^2 / 60000 against
10.61^2): an image without one of the lungs, it seems. The twin has one image with all five published minima among
60,000 rows, and one with all maxima. The published correlations of score_left2right, less what the first one adds, are
those of the other rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.twin.constants import CALIBRATED
from radsieve.prefilter.twin.scores import Constants, Floats
from radsieve.screening.tables import LATENTS, SCORES

GROUPS = tuple(CALIBRATED.valid_rates)
BLOCK = 10_000  # rows: as many as the study has of each group
DECIMALS = 3  # of the published scores
# How far the linear parts go from the scores' own correlations (0) to one and the same direction (1). No published
# figure says so; at 0, `valid` can only be predicted as published if the latent predicts each score so well that a UMAP
# separates the best and the worst images, which the study found mixed.
COMMON = 0.6

_SPARE = 1000  # candidates beyond the rows of a block, and of each further draw
_VARIANCE, _SQUARE_VARIANCE = 1 / 3, 4 / 45  # of a component uniform in [-1, 1], and of its square
_GRID = np.linspace(-7, 7, 14_001)  # of x, in standard deviations


@dataclass(frozen=True)
class Model:
    """The model of the rows of a group.

    valid: number of rows of a block that are valid; shift: mean of x; linear, radial: shares of its variance that the
    two functions of the latent explain; directions: (128, 5) of the l_j for components of unit variance, of unit
    length; chance: (5, 5) factor of the correlations of the random part; curves: (5, grid) score for each x of the
    grid; extremes: (2, 5) lowest and highest scores, of the one group that has the two images of 60,000 with all of
    them.
    """

    valid: int
    shift: float
    linear: float
    radial: float
    directions: Floats
    chance: Floats
    curves: Floats
    extremes: Floats | None

    def scores(self, latents: npt.NDArray[np.float32], noise: Floats) -> Floats:
        """Return the scores (n, 5) of `latents` (n, 128) with `noise` (n, 5), independent standard normal."""
        exact = latents.astype(np.float64)
        x = self.shift + np.sqrt(self.linear / _VARIANCE) * (exact @ self.directions)
        nearness = (_VARIANCE * len(LATENTS) - (exact**2).sum(axis=1)) / np.sqrt(_SQUARE_VARIANCE * len(LATENTS))
        x += np.sqrt(self.radial) * nearness[:, None]
        x += np.sqrt(1 - self.linear - self.radial) * (noise @ self.chance.T)
        curved = [np.interp(x[:, place], _GRID, curve) for place, curve in enumerate(self.curves)]
        return np.round(np.column_stack(curved), DECIMALS)


def model(group: str, constants: Constants = CALIBRATED) -> Model:
    """Return the model of one of GROUPS."""
    linear, radial = constants.linear[group], constants.radial
    correlation = np.array(constants.correlation)
    common = (1 - COMMON) * correlation + COMMON
    draws = np.random.default_rng([*f"directions of {group}".encode()]).standard_normal((len(LATENTS), len(SCORES)))
    normal = mixed(_GRID, constants.shifts)
    return Model(
        valid=round(constants.valid_rates[group] * BLOCK),
        shift=constants.shifts[group],
        linear=linear,
        radial=radial,
        directions=np.linalg.qr(draws)[0] @ np.linalg.cholesky(common).T,
        chance=np.asarray(np.linalg.cholesky((correlation - linear * common - radial) / (1 - linear - radial))),
        curves=np.array([constants.shapes[name].function()(normal) for name in SCORES]),
        extremes=np.array([constants.extremes[name] for name in SCORES]).T if group == GROUPS[0] else None,
    )


def mixed(x: Floats, shifts: Mapping[str, float]) -> Floats:
    """Return the normal score of `x` (n,) in the mixture, in equal parts, of normal distributions around `shifts`."""
    share = np.mean([ndtr(x - shift) for shift in shifts.values()], axis=0)
    return np.asarray(ndtri(share))


def sample(group: str, rows: int, seed: int, constants: Constants = CALIBRATED) -> Iterator[LatentTable]:
    """Yield `rows` rows of one of GROUPS, in blocks of 10,000 at most.

    The first rows do not depend on how many are sampled, nor a group on the others. Memory is that of a block.
    """
    chosen = model(group, constants)
    for number, start in enumerate(range(0, rows, BLOCK)):
        rng = np.random.default_rng([seed, number, *group.encode()])
        latents, scores = _block(chosen, rng)
        valid = np.all(scores > 0, axis=1).astype(np.int8)
        if chosen.extremes is not None:
            scores[[np.argmin(valid), np.argmax(valid)]] = chosen.extremes
        stop = min(rows - start, BLOCK)
        yield LatentTable((group,), np.zeros(stop, dtype=np.int64), valid[:stop], scores[:stop], latents[:stop])


def _block(chosen: Model, rng: np.random.Generator) -> tuple[npt.NDArray[np.float32], Floats]:
    """Sample latents (10000, 128) and scores (10000, 5) that keep the quotas, in random order."""
    wanted = {0: BLOCK - chosen.valid, 1: chosen.valid}
    draws: list[tuple[npt.NDArray[np.float32], Floats]] = []
    while missing := sum(wanted.values()):
        candidates = (missing if not draws else 0) + _SPARE
        latents = rng.random((candidates, len(LATENTS)), dtype=np.float32) * 2 - 1
        scores = chosen.scores(latents, rng.standard_normal((candidates, len(SCORES))))
        valid = np.all(scores > 0, axis=1)
        rows = np.concatenate([np.flatnonzero(valid == value)[: wanted[value]] for value in (0, 1)])
        for value in (0, 1):
            wanted[value] -= int((valid[rows] == value).sum())
        draws.append((latents[rows], scores[rows]))
    order = rng.permutation(BLOCK)
    return np.concatenate([part for part, _ in draws])[order], np.concatenate([part for _, part in draws])[order]
