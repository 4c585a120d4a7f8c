"""A simple domain adaptation, and the gap between real and synthetic images before and after it.

AdaBN (Li, Wang, Shi, Liu and Hou, Revisiting Batch Normalization For Practical Domain Adaptation, 2016): the weights
are unchanged, and each batch normalisation gets the mean and variance of its inputs on images of the other domain. No
labels are needed. What differs from channel to channel alone, such as brightness, contrast and noise, is evened out by
it; what is a matter of anatomy is not.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.optim.swa_utils import update_bn

from radsieve.errors import InputError
from radsieve.generation.training_use.domain_gap import domain_gap, gaps
from radsieve.generation.training_use.images import LabelledSet, rows_of_each
from radsieve.networks.classifier import Classifier
from radsieve.networks.views import cut

MIN_IMAGES = 2  # the variance of one image says nothing

Bytes = NDArray[np.uint8]
Net = TypeVar("Net", bound=torch.nn.Module)


def matched(network: Net, batches: Iterable[torch.Tensor]) -> Net:
    """Return a copy of `network`, ready to use, whose batch normalisations have the statistics of `batches`.

    `batches` are inputs of the network, on its device. Mean and variance are the means of those of the batches, each of
    which is normalised by its own in the process, so batches should be of one size and not small. A network without
    batch normalisation is unchanged. Raises ValueError without batches.
    """
    waiting = iter(batches)
    if (first := next(waiting, None)) is None:
        raise ValueError("no images to match the statistics to")
    # sums over maps with the channels last would depend on the number of threads
    adapted = deepcopy(network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    update_bn((batch.contiguous() for batch in chain([first], waiting)), adapted)
    return adapted.eval().to(memory_format=torch.channels_last)  # type: ignore[no-any-return]


def adapted_classifier(classifier: Classifier, images: Bytes, batch: int) -> Classifier:
    """Return `classifier` with its backbone matched to `images` (n, channels, H, W) of another domain.

    Images are taken in order in whole batches of `batch` (all at once if there are fewer images); a remainder is left
    out, so that all batches have the same weight. Raises InputError if there are too few images.
    """
    if min(len(images), batch) < MIN_IMAGES:
        raise InputError(f"{len(images)} images in batches of {batch}: statistics need at least {MIN_IMAGES}")
    network = deepcopy(classifier.network)
    network.backbone = matched(network.backbone, _views(classifier, images, min(batch, len(images))))
    return replace(classifier, network=network.eval())


def _views(classifier: Classifier, images: Bytes, batch: int) -> Iterator[torch.Tensor]:
    """The inputs of the backbone for `images`, a batch and a view at a time."""
    preprocessing = classifier.preprocessing
    for start in range(0, len(images) - batch + 1, batch):
        prepared = preprocessing.prepare(torch.from_numpy(np.array(images[start : start + batch])))
        for view in preprocessing.regions():
            yield classifier.device.send(cut(prepared, view))


REAL_TO_REAL = "real to real: statistics of ImageNet"
AS_IT_COMES = "real to synthetic: statistics of ImageNet"
REAL_STATISTICS = "real to synthetic: statistics of real images"
OWN_STATISTICS = "real to synthetic: each with its own statistics"

Look = Callable[[Classifier, Bytes], NDArray[np.float64]]  # images -> features (n, ...) of a classifier's backbone


@dataclass(frozen=True)
class Domain:
    """Images of a domain, as many of each label: those to which statistics are `matched`, and those `held_out`."""

    matched: LabelledSet
    held_out: LabelledSet


def domains(train: LabelledSet, test: LabelledSet, synthetic: LabelledSet, seed: int) -> tuple[Domain, Domain]:
    """Return the real domain, matched on `train` and compared on `test`, and the synthetic one, cut into two halves.

    All four sets have the same number of images of each label: disease must not tell the domains apart.
    """
    maximum = min(train.fewest, test.fewest, synthetic.fewest // 2)
    one, other, generated = (
        images.take(rows_of_each(images.labels, count, np.random.default_rng([seed, place])))
        for place, (images, count) in enumerate(((train, maximum), (test, maximum), (synthetic, 2 * maximum)))
    )
    half = np.zeros(len(generated.labels), dtype=bool)
    for label in (0, 1):
        half[np.flatnonzero(generated.labels == label)[:maximum]] = True
    return Domain(one, other), Domain(generated.take(np.flatnonzero(half)), generated.take(np.flatnonzero(~half)))


def matched_gaps(
    classifier: Classifier,
    look: Look,
    real: Domain,
    synthetic: Domain,
    batch: int,
    folds: int,
    resamples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the `domain_gap` of the held-out images: columns of `domain_gap.COLUMNS`, and `images` of each domain.

    REAL_TO_REAL, the reference: real held-out images and real images of other patients. AS_IT_COMES: real and synthetic
    images, the normalisation as ImageNet left it. REAL_STATISTICS: the same after it was matched to real images, in
    batches of `batch`; OWN_STATISTICS: after it was matched to synthetic images for the synthetic ones. No image that
    is compared was used for matching. The features of the first two rows and those of the last two have scales of their
    own, and so has KID.
    """
    at_home = adapted_classifier(classifier, real.matched.images, batch)
    adapted = adapted_classifier(classifier, synthetic.matched.images, batch)

    def features(of: Classifier, images: LabelledSet) -> NDArray[np.float64]:
        return look(of, images.images).reshape(len(images.images), -1)

    settings = (folds, resamples, confidence, seed)
    as_it_comes, home = (features(of, real.held_out) for of in (classifier, at_home))
    reference = domain_gap(
        as_it_comes, features(classifier, real.matched), (real.held_out.units, real.matched.units), *settings
    ).assign(features=REAL_TO_REAL)
    pairs = {
        AS_IT_COMES: (as_it_comes, features(classifier, synthetic.held_out)),
        REAL_STATISTICS: (home, features(at_home, synthetic.held_out)),
        OWN_STATISTICS: (home, features(adapted, synthetic.held_out)),
    }
    found = gaps(pairs, (real.held_out.units, synthetic.held_out.units), *settings)
    return pd.concat([reference[list(found)], found], ignore_index=True).assign(images=len(real.held_out.labels))
