"""Agreement coefficients against published examples, hand-computed values and properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from radsieve.curation.agreement import coefficients
from radsieve.curation.agreement.coefficients import (
    agreement_weights,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    contingency,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    label_counts,
    observed_agreement,
)

EQUAL = "none"


def codes(*raters: str) -> np.ndarray:
    """Ratings, one string per rater; "." is missing, the lowest label is 1."""
    return np.array([[-1 if mark == "." else int(mark) - 1 for mark in rater] for rater in raters], dtype=int).T


# Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section E: 4 observers, 12 units, 5 labels. The same
# data are `cac.raw4raters` of Gwet's R package irrCAC (Gwet 2014), whose manual gives the other coefficients.
FOUR_BY_TWELVE = codes("123321412...", "1233224125.3", ".3332342251.", "12332441251.")

# Krippendorff, Reliability in Content Analysis, 2004; the example of the article on Wikipedia: 3 coders, 15 units.
THREE_BY_FIFTEEN = codes(".....34121133.3", "1.213343.......", "..21344.21133.4")

# Fleiss, Measuring nominal scale agreement among many raters, Psychological Bulletin 76 (1971), table 1: 30 patients,
# 6 psychiatrists each, 5 diagnoses (depression, personality disorder, schizophrenia, neurosis, other).
_FLEISS_ROWS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
FLEISS_1971 = np.array([[int(count) for count in row] for row in _FLEISS_ROWS.split()], dtype=float)

# The example of the article Fleiss' kappa on Wikipedia: 10 subjects, 14 raters, 5 labels.
TEN_BY_FOURTEEN = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ],
    dtype=float,
)

# Cohen, Weighted kappa, Psychological Bulletin 70 (1968), table 1: shares of 200 cases, weights of disagreement.
COHEN_1968 = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
COHEN_1968_DISAGREEMENT = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])

# Gwet's R package irrCAC, data `cont3x3abstractors` (Gwet 2014): two abstractors, 100 patients.
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]], dtype=float)


def test_cohen_of_two_lists():
    first, second = codes("313312"), codes("113313")
    table = contingency(first[:, 0], second[:, 0], 3)
    assert cohen_kappa(table, agreement_weights(EQUAL, 3)) == pytest.approx(3 / 7)


def test_cohen_of_a_two_by_two_table():
    # 35 of 50 agree; chance (25/50)(30/50) + (25/50)(20/50) = 1/2
    assert cohen_kappa(np.array([[20.0, 5], [10, 15]]), agreement_weights(EQUAL, 2)) == pytest.approx(0.4)


def test_cohen_1968():
    assert cohen_kappa(COHEN_1968, agreement_weights(EQUAL, 3)) == pytest.approx(0.492, abs=5e-4)
    assert cohen_kappa(COHEN_1968, 1 - COHEN_1968_DISAGREEMENT / 6) == pytest.approx(0.348, abs=5e-4)


def test_fleiss():
    weights = agreement_weights(EQUAL, 5)
    assert fleiss_kappa(FLEISS_1971, weights) == pytest.approx(0.43024, abs=5e-6)
    assert fleiss_kappa(TEN_BY_FOURTEEN, weights) == pytest.approx(0.20993, abs=5e-6)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)]
)
def test_krippendorff_four_by_twelve(level, alpha):
    counts = label_counts(FOUR_BY_TWELVE, 5)
    assert krippendorff_alpha(counts, level, np.arange(1.0, 6)) == pytest.approx(alpha, abs=5e-5)


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.6914), ("interval", 0.8108)])
def test_krippendorff_three_by_fifteen(level, alpha):
    counts = label_counts(THREE_BY_FIFTEEN, 4)
    assert krippendorff_alpha(counts, level, np.arange(1.0, 5)) == pytest.approx(alpha, abs=5e-5)


def test_missing_ratings_four_by_twelve():
    counts, weights = label_counts(FOUR_BY_TWELVE, 5), agreement_weights(EQUAL, 5)
    assert observed_agreement(counts, weights) == pytest.approx(9 / 11)
    assert gwet_ac(counts, weights) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(counts, weights) == pytest.approx(0.76117, abs=5e-6)
    assert conger_kappa(FOUR_BY_TWELVE, weights) == pytest.approx(0.762, abs=5e-4)
    assert brennan_prediger(counts, weights) == pytest.approx(0.77273, abs=5e-6)


@pytest.mark.parametrize(("weighting", "observed", "ac2"), [("linear", 0.939, 0.859), ("quadratic", 0.975, 0.914)])
def test_gwet_ac2_four_by_twelve(weighting, observed, ac2):
    counts, weights = label_counts(FOUR_BY_TWELVE, 5), agreement_weights(weighting, 5)
    assert observed_agreement(counts, weights) == pytest.approx(observed, abs=5e-4)
    assert gwet_ac(counts, weights) == pytest.approx(ac2, abs=5e-4)


def test_two_abstractors():
    rows = np.repeat([(a, b) for a in range(3) for b in range(3)], ABSTRACTORS.ravel().astype(int), axis=0)
    counts, weights = label_counts(rows, 3), agreement_weights(EQUAL, 3)
    assert observed_agreement(counts, weights) == pytest.approx(0.89)
    assert cohen_kappa(ABSTRACTORS, weights) == pytest.approx(0.7964094, abs=5e-8)
    assert fleiss_kappa(counts, weights) == pytest.approx(0.7962397, abs=5e-8)
    assert gwet_ac(counts, weights) == pytest.approx(0.8493305, abs=5e-8)
    assert brennan_prediger(counts, weights) == pytest.approx(0.835)
    assert krippendorff_alpha(counts, "nominal", np.arange(3.0)) == pytest.approx(0.7972585, abs=5e-8)
    assert gwet_ac(counts, agreement_weights("linear", 3)) == pytest.approx(0.900, abs=5e-4)
    assert gwet_ac(counts, agreement_weights("quadratic", 3)) == pytest.approx(0.940, abs=5e-4)


def test_weights():
    assert agreement_weights("linear", 3)[0].tolist() == [1, 0.5, 0]
    assert agreement_weights("quadratic", 3)[0].tolist() == [1, 0.75, 0]
    assert agreement_weights("linear", 1).tolist() == [[1]]


def test_a_label_of_zero_at_the_level_ratio():
    # one pair 0-1, one pair 1-1: (0 - 1)^2 / (0 + 1)^2 = 1; o = 2, n = (1, 3), expected 2 * 3: alpha = 1 - 3 * 2 / 6
    assert krippendorff_alpha(np.array([[1.0, 1], [0, 2]]), "ratio", np.array([0.0, 1])) == pytest.approx(0)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("ratings", ["111|111", "12.|..1", "|"])
def test_undefined_is_nan(level, ratings):
    rated = codes(*ratings.split("|"))
    counts, weights = label_counts(rated, 2), agreement_weights(EQUAL, 2)
    assert np.isnan(krippendorff_alpha(counts, level, np.array([1.0, 2])))
    assert np.isnan(fleiss_kappa(counts, weights))
    assert np.isnan(conger_kappa(rated, weights))
    assert np.isnan(cohen_kappa(contingency(rated[:, 0], rated[:, 1], 2), weights))


def test_one_label_of_several_is_defined_where_chance_knows_the_scale():
    counts = label_counts(codes("111", "111"), 2)
    assert gwet_ac(counts, agreement_weights(EQUAL, 2)) == 1
    assert brennan_prediger(counts, agreement_weights(EQUAL, 2)) == 1
    assert np.isnan(gwet_ac(counts[:, :1], agreement_weights(EQUAL, 1)))


# --- properties

LABELS = 4


@st.composite
def rated_items(draw, missing=True, raters=(2, 5)):
    shape = (draw(st.integers(2, 12)), draw(st.integers(*raters)))
    return draw(arrays.arrays(np.int64, shape, elements=st.integers(-1 if missing else 0, LABELS - 1)))


def every_coefficient(rated, weighting="none", level="nominal", times=None):
    counts, weights = label_counts(rated, LABELS), agreement_weights(weighting, LABELS)
    return np.array(
        [
            observed_agreement(counts, weights, times),
            fleiss_kappa(counts, weights, times),
            conger_kappa(rated, weights, times),
            brennan_prediger(counts, weights, times),
            gwet_ac(counts, weights, times),
            krippendorff_alpha(counts, level, np.arange(1.0, LABELS + 1), times),
            cohen_kappa(contingency(rated[:, 0], rated[:, 1], LABELS, times), weights),
        ]
    )


@given(rated_items(), st.permutations(range(LABELS)))
@settings(deadline=None)
def test_new_names_for_labels_change_no_nominal_coefficient(rated, names):
    renamed = np.where(rated < 0, -1, np.array(names)[rated])
    np.testing.assert_allclose(every_coefficient(renamed), every_coefficient(rated), atol=1e-9)


@given(rated_items(), st.sampled_from(["linear", "quadratic"]), st.sampled_from(["ordinal", "interval"]))
@settings(deadline=None)
def test_turning_the_scale_round_changes_no_ordinal_coefficient(rated, weighting, level):
    turned = np.where(rated < 0, -1, LABELS - 1 - rated)
    np.testing.assert_allclose(
        every_coefficient(turned, weighting, level), every_coefficient(rated, weighting, level), atol=1e-9
    )


@given(rated_items(), st.randoms(use_true_random=False), st.sampled_from(["none", "linear", "quadratic"]))
@settings(deadline=None)
def test_order_of_items_and_raters_does_not_matter(rated, random, weighting):
    items, raters = list(range(rated.shape[0])), list(range(rated.shape[1]))
    random.shuffle(items)
    random.shuffle(raters)
    shuffled = rated[items][:, raters]
    before, after = every_coefficient(rated, weighting)[:-1], every_coefficient(shuffled, weighting)[:-1]
    np.testing.assert_allclose(after, before, atol=1e-9)


@given(rated_items(missing=False, raters=(1, 1)), st.integers(2, 5))
@settings(deadline=None)
def test_perfect_agreement_is_one(rated, raters):
    same = np.repeat(rated, raters, axis=1)
    for weighting, level in (("none", "nominal"), ("linear", "ordinal"), ("quadratic", "ratio")):
        values = every_coefficient(same, weighting, level)
        varied = len(np.unique(rated)) > 1
        np.testing.assert_allclose(values[[0, 3, 4]], 1)
        np.testing.assert_allclose(values[[1, 2, 5, 6]], 1 if varied else np.nan)


@given(rated_items(missing=False, raters=(2, 2)))
@settings(deadline=None)
def test_two_raters_are_a_special_case(rated):
    """Conger is Cohen; alpha is Scott's pi (Fleiss) corrected for the number of ratings (Krippendorff 2011)."""
    _, fleiss, conger, _, _, alpha, cohen = every_coefficient(rated)
    np.testing.assert_allclose(conger, cohen, atol=1e-9)
    np.testing.assert_allclose(alpha, fleiss + (1 - fleiss) / rated.size, atol=1e-9)


