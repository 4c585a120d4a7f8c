"""The first lines of the page on the prefilter where there is little to say."""

import math

import pandas as pd

from radsieve.prefilter import tables as prefilter_tables
from radsieve.prefilter.report.answers import answers, origin
from radsieve.prefilter.report.models import _answer
from radsieve.prefilter.report.rule_words import RULES_IN_WORDS
from radsieve.prefilter.report.thresholds import headlines
from radsieve.prefilter.thresholds.threshold_rules import RULES
from radsieve.reporting.page import Answer, ShownEstimate

NOTHING_KNOWN = {
    "headlines": {},
    "metrics": {"expectations": 0, "within_expected": 0, "groups_below_expected": [], "two_arms": {}},
    "images": 0,
}


def decision(rule, group, saving, coverage=0.5, stored=0, threshold=0.25):
    bounds = {"saving": saving, "saving_lower": saving - 0.5, "saving_upper": saving + 0.5}
    rest = {"precision": 0.2, "base_rate": 0.1, "good_images_lost": 0.25, "spread_kept": 1.0, "coverage_by_chance": 0.5}
    known = {"rule": rule, "group": group, "stored": stored, "threshold": threshold, "coverage": coverage}
    return known | bounds | rest


def said(rules) -> list[str]:
    return [one.text for one in answers(Answer("?", "!", ()), rules, NOTHING_KNOWN, "g")]


def test_without_any_sieve():
    useful = pd.DataFrame([decision("a", "g", 2.0)]).head(0)
    assert headlines(useful, 0.5) == {}
    assert said({})[1:3] == ["None: no group has a sieve.", "None is lost without a sieve."]


def test_a_rule_that_loses_the_coverage_is_not_named_as_the_fastest():
    useful = pd.DataFrame(
        [decision("wild", "g", 9.0, 0.1), decision("mild", "g", 2.0, 0.9), decision("kept", "g", 1.25, 1.0, 1)]
    )
    found = headlines(useful, 0.5)
    assert (found["fastest"]["rule"], found["stored"]["rule"]) == ("mild", "kept")
    assert found["stored"]["surely"] == 0
    assert found["fastest"]["saving"] == [("g", ShownEstimate(2.0, 1.5, 2.5))] * 2
    text = said(found)[1]
    assert "flattered. 0.250 of the good images are lost" in text
    assert "2.00" not in text  # the best of several rules on the same rows
    assert "1.25 (0.75 to 1.75) in g" in text


def test_rules_are_compared_in_the_same_groups():
    """One that accepts everything where little can be saved would win by the group in which it does choose."""
    everywhere = [decision("a", "g", 3.0, 0.9), decision("a", "h", 1.75, 0.9)]
    where_it_pays = [decision("b", "g", 2.75, 0.9), decision("b", "h", 1.0, 1.0, threshold=0.0)]
    nowhere = [decision("c", "g", 9.0, 1.0, threshold=0.0), decision("c", "h", 9.0, 1.0, threshold=0.0)]
    found = headlines(pd.DataFrame([*everywhere, *where_it_pays, *nowhere]), 0.5)
    assert found["fastest"]["rule"] == "a" and found["fastest"]["groups"] == 2
    assert "stored" not in found


def test_a_group_in_which_a_rule_accepts_nothing_counts_as_none_saved():
    """Its saving there is not defined; without the group it would win by the other one."""
    everywhere = [decision("a", "g", 2.0, 0.9), decision("a", "h", 2.0, 0.9), decision("a", "i", 2.0, 0.9)]
    in_one = [decision("b", "g", 3.0, 0.9), decision("b", "h", math.nan, math.nan), decision("b", "i", math.nan, 0.0)]
    found = headlines(pd.DataFrame([*everywhere, *in_one]), 0.5)
    assert found["fastest"]["rule"] == "a"


