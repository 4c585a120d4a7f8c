"""Networks that are trained several times, from other first weights or without other images, and answer together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from radsieve.errors import InputError
from radsieve.tasks.images.learners import (
    TEMPERATURES,
    Bytes,
    Fitted,
    Floats,
    Form,
    Inputs,
    Learner,
    Lesson,
    calibrated,
)

_TEMPERATURE = "temperature"


class Several(Learner):
    """So many trainings of one learner that answer together: the probabilities are their means."""

    aligns = False

    def __init__(self, learner: Learner, members: int) -> None:
        self._learner, self._members = learner, members

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        return self._learner.inputs(images)

    def restored(self, tensors: Mapping[str, Any], form: Form, source: Path) -> Fitted:
        """See `Learner`."""
        parts: dict[str, dict[str, Any]] = {}
        for name, part in tensors.items():
            member, _, own = name.partition(".")
            parts.setdefault(member, {})[own] = part
        if len(parts) != self._members:
            raise InputError(f"{source}: weights of {len(parts)} networks, but of {self._members} by its card")
        (least, most), members = TEMPERATURES, {}
        for member, its in parts.items():
            temperature = its.pop(_TEMPERATURE, None)
            if temperature is None or temperature.shape or not least <= float(temperature) <= most:
                raise InputError(f"{source}: the network {member} has no temperature; train it again")
            members[member] = replace(self._learner.restored(its, form, source), temperature=float(temperature))
        return _together(members)


class Ensemble(Several):
    """Trainings of one learner from `members` seeds; the probabilities are their means.

    See Lakshminarayanan et al. 2017 (arXiv:1612.01474). A member is the training that the learner alone has with the
    same seed, so that what is stored of that one is not trained again.
    """

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`."""
        seeds = range(lesson.seed, lesson.seed + self._members)
        members = {f"{seed}": self._learner.fit(inputs, replace(lesson, seed=seed)) for seed in seeds}
        return calibrated(_together(members), inputs, lesson)


class CrossFitted(Several):
    """Trainings of one learner on the images of training and validation but one of `folds` parts, on which its epoch
    and its temperature are chosen; the probabilities are their means.

    Every image is learnt from, and those of validation are judged by the member that has not learnt from them
    (Krogh and Vedelsby 1995, "Neural network ensembles, cross validation, and active learning"). Units are whole.
    """

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`. Raises InputError if a class has fewer units than there are folds."""
        rows = np.sort(np.concatenate([lesson.train, lesson.validation]))
        truth, units = lesson.truth[rows], lesson.units[rows]
        fewest = min(len(np.unique(units[truth == label])) for label in range(lesson.classes))
        if fewest < self._members:
            raise InputError(f"only {fewest} units of a class to learn from; take fewer folds")
        splitter = StratifiedGroupKFold(self._members, shuffle=True, random_state=lesson.seed)
        members, of_row = [], np.empty(len(lesson.truth), dtype=np.int64)
        for number, parts in enumerate(splitter.split(rows, truth, units)):
            learnt, held_out = (rows[part] for part in parts)
            own = replace(lesson, train=learnt, validation=held_out, seed=lesson.seed + number)
            members.append(self._learner.fit(inputs, own))
            of_row[held_out] = number
        judge = of_row[lesson.validation]

        def unseen(images: Inputs) -> Floats:
            found = np.empty((len(images), lesson.classes))
            for number in np.unique(judge):
                its = judge == number
                found[its] = members[number].logits(images[its]) / members[number].temperature
            return found

        return replace(_together({f"fold {1 + number}": one for number, one in enumerate(members)}), unseen=unseen)


def _together(members: Mapping[str, Fitted]) -> Fitted:
    """The mean of the probabilities of the members, whose weights are named by their names."""
    fitted: Sequence[Fitted] = list(members.values())

    def logits(rows: Inputs) -> Floats:
        mean = np.mean([one.probability(rows) for one in fitted], axis=0)
        return np.asarray(np.log(np.maximum(mean, np.finfo(np.float64).tiny)))

    return Fitted(
        logits,
        chosen=f"mean of {len(fitted)}: {', '.join(one.chosen for one in fitted)}",
        parameters=sum(one.parameters for one in fitted),
        tensors={f"{name}.{part}": torch.as_tensor(weights) for name, one in members.items()
                 for part, weights in (*one.tensors.items(), (_TEMPERATURE, np.float64(one.temperature)))},
    )  # fmt: skip
