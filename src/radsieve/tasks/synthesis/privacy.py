"""Whether synthetic rows tell who was among the real ones they were drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate
from radsieve.tasks.rows.areas import area, area_difference, same_ranking
from radsieve.tasks.synthesis.frames import Floats, Frame, Integers, Space
from radsieve.tasks.synthesis.settings import SynthesisSettings
from radsieve.tasks.synthesis.tables import PRIVACY

_EQUAL = 1e-9  # of distances


@dataclass(frozen=True)
class Attack:
    """The attack on membership: real rows, of which `truth` (n,) says whether they were learnt from, with their `units`
    (n,), and by the name of other rows how near (n,) the nearest of these is, as a distance below 0.
    """

    truth: Integers
    units: Integers
    nearness: Mapping[str, Floats]
    confidence: float

    def area(self, name: str) -> Estimate:
        """The ROC-AUC by the rows `name`."""
        return area(self.truth, self.nearness[name], self._once, self.units, self.confidence)

    def difference(self, name: str, other: str) -> Estimate:
        """The ROC-AUC by the rows `name` minus that by `other`, paired: the real rows are the same."""
        scores = self.nearness[name], self.nearness[other]
        tested = area_difference(self.truth, *scores, self._once, self.units, self.confidence)
        return Estimate(tested.difference, tested.lower, tested.upper)

    def same(self, name: str, other: str) -> bool:
        """Whether both rank the real rows alike."""
        return same_ranking(self.nearness[name], self.nearness[other], self._once)

    @property
    def _once(self) -> Integers:
        return np.zeros(len(self.truth), dtype=np.int64)


def privacy(
    train: Frame, unseen: Frame, others: Mapping[str, Frame], settings: SynthesisSettings
) -> tuple[pd.DataFrame, Attack]:
    """PRIVACY of each of `others`, drawn from `train`, beside as many `unseen` real rows, and the attack behind it.

    The share of rows that are nearer to a row of `train` than to any unseen one is 0.5 where nothing of `train` is
    given away, ties counted half; the membership AUC is how well real rows in `train` are told from unseen ones by how
    near the nearest synthetic row is. At most `settings.compared_rows` of each are compared.
    """
    space = Space.of(train)
    count = min(len(train.rows), len(unseen.rows), settings.compared_rows)
    members, strangers = (space.points(frame)[:count] for frame in (train, unseen))
    points = {name: space.points(frame)[:count] for name, frame in others.items()}
    attack = Attack(
        np.repeat([1, 0], count),
        np.append(train.units[:count], unseen.units[:count]),
        {name: -_nearest(np.vstack([members, strangers]), of) for name, of in points.items()},
        settings.confidence,
    )
    rows = []
    for name, of in points.items():
        to_train, to_unseen = _nearest(of, members), _nearest(of, strangers)
        tied = np.abs(to_train - to_unseen) < _EQUAL
        nearer = np.where(tied, 0.5, to_train < to_unseen)
        bounds = resampling.clustered_wilson(nearer, others[name].units[:count], settings.confidence)
        equal = [float((distance < _EQUAL).mean()) for distance in (to_train, to_unseen)]
        member = attack.area(name)
        rows.append((name, len(of), float(nearer.mean()), *bounds, *equal, member.value, member.lower, member.upper))
    return pd.DataFrame(rows, columns=list(PRIVACY.columns)), attack


def _nearest(points: Floats, among: Floats) -> Floats:
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(among).kneighbors(points)[0][:, 0]
    return np.where(found < 1e-6, 0.0, found)  # rounding of squares
