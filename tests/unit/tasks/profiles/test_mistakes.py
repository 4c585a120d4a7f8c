"""Mistakes of counting: what they do by hand, as pandas does it, and on drawn tables whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from defaults import settings
from profiles import packed

from radsieve.errors import InputError
from radsieve.tasks.cases import deaths, findings, games
from radsieve.tasks.profiles.description import find_duplicates, find_missing
from radsieve.tasks.profiles.frame import profiled
from radsieve.tasks.profiles.mistakes import leaks
from radsieve.tasks.profiles.results import sample, tell_target
from radsieve.tasks.rows.packing import pack
from radsieve.tasks.tables import LEAKS

ALL = ["honest", "repeated_rows", "exploded", "exploded_twice", "missing_as_zero"]
SPLITS = settings("splits")


def by_protocol(data):
    return LEAKS.validate(leaks(data)).set_index(["model", "protocol"])


def drawn(name, table, **changes):
    """The profile of a drawn table with the settings of params.yaml."""
    found = pack(table.astype(str), settings(f"pack_tables.{name}"), SPLITS, name)
    options = settings(f"profile_tables.{name}", permutations=500, tested_rows=5000, **changes)
    return profiled(found.rows, found.columns, options, f"profile_tables.{name}")


def test_correlations_of_exploded_rows_are_those_of_pandas():
    random = np.random.default_rng(1)
    genres = [list("abcd")[: random.integers(0, 5)] for _ in range(60)]
    x, y = random.normal(size=(2, 60))
    y[:5] = np.nan
    data = packed({"x": x, "y": y}, lists={"genres": genres}, correlated=["x", "y"], exploded="genres", protocols=ALL)
    found = by_protocol(data).loc["x and y"]
    frame = pd.DataFrame({"x": x, "y": y, "genre": genres, "again": genres})
    once = frame.explode("genre")
    seen = {
        "honest": frame,
        "exploded": once,
        "exploded_twice": once.explode("again"),
        "missing_as_zero": frame.fillna(0),
    }
    for protocol, rows in seen.items():
        assert found.loc[protocol, "value"] == pytest.approx(rows["x"].corr(rows["y"])), protocol
        assert found.loc[protocol, "evaluated"] == rows[["x", "y"]].notna().all(axis=1).sum()
        assert found.loc[protocol, "lower"] < found.loc[protocol, "value"] < found.loc[protocol, "upper"]
    assert found.loc["exploded", "difference"] == pytest.approx(found["value"]["exploded"] - found["value"]["honest"])
    assert np.isnan(found.loc["honest", "difference"])
    assert found.loc["repeated_rows", "difference"] == 0, "each row is a unit of its own"


def test_columns_that_no_row_has_both_of_have_no_honest_correlation():
    x, y = np.random.default_rng(4).normal(size=(2, 60))
    x[:30], y[30:] = np.nan, np.nan
    found = by_protocol(packed({"x": x, "y": y}, correlated=["x", "y"], protocols=["honest", "missing_as_zero"]))
    assert found.index.tolist() == [("x and y", "missing_as_zero")]
    assert found[["honest", "difference"]].isna().all(axis=None)
    assert found["honest_units"].tolist() == [0]


def test_the_interval_of_a_difference_is_that_of_a_bootstrap():
    random = np.random.default_rng(2)
    genres = [list("abcd")[:number] for number in random.integers(1, 5, 150)]
    x = random.normal(size=150)
    y = 0.5 * x + random.normal(size=150)
    data = packed({"x": x, "y": y}, lists={"g": genres}, correlated=["x", "y"], exploded="g",
                  protocols=["honest", "exploded_twice"])  # fmt: skip
    row = by_protocol(data).loc[("x and y", "exploded_twice")]
    weight = np.array([len(one) for one in genres]) ** 2

    def moved(rows):
        z = np.cov(x[rows], y[rows], aweights=weight[rows])
        return z[0, 1] / np.sqrt(z[0, 0] * z[1, 1]) - np.corrcoef(x[rows], y[rows])[0, 1]

    spread = np.std([moved(random.integers(0, 150, 150)) for _ in range(600)])
    assert (row["difference_upper"] - row["difference_lower"]) / 2 / 1.96 == pytest.approx(spread, rel=0.2)


def test_shares_of_findings_by_hand():
    values = ["1.0", "1.0", "0.0", "-1.0", "", "", "1.0", "-1.0"]
    data = packed(
        codes={"Edema": values}, labels=["Edema"], protocols=["honest", "uncertain_negative", "missing_as_zero"]
    )
    found = by_protocol(data).loc["Edema"]
    assert found["value"].to_dict() == pytest.approx(
        {"honest": 3 / 4, "uncertain_negative": 3 / 6, "missing_as_zero": 3 / 6}
    )
    assert found["evaluated"].tolist() == [4, 6, 6]
    assert found.loc["uncertain_negative", "difference_upper"] < 0.2
    assert found["units"].tolist() == [4, 6, 6]
    assert found["honest_units"].tolist() == [4, 4, 4]


def test_a_label_that_is_never_denied_has_no_share():
    """As CheXpert's No Finding, which is 1 or empty: among what says something it is 1 by coding."""
    codes = {"No Finding": ["1.0", "1.0", "", ""], "Edema": ["1.0", "0.0", "", ""]}
    data = packed(codes=codes, labels=list(codes), protocols=["honest", "missing_as_zero"])
    found = leaks(data)
    assert set(found["model"]) == {"Edema"}