def test_the_stored_rule_is_the_fastest():
    nested = [decision("a", "g", 2.5, 0.9), decision("a", "h", 3.5, 0.9)]
    stored = [decision("a", "g", 2.0, 0.9, 1), decision("a", "h", 3.0, 0.9, 1)]
    found = headlines(pd.DataFrame([*nested, *stored]), 0.5)
    text = said(found)[1]
    assert "2.00 (1.50 to 2.50) in g to 3.00 (2.50 to 3.50) in h" in text
    assert "The stored sieves use it, as was set beforehand; by their cards it saves a factor of 2.00" in text
    assert "2.50 (2.00" not in text and "3.50 (3.00 to 4.00)" not in text
    assert "The interval of their factor lies above 1 in 2 of 2 groups" in text
    assert said(found)[2].count("picked at random") == said(found)[2].count("a (stored): ") == 1


def test_every_rule_has_its_meaning_in_words():
    assert RULES_IN_WORDS.keys() == RULES.keys()


def test_a_better_model_is_named_with_its_gain_and_its_groups():
    of = {"target": "valid", "family": "beyond", "metric": "roc_auc", "spread": 0.0, "lower": 0.5, "upper": 0.75}
    summary = pd.DataFrame([{**of, "group": "g", "model": name, "mean": 0.625} for name in ("LogReg1", "Boosting")])
    pair = {"target": "valid", "group": "g", "model": "Boosting", "difference": 0.25, "verdict": "better"}
    paired = pd.DataFrame([{**pair, "corrected_t_lower": 0.125, "corrected_t_upper": 0.375}])
    found = {"reference": "LogReg1", "better_than_reference": ["Boosting"], "worse_than_reference": 0}
    assert _answer(found, summary, paired).text == (
        "Yes, in ROC-AUC over all groups, where LogReg1 has 0.62 (0.50 to 0.75): Boosting (beyond) by 0.25 (0.12"
        " to 0.38), in 1 of 1 groups by itself. On simulated groups that is partly built in: their scores are smooth"
        " functions of linear directions of the latent. 0 of 1 are worse."
    )


def test_no_model_was_compared_on_valid():
    empty = [pd.DataFrame(columns=list(getattr(prefilter_tables, f"CLASSIFIER_{name}").columns)) for name in
             ("SUMMARY", "PAIRED")]  # fmt: skip
    assert _answer(None, *empty).text == "Not asked: no model was compared on valid."


def test_groups_of_the_users():
    nobody = {"twin": [], "screened": [], "generated": [], "table": []}
    assert origin(nobody | {"table": ["a", "b"]}, phantoms=True) == "a and b: a table of the user's."
    assert origin(nobody | {"screened": ["a"]}, phantoms=False) == (
        "a: images of a generator of the user's, generated and scored by this project."
    )
    assert origin(nobody | {"generated": ["a"]}, phantoms=True) == (
        "a: images of generators that this project trained, generated and scored by it."
    )


def test_a_saving_that_may_be_none_is_not_called_one():
    two, one = ShownEstimate(1.25, 0.75, 2.0), ShownEstimate(1.5, 1.25, 1.75)
    arms = {"images": 80, "p_value": 0.45, "power": 0.8, "power_of_expected": 0.06, "detectable_saving": 2.0}
    check = {"headlines": {"saving": (one, two), "saving_paired": (one, one)}, "images": 160}
    metrics = {"expectations": 5, "within_expected": 4, "groups_below_expected": [], "two_arms": arms}
    text = answers(Answer("?", "!", ()), {}, check | {"metrics": metrics}, "g")[3].text
    assert "not distinguishable from no saving, compatible with the expected 1.50 (1.25 to 1.75)" in text
    assert "p = 0.45" in text and "with a probability of 80%, the expected one with 6%." in text
    assert "1.50 (1.25 to 1.75), above no saving." in text


def test_groups_that_lose_the_coverage_are_named():
    useful = pd.DataFrame([decision("a", "g", 2.0, 0.9), decision("a", "h", 3.0, 0.25)])
    assert headlines(useful, 0.5)["fastest"]["uncovered"] == ["h"]
