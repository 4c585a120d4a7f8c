"""How often cards are right: counted by hand, and tried on some simulated tables."""

import math

import pandas as pd
import pytest
from defaults import settings

from radsieve.prefilter.twin.coverage import coverage, draw, tried
from radsieve.prefilter.twin.twin import model


def test_coverage_counted_by_hand():
    rows = [
        {"quantity": "saving", "expected": 2.0, "lower": 1.0, "upper": 3.0, "true": true} for true in (2, 1, 0.5, 4)
    ]
    found = coverage(pd.DataFrame(rows), 0.95).iloc[0]
    assert found[["quantity", "twins", "covered", "below", "above"]].tolist() == ["saving", 4, 0.5, 1, 1]
    assert found["lower"] < 0.5 < found["upper"]
    assert found["error"] == pytest.approx((1 + 2 + 4 + 0.5) / 4 - 1)


def test_what_is_not_defined_is_counted_apart_and_covers_nothing():
    known = {"quantity": "saving", "expected": 2.0, "lower": 1.0, "upper": 3.0, "true": 2.0}
    missing = [known | {name: math.nan} for name in ("lower", "upper", "true")]
    found = coverage(pd.DataFrame([known, known | {"true": 4.0}, *missing]), 0.95).iloc[0]
    assert found[["twins", "undefined", "covered", "below", "above"]].tolist() == [5, 3, 0.5, 0, 1]
    nothing = coverage(pd.DataFrame(missing), 0.95).iloc[0]
    assert nothing["undefined"] == 3
    assert math.isnan(nothing["covered"])


def test_rows_are_drawn_without_quotas():
    chosen = model("18_24m")
    one, other = (draw(chosen, "18_24m", 2000, (7, seed)) for seed in (1, 2))
    assert one.valid.sum() != other.valid.sum()
    assert one.valid.mean() == pytest.approx(0.0694, abs=0.03)


@pytest.mark.slow
def test_the_cards_of_simulated_twins_are_right_about_as_often_as_they_say():
    """docs/prefilter.md has the figures of 204; these are the first 30."""
    options, latents = settings("select_thresholds"), settings("latents")
    found = coverage(pd.DataFrame(tried(30, 3000, 40_000, options, latents)), latents.confidence)
    assert (found["covered"] >= 24 / 30).all()
    assert (found["error"].abs() < 0.05).all()