def test_games_show_their_true_correlation_and_exploded_rows_do_not():
    table, truth = games.simulate(6000, seed=3)
    known = dict(truth)
    found = by_protocol(drawn("games", table)).loc["price and score"]
    honest, twice = found.loc["honest"], found.loc["exploded_twice"]
    assert honest["lower"] < known["correlation of price and score"] < honest["upper"]
    assert twice["lower"] < known["correlation of price and score, exploded twice"] < twice["upper"]
    assert twice["difference_upper"] < -0.2
    assert found.loc["repeated_rows", "evaluated"] > honest["evaluated"]


def test_the_price_of_what_is_free_is_missing_and_not_zero():
    table, _ = games.simulate(1000, seed=1)
    found = by_protocol(drawn("games", table)).loc["price and free"]
    assert np.isnan(found.loc["honest", "value"]), "no game that is free has a price"
    assert found.loc["missing_as_zero", "value"] < -0.7


def test_games_tell_what_was_planted():
    table, truth = games.simulate(1000, seed=1)
    data = drawn("games", table)
    awards = find_duplicates(data).set_index("columns").loc["year, category"]
    assert awards["none_positive"] == dict(truth)["awards without a winner"]
    assert awards[["several_positive", "most_positive"]].tolist() == [1, 2]
    missing = find_missing(data, sample(data)).set_index("column")
    assert missing.index[missing["tells"] == 1].tolist() == ["company"]
    assert missing.loc["company", "max"] == pytest.approx(0.3, abs=0.06)


def test_findings_show_their_true_shares_and_uncertain_ones_read_as_negative_do_not():
    table, truth = findings.simulate(4000, seed=2)
    data = drawn("findings", table)
    found, known = by_protocol(data), dict(truth)
    for name in data.settings.labels:
        honest, mistaken = found.loc[(name, "honest")], found.loc[(name, "uncertain_negative")]
        assert honest["lower"] < known[f"share present of {name}"] < honest["upper"]
        assert mistaken["difference_upper"] < 0
        expected = known[f"share present of {name}"] * (1 - known[f"share uncertain of {name}"])
        assert mistaken["lower"] < expected < mistaken["upper"]
    telling = tell_target(data, sample(data)).set_index("column")["leaks"]
    assert telling["AP/PA"] and telling["Pleural Effusion"] and not telling["Sex"]


def test_what_was_planted_in_admissions_after_the_outcome_is_found_to_tell_it():
    table, truth = deaths.simulate(1500, seed=1)
    data = drawn("deaths", table)
    telling = tell_target(data, sample(data)).set_index("column")["leaks"]
    assert telling[["PATIENT_TYPE", "INTUBED", "ICU"]].all()
    without = [name for name in ("TOBACCO", "ASTHMA") if dict(truth)[f"coefficient of {name}"] == 0]
    assert len(without) == 2 and not telling[without].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "x"}, "x.target: x is no column with codes"),
        ({"labels": ["c", "d"]}, "x.labels: d is no column with codes of the packed table; there are c"),
        ({"correlated": ["c"]}, "correlated: c is no column with numbers"),
        ({"exploded": "x"}, "exploded: x is no column with lists of the packed table; there are none"),
        ({"keys": [["x", "y"]]}, "keys: y is no column"),
        ({"protocols": ["exploded"]}, "exploded = none: name the column of lists"),
    ],
)
def test_settings_that_do_not_fit(changes, message):
    with pytest.raises(InputError, match=message):
        packed({"x": [1, 2]}, {"c": "ab"}, **changes)
