"""A simple domain adaptation: the statistics of batch normalisation are matched to films of another domain.

AdaBN (Li, Wang, Shi, Liu and Hou, Revisiting Batch Normalization For Practical Domain Adaptation, 2016): the weights
stay, and each batch normalisation gets mean and variance of what it sees of the films of the other domain. No labels
are asked for. What differs from channel to channel alone, such as brightness, contrast and noise, is evened out by it;
what is a matter of anatomy is not.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import chain
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim.swa_utils import update_bn

from radsieve.errors import InputError
from radsieve.networks.classifier import Classifier
from radsieve.networks.views import cut

LEAST_FILMS = 2  # the variance of one film says nothing

Bytes = NDArray[np.uint8]
Net = TypeVar("Net", bound=torch.nn.Module)


def matched(network: Net, batches: Iterable[torch.Tensor]) -> Net:
    """Return a copy of `network`, ready to use, whose batch normalisations have the statistics of `batches`.

    `batches` are inputs of the network, on its device. Mean and variance are the means of those of the batches, each of
    which is normalised by its own on the way, so batches should be of one size and not small. A network without batch
    normalisation stays as it is. Raises ValueError without batches.
    """
    waiting = iter(batches)
    if (first := next(waiting, None)) is None:
        raise ValueError("no films to match the statistics to")
    # sums over maps with the channels last would depend on the number of threads
    adapted = deepcopy(network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    update_bn((batch.contiguous() for batch in chain([first], waiting)), adapted)
    return adapted.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def adapted_classifier(classifier: Classifier, films: Bytes, batch: int) -> Classifier:
    """Return `classifier` with its backbone matched to `films` (n, channels, H, W) of another domain.

    Films are taken in order in whole batches of `batch` (all at once if there are fewer films); a rest is left out, so
    that all batches weigh alike. Raises InputError if there are too few films.
    """
    if min(len(films), batch) < LEAST_FILMS:
        raise InputError(f"{len(films)} films in batches of {batch}: statistics ask for {LEAST_FILMS} at least")
    network = deepcopy(classifier.network)
    network.backbone = matched(network.backbone, _views(classifier, films, min(batch, len(films))))
    return replace(classifier, network=network.eval())


def _views(classifier: Classifier, films: Bytes, batch: int) -> Iterator[torch.Tensor]:
    """What the backbone gets of `films`, a batch and a view at a time."""
    preprocessing = classifier.preprocessing
    for start in range(0, len(films) - batch + 1, batch):
        prepared = preprocessing.prepare(torch.from_numpy(np.array(films[start : start + batch])))
        for view in preprocessing.regions():
            yield classifier.device.send(cut(prepared, view))
