"""Generators on rows whose columns depend on one another in a known way."""

import numpy as np
import pandas as pd
import pytest
from defaults import content
from scipy.stats import spearmanr

from radsieve.settings import Compute
from radsieve.tasks.synthesis.frames import Frame, Space
from radsieve.tasks.synthesis.generators import generator

ROWS = 1500
COMPUTE = Compute(**content()["compute"])


@pytest.fixture(scope="module")
def real():
    random = np.random.default_rng(1)
    x = random.normal(size=ROWS)
    y = np.where(random.random(ROWS) < 0.2, np.nan, np.round(x + random.normal(size=ROWS)))
    site = np.where(x + random.normal(size=ROWS) > 0.5, "a", np.where(random.random(ROWS) < 0.1, "", "b"))
    packed = pd.DataFrame({"x": x, "site": site, "y": y, "_target": (x + random.normal(size=ROWS) > 0.7).astype(int)})
    columns = pd.DataFrame([("x", "number"), ("site", "code"), ("y", "number")], columns=["column", "kind"])
    return Frame.of(packed, columns, np.arange(ROWS))


def drawn(real, kind, seed=1):
    return real.with_rows(generator(kind, real, 5, 1, COMPUTE)(np.random.default_rng(seed)))


@pytest.fixture(scope="module")
def decoded(real):
    """Rows of the autoencoder."""
    return drawn(real, "vae")


def rank(frame):
    known = frame.rows["y"].notna()
    return spearmanr(frame.rows["x"][known], frame.rows["y"][known]).statistic


@pytest.mark.parametrize("kind", ["marginals", "copula", "trees", "vae"])
def test_each_column_keeps_its_values_and_how_often_they_occur(real, decoded, kind):
    found = decoded if kind == "vae" else drawn(real, kind)
    assert len(found.rows) == ROWS and found.rows.columns.tolist() == real.rows.columns.tolist()
    for name in ("site", "_target"):
        assert set(found.rows[name]) <= set(real.rows[name])
        apart = found.rows[name].value_counts(normalize=True) - real.rows[name].value_counts(normalize=True)
        assert apart.abs().max() < 0.05
    assert found.rows["y"].isna().mean() == pytest.approx(0.2, abs=0.05)
    assert set(found.rows["y"].dropna()) <= set(real.rows["y"].dropna())
    assert found.rows["x"].mean() == pytest.approx(real.rows["x"].mean(), abs=0.15)
    equal = found.rows.merge(real.rows, how="inner", on=["x", "site", "y", "_target"])
    assert len(equal) < 0.4 * ROWS, "the first column is a real one, and most others follow from it"


@pytest.mark.slow
def test_the_autoencoder_keeps_shares_of_few_values_and_what_follows_from_others():
    random = np.random.default_rng(3)
    x, flag = random.normal(size=600), (random.random(600) < 0.3).astype(float)
    flag[:60] = np.nan
    packed = pd.DataFrame({"x": x, "twice": 2 * x, "flag": flag, "_target": (x > 0.5).astype(int)})
    columns = pd.DataFrame([(name, "number") for name in packed][:3], columns=["column", "kind"])
    found = drawn(Frame.of(packed, columns, np.arange(600)), "vae").rows
    assert found["flag"].mean() == pytest.approx(0.3, abs=0.05)
    assert found["flag"].isna().mean() == pytest.approx(0.1, abs=0.05)
    assert found["x"].std() == pytest.approx(1, abs=0.1)
    assert found["x"].corr(found["twice"]) > 0.9


def test_others_keep_what_marginals_lose(real, decoded):
    assert abs(rank(drawn(real, "marginals"))) < 0.1
    for kind, found in (("copula", drawn(real, "copula")), ("trees", drawn(real, "trees")), ("vae", decoded)):
        assert rank(found) == pytest.approx(rank(real), abs=0.1), kind
        shares = [frame.rows["_target"].eq("1").groupby(frame.rows["site"]).mean() for frame in (real, found)]
        assert (shares[0] - shares[1])[["a", "b"]].abs().max() < 0.1, kind


def test_correlations_of_rare_codes_are_those_of_the_rows():
    """Of two codes, one in ten each, the normal variables must correlate more than the codes do."""
    random = np.random.default_rng(2)
    both = random.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 20_000) > 1.2816
    packed = pd.DataFrame({"a": np.where(both[:, 0], "y", "n"), "b": np.where(both[:, 1], "y", "n")})
    packed["_target"] = random.integers(0, 2, len(packed))
    columns = pd.DataFrame([("a", "code"), ("b", "code")], columns=["column", "kind"])
    found = drawn(Frame.of(packed, columns, np.arange(len(packed))), "copula").rows
    real, made = (np.corrcoef(rows["a"] == "y", rows["b"] == "y")[0, 1] for rows in (packed, found))
    assert real > 0.4 and made == pytest.approx(real, abs=0.04)


def test_smote_lies_between_the_rows(real):
    between = drawn(real, "smote")
    assert between.rows["_target"].tolist() == real.rows["_target"].tolist()
    assert between.rows["x"].between(real.rows["x"].min(), real.rows["x"].max()).all()
    space = Space.of(real)
    moved = np.linalg.norm(space.points(between) - space.points(real), axis=1)
    assert 0 < np.median(moved) < 0.5


@pytest.mark.slow
def test_the_same_random_numbers_draw_the_same_rows(real):
    real = real.taken(np.arange(150))
    for kind in ("marginals", "copula", "trees", "vae", "smote"):
        assert drawn(real, kind).rows.equals(drawn(real, kind).rows)
        assert not drawn(real, kind, seed=2).rows.equals(drawn(real, kind).rows)


def test_a_column_without_values_and_one_with_one_value():
    packed = pd.DataFrame({"empty": np.nan, "same": 3.0, "code": "x", "_target": np.arange(60) % 2})
    kinds = [("empty", "number"), ("same", "number"), ("code", "code")]
    real = Frame.of(packed, pd.DataFrame(kinds, columns=["column", "kind"]), np.arange(60))
    for kind in ("marginals", "copula", "trees", "vae", "smote"):
        found = drawn(real, kind).rows
        assert found["empty"].isna().all() and (found["same"] == 3).all() and (found["code"] == "x").all(), kind
