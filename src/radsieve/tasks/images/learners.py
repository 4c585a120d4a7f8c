"""What learns to tell the classes of images apart, each told by a text of train_classifier.<set>.variants.

A learner first brings all images to its input, features or images, which depends on no label; then it is fitted to some
rows, with what is chosen chosen on others, as often as a protocol asks for.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from radsieve.errors import InputError
from radsieve.imaging.rendering import formed
from radsieve.tasks.images.hog import hog

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.float32] | Bytes
Integers = npt.NDArray[np.int64]

TEMPERATURES = 1e-6, 1000.0  # between which that of a stored classifier lies
_STEPS = 300  # of L-BFGS: what has not converged by then is taken as it is
_ROWS = 512  # of which distances are computed at a time


@dataclass(frozen=True)
class Lesson:
    """Which rows are learnt from and chosen on, with the class and the unit of each row of all, and a seed."""

    truth: Integers
    units: Integers
    train: Integers
    validation: Integers
    classes: int
    seed: int


@dataclass(frozen=True)
class Fitted:
    """A classifier: `logits` of inputs (n, ...) are (n, classes); `curves`: numbers of each epoch; `chosen`: in words.

    `temperature` divides the logits, so that the loss on validation is least (Guo et al. 2017, arXiv:1706.04599).
    `network` is a torch module with `maps` and `answer` if the learner has one that sees images; `tensors` rebuild it.
    `unseen` gives the logits of the validation images, or of changed copies in their order, by what has not learnt from
    them, where validation takes part in learning.
    """

    logits: Callable[[Inputs], Floats]
    temperature: float = 1.0
    curves: tuple[Mapping[str, float], ...] = ()
    chosen: str = ""
    parameters: int = 0
    tensors: Mapping[str, Any] = field(default_factory=dict)
    network: Any = None
    unseen: Callable[[Inputs], Floats] | None = None

    def probability(self, inputs: Inputs) -> Floats:
        """The probability (n, classes) of each class."""
        return np.asarray(softmax(self.logits(inputs) / self.temperature, axis=1))

    def on_validation(self, inputs: Inputs) -> Floats:
        """The logits (n, classes) of the validation images, or of changed copies, at the temperature."""
        return (self.unseen or self.logits)(inputs) / self.temperature


class Learner(ABC):
    """One of the variants."""

    name: str
    random: bool = False  # whether it depends on a seed
    aligns: bool = True  # whether its inputs are features, which can be aligned with those of other images

    @abstractmethod
    def inputs(self, images: Bytes) -> Inputs:
        """What is learnt from, (n, ...), of `images` (n, channels, H, W)."""

    @abstractmethod
    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """Learn from the rows of the lesson."""

    def restored(self, tensors: Mapping[str, Any], form: "Form", source: Path) -> Fitted:
        """What was fitted, from its stored `tensors`; here a linear model of the inputs.

        Raises InputError, which names the file `source`, if they are not those of such a learner.
        """
        features = self.inputs(np.zeros((1, form.channels, form.pixels, form.pixels), dtype=np.uint8)).shape[1]
        rows = 1 if form.classes == 2 else form.classes
        shapes = {"coefficients": (rows, features), "intercept": (rows,)}
        if {name: tuple(part.shape) for name, part in tensors.items()} != shapes:
            why = "weights of another model" if tensors else "the nearest images are not stored"
            raise InputError(f"{source}: {why}; train it again with a network or a linear model as the chosen variant")
        weights, intercept = (tensors[name].double().numpy() for name in shapes)
        if not (np.isfinite(weights).all() and np.isfinite(intercept).all()):
            raise InputError(f"{source}: it holds values that are not finite numbers; train it again")

        def logits(images: Inputs) -> Floats:
            found = images @ weights.T + intercept
            return np.column_stack([np.zeros(len(found)), found]) if rows == 1 else found

        return Fitted(logits)


@dataclass(frozen=True)
class Form:
    """What a stored learner takes, images (n, channels, pixels, pixels), and how many classes it tells apart."""

    channels: int
    pixels: int
    classes: int


class Hog(Learner):
    """Histograms of oriented gradients of images of so many pixels."""

    def __init__(self, pixels: int, head: "Head") -> None:
        self._pixels, self._head = pixels, head

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        return hog(_grey(images, self._pixels))

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`."""
        return self._head(inputs, lesson)


