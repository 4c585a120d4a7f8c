"""The table of the loop."""

from math import inf, isnan

import numpy as np
import pandas as pd
import pytest

from radsieve.generation import loop
from radsieve.generation.plots.loop import plot_loop
from radsieve.generation.tables import LOOP, LOOP_DISTANCES
from radsieve.stats.distances import frechet_distance, kernel_distance

EXPECTED = {"value": 0.7, "lower": 0.6, "upper": 0.8}
CARD = {
    "group": "F",
    "model": "LogReg.1",
    "rule": "argmax(precision)",
    "threshold": 0.25,
    "reason": None,
    "data": {"good": 25, "rows": 100, "valid_rate": 0.25},
    "expected": {"roc_auc": EXPECTED},
    "confidence": 0.95,
}


def features(images, shift=0.0):
    return np.random.default_rng(1).normal(shift, 1, (images, 4))


def expected_observed():
    rows = [("precision_unsieved", 0.25, 0.2), ("precision_sieved", 0.5, 0.4), ("saving", 2.0, 1.5)]
    columns = ["quantity", "expected", "observed"]
    table = pd.DataFrame(rows, columns=columns)
    for what in columns[1:]:
        table[f"{what}_lower"], table[f"{what}_upper"] = table[what] / 2, table[what] * 2
    table.loc[2, "observed_upper"] = inf
    return table


def diversity(spaces=(loop.SPACE, "lung shapes")):
    rows = [(space, "coverage", 0.5 + 0.1 * place, 0.75) for place, space in enumerate(spaces)]
    return pd.DataFrame(rows, columns=["space", "measure", "value", "chance"])


def sets(kept=6):
    found = {"generated": features(9, 1.0), "screened": features(5), "sieved": features(9, 0.5), "kept": features(kept)}
    return loop.distances("F", features(20), found, 0.95)


def test_fid_is_of_equal_numbers_and_kid_of_all():
    real, table = features(20), sets().set_index("which")
    LOOP_DISTANCES.validate(table.reset_index()[list(LOOP_DISTANCES.columns)])
    assert table["images"].tolist() == [9, 5, 9, 6]
    assert table["fid_images"].tolist() == [5] * 4
    assert table.loc["generated", "fid"] == pytest.approx(frechet_distance(real, features(9, 1.0)[:5]))
    assert table.loc["generated", "kid"] == pytest.approx(kernel_distance(real, features(9, 1.0), 0.95)[0])


def test_a_set_of_too_few_images_has_no_distance_and_holds_no_other_out():
    table = sets(kept=2).set_index("which")
    assert isnan(table.loc["kept", "kid"])
    assert isnan(table.loc["kept", "fid"])
    assert table["fid_images"].tolist() == [5, 5, 5, 0]


def test_a_row_holds_what_was_expected_and_what_was_observed():
    row = LOOP.validate(loop.loop_row(CARD, 40, expected_observed(), diversity(), sets())).iloc[0]
    assert (row["group"], row["rows"], row["images"], row["valid_rate"]) == ("F", 100, 40, 0.25)
    assert row["valid_rate_lower"] == pytest.approx(0.1755, abs=1e-4)  # Wilson's interval of 25 in 100
    assert (row["precision_before"], row["precision_after"], row["precision_after_lower"]) == (0.2, 0.4, 0.2)
    assert (row["saving_expected"], row["saving_observed"]) == (2.0, 1.5)
    assert isnan(row["saving_observed_upper"])
    assert (row["coverage"], row["coverage_by_chance"]) == (0.5, 0.75)
    assert row["fid_all"] > row["fid_kept"]
    assert loop.summary(row.to_frame().T) == [
        "F: 20.0% good images without the sieve, 40.0% with it, saving 1.50 (expected 2.00)"
    ]
    without = row.to_frame().T.assign(saving_expected=float("nan"))
    assert loop.summary(without)[0].endswith("saving 1.50 (none was expected)")
    none = without.assign(precision_before=0.0, precision_after=0.0, saving_observed=float("nan"))
    assert loop.summary(none) == [
        "F: 0.0% good images without the sieve, 0.0% with it, no saving, for want of good images"
    ]


def test_what_is_not_defined_stays_empty():
    card = CARD | {"expected": {"roc_auc": dict.fromkeys(EXPECTED)}, "reason": "no good image among 100 rows"}
    table = LOOP.validate(loop.loop_row(card, 40, expected_observed(), diversity(()), sets(kept=0)))
    row = table.iloc[0]
    assert all(isnan(row[name]) for name in ("roc_auc", "coverage", "fid_kept", "kid_kept_upper"))
    metrics = loop.loop_metrics(table)["F"]
    assert metrics["kid_kept"] is None
    assert (metrics["valid_rate"], metrics["valid_rate_lower"]) == (0.25, row["valid_rate_lower"])
    assert plot_loop(table).axes[2].texts[0].get_text() == "not defined"


def test_what_is_scored_is_seen():
    watched = loop.Watched(lambda images: len(images), lambda images: images.mean(axis=(1, 2, 3))[:, None])
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    assert [watched(images[:3]), watched(images[3:])] == [3, 2]
    found = watched.sets("sieved", np.array([True, False, False, False, True]))
    assert {name: points[:, 0].tolist() for name, points in found.items()} == {
        "sieved": [0, 1, 2, 3, 4],
        "kept": [0, 4],
    }
