"""score_memory.py: what was scored is not scored again, and nothing is remembered of other networks or other code."""

import shutil

import numpy as np
import pandas as pd
import pytest
import scored_films

from radsieve import tables
from radsieve.screening import score_memory
from radsieve.screening.film_scorer import FilmScorer, load_scorer
from radsieve.screening.score_memory import ScoreMemory
from radsieve.screening_tables import SCALING

STAGE = "score_drawn"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / STAGE


@pytest.fixture(scope="module")
def films(scored_phantoms):
    return np.load(scored_phantoms / "data/generated.npy")[:6]


@pytest.fixture
def scored(monkeypatch):
    """How many films each call of a scorer has scored."""
    calls, score = [], FilmScorer.score
    monkeypatch.setattr(FilmScorer, "score", lambda self, films: calls.append(len(films)) or score(self, films))
    return calls


def memory(results, features=True, **compute):
    return ScoreMemory(STAGE, results, scored_films.COMPUTE | compute, features)


def test_a_stage_that_was_stopped_goes_on_with_the_same_scores(scored_phantoms, films, scored):
    results = scored_phantoms / "results"
    first = memory(results).score(films[:4])
    assert scored == [4]
    again = memory(results)
    found = again.score(films[:4])
    assert scored == [4]
    pd.testing.assert_frame_equal(found.scores, first.scores, check_exact=True)
    assert found.features.keys() == first.features.keys()
    for space, points in first.features.items():
        assert found.features[space].dtype == points.dtype
        assert np.array_equal(found.features[space], points)
    again.score(films[4:])
    assert scored == [4, 2]


def test_scores_are_the_scorers(scored_phantoms, films):
    known = memory(scored_phantoms / "results")
    expected = load_scorer(scored_phantoms / "results", known.scorer.classifier.device).score(films)
    pd.testing.assert_frame_equal(known.score(films).scores, expected.scores, check_exact=True)


def test_features_are_kept_only_if_asked_for(scored_phantoms, films):
    assert memory(scored_phantoms / "results", features=False).score(films).features == {}


def test_films_of_the_same_bytes_and_another_form_are_others(scored_phantoms, films, scored):
    known = memory(scored_phantoms / "results")
    known.score(films)
    known.score(films.reshape(3, 1, 2 * films.shape[2], films.shape[3])[:, :, : films.shape[2]])
    known.score(films.transpose(0, 1, 3, 2))
    assert scored == [6, 3, 6]


@pytest.fixture
def results(scored_phantoms, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(scored_phantoms / "results", tmp_path / "results")
    return tmp_path / "results"


def test_other_thresholds_are_another_memory(results, films, scored):
    memory(results).score(films)
    path = results / "score_images/scaling.csv"
    table = tables.read(SCALING, path)
    tables.write(SCALING, table.assign(threshold=table["threshold"] * 1.5), path)
    memory(results).score(films)
    assert scored == [6, 6]


def test_another_way_to_compute_is_another_memory(results, films, scored):
    memory(results).score(films)
    memory(results, threads=2).score(films)
    assert scored == [6, 6]


def test_other_code_is_another_memory(results, films, scored, tmp_path, monkeypatch):
    memory(results).score(films)
    (tmp_path / "code").mkdir()
    (tmp_path / "code/a.py").write_text("x = 1\n")
    monkeypatch.setattr(score_memory.radsieve, "__file__", str(tmp_path / "code/__init__.py"))
    memory(results).score(films)
    assert scored == [6, 6]


def test_a_damaged_file_is_scored_again(scored_phantoms, films, scored, cache):
    known = memory(scored_phantoms / "results")
    expected = known.score(films).scores
    for path in cache.rglob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-9])
    pd.testing.assert_frame_equal(known.score(films).scores, expected, check_exact=True)
    assert scored == [6, 6]


def test_a_stage_that_is_done_leaves_nothing(scored_phantoms, films, cache):
    known = memory(scored_phantoms / "results")
    known.score(films)
    assert len(list(cache.rglob("*.safetensors"))) == 1
    known.clear()
    assert list(cache.iterdir()) == []
    known.clear()
