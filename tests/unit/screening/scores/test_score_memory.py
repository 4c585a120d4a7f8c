"""score_memory.py: what was scored is not scored again, and nothing is remembered of other networks or other code."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scored_images
from defaults import COMPUTE, changed

from radsieve import unfinished
from radsieve.networks.device import choose_device
from radsieve.screening.scores.image_scorer import ImageScorer, load_scorer
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.screening.scores.score_scaler import ScoreScaler

CODE = "code src/radsieve/screening/scores/scores.py 11"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def images(scored_phantoms):
    return np.load(scored_phantoms / "data/generated/images.npy")[:6]


@pytest.fixture
def scored(monkeypatch):
    """How many images each call of a scorer has scored."""
    calls, score = [], ImageScorer.score
    monkeypatch.setattr(ImageScorer, "score", lambda self, images: calls.append(len(images)) or score(self, images))
    return calls


@pytest.fixture
def memory(cache):
    """Opens the memory anew, as a later run does."""

    def open_(place, features=True, code=CODE, **compute):
        settings = changed(COMPUTE, **compute)
        return ScoreMemory.of(
            scored_images.scorer_files(place),
            choose_device(settings),
            lambda sources: unfinished.reopen(cache, unfinished.key_of(settings.model_dump(), sources, code)),
            features,
        )

    return open_


def test_a_stage_that_was_stopped_goes_on_with_the_same_scores(scored_phantoms, images, scored, memory, cache, caplog):
    first = memory(scored_phantoms).score(images[:4])
    assert scored == [4]
    caplog.set_level("INFO", "radsieve")
    again = memory(scored_phantoms)
    assert caplog.messages == [f"scoring resumes: batches of images that were scored before: 1, stored in {cache}"]
    found = again.score(images[:4])
    assert scored == [4]
    pd.testing.assert_frame_equal(found.scores, first.scores, check_exact=True)
    assert found.features.keys() == first.features.keys()
    for space, points in first.features.items():
        assert found.features[space].dtype == points.dtype
        assert np.array_equal(found.features[space], points)
    again.score(images[4:])
    assert scored == [4, 2]


def test_scores_are_the_scorers(scored_phantoms, images, memory):
    known = memory(scored_phantoms)
    expected = load_scorer(scored_images.scorer_files(scored_phantoms), known.scorer.classifier.device).score(images)
    pd.testing.assert_frame_equal(known.score(images).scores, expected.scores, check_exact=True)


def test_features_are_kept_only_if_asked_for(scored_phantoms, images, memory):
    assert memory(scored_phantoms, features=False).score(images).features == {}


def test_images_of_the_same_bytes_and_another_form_are_others(scored_phantoms, images, scored, memory):
    known = memory(scored_phantoms)
    known.score(images)
    known.score(images.reshape(3, 1, 2 * images.shape[2], images.shape[3])[:, :, : images.shape[2]])
    known.score(images.transpose(0, 1, 3, 2))
    assert scored == [6, 3, 6]


@pytest.fixture
def folder(scored_phantoms, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(scored_phantoms / "results", tmp_path / "results")
    return tmp_path


def test_other_thresholds_are_another_memory(folder, images, scored, memory):
    memory(folder).score(images)
    path = scored_images.scorer_files(folder).scaler
    scaler = ScoreScaler.load(path)
    replace(scaler, thresholds=scaler.thresholds | {"score_shape": 9.0}).save(path)
    memory(folder).score(images)
    assert scored == [6, 6]


def test_another_way_to_compute_is_another_memory(folder, images, scored, memory):
    memory(folder).score(images)
    memory(folder, precision="bfloat16", instructions="native").score(images)
    assert scored == [6, 6]


def test_other_code_is_another_memory(folder, images, scored, memory, caplog):
    memory(folder).score(images)
    memory(folder, code=CODE.replace("11", "12")).score(images)
    assert scored == [6, 6]
    assert caplog.messages[0].endswith(
        "the work starts from the beginning: code src/radsieve/screening/scores/scores.py has changed"
    )


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: content[:-1] + b"\x01"])
def test_a_damaged_file_is_told_of_and_scored_again(scored_phantoms, images, scored, cache, memory, caplog, damage):
    known = memory(scored_phantoms)
    expected = known.score(images).scores
    (path,) = cache.rglob("*.safetensors")
    path.write_bytes(damage(path.read_bytes()))
    pd.testing.assert_frame_equal(known.score(images).scores, expected, check_exact=True)
    assert scored == [6, 6]
    (message,) = caplog.messages
    assert "the images are scored again" in message and str(path) in message
    known.score(images)
    assert scored == [6, 6]


def test_a_stage_that_is_done_leaves_nothing(scored_phantoms, images, cache, memory):
    known = memory(scored_phantoms)
    known.score(images)
    assert len(list(cache.rglob("*.safetensors"))) == 1
    known.clear()
    assert not cache.exists()
    known.clear()
