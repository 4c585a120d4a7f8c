"""How useful are synthetic images? A classifier learns from real, synthetic and changed images, and is evaluated on
real ones.

All images have passed through one frozen backbone, so that each of the many fits is that of one linear unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.generation.tables import TrainingArm
from radsieve.progress import track, working
from radsieve.stats import resampling
from radsieve.stats.binary_metrics import area_bounds, roc_auc

COMPARED = [
    "arm",
    "real_images",
    *(f"{name}{bound}" for name in ("roc_auc", "gain") for bound in ("", "_lower", "_upper")),
    "p_value",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.int64]
Fit = Callable[[Floats, Flags], Callable[[Floats], Floats]]  # learn from features and labels how to score features


@dataclass(frozen=True)
class LabelledFeatures:
    """Images as a frozen backbone sees them: `features` (n, ...), `labels` (n,) 0 or 1, and `units` (n,)."""

    features: Floats
    labels: Flags
    units: Flags

    def take(self, rows: NDArray[np.integer]) -> "LabelledFeatures":
        """The images of `rows`."""
        return LabelledFeatures(self.features[rows], self.labels[rows], self.units[rows])


@dataclass(frozen=True)
class Sources:
    """What the arms learn from. `copies` are augmented copies of `real`: `copies[k]` (n, ...) one of each image.

    Without `screened` images the arm WITH_SCREENED is left out.
    """

    real: LabelledFeatures
    synthetic: LabelledFeatures
    screened: LabelledFeatures | None
    copies: Sequence[Floats]


def real_rows(real: LabelledFeatures, maximum: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of whole units of `real`, in random order, until there are at least `maximum` images.

    The first unit with an image of the one label and the first with one of the other come first, so that no draw lacks
    a label. A larger `maximum` gives the same images and further ones, if `random` is in the same state.
    """
    order = random.permutation(np.unique(real.units))
    first = [next(unit for unit in order if label in real.labels[real.units == unit]) for label in (0, 1)]
    chosen: list[NDArray[np.int64]] = []
    for unit in dict.fromkeys([*first, *order]):
        if sum(map(len, chosen)) >= maximum and unit not in first:
            break
        chosen.append(np.flatnonzero(real.units == unit))
    return np.concatenate(chosen)


def train_arms(
    sources: Sources, test: Floats, sizes: Sequence[int], seeds: Sequence[int], synthetic_images: int, fit: Fit
) -> pd.DataFrame:
    """Train all ARMS for each of `sizes` and `seeds`, a row each, and score the test images `test` (t, ...).

    Columns arm, real_images, seed, training_images, score (t,). `sizes` are numbers of real images (`real_rows`),
    `seeds` draw them and the synthetic ones; arms of one size and seed share their real images. Of the synthetic images
    and of the screened ones as many are drawn, `synthetic_images`, half of them of each label, so that the evaluation
    of screening does not depend on the number of images that it leaves. SYNTHETIC has no real images and is trained
    once a seed.

    Raises InputError if there are too few images of a kind, or real ones of one label only.
    """
    check_sizes(sources.real.labels, sizes)
    _check_synthetic(sources, synthetic_images)
    rows = []
    for seed in track(seeds, "training", unit="seed"):
        generated = {
            name: images.take(_balanced_rows(images, synthetic_images, np.random.default_rng([seed, 1])))
            for name, images in (
                (TrainingArm.WITH_SYNTHETIC, sources.synthetic),
                (TrainingArm.WITH_SCREENED, sources.screened),
            )
            if images is not None
        }
        alone = generated[TrainingArm.WITH_SYNTHETIC]
        rows.append((TrainingArm.SYNTHETIC, 0, seed, len(alone.labels), fit(alone.features, alone.labels)(test)))
        for size in sizes:
            chosen = real_rows(sources.real, size, np.random.default_rng([seed, 0]))
            real = sources.real.take(chosen)
            further = {
                TrainingArm.REAL: (real.features[:0], real.labels[:0]),
                **{name: (images.features, images.labels) for name, images in generated.items()},
                TrainingArm.WITH_COPIES: (
                    np.concatenate([real.features[:0], *(copy[chosen] for copy in sources.copies)]),
                    np.tile(real.labels, len(sources.copies)),
                ),
            }
            for arm, (features, labels) in further.items():
                learnt = fit(np.concatenate([real.features, features]), np.concatenate([real.labels, labels]))
                rows.append((arm, size, seed, len(real.labels) + len(labels), learnt(test)))
    return pd.DataFrame(rows, columns=["arm", "real_images", "seed", "training_images", "score"])


