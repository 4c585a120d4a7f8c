"""A simple domain adaptation, and the gap between real and synthetic films before and after it.

AdaBN (Li, Wang, Shi, Liu and Hou, Revisiting Batch Normalization For Practical Domain Adaptation, 2016): the weights
stay, and each batch normalisation gets mean and variance of what it sees of the films of the other domain. No labels
are asked for. What differs from channel to channel alone, such as brightness, contrast and noise, is evened out by it;
what is a matter of anatomy is not.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.nn.modules.batchnorm import _BatchNorm

from radsieve.errors import InputError
from radsieve.generation.training_use.domain_gap import domain_gap, gaps
from radsieve.generation.training_use.films import Pictures, rows_of_each
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
    adapted = deepcopy(network).eval()
    layers = [layer for layer in adapted.modules() if isinstance(layer, _BatchNorm)]
    found: dict[_BatchNorm, list[tuple[torch.Tensor, torch.Tensor]]] = {layer: [] for layer in layers}

    def measure(layer: _BatchNorm, inputs: tuple[torch.Tensor]) -> None:
        # torch's own sums, in float32 and by thread, are off by 1e-4, which deep networks make more of
        values = inputs[0].double().transpose(0, 1).flatten(1)
        variance, mean = torch.var_mean(values, dim=1, correction=0)
        _set(layer, mean, variance)
        found[layer].append((mean, variance * values.shape[1] / max(values.shape[1] - 1, 1)))

    hooks = [layer.register_forward_pre_hook(measure) for layer in layers]
    seen = 0
    with torch.no_grad():
        for batch in batches:
            adapted(batch)
            seen += 1
    if not seen:
        raise ValueError("no films to match the statistics to")
    for layer, hook in zip(layers, hooks, strict=True):
        hook.remove()
        if found[layer]:  # it is not one that the network leaves out
            means, variances = zip(*found[layer], strict=True)
            _set(layer, torch.stack(means).mean(dim=0), torch.stack(variances).mean(dim=0))
    return adapted


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


def _set(layer: _BatchNorm, mean: torch.Tensor, variance: torch.Tensor) -> None:
    buffers = dict(layer.named_buffers())
    buffers["running_mean"].copy_(mean)
    buffers["running_var"].copy_(variance)


def _views(classifier: Classifier, films: Bytes, batch: int) -> Iterator[torch.Tensor]:
    """What the backbone gets of `films`, a batch and a view at a time."""
    preprocessing = classifier.preprocessing
    for start in range(0, len(films) - batch + 1, batch):
        prepared = preprocessing.prepare(torch.from_numpy(np.array(films[start : start + batch])))
        for view in preprocessing.regions():
            yield classifier.device.send(cut(prepared, view))


REAL_TO_REAL = "real to real: statistics of ImageNet"
AS_IT_COMES = "real to synthetic: statistics of ImageNet"
REAL_STATISTICS = "real to synthetic: statistics of real films"
OWN_STATISTICS = "real to synthetic: each with its own statistics"

Look = Callable[[Classifier, Bytes], NDArray[np.float64]]  # films -> features (n, ...) of a classifier's backbone


@dataclass(frozen=True)
class Domain:
    """Films of a domain, as many of each label: those that statistics are `matched` to, and those `held_back`."""

    matched: Pictures
    held_back: Pictures


def domains(train: Pictures, test: Pictures, synthetic: Pictures, seed: int) -> tuple[Domain, Domain]:
    """Return the real domain, matched on `train` and compared on `test`, and the synthetic one, cut into two halves.

    All four sets have the same number of films of each label: disease must not tell the domains apart.
    """
    most = min(train.fewest, test.fewest, synthetic.fewest // 2)
    one, other, drawn = (
        films.take(rows_of_each(films.labels, count, np.random.default_rng([seed, place])))
        for place, (films, count) in enumerate(((train, most), (test, most), (synthetic, 2 * most)))
    )
    half = np.zeros(len(drawn.labels), dtype=bool)
    for label in (0, 1):
        half[np.flatnonzero(drawn.labels == label)[:most]] = True
    return Domain(one, other), Domain(drawn.take(np.flatnonzero(half)), drawn.take(np.flatnonzero(~half)))


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
    """Return the `domain_gap` of the films held back: columns of `domain_gap.COLUMNS`, and `films` of each domain.

    REAL_TO_REAL, the reference: real films held back and real films of other patients. AS_IT_COMES: real and synthetic
    films, the normalisation as ImageNet left it. REAL_STATISTICS: the same after it was matched to real films, in
    batches of `batch`; OWN_STATISTICS: after it was matched to synthetic films for the synthetic ones. No film that is
    compared was matched to. The features of the first two rows and those of the last two have scales of their own, and
    so has KID.
    """
    at_home = adapted_classifier(classifier, real.matched.films, batch)
    adapted = adapted_classifier(classifier, synthetic.matched.films, batch)

    def features(of: Classifier, films: Pictures) -> NDArray[np.float64]:
        return look(of, films.films).reshape(len(films.films), -1)

    settings = (folds, resamples, confidence, seed)
    as_it_comes, home = (features(of, real.held_back) for of in (classifier, at_home))
    reference = domain_gap(
        as_it_comes, features(classifier, real.matched), (real.held_back.units, real.matched.units), *settings
    ).assign(features=REAL_TO_REAL)
    pairs = {
        AS_IT_COMES: (as_it_comes, features(classifier, synthetic.held_back)),
        REAL_STATISTICS: (home, features(at_home, synthetic.held_back)),
        OWN_STATISTICS: (home, features(adapted, synthetic.held_back)),
    }
    found = gaps(pairs, (real.held_back.units, synthetic.held_back.units), *settings)
    return pd.concat([reference[list(found)], found], ignore_index=True).assign(films=len(real.held_back.labels))
