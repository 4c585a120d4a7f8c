import numpy as np
import pytest
import torch
from latents import latent_table

from radsieve.errors import InputError
from radsieve.prefilter.classifiers import classifiers
from radsieve.prefilter.classifiers.classifiers import (
    MODELS,
    chosen_models,
    cross_validate,
    has_probability,
    needs_all_groups,
)
from radsieve.prefilter.classifiers.perceptrons import PerceptronSettings
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.stats.folds import folds

TRAINING = PerceptronSettings(steps=5, batch=16, learning_rate=0.001, device=torch.device("cpu"))
QUICK = ("kNN3", "SVC_rbf", "LogReg.1", "LogReg.1_lowrank", "ScoreRidge", "Pooled", "Pooled_slopes")


@pytest.fixture(scope="module")
def table():
    return latent_table(["A", "B"], 180)


def test_every_model_scores_every_row_once(table):
    found = cross_validate(table, "A", "valid", MODELS, 3, 1, TRAINING)
    assert found.reason == ""
    assert len(MODELS) == len(set(MODELS)) == 28
    own = table.of("A")
    expected = folds(own.valid, 3, 1) + 1
    for model in MODELS:
        rows = found.predictions[found.predictions["model"] == model]
        np.testing.assert_array_equal(rows["row"], np.arange(180))
        np.testing.assert_array_equal(rows["truth"], own.valid)
        np.testing.assert_array_equal(rows["fold"], expected)
        assert np.isfinite(rows["score"]).all()
        assert rows["score"].between(0, 1).all() or not has_probability(model), model


def test_nothing_of_a_row_that_is_held_out_is_learnt(table):
    # other labels and scores in fold 1 must not change its scores, but those of the other folds
    own = folds(table.of("A").valid, 3, 1)
    held_out = np.append(own == 0, np.zeros(180, dtype=bool))
    scores, valid = table.scores.copy(), table.valid.copy()
    good, bad = (np.flatnonzero(held_out & (valid == label)) for label in (1, 0))
    swapped = np.append(good[:5], bad[:5])
    valid[swapped], scores[swapped] = 1 - valid[swapped], -scores[swapped]
    scores[good[:5]] = -0.5
    scores[bad[:5]] = 0.5
    fold_numbers = iter([own] * 4)

    def same_folds(target, *_):
        return next(fold_numbers) if len(target) == 180 else None

    changed = LatentTable(table.groups, table.group, valid, scores, table.latents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifiers, "folds_of", same_folds)
        before, after = (
            cross_validate(content, "A", "valid", QUICK, 3, 1, TRAINING).predictions for content in (table, changed)
        )
    same = (before["score"] == after["score"]).groupby([before["model"], before["fold"]]).all().unstack()
    assert same[1].all()
    assert not same[[2, 3]].any(axis=None)


def test_a_score_as_target(table):
    found = cross_validate(table, "A", "score_shape", ("LogReg.1", "ScoreRidge"), 3, 1, TRAINING).predictions
    assert set(found["target"]) == {"score_shape"}
    truth = found.drop_duplicates("row").sort_values("row")["truth"]
    np.testing.assert_array_equal(truth, table.of("A").scores[:, 0] > 0)


@pytest.mark.parametrize(("good", "reason"), [(0, "only 0 good"), (2, "only 2 good"), (180, "only 0 bad")])
def test_a_target_that_cannot_be_learnt(table, good, reason):
    own = table.of("A")
    valid = (np.arange(180) < good).astype(np.int8)
    scores = np.where(valid[:, None] == 1, np.abs(own.scores) + 0.01, -np.abs(own.scores) - 0.01)
    changed = LatentTable(("A",), own.group, valid, scores, own.latents)
    found = cross_validate(changed, "A", "valid", ("LogReg.1",), 3, 1, TRAINING)
    assert found.predictions.empty
    assert f"group A, valid: latents.folds = 3: {reason} of 180 images" in found.reason


def test_another_group_without_good_images_is_learnt_from_as_a_whole(table):
    other = table.group == 1
    scores, valid = np.where(other[:, None], -np.abs(table.scores), table.scores), np.where(other, 0, table.valid)
    changed = LatentTable(table.groups, table.group, valid.astype(np.int8), scores, table.latents)
    found = cross_validate(changed, "A", "valid", ("Pooled", "Pooled_slopes"), 3, 1, TRAINING)
    assert len(found.predictions) == 360


def test_names():
    assert chosen_models([]) == MODELS
    assert chosen_models(["Tree5", "kNN1"]) == ("kNN1", "Tree5")
    with pytest.raises(InputError, match=r"models: no model is called 'LogReg'; there are kNN1, kNN3"):
        chosen_models(["LogReg"])
    assert needs_all_groups(["kNN1", "Pooled"])
    assert not needs_all_groups(["kNN1"])
