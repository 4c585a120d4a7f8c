"""Small networks on prepared rows: perceptrons, the best of some by a nested choice, and recurrent networks.

A recurrent network over one step has no memory to use: it is a perceptron with gates. Over columns as steps it reads
them in an order that means nothing. Both are there because published analyses use them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from radsieve.networks.adam import Adam
from radsieve.networks.device import choose_device
from radsieve.settings import Compute
from radsieve.tasks.rows.folds import FoldedRows
from radsieve.tasks.rows.models import preparation
from radsieve.tasks.rows.settings import NetSettings, RowsSettings
from radsieve.tasks.tables import Model

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_INNER = 4  # folds of the training rows, one of which chooses
_MOMENTUM = 0.9
_AT_ONCE = 8192  # rows to predict
_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}
_ONE = "one"  # step of a recurrent network


@dataclass(frozen=True)
class Networks:
    """Out-of-fold probabilities (n,) by model, and the rows of GRID, one for each perceptron and fold."""

    scores: dict[Model, Floats]
    tried: list[tuple[object, ...]] = field(default_factory=list)


def network_scores(
    data: FoldedRows,
    columns: pd.DataFrame,
    known: str,
    names: Sequence[str],
    models: Sequence[Model],
    settings: RowsSettings,
    compute: Compute,
) -> Networks:
    """Predict each row by networks that were fitted to the other folds, of the columns `names`, those `known` then.

    The perceptron of a fold is that of `settings.perceptrons` with the greatest ROC-AUC on a quarter of the units of
    the other folds, fitted to all of them anew.
    """
    device = choose_device(compute).device
    found = Networks({model: np.full(len(data.fold), np.nan) for model in models})
    for number in np.unique(data.fold):
        held_out = data.fold == number
        prepare = preparation(columns, names).fit(data.rows.loc[~held_out, list(names)], data.truth[~held_out])
        seen, unseen = (
            np.asarray(prepare.transform(data.rows.loc[rows, list(names)]), dtype=np.float64)
            for rows in (~held_out, held_out)
        )
        truth, units = data.truth[~held_out], data.units[~held_out]
        for model in models:
            chosen = settings.recurrent
            if model is Model.PERCEPTRON:
                areas = _inner_areas(seen, truth, units, settings, device)
                place = int(np.argmax(areas))
                chosen = settings.perceptrons[place]
                found.tried.extend(
                    (known, int(number) + 1, *_described(one), area, int(other == place))
                    for other, (one, area) in enumerate(zip(settings.perceptrons, areas, strict=True))
                )
            found.scores[model][held_out] = predict(fit(model, chosen, seen, truth, settings.seed, device), unseen)
    return found


def _described(one: NetSettings) -> tuple[object, ...]:
    layers = "-".join(map(str, one.layers))
    return layers, one.activation, one.dropout, one.optimizer, one.learning_rate, one.epochs, one.batch


def _inner_areas(
    features: Floats, truth: Integers, units: Integers, settings: RowsSettings, device: torch.device
) -> list[float]:
    """The ROC-AUC of each perceptron on the quarter that chooses, 0.5 where that has one outcome alone; NaN for one."""
    if len(settings.perceptrons) == 1:
        return [float("nan")]
    splits = StratifiedGroupKFold(_INNER, shuffle=True, random_state=settings.seed).split(features, truth, units)
    fitted, chooses = next(iter(splits))
    if len(np.unique(truth[chooses])) < 2:
        return [0.5] * len(settings.perceptrons)
    nets = (
        fit(Model.PERCEPTRON, one, features[fitted], truth[fitted], settings.seed, device)
        for one in settings.perceptrons
    )
    return [float(roc_auc_score(truth[chooses], predict(one, features[chooses]))) for one in nets]


def fit(
    model: Model, settings: NetSettings, features: Floats, truth: Integers, seed: int, device: torch.device
) -> nn.Module:
    """A network fitted to prepared rows `features` (n, p) with outcomes `truth` (n,) by cross-entropy.

    On one thread (see `choose_device`), so that the sums do not depend on their number.
    """
    x, y = (torch.from_numpy(np.asarray(of, dtype=np.float32)).to(device) for of in (features, truth))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: nn.Module = (
            _Perceptron(x.shape[1], settings)
            if model is Model.PERCEPTRON
            else (_Recurrent(x.shape[1], settings, model))
        )
        network.to(device)
        step = _optimizer(list(network.parameters()), settings)
        network.train()
        for _ in range(settings.epochs):
            order = torch.randperm(len(x))
            for start in range(0, len(x), settings.batch):
                rows = order[start : start + settings.batch]
                loss = binary_cross_entropy_with_logits(network(x[rows]), y[rows])
                loss.backward()  # type: ignore[no-untyped-call]
                step()
    return network.eval()


def predict(network: nn.Module, features: Floats) -> Floats:
    """The probability (n,) of the outcome 1 of prepared rows (n, p)."""
    with torch.no_grad():
        rows = torch.from_numpy(np.asarray(features, dtype=np.float32)).to(next(network.parameters()).device)
        parts = [network(rows[start : start + _AT_ONCE]) for start in range(0, len(rows), _AT_ONCE)]
        return np.asarray(torch.cat(parts).sigmoid().cpu().numpy(), dtype=np.float64)


def _optimizer(parameters: list[nn.Parameter], settings: NetSettings) -> Callable[[], None]:
    if settings.optimizer == "adam":
        return Adam(parameters, settings.learning_rate).step
    velocity = [torch.zeros_like(one) for one in parameters]

    def step() -> None:
        with torch.no_grad():
            for one, speed in zip(parameters, velocity, strict=True):
                speed.mul_(_MOMENTUM).add_(one.grad if one.grad is not None else 0)
                one.sub_(settings.learning_rate * speed)
                one.grad = None

    return step


class _Perceptron(nn.Module):
    """Hidden layers with an activation and dropout, and one unit at the end."""

    def __init__(self, columns: int, settings: NetSettings) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for before, width in zip((columns, *settings.layers), settings.layers, strict=False):
            parts += [nn.Linear(before, width), _ACTIVATIONS[settings.activation](), nn.Dropout(settings.dropout)]
        self.layers = nn.Sequential(*parts, nn.Linear(settings.layers[-1], 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The log-odds (n,) of rows (n, columns)."""
        found: torch.Tensor = self.layers(x)
        return found[:, 0]


class _Recurrent(nn.Module):
    """LSTM or GRU layers over the columns of a row, one a step, or over one step with all of them."""

    def __init__(self, columns: int, settings: NetSettings, model: Model) -> None:
        super().__init__()
        self.one = settings.steps == _ONE
        kind = nn.LSTM if model is Model.LSTM else nn.GRU
        sizes = (columns if self.one else 1, *settings.layers)
        self.layers = nn.ModuleList(
            kind(before, width, batch_first=True) for before, width in zip(sizes, settings.layers, strict=False)
        )
        self.drop, self.last = nn.Dropout(settings.dropout), nn.Linear(settings.layers[-1], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The log-odds (n,) of rows (n, columns)."""
        steps = x[:, None, :] if self.one else x[:, :, None]
        for layer in self.layers:
            steps = self.drop(layer(steps)[0])
        found: torch.Tensor = self.last(steps[:, -1])
        return found[:, 0]
