"""From which probability on something is called positive."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.integer]


def youden(truth: Flags, probability: Floats) -> float:
    """The threshold with the greatest sensitivity plus specificity (Youden 1950), midway to the next lower probability.

    `truth` (n,) is 0 or 1 and has both, `probability` (n,). Of equals the lowest is taken, which is the most sensitive.

    >>> import numpy as np
    >>> youden(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.7]))
    0.4
    """
    levels, place = np.unique(probability, return_inverse=True)
    limits = np.concatenate([levels[:1], (levels[1:] + levels[:-1]) / 2])
    sensitivity, false_positive_rate = (
        np.bincount(place[truth == label], minlength=len(levels))[::-1].cumsum()[::-1] / (truth == label).sum()
        for label in (1, 0)
    )
    return float(limits[int((sensitivity - false_positive_rate).argmax())])
