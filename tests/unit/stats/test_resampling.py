"""Bootstrap resamples of rated images."""

import numpy as np
import pytest

from radsieve.stats import resampling


def test_resamples_are_counts_of_distinct_rows():
    codes = np.array([[0, 1], [0, 0], [0, 1], [1, -1]])
    found = resampling.patterns(codes)
    assert found.rows[found.of_item].tolist() == codes.tolist()
    assert found.times.tolist() == [1, 2, 1]
    draws = np.concatenate(list(found.resamples(5000, seed=1)))
    assert draws.shape == (5000, 3)
    assert (draws.sum(axis=1) == 4).all()
    np.testing.assert_allclose(draws.mean(axis=0), [1, 2, 1], atol=0.05)
    np.testing.assert_allclose(draws.var(axis=0), [0.75, 1, 0.75], atol=0.06)  # binomial: 4 p (1 - p)


def test_resamples_do_not_depend_on_the_size_of_the_blocks(monkeypatch):
    found = resampling.patterns(np.array([[0, 1], [0, 0], [1, 1]]))
    whole = np.concatenate(list(found.resamples(50, seed=9)))
    monkeypatch.setattr(resampling, "_CELLS", 20)
    blocks = list(found.resamples(50, seed=9))
    assert len(blocks) > 1
    assert (np.concatenate(blocks) == whole).all()


def test_findings_of_one_image_are_resampled_together():
    codes = np.array([[0, 0], [1, 1], [0, 1], [1, 0]])
    draws = np.concatenate(list(resampling.patterns(codes, np.array([0, 0, 1, 1])).resamples(200, seed=2)))
    rows = resampling.patterns(codes).rows.tolist()
    of = {tuple(row): draws[:, place] for place, row in enumerate(rows)}
    assert (of[0, 0] == of[1, 1]).all()
    assert (of[0, 1] == of[1, 0]).all()
    assert (of[0, 0] + of[0, 1] == 2).all()


def test_nothing_to_resample():
    assert list(resampling.patterns(np.empty((0, 2), dtype=int)).resamples(10, seed=1)) == []


def test_interval():
    assert resampling.interval(np.arange(101.0), 0.9) == pytest.approx((5, 95))
    assert resampling.interval(np.array([np.nan, 1, 1]), 0.9) == (1, 1)
    assert np.isnan(resampling.interval(np.array([np.nan, np.nan, 1]), 0.9)).all()


def test_wilson_interval_of_a_share():
    """8 of 10 at 95 %, z = 1.959964: (0.8 + z^2/20 +- z sqrt(0.016 + z^2/400)) / (1 + z^2/10)."""
    assert resampling.wilson(8, 10, 0.95) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert resampling.wilson(0, 5, 0.95)[0] == pytest.approx(0, abs=1e-12)
    assert np.isnan(resampling.wilson(0, 0, 0.95)).all()
