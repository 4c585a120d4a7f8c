"""Numbers have the digits that their intervals allow."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.numbers import (
    ShownEstimate,
    decimals,
    is_p_value,
    or_none,
    p_is,
    printed,
    show,
    show_alike,
    show_p,
    show_permuted_p,
    with_minus,
    year,
)
from radsieve.reporting import page
from radsieve.reporting.rows import cells


def test_files_have_nothing_for_what_is_not_finite():
    assert [or_none(value) for value in (0.5, math.nan, math.inf, -math.inf)] == [0.5, None, None, None]


@pytest.mark.parametrize(
    ("estimate", "value", "interval"),
    [
        ((50.811, 33.9, 67.2), "51", "34 to 67"),  # HD95, half of the interval is 17
        ((0.99581, 0.99351, 0.99809), "0.9958", "0.9935 to 0.9981"),
        ((0.743, 0.579, 0.858), "0.74", "0.58 to 0.86"),
        ((1.239, 1.18, 1.379), "1.24", "1.18 to 1.38"),  # half of it is 0.0995, which rounds to 0.10
        ((1234.5, 1000.0, 1500.0), "1,234", "1,000 to 1,500"),
        ((0.5, math.nan, math.nan), "0.500", ""),
        ((0.5, 0.5, 0.5), "0.500", ""),
        ((600.0, math.nan, math.nan), "600", ""),
    ],
)
def test_two_digits_of_the_half_width_decide(estimate, value, interval):
    shown = ShownEstimate(*estimate)
    assert (shown.text, shown.interval) == (value, interval)


@given(st.floats(1e-5, 1e6), st.floats(0, 10))
def test_what_is_shown_is_off_by_at_most_a_twentieth_of_the_half_width(half, position):
    value = position * half
    shown = float(ShownEstimate(value, value - half, value + half).text.replace(",", ""))
    assert abs(shown - value) <= max(0.0500001 * half, 1e-9)


@pytest.mark.parametrize(("number", "digits", "places"), [(0.0996, 2, 2), (17.0, 2, 0), (0.00123, 2, 4), (1e-9, 2, 6)])
def test_decimals_of_significant_digits(number, digits, places):
    assert decimals(number, digits) == places


@pytest.mark.parametrize(
    ("value", "text"),
    [(5.7e-266, "<0.001"), (0.001, "0.001"), (0.0049751, "0.005"), (0.0234, "0.023"), (0.5, "0.50"), (1.0, "1.00"),
     (math.nan, "–")],
)  # fmt: skip
def test_p_values(value, text):
    assert show_p(value) == text


def test_p_values_in_a_sentence_have_one_sign():
    assert [p_is(value) for value in (1e-9, 0.0234)] == ["p < 0.001", "p = 0.023"]


def test_what_rounding_leaves_of_a_sum_is_nothing():
    assert [show(value) for value in (2.8e-17, -1e-16, 4.1e-7)] == ["0", "0", "4.1 × 10⁻⁷"]
    assert [show(value) for value in (1e-6, -2e-12 * 1e6, 0.0001)] == ["1 × 10⁻⁶", "-2 × 10⁻⁶", "0.0001"]
    assert show_alike([2.8e-17, 0.038]) == ["0.000", "0.038"]


def test_columns_of_p_values_are_known_by_their_name():
    assert all(
        map(
            is_p_value,
            ["p_value", "p", "delong_p", "corrected_t_p", "rank_p_value", "p of ours", "p value", "p_adjusted"],
        )
    )
    assert all(map(is_p_value, ["holm", "delong_holm", "p after Holm", "p after Holm (DeLong)"]))
    assert not any(map(is_p_value, ["precision", "map", "path", "p95", "step"]))
    frame = pd.DataFrame({"delong_p": [1e-9, 0.2], "n": [600.0, 12.0], "share": [1.0, 0.25]})
    rows = page.table(frame, "T", "f.csv").rows
    assert [[cell.text for cell in row] for row in rows] == [["<0.001", "600", "1.000"], ["0.20", "12", "0.250"]]


def test_shares_of_a_column_have_the_same_decimals_and_counts_none():
    assert show_alike([1.0, 0.5, math.nan, 0.0]) == ["1.000", "0.500", "–", "0.000"]
    assert show_alike([1.0, 0.0]) == ["1", "0"]
    assert show_alike([21.3333, 2.0, 426.701]) == ["21.3", "2", "427"]


@pytest.mark.parametrize(("value", "text"), [(1 / 201, "at most 0.005"), (2 / 201, "0.010"), (0.5, "0.50")])
def test_the_smallest_p_of_so_many_permutations_is_an_upper_bound(value, text):
    assert show_permuted_p(value, 200) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-0.5", "−0.5"),
        ("by -0.35 (-0.50 to -0.10).", "by −0.35 (−0.50 to −0.10)."),
        ("[-1, 1]", "[−1, 1]"),
        ("-1.2e-05 and -12,345", "−1.2e-05 and −12,345"),
        ("-4%", "−4%"),
        *((same, same) for same in ("2026-11-30", "a-1", "3-4", "images/-1.png", "-1.png", "-2b", "-1-2", "--5")),
    ],
)
def test_numbers_below_zero_have_a_minus_sign_and_names_keep_their_hyphen(text, shown):
    assert with_minus(text) == shown


def test_an_interval_without_an_upper_limit_says_so():
    assert ShownEstimate(1.25, 0.75).interval == "0.750 or more"
    assert ShownEstimate(1.25).interval == ""


def test_years_have_no_separators():
    assert [year(value).text for value in (2019.0, 2021.5625, math.nan)] == ["2019", "2021.6", "–"]
    column = pd.Series([year(2019.0), ShownEstimate(12000.0)])
    assert [cell.text for cell in cells(column)] == ["2019", "12,000"]


def test_what_is_printed_elsewhere_has_the_digits_of_there():
    assert [printed(value, 1).text for value in (1.8, 1.7729)] == ["1.8", "1.8"]
    assert printed(0.754386, 6).text == "0.754386"
