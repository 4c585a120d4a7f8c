"""The multilayer perceptrons of Sinyavsky's term paper (part 2, section 4), in PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from radsieve.networks.adam import Adam
from radsieve.prefilter.classifiers.split import Floats, FoldData

# Units of the hidden layers, and the places of those that batch normalisation follows. MLP_1 to MLP_4 are the rows 1 to
# 4 of the published table by depth; as the source lists them, 1 has no hidden layer and 4 has five.
LAYERS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "MLP": ((256, 256, 128, 128, 64, 64, 32, 32, *[16] * 6), (1, 3, 5)),
    "MLP_1": ((), ()),
    "MLP_2": ((128,), ()),
    "MLP_3": ((128,) * 2, ()),
    "MLP_4": ((128,) * 5, ()),
}


@dataclass(frozen=True)
class PerceptronSettings:
    """How the networks are trained: steps of Adam, rows in each, its learning rate, and where."""

    steps: int
    batch: int
    learning_rate: float
    device: torch.device


def perceptron_scores(split: FoldData, names: tuple[str, ...], training: PerceptronSettings) -> Mapping[str, Floats]:
    """Return the probability (m,) by each of `names`, keys of LAYERS.

    Steps, not epochs, are counted, so that small groups are not left untrained. Sets the number of PyTorch's threads
    to 1: layers as small as these gain nothing from more, and the last digits would depend on it.
    """
    torch.set_num_threads(1)
    return {name: _scores(split, name, training) for name in names}


def _scores(split: FoldData, name: str, training: PerceptronSettings) -> Floats:
    generator = torch.Generator().manual_seed(split.seed)
    network = _network(split.latents.shape[1], name, generator).to(training.device)
    optimizer = Adam(list(network.parameters()), training.learning_rate)
    latents, held_out = (torch.from_numpy(rows).to(training.device) for rows in (split.latents, split.held_out))
    target = torch.from_numpy(split.target.astype(np.float32)).to(training.device)
    network.train()
    rows = torch.empty(0, dtype=torch.int64)
    for _ in range(training.steps):
        if len(rows) < 2:  # batch normalisation needs two rows
            rows = torch.randperm(len(latents), generator=generator)
        generated, rows = rows[: training.batch].to(training.device), rows[training.batch :]
        loss = nn.functional.binary_cross_entropy_with_logits(network(latents[generated])[:, 0], target[generated])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    network.eval()
    with torch.inference_mode():
        return np.asarray(torch.sigmoid(network(held_out)[:, 0]).double().cpu().numpy())


def _network(components: int, name: str, generator: torch.Generator) -> nn.Sequential:
    """Rectified layers and one logit, initialised as Keras does: Glorot's uniform weights, biases 0."""
    units, normalised = LAYERS[name]
    layers: list[nn.Module] = []
    width = components
    for place, wide in enumerate(units):
        layers += [_dense(width, wide, generator), nn.ReLU()]
        if place in normalised:
            layers.append(nn.BatchNorm1d(wide))
        width = wide
    return nn.Sequential(*layers, _dense(width, 1, generator))


def _dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
