"""The simulated twin: what it is made of, and how near it comes to what is published."""

from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from radsieve.errors import InputError
from radsieve.prefilter.twin import twin
from radsieve.prefilter.twin.check import Tally, compare_twin
from radsieve.prefilter.twin.constants import CALIBRATED
from radsieve.screening.tables import SCORES
from radsieve.stats.folds import folds

PUBLISHED = Path(__file__).parents[4] / "data" / "published"
AUCS = pd.read_csv(PUBLISHED / "valid_roc_auc_by_model.csv", index_col=0)
L2 = {
    f"LogReg{name}": LogisticRegression(C=c, max_iter=1000)
    for name, c in (("10", 10), ("1", 1), (".1", 0.1), (".01", 0.01))
}

OTHERS = {
    **{f"kNN{k}": KNeighborsClassifier(k) for k in (1, 3, 10, 30)},
    "SVC_lin": SVC(kernel="linear"),
    "SVC_rbf": SVC(kernel="rbf"),
    "SVC_poly": SVC(kernel="poly"),
    "LogReg.1_I1": LogisticRegression(C=0.1, l1_ratio=1, solver="liblinear"),
    "Tree5": DecisionTreeClassifier(max_depth=5, random_state=1),
    "Tree10": DecisionTreeClassifier(max_depth=10, random_state=1),
    "Forest": RandomForestClassifier(10, random_state=1),
}
# What the default twin misses. The optimum of SVC_lin is the zero vector, and its area what the solver's tolerance
# leaves over. 58_64m has 206 valid rows: over draws of the twin the area of SVC_poly there is .72 with a standard
# deviation of .02, and the published .67 is one such draw as well.
LOOSE = {("SVC_poly", "58_64m"): 0.1, **{("SVC_lin", group): 0.12 for group in twin.GROUPS}}


@pytest.fixture(scope="module")
def default():
    """The rows of the default parameters, by group."""
    return {group: next(twin.sample(group, twin.BLOCK, 1)) for group in twin.GROUPS}


def tally(tables):
    counted = Tally()
    for rows in tables:
        counted.add(rows)
    return counted


def test_every_figure_is_as_published(default):
    table = compare_twin(tally(default.values()), PUBLISHED)
    assert table["quantity"].value_counts().to_dict() == {
        "correlation": 15,
        "valid_rate": 6,
        **{f"quantile {name}": 5 for name in ("min", "25%", "50%", "75%", "max")},
        "mean": 5,
        "std": 5,
    }
    assert table.loc[~table["within"]].empty
    pooled = pd.DataFrame(np.concatenate([rows.scores for rows in default.values()]), columns=list(SCORES))
    ours = table.set_index(["quantity", "of"])["ours"]
    for name, statistics in pooled.describe().items():  # pandas as oracle
        for label, value in statistics.drop("count").items():
            quantity = label if label in ("mean", "std") else f"quantile {label}"
            assert ours[quantity, name] == pytest.approx(value, abs=1e-9)
    assert ours["correlation", "score_shape, score_symmetry"] == pytest.approx(pooled.corr().iloc[0, 3])


def test_a_published_table_that_is_missing(tmp_path):
    with pytest.raises(InputError, match=r"valid_rate_by_group\.csv: not found"):
        compare_twin(Tally(), tmp_path)


def test_another_seed_keeps_to_the_published_figures_too():
    generated = [next(twin.sample(group, twin.BLOCK, 7)) for group in twin.GROUPS]
    table = compare_twin(tally(generated), PUBLISHED)
    assert (table.loc[table["quantity"].isin(["valid_rate", "correlation"]), "within"]).all()
    assert table["within"].mean() > 0.9


def test_the_published_rate_for_any_seed():
    for seed in range(2, 5):
        rows = next(twin.sample("58_64m", twin.BLOCK, seed))
        assert rows.valid.sum() == 206


