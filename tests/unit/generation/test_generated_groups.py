from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from radsieve.generation.generated_groups import GeneratedGroup, ImageRows, as_group, scorer_of
from radsieve.screening.tables import SCORES


@dataclass(frozen=True)
class Scored:
    scores: pd.DataFrame
    images: int


@pytest.mark.parametrize(
    ("scores", "healthy", "diseased"),
    [
        ((0.1, 0.1, 0.1, 0.1, 0.1), 1, 0),
        ((0.1, -0.2, -0.1, -0.1, 0.1), 0, 1),
        ((0.1, 0.0, 0.1, 0.1, 0.1), 0, 0),
        ((-0.1, -0.2, 0.1, 0.1, 0.1), 0, 0),
        ((0.1, -0.2, 0.1, 0.1, 0.0), 0, 0),
        ((0.1, 0.1, 0.0, 0.1, 0.1), 0, 0),
    ],
)
def test_a_good_image_is_one_that_is_as_its_group(scores, healthy, diseased):
    scored = Scored(pd.DataFrame([scores], columns=list(SCORES)).assign(valid=healthy), 1)
    for flag, expected in ((False, healthy), (True, diseased)):
        evaluated = as_group(scored, flag)
        assert (
            evaluated.scores["valid"].tolist()
            == [expected]
            == [int((evaluated.scores[list(SCORES)] > 0).all(axis=None))]
        )
        assert evaluated.images == 1
        assert scorer_of(lambda _: scored, flag)(np.zeros((1, 1, 1, 1), np.uint8)).scores.equals(evaluated.scores)
    assert tuple(scored.scores[list(SCORES)].iloc[0]) == scores


def test_rows_count_on_from_group_to_group():
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    rows = ImageRows(
        [GeneratedGroup("a", [], part, np.empty((0, 128))) for part in (images[:2], images[2:3], images[3:])]
    )
    assert [int(rows[row][0, 0, 0]) for row in range(6)] == [0, 1, 2, 3, 4, 5]