class Pixels(Learner):
    """The grey values of images of so many pixels."""

    def __init__(self, pixels: int, head: "Head") -> None:
        self._pixels, self._head = pixels, head

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        return _grey(images, self._pixels).reshape(len(images), -1)

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`."""
        return self._head(inputs, lesson)


Head = Callable[[Inputs, Lesson], Fitted]


def linear(strengths: tuple[float, ...]) -> Head:
    """Logistic regression on features scaled to mean 0 and standard deviation 1; validation chooses the strength C."""

    def fit(inputs: Inputs, lesson: Lesson) -> Fitted:
        learnt = np.asarray(inputs[lesson.train], dtype=np.float64)
        mean, spread = learnt.mean(axis=0), learnt.std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        tried: list[tuple[float, float, LogisticRegression]] = []
        for one in strengths:
            fresh = LogisticRegression(C=one, max_iter=_STEPS)
            with threadpool_limits(1), warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                fresh.fit((learnt - mean) / spread, lesson.truth[lesson.train])
            chosen = (inputs[lesson.validation] - mean) / spread
            logits = _linear_logits(fresh, chosen, lesson.classes)
            tried.append((log_loss(logits, lesson.truth[lesson.validation]), one, fresh))
        _, strength, model = min(tried, key=lambda of: of[0])
        return calibrated(
            Fitted(
                lambda rows: _linear_logits(model, (rows - mean) / spread, lesson.classes),
                chosen=f"C = {strength:g}",
                parameters=int(model.coef_.size + model.intercept_.size),
                tensors={
                    "coefficients": np.asarray(model.coef_ / spread, dtype=np.float32),
                    "intercept": np.asarray(model.intercept_ - (model.coef_ / spread) @ mean, dtype=np.float32),
                },
            ),
            inputs,
            lesson,
        )

    return fit


def neighbour(inputs: Inputs, lesson: Lesson) -> Fitted:
    """The class of the nearest image: the logit of a class is minus the distance to its nearest image."""
    known, truth = np.asarray(inputs[lesson.train], dtype=np.float64), lesson.truth[lesson.train]
    seen = np.unique(truth)
    scale = float(known.std(axis=0).mean() * np.sqrt(known.shape[1])) or 1.0

    def logits(rows: Inputs) -> Floats:
        found = np.empty((len(rows), len(seen)))
        for start in range(0, len(rows), _ROWS):
            some = np.asarray(rows[start : start + _ROWS], dtype=np.float64)
            with threadpool_limits(1):
                square = (some**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * some @ known.T
            distance = np.sqrt(np.maximum(square, 0)) / scale
            for column, label in enumerate(seen):
                found[start : start + _ROWS, column] = -distance[:, truth == label].min(axis=1)
        return _of_all_classes(found, seen, lesson.classes, 10)

    return calibrated(Fitted(logits, chosen="1 neighbour of each class"), inputs, lesson)


def calibrated(fitted: Fitted, inputs: Inputs, lesson: Lesson) -> Fitted:
    """The same with the temperature that has the least loss on validation, see `best_temperature`."""
    logits = fitted.logits(inputs[lesson.validation])
    return replace(fitted, temperature=best_temperature(logits, lesson.truth[lesson.validation]))


def best_temperature(logits: Floats, truth: Integers) -> float:
    """What the `logits` (n, classes) are divided by so that the loss is least.

    One image in two more than there are counts as of any class (as Platt 1999 has it): where all validation images are
    right, the least loss would be at a temperature of 0, and every probability 0 or 1.
    """
    unsure = 1 / (len(truth) + 2)

    def loss(power: float) -> float:
        logarithms = log_softmax(logits / 10**power, axis=1)
        return float(-unsure * logarithms.mean()) + (1 - unsure) * log_loss(logits / 10**power, truth)

    found = minimize_scalar(loss, bounds=(-3, 2), method="bounded", options={"xatol": 1e-4})
    return float(10**found.x)


def log_loss(logits: Floats, truth: Integers) -> float:
    """The mean negative logarithm of the probability of the true class."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(truth)), truth].mean())


def _linear_logits(model: LogisticRegression, features: Floats, classes: int) -> Floats:
    """Logits (n, classes) of a fitted model."""
    with threadpool_limits(1):
        found = model.decision_function(features)
    if found.ndim == 1:
        found = np.column_stack([np.zeros(len(found)), found])
    return _of_all_classes(found, model.classes_, classes, 20)


def _of_all_classes(found: Floats, seen: Integers, classes: int, below: float) -> Floats:
    """Logits (n, classes) from those `found` (n, k) of the classes `seen` (k,); that of a class that was never seen is
    so far `below` the least of its row, so that no row depends on the others."""
    logits = np.repeat(found.min(axis=1, keepdims=True) - below, classes, axis=1)
    logits[:, seen] = found
    return logits


def _grey(images: Bytes, pixels: int) -> npt.NDArray[np.float32]:
    """The images as grey values in [0, 1], (n, pixels, pixels)."""
    return np.asarray(np.stack([formed(image, pixels, 1)[0] for image in images]) / np.float32(255), dtype=np.float32)
