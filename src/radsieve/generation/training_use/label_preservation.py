"""Whether an augmentation preserves the label: does a network trained without it agree with the label afterwards?

An augmentation is fit for training if the changed image still shows what its label says. The first evaluator is a
classifier trained without augmentation, on other images; the images are held out from it. It is a strict evaluator:
where it errs on changed images, either the label was lost, or the network does not know this change, which training
with it would remedy. A second evaluator that was trained with the augmentation distinguishes the two: where it agrees,
the label is still there.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from radsieve.networks.augmentation import augment
from radsieve.progress import track
from radsieve.settings import Augmentation
from radsieve.stats import resampling
from radsieve.stats.paired_tests import correlation_of_units

ALL = "all"  # the augmentations together
_BATCH = 64  # images that are changed at a time
COLUMNS = [
    "classifier",
    "augmentation",
    "setting",
    "images",
    "agree_before",
    "agree_after",
    *(f"{name}{bound}" for name in ("kept", "difference") for bound in ("", "_lower", "_upper")),
    "preserved",
]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Answers = Callable[[Bytes], Mapping[str, Floats]]  # images -> probability (n,) of the label 1, by each evaluator


def each_alone(settings: Augmentation) -> dict[str, Augmentation]:
    """Return each augmentation of `settings` with all others off, those that are off left out, and ALL together."""
    chosen = settings.model_dump()
    off = settings.model_copy(update=dict.fromkeys(chosen, 0.0))
    alone = {name: off.model_copy(update={name: value}) for name, value in chosen.items() if value}
    return alone | {ALL: settings}


def changed_images(images: Bytes, settings: Augmentation, seed: int) -> Bytes:
    """Return `images` (n, channels, H, W), each changed in its own way by `settings`, drawn by `seed`."""
    random = torch.Generator().manual_seed(seed)
    changed = []
    # a change takes many times the memory of the images
    for batch in torch.split(torch.from_numpy(np.array(images)), _BATCH):
        as_numbers = batch.float() / 255
        moved, _ = augment(as_numbers, torch.zeros_like(as_numbers[:, :1]), settings, random)
        changed.append((moved * 255).round().to(torch.uint8))
    return torch.cat(changed).numpy()


def label_preservation(
    answers: Answers,
    images: Bytes,
    labels: NDArray[np.integer],
    units: NDArray[np.integer],
    settings: Augmentation,
    copies: int,
    margin: float,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Evaluate each augmentation of `settings`, and all together, by each evaluator: columns COLUMNS, one row each.

    `images` (n, channels, H, W) are held out from the evaluators, whose `answers` on any images come by name; with
    `labels` (n,) of 0 and 1 and `units` (n,), the number of each image's unit. An image counts as 1 from a
    probability of 1/2. Each image is changed `copies` times, alike for all evaluators.

    agree_before: share of the images whose answer is their label; agree_after: the same of the changed copies;
    difference: agree_after - agree_before; kept: share of the copies that still agree among those of images that did
    (NaN if none does). Intervals are Wilson's, clustered by unit, that of the difference joined from those of the
    shares that are gained and lost (MOVER; Zou and Donner 2008, doi:10.1002/sim.3095) with their correlation: no copy
    is of both. preserved: 1 if the lower bound
    of the difference is above -`margin` (non-inferiority), else 0.
    """
    truth = labels == 1
    before = {evaluator: (said >= 0.5) == truth for evaluator, said in answers(images).items()}
    seeds = np.random.SeedSequence(seed).generate_state(copies).tolist()
    rows = []
    for name, chosen in track(each_alone(settings).items(), "augmentations", unit="augmentation"):
        said = [answers(changed_images(images, chosen, one)) for one in seeds]
        for evaluator in before:
            after = np.mean([(one[evaluator] >= 0.5) == truth for one in said], axis=0)
            kept = resampling.clustered_share(after[before[evaluator]], units[before[evaluator]], confidence)
            moved = after - before[evaluator]
            changes = np.maximum(moved, 0), np.maximum(-moved, 0)
            gained, lost = (resampling.clustered_share(one, units, confidence) for one in changes)
            changed = resampling.difference(gained, lost, correlation=correlation_of_units(*changes, units))
            agreed = float(before[evaluator].mean()), float(after.mean())
            setting = np.nan if name == ALL else getattr(settings, name)
            numbers = [part for one in (kept, changed) for part in (one.value, one.lower, one.upper)]
            rows.append((evaluator, name, setting, len(images), *agreed, *numbers, int(changed.lower > -margin)))
    return pd.DataFrame(rows, columns=COLUMNS)