@settings(max_examples=10, deadline=None)
@given(rows=st.integers(1, 2 * twin.BLOCK + 5), seed=st.integers(0, 2**32))
def test_the_first_rows_do_not_depend_on_how_many_are_sampled(rows, seed):
    group = "38_44f"
    blocks = list(twin.sample(group, rows, seed))
    assert sum(map(len, blocks)) == rows
    assert all(len(block) == twin.BLOCK for block in blocks[:-1])
    more = list(islice(twin.sample(group, 3 * twin.BLOCK, seed), len(blocks)))
    np.testing.assert_array_equal(blocks[-1].latents, more[-1].latents[: len(blocks[-1])])
    np.testing.assert_array_equal(blocks[-1].scores, more[-1].scores[: len(blocks[-1])])


def test_rows(default):
    for group, rows in default.items():
        assert rows.groups == (group,)
        assert rows.latents.dtype == np.float32
        assert np.abs(rows.latents).max() <= 1
        np.testing.assert_array_equal(rows.valid, (rows.scores > 0).all(axis=1))
        np.testing.assert_array_equal(rows.scores, np.round(rows.scores, 3))
    first, second = (default[group].latents for group in twin.GROUPS[:2])
    assert np.isin(first[:, 0], second[:, 0]).mean() < 0.01  # groups do not share latents
    blocks = list(twin.sample("38_44f", 2 * twin.BLOCK, 1))
    assert not np.array_equal(blocks[0].latents, blocks[1].latents)


def test_latents_are_uniform(default):
    values = np.sort(np.concatenate([rows.latents[:, ::16].ravel() for rows in default.values()]))
    expected = np.linspace(-1, 1, len(values))
    assert np.abs(values - expected).max() / 2 < 1.95 / np.sqrt(len(values))  # Kolmogorov's test at .1%


def test_images_of_both_extremes(default):
    scores = default["18_24m"].scores
    low, high = (np.array([CALIBRATED.extremes[name][place] for name in SCORES]) for place in (0, 1))
    assert (scores == low).all(axis=1).sum() == 1
    assert (scores == high).all(axis=1).sum() == 1
    assert default["18_24f"].scores.min() > -100


def test_signals_of_the_model():
    """Linear and radial parts explain the calibrated shares of x; each group has directions of its own."""
    model = twin.model("18_24m")
    np.testing.assert_allclose(np.linalg.norm(model.directions, axis=0), 1)
    other = twin.model("18_24f").directions
    assert np.abs(np.sum(model.directions * other, axis=0)).max() < 0.4
    rng = np.random.default_rng(0)
    latents = rng.uniform(-1, 1, (20_000, 128)).astype(np.float32)
    scores = model.scores(latents, rng.standard_normal((20_000, 5)))
    rank = ndtri((pd.Series(scores[:, 0]).rank() - 0.5) / len(scores))
    linear = np.corrcoef(latents @ model.directions[:, 0], rank)[0, 1]
    radial = np.corrcoef((latents.astype(float) ** 2).sum(axis=1), rank)[0, 1]
    assert linear**2 == pytest.approx(model.linear, abs=0.02)
    assert radial == pytest.approx(-np.sqrt(model.radial), abs=0.02)


@pytest.mark.parametrize("group", twin.GROUPS)
@pytest.mark.parametrize("name", L2)
def test_logistic_regression_as_published(default, group, name):
    assert auc(default[group], L2[name]) == pytest.approx(AUCS.loc[name, group], abs=0.03)


def auc(rows, classifier):
    parts = folds(rows.valid, 3, seed=1)
    splits = [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in range(3)]
    return cross_val_score(classifier, rows.latents, rows.valid, cv=splits, scoring="roc_auc").mean()


@pytest.mark.slow
@pytest.mark.parametrize("group", twin.GROUPS)
@pytest.mark.parametrize("name", OTHERS)
def test_other_models_as_published(default, group, name):
    tolerance = LOOSE.get((name, group), 0.03 if name.startswith("LogReg") else 0.05)
    assert auc(default[group], OTHERS[name]) == pytest.approx(AUCS.loc[name, group], abs=tolerance)
