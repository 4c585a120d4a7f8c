"""Decision trees, the random forest, and gradient boosting."""

from collections.abc import Mapping
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from radsieve.prefilter.classifiers.split import Floats, FoldData

NAMES = ("Tree5", "Tree10", "Forest")
BOOSTING = "Boosting"

# The source does not say how many trees its forest has. Its areas (.50 to .55) are those of 10 trees, scikit-learn's
# default until version 0.21; the 100 of later versions give areas far above those of the single trees.
_TREES = 10


def tree_scores(split: FoldData, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Return the probability (m,) by each of `names`, Tree5, Tree10 (of that depth), Forest and Boosting."""
    return {
        name: _model(name, split.seed).fit(split.latents, split.target).predict_proba(split.held_out)[:, 1]
        for name in names
    }


def _model(name: str, seed: int) -> Any:
    if name == BOOSTING:
        return HistGradientBoostingClassifier(early_stopping=False, random_state=seed)
    if name == "Forest":
        return RandomForestClassifier(_TREES, random_state=seed)
    return DecisionTreeClassifier(max_depth=int(name.removeprefix("Tree")), random_state=seed)
