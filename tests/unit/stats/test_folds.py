import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.stats.folds import folds


@given(st.integers(3, 30), st.integers(3, 200), st.integers(0, 100))
def test_every_row_is_held_out_once_and_classes_are_spread_evenly(good, bad, seed):
    target = np.repeat([1, 0], [good, bad])
    found = folds(target, 3, seed)
    assert set(found) == {0, 1, 2}
    for label, count in ((1, good), (0, bad)):
        assert np.ptp(np.bincount(found[target == label], minlength=3)) <= 1, count


def test_the_same_for_the_same_target_and_another_for_another_seed():
    target = np.tile([0, 0, 1], 40)
    np.testing.assert_array_equal(folds(target, 3, 1), folds(target.copy(), 3, 1))
    assert (folds(target, 3, 1) != folds(target, 3, 2)).any()


@pytest.mark.parametrize(
    ("good", "message"),
    [
        (0, "folds = 3: only 0 good of 12 images"),
        (2, "only 2 good"),
        (11, "only 1 bad"),
        (12, "only 0 bad of 12 images"),
    ],
)
def test_too_few_rows_of_a_class(good, message):
    with pytest.raises(InputError, match=message):
        folds(np.repeat([1, 0], [good, 12 - good]), 3, 1)
