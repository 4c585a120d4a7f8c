"""score_scaler.py: it is stored with all its digits, and a file that is none is refused with the key that is wrong."""

import json

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.screening.scores.lung_shapes import DESCRIPTORS
from radsieve.screening.scores.score_scaler import ScoreScaler, fit_scaler
from radsieve.screening.tables import SCORES

TRUE, PASS_SHARE = 60, 0.9


def images(count, seed):
    """Quantities and shapes of lungs of `count` images."""
    rng = np.random.default_rng(seed)
    quantities = pd.DataFrame(
        {
            "probability": rng.beta(2, 9, count),
            "max_heat": rng.gamma(2, 1, count),
            "dice": 1 - rng.beta(2, 20, count),
            "area_ratio": 1 + rng.gamma(2, 0.1, count),
        }
    )
    return quantities, rng.normal(size=(count, len(DESCRIPTORS)))


@pytest.fixture(scope="module")
def fitted():
    return fit_scaler(*images(TRUE, 1), 64, PASS_SHARE, seed=1)


@pytest.fixture
def path(fitted, tmp_path):
    fitted[0].save(tmp_path / "scaler.json")
    return tmp_path / "scaler.json"


def test_the_share_asked_for_of_the_true_images_passes_at_their_held_out_distances(fitted):
    scaler, distances = fitted
    quantities, shapes = images(TRUE, 1)
    scored = scaler.score_at(quantities, distances)
    assert ((scored[list(SCORES)] > 0).sum() == PASS_SHARE * TRUE).all()
    assert scaler.score(quantities, shapes)["shape_distance"].mean() < distances.mean()  # they took part in the fit


def test_what_is_read_scores_alike_to_the_last_bit(fitted, path):
    others = images(200, 2)
    found = ScoreScaler.load(path)
    pd.testing.assert_frame_equal(found.score(*others), fitted[0].score(*others), check_exact=True)
    assert found.pixels == 64
    assert list(found.thresholds) == list(SCORES)


def test_the_file_is_written_alike_each_time_with_sorted_keys(fitted, path, tmp_path):
    ScoreScaler.load(path).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    stored = json.loads(path.read_text())
    assert list(stored) == sorted(stored)
    assert list(stored["thresholds"]) == sorted(SCORES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda stored: stored["thresholds"].pop("score_shape"), "thresholds: 'score_shape' is a required property"),
        (lambda stored: stored["scale"].__setitem__(3, 0), "scale.3: 0 is less than or equal to the minimum of 0"),
        (lambda stored: stored["precision"][2].pop(), "precision.2: .* is too short"),
        (lambda stored: stored["descriptors"].reverse(), "descriptors: .* was expected"),
        (lambda stored: stored.update(version=2), "version: 1 was expected"),
        (lambda stored: stored["centre"].__setitem__(0, float("nan")), "not JSON: NaN is not a finite number"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(path, change, message):
    stored = json.loads(path.read_text())
    change(stored)
    path.write_text(json.dumps(stored))
    with pytest.raises(InputError, match=rf"scaler\.json: .*{message}.*; run score_images again"):
        ScoreScaler.load(path)


def test_a_missing_or_damaged_file_is_named(path):
    path.write_text(path.read_text()[:-9])
    with pytest.raises(InputError, match=r"scaler\.json: not JSON: .*; run score_images again"):
        ScoreScaler.load(path)
    path.unlink()
    with pytest.raises(InputError, match=r"scaler\.json: not found; run score_images first"):
        ScoreScaler.load(path)
