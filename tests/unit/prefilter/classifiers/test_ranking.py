import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from sklearn.metrics import roc_auc_score

from radsieve.errors import InputError
from radsieve.prefilter.classifiers.evaluation import evaluate_folds
from radsieve.prefilter.classifiers.ranking import ALL, compared, pair_tests, ranking_metrics, summarize
from radsieve.stats.binary_metrics import newcombe_area
from radsieve.stats.paired_tests import areas, corrected_t, holm, mean_areas, normal_test
from radsieve.stats.resampling import wilson

MODELS = ("base", "same", "oracle", "noise")


def group(seed, rows=900):
    """Predictions of models that know as much as the reference, more, and nothing."""
    generator = np.random.default_rng(seed)
    signal = generator.normal(size=rows)
    truth = (signal + generator.normal(size=rows) > 1).astype(int)
    scores = {
        "base": signal + generator.normal(0, 1, rows),
        "oracle": signal,
        "noise": generator.normal(size=rows),
    }
    scores["same"] = scores["base"] + generator.normal(0, 1e-3, rows)
    parts = [
        pd.DataFrame(
            {"row": range(rows), "target": "valid", "model": model, "fold": np.arange(rows) % 3 + 1, "truth": truth}
        ).assign(score=scores[model])
        for model in MODELS
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found():
    predictions = {name: group(seed) for seed, name in enumerate(("A", "B", "C", "D"))}
    families = dict.fromkeys(MODELS, "family")
    folds = {name: evaluate_folds(table, families, lambda _: False) for name, table in predictions.items()}
    empty = {"Z": folds["A"].iloc[:0]}
    return compared("valid", folds | empty, predictions | {"Z": predictions["A"].iloc[:0]})


@given(st.integers(0, 500))
def test_areas_as_scikit_learn_with_ties(seed):
    generator = np.random.default_rng(seed)
    truth = np.append([0, 1], generator.integers(0, 2, 30))
    scores = generator.integers(0, 6, (32, 3)).astype(float)
    expected = [roc_auc_score(truth, column) for column in scores.T]
    np.testing.assert_allclose(areas(truth, scores).means, expected)


def test_the_covariance_of_delong_by_hand():
    # good 3, 1; bad 2, 0: placements of the good 1, 1/2 and of the bad 1/2, 1, each of variance 1/8
    found = areas(np.array([1, 1, 0, 0]), np.array([[3.0], [1.0], [2.0], [0.0]]))
    assert found.means[0] == 0.75
    assert found.covariance[0, 0] == pytest.approx(1 / 8 / 2 + 1 / 8 / 2)
    together = mean_areas([found, found])
    assert together.means[0] == 0.75
    assert together.covariance[0, 0] == pytest.approx(1 / 16)


def test_the_variance_of_delong_is_that_of_repeated_samples():
    def sample(seed):
        generator = np.random.default_rng(seed)
        truth = np.repeat([0, 1], [300, 60])
        return areas(truth, (truth + generator.normal(size=360))[:, None])

    samples = [sample(seed) for seed in range(300)]
    expected = np.var([part.means[0] for part in samples], ddof=1)
    assert np.mean([part.covariance[0, 0] for part in samples]) == pytest.approx(expected, rel=0.2)


def test_the_corrected_t_test_by_hand():
    values = np.array([[0.01, 0.03, 0.02]])
    found = corrected_t(values, 0.95)
    plain = ttest_1samp(values[0], 0)
    ratio = np.sqrt((1 / 3) / (1 / 3 + 1 / 2))
    assert found.difference == pytest.approx(0.02)
    assert found.lower == pytest.approx(0.02 - 4.302653 * 0.01 * np.sqrt(5 / 6), abs=1e-6)
    assert found.p_value > plain.pvalue
    assert corrected_t(values / 1000, 0.95).p_value == pytest.approx(found.p_value)
    assert (found.difference - found.lower) == pytest.approx(
        (plain.confidence_interval().high - 0.02) / ratio, rel=1e-6
    )
    assert corrected_t(np.repeat(values, 4, axis=0), 0.95).p_value < found.p_value


def test_differences_without_spread():
    assert corrected_t(np.zeros((1, 3)), 0.95).p_value == 1
    assert normal_test(0.0, 0.0, 0.95).p_value == 1
    assert normal_test(0.1, 0.0, 0.95).p_value == 0
    assert np.isnan(corrected_t(np.array([[0.1, np.nan, 0.2]]), 0.95).p_value)


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm([0.5, np.nan, 0.6]), [1, np.nan, 1])


