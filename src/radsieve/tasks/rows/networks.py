"""Small networks on prepared rows: perceptrons, the best of some by a nested choice, and recurrent networks.

A recurrent network over one step has no memory to use: it is a perceptron with gates. Over columns as steps it reads
them in an order that means nothing. Both are there because published analyses use them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from radsieve.networks.adam import Adam
from radsieve.networks.device import choose_device
from radsieve.settings import Compute
from radsieve.stats.thresholds import youden
from radsieve.tasks.rows.folds import FoldedRows, first_units, inner_split
from radsieve.tasks.rows.models import preparation
from radsieve.tasks.rows.settings import NetSettings, RowsSettings
from radsieve.tasks.tables import UNIT, Model

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MOMENTUM = 0.9
_AT_ONCE = 8192  # rows to predict
_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}
_ONE = "one"  # step of a recurrent network


@dataclass(frozen=True)
class Networks:
    """Out-of-fold probabilities (n,) by model, the thresholds of each (folds,), and the rows of GRID, one for each
    perceptron and fold.
    """

    scores: dict[Model, Floats]
    thresholds: dict[Model, Floats]
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

    They are fitted to `settings.network_rows` of these at most. The perceptron of a fold is that of
    `settings.perceptrons` with the greatest ROC-AUC on a quarter of the units of the other folds, fitted to all of them
    anew. That quarter also chooses the threshold, that with the greatest sensitivity plus specificity.
    """
    device = choose_device(compute).device
    folds = int(data.fold.max()) + 1
    scores, thresholds = ({model: np.full(size, np.nan) for model in models} for size in (len(data.fold), folds))
    found = Networks(scores, thresholds)
    for number in np.unique(data.fold):
        held_out = data.fold == number
        others = np.flatnonzero(~held_out)
        others = others[sampled(data.rows[UNIT].iloc[others], settings)]
        prepare = preparation(columns, names).fit(data.rows[list(names)].iloc[others], data.truth[others])
        seen, unseen = (
            np.asarray(prepare.transform(data.rows[list(names)].iloc[rows]), dtype=np.float64)
            for rows in (others, np.flatnonzero(held_out))
        )
        truth, units = data.truth[others], data.units[others]
        for model in models:
            options = settings.perceptrons if model is Model.PERCEPTRON else (settings.recurrent,)
            inner = _inner(model, options, seen, truth, units, settings.seed, device)
            if model is Model.PERCEPTRON:
                found.tried.extend(
                    (known, int(number) + 1, *_described(one), area, int(other == inner.chosen))
                    for other, (one, area) in enumerate(zip(options, inner.areas, strict=True))
                )
            found.thresholds[model][number] = inner.threshold
            fitted = fit(model, options[inner.chosen], seen, truth, settings.seed, device)
            found.scores[model][held_out] = predict(fitted, unseen)
    return found


def sampled(units: pd.Series, settings: RowsSettings) -> Integers:
    """The places of the rows of `units` (n,) to which a network is fitted; all, if the first unit alone has more."""
    places = first_units(units, settings.network_rows)
    return places if len(places) else np.arange(len(units))


@dataclass(frozen=True)
class _Inner:
    """What a quarter of the training units chooses: which network, by the areas of all (NaN of one), and from which
    probability on it calls a row positive.
    """

    chosen: int
    areas: list[float]
    threshold: float


def _inner(
    model: Model,
    options: Sequence[NetSettings],
    features: Floats,
    truth: Integers,
    units: Integers,
    seed: int,
    device: torch.device,
) -> _Inner:
    """Choose on a quarter of the units; where they are too few, the first network and the share of positive rows."""
    split = inner_split(truth, units, seed)
    alone = len(options) == 1
    if split is None:
        return _Inner(0, [float("nan") if alone else 0.5] * len(options), float(truth.mean()))
    fitted, chooses = split
    scores = [
        predict(fit(model, one, features[fitted], truth[fitted], seed, device), features[chooses]) for one in options
    ]
    areas = [float(roc_auc_score(truth[chooses], score)) for score in scores]
    place = int(np.argmax(areas))
    return _Inner(place, [float("nan")] if alone else areas, youden(truth[chooses], scores[place]))


def _described(one: NetSettings) -> tuple[object, ...]:
    layers = "-".join(map(str, one.layers))
    return layers, one.activation, one.dropout, one.optimizer, one.learning_rate, one.epochs, one.batch


def fit(
    model: Model, settings: NetSettings, features: Floats, truth: Integers, seed: int, device: torch.device
) -> nn.Module:
    """A network fitted to prepared rows `features` (n, p) with outcomes `truth` (n,) by cross-entropy.

    On one thread (see `choose_device`), so that the sums do not depend on their number.
    """
    x, y = (torch.from_numpy(np.asarray(of, dtype=np.float32)).to(device) for of in (features, truth))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        built = network(model, x.shape[1], settings).to(device)
        step = _optimizer(list(built.parameters()), settings)
        built.train()
        for _ in range(settings.epochs):
            order = torch.randperm(len(x))
            for start in range(0, len(x), settings.batch):
                rows = order[start : start + settings.batch]
                loss = binary_cross_entropy_with_logits(built(x[rows]), y[rows])
                loss.backward()  # type: ignore[no-untyped-call]
                step()
    return built.eval()


def network(model: Model, columns: int, settings: NetSettings) -> nn.Module:
    """A network of prepared rows with so many columns, not fitted yet."""
    return _Perceptron(columns, settings) if model is Model.PERCEPTRON else _Recurrent(columns, settings, model)


def fit_best(
    model: Model, features: Floats, truth: Integers, units: Integers, settings: RowsSettings, compute: Compute
) -> tuple[NetSettings, dict[str, npt.NDArray[Any]]]:
    """Choose a network on a quarter of the `units` (n,), fit it to all prepared rows; its settings and its arrays."""
    device = choose_device(compute).device
    options = settings.perceptrons if model is Model.PERCEPTRON else (settings.recurrent,)
    chosen = options[_inner(model, options, features, truth, units, settings.seed, device).chosen]
    fitted = fit(model, chosen, features, truth, settings.seed, device)
    return chosen, {name: tensor.cpu().numpy() for name, tensor in fitted.state_dict().items()}


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
