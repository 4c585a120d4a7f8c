"""How well readers tell synthetic images from real ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.generation.turing.measures import (
    detection,
    in_short,
    published_share,
    reader_measures,
    reader_metrics,
)
from radsieve.stats.resampling import wilson

SETTINGS = {"resamples": 400, "confidence": 0.95, "seed": 1}


def key(synthetic, real):
    return pd.DataFrame({"kind": ["synthetic"] * synthetic + ["real"] * real})


def table(codes, synthetic, real, readers):
    return reader_measures(np.array(codes), readers, key(synthetic, real), **SETTINGS).set_index(["reader", "measure"])


def test_detection_by_hand():
    """3 of 3 and 0 of 1, each and a half, are 3.5 / 4 and 0.5 / 2: z is 1.15035 and -0.67449."""
    d_prime, criterion = detection(*(np.array(float(count)) for count in (3, 3, 0, 1)))
    assert d_prime == pytest.approx(1.15035 + 0.67449, abs=1e-5)
    assert criterion == pytest.approx(-(1.15035 - 0.67449) / 2, abs=1e-5)


@given(st.integers(1, 50), st.integers(1, 50), st.data())
def test_detection_turns_over_with_the_answers(signals, noises, data):
    hits, alarms = data.draw(st.integers(0, signals)), data.draw(st.integers(0, noises))
    counts = [np.array(float(count)) for count in (hits, signals, alarms, noises)]
    turned = [np.array(float(count)) for count in (signals - hits, signals, noises - alarms, noises)]
    d_prime, criterion = detection(*counts)
    assert np.isfinite([d_prime, criterion]).all()
    assert detection(*turned) == (pytest.approx(-d_prime, abs=1e-9), pytest.approx(-criterion, abs=1e-9))


def test_shares_are_of_all_answers():
    """Two readers: 3 of 4 and 1 of 1 synthetic images called so, 1 of 2 and 0 of 8 real ones."""
    synthetic = [[1, 1], [1, -1], [1, -1], [0, -1]]
    real = [[1, 0], [0, 0], *[[-1, 0]] * 6]
    found = table(synthetic + real, 4, 8, ["Ada", "Zoe"]).loc["all readers", "value"]
    assert found["sensitivity"] == pytest.approx(0.8)
    assert found["taken_for_real"] == pytest.approx(0.2)
    assert found["specificity"] == pytest.approx(0.9)
    assert found["accuracy"] == pytest.approx(0.85)
    each = detection(*(np.array(counts, dtype=float) for counts in ([3, 1], [4, 1], [1, 0], [2, 8])))
    assert found["d_prime"] == pytest.approx(each[0].mean())


def test_readers_who_are_always_right_may_still_err():
    rows = table([[1, 1]] * 15 + [[0, 0]] * 15, 15, 15, ["Ada", "Zoe"])
    for reader in ("Ada", "all readers"):
        assert rows.loc[(reader, "sensitivity"), ["value", "upper"]].tolist() == [1, 1]
        lower = wilson(15, 15, 0.95)[0]
        assert rows.loc[(reader, "sensitivity"), "lower"] == pytest.approx(lower)
        assert rows.loc[(reader, "accuracy"), "lower"] == pytest.approx(1 - np.sqrt(2) * (1 - lower) / 2)
        assert rows.loc[(reader, "d_prime"), ["lower", "upper"]].isna().all()


def test_one_reader_has_wilsons_intervals():
    rows = table([[1], [1], [0], [0], [0], [1], [0], [0]], 5, 3, ["Ada"])
    taken = rows.loc[("Ada", "taken_for_real")]
    assert taken["value"] == pytest.approx(3 / 5)
    assert (taken["lower"], taken["upper"]) == pytest.approx(wilson(3, 5, 0.95))
    assert taken["answers"] == 5
    sensitivity = rows.loc[("Ada", "sensitivity")]
    assert (sensitivity["lower"], sensitivity["upper"]) == pytest.approx(wilson(2, 5, 0.95))
    specificity = rows.loc[("Ada", "specificity")]
    assert specificity["value"] == pytest.approx(2 / 3)
    assert (specificity["lower"], specificity["upper"]) == pytest.approx(wilson(2, 3, 0.95))
    assert rows.loc[("Ada", "accuracy"), "answers"] == 8
    assert rows.loc["Ada"].equals(rows.loc["all readers"])


def test_missing_answers_do_not_count():
    rows = table([[1, -1], [0, -1], [0, 0], [-1, 1]], 2, 2, ["Ada", "Zoe"])
    assert rows.loc[("Ada", "taken_for_real"), "value"] == pytest.approx(0.5)
    assert rows.loc[("Zoe", "taken_for_real"), "answers"] == 0
    assert np.isnan(rows.loc[("Zoe", "d_prime"), "value"])
    assert rows.loc[("all readers", "specificity"), "value"] == pytest.approx(2 / 3)


def test_readers_who_say_the_same_are_no_more_images():
    """With ten readers of one mind the interval of all is that of the images, not of ten times as many answers."""
    random = np.random.default_rng(1)
    said = random.integers(0, 2, 80)
    rows = table(np.tile(said[:, None], 10), 40, 40, [f"r{n}" for n in range(10)])
    taken = rows.loc[("all readers", "taken_for_real")]
    lower, upper = wilson(int((said[:40] == 0).sum()), 40, 0.95)
    assert taken["upper"] - taken["lower"] == pytest.approx(upper - lower, rel=0.15)


def test_guessing_and_knowing():
    random = np.random.default_rng(2)
    rows = table(random.integers(0, 2, (400, 3)), 200, 200, ["a", "b", "c"])
    d_prime = rows.loc[("all readers", "d_prime")]
    assert d_prime["lower"] < 0 < d_prime["upper"]
    rows = table([[1]] * 30 + [[0]] * 30, 30, 30, ["a"])
    assert rows.loc[("a", "accuracy"), "value"] == 1
    assert rows.loc[("a", "d_prime"), "value"] > 3


def test_no_readers():
    found = reader_measures(np.empty((2, 0), dtype=int), [], key(1, 1), **SETTINGS)
    assert found.empty
    nothing = {"value": None, "lower": None, "upper": None}
    assert reader_metrics(found) == dict.fromkeys(
        ("taken_for_real", "sensitivity", "specificity", "accuracy", "d_prime", "criterion"), nothing
    )


def test_the_published_share(tmp_path):
    path = tmp_path / "generation_figures.csv"
    path.write_text("quantity,value\nsynthetic_taken_for_real,0.25\n")
    assert published_share(tmp_path) == 0.25
    path.write_text("quantity,value\nother,0.25\n")
    with pytest.raises(InputError, match="no row synthetic_taken_for_real"):
        published_share(tmp_path)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([[-1], [0]], "none to a synthetic image"),  # who stopped after a real one
        (
            [[0], [-1]],
            "100% of the synthetic images taken for real (21% to 100%), no d' without answers to real images",
        ),
        ([[0], [1]], "100% of the synthetic images taken for real (21% to 100%), d' -1.35"),
    ],
)
def test_a_line_says_what_is_not_defined(codes, words):
    found = reader_measures(np.array(codes), ["Ada"], key(1, 1), **SETTINGS)
    assert in_short(reader_metrics(found)) == words


def test_a_reader_who_saw_one_kind_alone_does_not_take_d_prime_from_the_others():
    both = table([[1, -1], [0, -1], [0, 0], [1, -1]], 2, 2, ["Ada", "Zoe"])
    alone = table([[1], [0], [0], [1]], 2, 2, ["Ada"])
    for measure in ("d_prime", "criterion"):
        assert both.loc[("all readers", measure), "value"] == alone.loc[("all readers", measure), "value"]
        assert np.isnan(both.loc[("Zoe", measure), "value"])