@working("bootstrap of the arms")
def compare_arms(
    trained: pd.DataFrame, labels: Flags, units: Flags, resamples: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Evaluate what `train_arms` gave on the real test images of `labels` (t,) and `units` (t,): columns COMPARED.

    roc_auc: mean over the seeds. gain: by how much it is above that of REAL with as many real images (SYNTHETIC: with
    the largest number). Intervals from a bootstrap of the units of the test images and of the seeds, all arms in the
    same resamples, so that the gain is paired. p_value: two-sided, by the share of resamples with a gain on the other
    side of 0, at least 2 / (resamples + 1), for each gain by itself. Gain and p are NaN for REAL itself.
    """
    random = np.random.default_rng([seed, 1])
    patterns = resampling.patterns(np.arange(len(labels))[:, None], units)
    weights = np.concatenate([block[:, patterns.of_item] for block in patterns.resamples(resamples, seed)])
    runs = trained["seed"].nunique()
    picked = random.integers(runs, size=(resamples, runs))
    once, draws = {}, {}
    for key, group in trained.sort_values("seed").groupby(["arm", "real_images"]):
        scores = group["score"].tolist()
        once[key] = float(np.mean([roc_auc(labels, score, np.ones((1, len(labels))))[0] for score in scores]))
        areas = np.stack([roc_auc(labels, score, weights) for score in scores], axis=1)
        draws[key] = np.take_along_axis(areas, picked, axis=1).mean(axis=1)
    maximum = trained["real_images"].max()
    rows = []
    order = {arm.value: place for place, arm in enumerate(TrainingArm)}
    for arm, size in sorted(once, key=lambda key: (order[str(key[0])], key[1])):
        row = [arm, size, once[arm, size], *area_bounds(once[arm, size], draws[arm, size], labels, units, confidence)]
        if arm == TrainingArm.REAL:
            rows.append((*row, *[np.nan] * 4))
            continue
        reference = (TrainingArm.REAL, size or maximum)
        gains = draws[arm, size] - draws[reference]
        p_value = min(1.0, 2 * (min((gains <= 0).sum(), (gains >= 0).sum()) + 1) / (resamples + 1))
        gain = once[arm, size] - once[reference]
        rows.append((*row, gain, *resampling.interval(gains, confidence), p_value))
    return pd.DataFrame(rows, columns=COMPARED)


def _balanced_rows(images: LabelledFeatures, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Rows of `count` // 2 different images of each label."""
    halves = [random.choice(np.flatnonzero(images.labels == label), count // 2, replace=False) for label in (0, 1)]
    return np.concatenate(halves)


def check_sizes(labels: Flags, sizes: Sequence[int]) -> None:
    """Raise InputError if there are fewer real images of `labels` (n,) than `sizes` ask for, or of one label only."""
    if max(sizes) > len(labels):
        raise InputError(
            f"{max(sizes)} real images are requested, but there are {len(labels)} in the training split; "
            "lower compare_training.real_images"
        )
    if set(labels.tolist()) != {0, 1}:
        raise InputError("the real images have one label only; a classifier needs both")


def _check_synthetic(sources: Sources, synthetic_images: int) -> None:
    for name, images in (("synthetic", sources.synthetic), ("screened synthetic", sources.screened)):
        if images is None:
            continue
        fewest = int(np.bincount(images.labels, minlength=2).min())
        if not 1 <= synthetic_images // 2 <= fewest:
            raise InputError(
                f"{synthetic_images} {name} images are requested, half of "
                f"each label, but there are {fewest} of one label"
            )
