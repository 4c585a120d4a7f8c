"""Whether synthetic rows tell who was among the real ones they were drawn from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri
from sklearn.neighbors import NearestNeighbors

from radsieve.stats import paired_tests, resampling
from radsieve.stats.binary_metrics import newcombe_area
from radsieve.stats.resampling import Estimate
from radsieve.tasks.synthesis.frames import Floats, Frame, Space
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import PRIVACY

_EQUAL = 1e-9  # of distances


def privacy(train: Frame, unseen: Frame, others: Mapping[str, Frame], settings: SynthesisSettings) -> pd.DataFrame:
    """PRIVACY of each of `others`, drawn from `train`, beside as many `unseen` real rows.

    The share of rows that are nearer to a row of `train` than to any unseen one is 0.5 where nothing of `train` is
    given away, ties counted half; the membership AUC is how well real rows in `train` are told from unseen ones by how
    near the nearest synthetic row is. At most `settings.compared_rows` of each are compared.
    """
    space = Space.of(train)
    count = min(len(train.rows), len(unseen.rows), settings.compared_rows)
    members, strangers = (space.points(frame)[:count] for frame in (train, unseen))
    truth, units = np.repeat([1, 0], count), np.append(train.units[:count], unseen.units[:count])
    rows = []
    for name, frame in others.items():
        points = space.points(frame)[:count]
        to_train, to_unseen = _nearest(points, members), _nearest(points, strangers)
        tied = np.abs(to_train - to_unseen) < _EQUAL
        nearer = np.where(tied, 0.5, to_train < to_unseen)
        near = Estimate(
            float(nearer.mean()), *resampling.clustered_wilson(nearer, np.arange(len(nearer)), settings.confidence)
        )
        score = -_nearest(np.vstack([members, strangers]), points)
        member = _area(truth, score, units, settings.confidence)
        equal = [float((distance < _EQUAL).mean()) for distance in (to_train, to_unseen)]
        estimates = near.value, near.lower, near.upper, *equal, member.value, member.lower, member.upper
        rows.append((name, len(points), *estimates))
    return pd.DataFrame(rows, columns=list(PRIVACY.columns))


def _nearest(points: Floats, among: Floats) -> Floats:
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(among).kneighbors(points)[0][:, 0]
    return np.where(found < 1e-6, 0.0, found)  # rounding of squares


def _area(truth: "np.ndarray", score: Floats, units: "np.ndarray", confidence: float) -> Estimate:
    found = paired_tests.areas(truth, score[:, None], units)
    value, variance = float(found.means[0]), float(found.covariance[0, 0])
    if value in (0, 1):
        counts = [len(np.unique(units[truth == label])) for label in (1, 0)]
        return Estimate(value, *newcombe_area(value, counts[0], counts[1], confidence))
    if not variance > 0:
        return Estimate(value)
    reach = float(ndtri((1 + confidence) / 2)) * variance**0.5
    return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0))
