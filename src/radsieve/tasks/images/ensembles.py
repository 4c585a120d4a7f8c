"""Networks that are trained several times, from other first weights or without other images, and answer together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from radsieve.errors import InputError
from radsieve.tasks.images.learners import Bytes, Fitted, Floats, Inputs, Learner, Lesson, calibrated


class Ensemble(Learner):
    """Trainings of one learner from `members` seeds; the probabilities are their means.

    See Lakshminarayanan et al. 2017 (arXiv:1612.01474). A member is the training that the learner alone has with the
    same seed, so that what is stored of that one is not trained again.
    """

    aligns = False

    def __init__(self, learner: Learner, members: int) -> None:
        self._learner, self._members = learner, members

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        return self._learner.inputs(images)

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`."""
        seeds = range(lesson.seed, lesson.seed + self._members)
        members = {f"{seed}": self._learner.fit(inputs, replace(lesson, seed=seed)) for seed in seeds}
        return calibrated(_together(members), inputs, lesson)


class CrossFitted(Learner):
    """Trainings of one learner on the images of training and validation but one of `folds` parts, on which its epoch
    and its temperature are chosen; the probabilities are their means.

    Every image is learnt from, and those of validation are judged by the member that has not learnt from them
    (Krogh and Vedelsby 1995, "Neural network ensembles, cross validation, and active learning"). Units are whole.
    """

    aligns = False

    def __init__(self, learner: Learner, folds: int) -> None:
        self._learner, self._folds = learner, folds

    def inputs(self, images: Bytes) -> Inputs:
        """See `Learner`."""
        return self._learner.inputs(images)

    def fit(self, inputs: Inputs, lesson: Lesson) -> Fitted:
        """See `Learner`. Raises InputError if a class has fewer units than there are folds."""
        rows = np.sort(np.concatenate([lesson.train, lesson.validation]))
        truth, units = lesson.truth[rows], lesson.units[rows]
        fewest = min(len(np.unique(units[truth == label])) for label in range(lesson.classes))
        if fewest < self._folds:
            raise InputError(f"only {fewest} units of a class to learn from; take fewer folds")
        splitter = StratifiedGroupKFold(self._folds, shuffle=True, random_state=lesson.seed)
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
                 for part, weights in one.tensors.items()},
    )  # fmt: skip
