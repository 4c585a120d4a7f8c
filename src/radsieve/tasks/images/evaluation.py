"""Every variant fitted and evaluated the honest way, the one that validation chooses, and rows of reference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.ensemble import RandomForestClassifier

from radsieve.errors import InputError
from radsieve.progress import track
from radsieve.tables.images import Split
from radsieve.tasks.images.data import Division, ImageData, Part, honest_division
from radsieve.tasks.images.learners import Bytes, Fitted, Floats, Inputs, Learner, log_loss
from radsieve.tasks.images.measures import Bootstrap, EvaluatedImages, as_columns, measured
from radsieve.tasks.images.settings import ClassifierSettings
from radsieve.tasks.images.tables import CLASS_COMPARISON, CLASS_CURVES, METRICS, OUTSIDE, TEST
from radsieve.tasks.images.training import changed_copies

NO_PICTURE, MEAN_GREY = "no picture: bytes, width, height, mean grey", "mean grey alone"
_TREES, _LEAF = 200, 5


@dataclass(frozen=True)
class Candidate:
    """A variant as it was trained with a seed: its learner, what was fitted, the loss on validation, and the loss that
    chooses it, which is the same one unless copies that are changed choose.
    """

    learner: Learner
    seed: int
    fitted: Fitted
    validation_loss: float
    choosing_loss: float
    validation: Floats
    test: Floats
    outside: Floats | None

    @property
    def name(self) -> str:
        """The text of the variant."""
        return self.learner.name


@dataclass
class Study:
    """Data, division and settings, with what was computed: inputs by variant, and candidates."""

    data: ImageData
    settings: ClassifierSettings
    learners: Mapping[str, Learner]
    division: Division
    where: str  # the section of the settings, which messages name
    inputs: dict[str, Inputs] = field(default_factory=dict)
    beyond: dict[str, Inputs] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    changed: Bytes | None = None  # copies of the validation images, if those choose the variant

    @property
    def how(self) -> Bootstrap:
        """How intervals are made."""
        settings = self.settings
        return Bootstrap(settings.bootstrap, settings.confidence, settings.seed, settings.ordered)

    @property
    def chosen(self) -> Candidate:
        """The candidate with the least loss that chooses; the first one of equal ones."""
        return min(self.candidates, key=lambda one: one.choosing_loss)

    @property
    def learnt(self) -> tuple[Split, ...]:
        """The parts that the chosen candidate learnt from."""
        return (Split.TRAIN,) if self.chosen.fitted.unseen is None else (Split.TRAIN, Split.VALIDATION)

    def candidate(self, name: str) -> Candidate:
        """The candidate with the least loss that chooses, of the variant of this text."""
        return min((one for one in self.candidates if one.name == name), key=lambda one: one.choosing_loss)

    def fit(self, learner: Learner, division: Division, seed: int) -> Fitted:
        """Fit a variant to a division. Raises InputError, which names the setting, if it cannot be."""
        try:
            return learner.fit(self.inputs[learner.name], division.lesson(self.data, seed))
        except InputError as error:
            raise InputError(f"{self.where}.variants: {learner.name}: {error}") from None

    def evaluated(self, probability: Floats, division: Division | None = None) -> EvaluatedImages:
        """The test images of a division with these probabilities."""
        rows = (division or self.division).test
        return EvaluatedImages.of(self.data.inside.truth[rows], self.data.inside.units[rows], probability)

    def evaluated_outside(self, outside: Part, probability: Floats) -> EvaluatedImages:
        """The images from `outside` with these probabilities."""
        return EvaluatedImages.of(outside.truth, outside.units, probability)


def study(data: ImageData, settings: ClassifierSettings, learners: Mapping[str, Learner], where: str) -> Study:
    """Fit each variant, as often as there are seeds if it depends on one, and predict what it has not seen."""
    found = Study(data, settings, learners, honest_division(data), where)
    if settings.chosen_on == "changed":
        found.changed = changed_copies(data.inside.images[found.division.validation], settings)
    for name, learner in track(learners.items(), "fitting", total=len(learners), unit="variant"):
        found.inputs[name] = _inputs(learner, data.inside)
        if data.outside is not None:
            found.beyond[name] = _inputs(learner, data.outside)
        for seed in range(settings.seed, settings.seed + (settings.seeds if learner.random else 1)):
            found.candidates.append(_candidate(found, learner, seed))
    return found


def _inputs(learner: Learner, part: Part) -> Inputs:
    """The inputs of all images; of those that show the same picture they are computed once."""
    _, first, place = np.unique(part.table["picture"], return_index=True, return_inverse=True)
    if len(first) == len(place):
        return learner.inputs(part.images)
    order = np.sort(first)  # the order of the images
    return learner.inputs(part.images[order])[np.searchsorted(order, first)[place]]


def _candidate(of: Study, learner: Learner, seed: int) -> Candidate:
    inputs, division = of.inputs[learner.name], of.division
    fitted = of.fit(learner, division, seed)

    def loss(images: Inputs) -> float:
        return log_loss(fitted.on_validation(images), of.data.inside.truth[division.validation])

    known = inputs[division.validation]
    own = loss(known)
    choosing = own if of.changed is None else loss(learner.inputs(of.changed))
    beyond = fitted.probability(of.beyond[learner.name]) if of.data.outside is not None else None
    return Candidate(
        learner, seed, fitted, own, choosing, np.asarray(softmax(fitted.on_validation(known), axis=1)),
        fitted.probability(inputs[division.test]), beyond,
    )  # fmt: skip


def comparison(of: Study) -> pd.DataFrame:
    """CLASS_COMPARISON: every candidate and the rows of reference, on the test images and on those from outside."""
    rows = []
    chosen = of.chosen
    for one in of.candidates:
        told = {"variant": one.name, "seed": one.seed, "fitted": one.fitted.chosen, "chosen": int(one is chosen)}
        losses = {"validation_loss": one.validation_loss, "choosing_loss": one.choosing_loss}
        known = losses | {"parameters": one.fitted.parameters}
        rows.append(told | known | _measured(of.evaluated(one.test), of.how, TEST))
        if one.outside is not None and of.data.outside is not None:
            evaluated = of.evaluated_outside(of.data.outside, one.outside)
            rows.append(told | known | _measured(evaluated, of.how, OUTSIDE))
    for name, columns in ((NO_PICTURE, slice(None)), (MEAN_GREY, slice(3, 4))):
        told = {"variant": name, "seed": of.settings.seed, "fitted": f"forest of {_TREES} trees", "chosen": 0}
        known = {"validation_loss": np.nan, "choosing_loss": np.nan, "parameters": 0}
        for part, evaluated in _without_picture(of, columns):
            rows.append(told | known | _measured(evaluated, of.how, part))
    return pd.DataFrame(rows)[list(CLASS_COMPARISON.columns)]


def _measured(evaluated: EvaluatedImages, how: Bootstrap, part: str) -> dict[str, object]:
    found = measured(evaluated, how)
    return {"part": part, "images": len(evaluated.truth), **as_columns({name: found[name] for name in METRICS})}


def _without_picture(of: Study, columns: slice) -> Iterator[tuple[str, EvaluatedImages]]:
    """What attributes of the files alone tell, of the test images and of those from outside."""
    inside, rows = of.data.inside, of.division
    forest = RandomForestClassifier(_TREES, min_samples_leaf=_LEAF, random_state=of.settings.seed)
    forest.fit(inside.attributes[rows.train][:, columns], inside.truth[rows.train])

    def probability(part: Part, chosen: np.ndarray | slice) -> Floats:
        found = np.zeros((len(part.truth[chosen]), len(of.data.classes)))
        found[:, forest.classes_] = forest.predict_proba(part.attributes[chosen][:, columns])
        return found

    yield TEST, of.evaluated(probability(inside, rows.test))
    if of.data.outside is not None:
        yield OUTSIDE, of.evaluated_outside(of.data.outside, probability(of.data.outside, slice(None)))


def curves(of: Study) -> pd.DataFrame:
    """CLASS_CURVES: loss and accuracy of every network, epoch by epoch."""
    rows = [
        {"variant": one.name, "seed": one.seed, **numbers} for one in of.candidates for numbers in one.fitted.curves
    ]
    return pd.DataFrame(rows, columns=list(CLASS_CURVES.columns))
