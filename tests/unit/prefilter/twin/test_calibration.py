"""The constants of the twin follow from the published tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import genpareto, norm

from radsieve.prefilter.twin import calibration
from radsieve.prefilter.twin.constants import CALIBRATED
from radsieve.prefilter.twin.scores import ROWS, ScoreShape
from radsieve.screening.tables import SCORES

PUBLISHED = Path(__file__).parents[4] / "data" / "published"
STATISTICS = pd.read_csv(PUBLISHED / "score_statistics.csv", index_col=0)


@pytest.fixture(scope="module")
def without_signal():
    """All constants but the shares that the latent explains, found anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "with_signal", lambda constants, _: constants)
        return calibration.calibrate(PUBLISHED)


def test_the_constants_are_those_that_calibration_finds(without_signal):
    for name in SCORES:
        found, stored = without_signal.shapes[name], CALIBRATED.shapes[name]
        np.testing.assert_allclose(list(vars(found).values()), list(vars(stored).values()), atol=2e-4)
    np.testing.assert_allclose(without_signal.correlation, CALIBRATED.correlation, atol=3e-4)
    for group, shift in CALIBRATED.shifts.items():
        assert without_signal.shifts[group] == pytest.approx(shift, abs=3e-4)
    assert without_signal.valid_rates == CALIBRATED.valid_rates
    assert without_signal.extremes == CALIBRATED.extremes


@pytest.mark.parametrize("name", SCORES)
def test_a_score_has_the_published_distribution(name):
    curve = CALIBRATED.shapes[name].function()
    expected = STATISTICS[name]
    np.testing.assert_allclose(curve(ndtri(np.array([0.25, 0.5, 0.75]))), expected[["25%", "50%", "75%"]])
    normal = np.linspace(-8, 8, 4001)
    scores = curve(normal)
    assert (np.diff(scores) >= 0).all()
    assert scores[-1] == pytest.approx(expected["max"])
    weights = norm.pdf(normal) / norm.pdf(normal).sum()
    mean = weights @ scores
    deviation = np.sqrt(weights @ (scores - mean) ** 2)
    if name == "score_left2right":  # the image with the minimum comes on top
        squares = (deviation**2 + mean**2) * (ROWS - 1) + expected["min"] ** 2
        mean = (mean * (ROWS - 1) + expected["min"]) / ROWS
        deviation = np.sqrt((squares - ROWS * mean**2) / (ROWS - 1))
    else:
        assert scores[0] == pytest.approx(expected["min"])
    assert mean == pytest.approx(expected["mean"], abs=1e-3)
    assert deviation == pytest.approx(expected["std"], rel=1e-3)


def test_tails_are_those_of_pareto():
    """Below the quartile a score falls as scipy's generalised Pareto distribution does."""
    shape = ScoreShape(-10, -1, 0, 1, 2, 0.3, -0.5)
    excess = -1 - shape.function()(ndtri(np.array([0.1, 0.01, 1e-3])))
    share = np.array([0.1, 0.01, 1e-3]) / 0.25
    minimum = genpareto.ppf(1 - 4 / (ROWS + 1), 0.3)
    np.testing.assert_allclose(excess, 9 * genpareto.ppf(1 - share, 0.3) / minimum, rtol=2e-3)
    exponential = replace(shape, lower_shape=0.0).function()(ndtri(np.array([0.25 / np.e])))
    assert exponential[0] == pytest.approx(-1 - 9 / np.log((ROWS + 1) / 4), rel=2e-3)


def test_groups_by_their_rates(without_signal):
    rates, shifts = without_signal.valid_rates, without_signal.shifts
    assert sorted(rates, key=rates.__getitem__) == sorted(shifts, key=shifts.__getitem__)
    assert sum(shifts.values()) == pytest.approx(0, abs=1e-3)
