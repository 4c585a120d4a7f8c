"""Networks that are trained several times from other first weights and answer together."""

from dataclasses import replace

import numpy as np
import torch

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
        fitted = [self._learner.fit(inputs, replace(lesson, seed=seed)) for seed in seeds]

        def logits(rows: Inputs) -> Floats:
            mean = np.mean([one.probability(rows) for one in fitted], axis=0)
            return np.asarray(np.log(np.maximum(mean, np.finfo(np.float64).tiny)))

        together = Fitted(
            logits,
            chosen=f"mean of {len(fitted)}: {', '.join(one.chosen for one in fitted)}",
            parameters=sum(one.parameters for one in fitted),
            tensors={f"{seed}.{name}": torch.as_tensor(part) for seed, one in zip(seeds, fitted, strict=True)
                     for name, part in one.tensors.items()},
        )  # fmt: skip
        return calibrated(together, inputs, lesson)