@given(rated_items(), st.data())
@settings(deadline=None)
def test_times_are_repeated_items(rated, data):
    times = data.draw(arrays.arrays(np.int64, (3, len(rated)), elements=st.integers(0, 3)))
    together = every_coefficient(rated, "linear", "ordinal", times)
    for row, resample in enumerate(times):
        alone = every_coefficient(np.repeat(rated, resample, axis=0), "linear", "ordinal")
        np.testing.assert_allclose(together[:, row], alone, atol=1e-9)


@given(rated_items(), st.sampled_from(["none", "quadratic"]))
@settings(deadline=None)
def test_no_coefficient_is_above_one(rated, weighting):
    values = every_coefficient(rated, weighting)
    assert (values[np.isfinite(values)] <= 1 + 1e-9).all()


def test_missing_marks_agree():
    assert coefficients.MISSING == -1
    assert label_counts(codes("1.", ".2"), 2).tolist() == [[1, 0], [0, 1]]


def test_a_grade_that_nobody_gave_keeps_its_step():
    """Two raters on the grades 0, 1, 2 and 4: scikit-learn with labels 0 to 4 gives .79798 and .684211."""
    first = np.array([0, 0, 1, 1, 2, 2, 3, 3, 2, 3, 0, 1])
    second = np.array([0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 0, 1])
    table, values = contingency(first, second, 4), np.array([0.0, 1, 2, 4])
    assert cohen_kappa(table, agreement_weights("quadratic", 4, values)) == pytest.approx(0.797980, abs=1e-6)
    assert cohen_kappa(table, agreement_weights("linear", 4, values)) == pytest.approx(0.684211, abs=1e-6)
