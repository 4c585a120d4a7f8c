"""The folds that all models of the prefilter share: the same for the same target, folds and seed."""

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from radsieve.errors import InputError


def folds(target: npt.NDArray[np.integer], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the number 0 to `folds` - 1 of the fold that holds out each row of `target` (n,), 0 or 1.

    Rows are shuffled, and each fold gets about the same share of 1. Raises InputError for fewer rows of a class than
    folds.
    """
    for name, count in (("good", int((target == 1).sum())), ("bad", int((target == 0).sum()))):
        if count < folds:
            raise InputError(f"latents.folds = {folds}: only {count} {name} of {len(target)} images; take fewer folds")
    found = np.empty(len(target), dtype=np.int64)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros((len(target), 1)), target)
    for number, (_, held_out) in enumerate(split):
        found[held_out] = number
    return found