def test_the_verdicts_are_those_that_were_put_in(found):
    assert found.groups == ["A", "B", "C", "D", ALL]  # Z had nothing to learn
    paired = pair_tests([found], "base", 0.95)
    overall = paired[paired["group"] == ALL].set_index("model")
    assert overall["verdict"].to_dict() == {"same": "undecided", "oracle": "better", "noise": "worse"}
    assert "base" not in set(paired["model"])
    assert overall.loc["oracle", "difference"] == pytest.approx(
        paired[(paired["model"] == "oracle") & (paired["group"] != ALL)]["difference"].mean()
    )


def test_the_summary_has_means_and_intervals(found):
    summary = summarize([found], 0.95)
    areas_of = summary[summary["metric"] == "roc_auc"].set_index(["group", "model"])
    folds = found.folds["A"]
    expected = folds[folds["model"] == "oracle"]["roc_auc"]
    assert areas_of.loc[("A", "oracle"), "mean"] == pytest.approx(expected.mean())
    assert areas_of.loc[("A", "oracle"), "spread"] == pytest.approx(expected.std())
    assert (areas_of["lower"] < areas_of["mean"]).all()
    width = areas_of["upper"] - areas_of["lower"]
    assert width[(ALL, "oracle")] == pytest.approx(width[:, "oracle"].drop(ALL).mean() / 2, rel=0.05)
    assert summary[summary["metric"] == "brier"]["mean"].isna().all()
    metrics = ranking_metrics(summary, pair_tests([found], "base", 0.95), "base")["valid"]
    assert metrics["best"] == "oracle"
    assert metrics["better_than_reference"] == ["oracle"]
    assert metrics["groups"] == ["A", "B", "C", "D"]


def test_models_that_predict_one_class_have_intervals_with_a_width():
    """Nothing accepted, everything accepted, and a perfect ranking: the folds agree, and say nothing of the spread."""
    truth = np.tile([0, 0, 0, 0, 1], 36)
    scores = {"none": np.full(180, -1.0), "all": np.full(180, 1.0), "perfect": truth - 0.5}
    fold = np.arange(180) // 5 % 3 + 1
    parts = [
        pd.DataFrame(
            {"row": range(180), "target": "valid", "model": model, "fold": fold, "truth": truth, "score": score}
        )
        for model, score in scores.items()
    ]
    predictions = {"A": pd.concat(parts, ignore_index=True)}
    folds = {"A": evaluate_folds(predictions["A"], dict.fromkeys(scores, "family"), lambda _: False)}
    one = compared("valid", folds, predictions)
    summary = summarize([one], 0.95).set_index(["model", "metric"])
    bounds = summary[["lower", "upper"]]
    for (model, metric), among in {
        ("none", "recall"): (0, 36),
        ("none", "accuracy"): (144, 180),
        ("all", "precision"): (36, 180),
        ("all", "recall"): (36, 36),
        ("perfect", "precision"): (36, 36),
        ("perfect", "accuracy"): (180, 180),
    }.items():
        assert bounds.loc[(model, metric)].tolist() == pytest.approx(wilson(*among, 0.95)), (model, metric)
    assert bounds.loc[("none", "precision")].isna().all()
    for model, area in {"none": 0.5, "perfect": 1.0}.items():
        assert summary.loc[(model, "roc_auc"), "mean"] == area
        assert bounds.loc[(model, "roc_auc")].tolist() == pytest.approx(newcombe_area(area, 36, 144, 0.95))
    assert bounds.loc[("none", "pr_auc")].isna().all()
    assert not (summary["lower"] == summary["upper"]).any()
    pair = pair_tests([one], "none", 0.95).set_index("model").loc["all"]
    assert pair["difference"] == 0 and pair[["delong_lower", "corrected_t_upper"]].isna().all()


def test_an_unknown_reference_and_other_models_in_a_group(found):
    with pytest.raises(InputError, match=r"reference: 'LogReg' was not compared; there are base, same, oracle, noise"):
        pair_tests([found], "LogReg", 0.95)
    one = found.folds["A"]
    with pytest.raises(InputError, match="other models in some groups"):
        compared("valid", {"A": one, "B": one[one["model"] != "same"]}, {"A": group(0), "B": group(1)})


def test_nothing_learnt_anywhere():
    none = compared("valid", {"A": pd.DataFrame(columns=["target", "model"])}, {})
    assert summarize([none], 0.95).empty
    assert pair_tests([none], "base", 0.95).empty
    assert ranking_metrics(summarize([], 0.95), pair_tests([], "base", 0.95), "base") == {}
