"""The section on thresholds: what each rule saves and costs, on rows that chose neither threshold nor model."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve.numbers import ShownEstimate, printed, show_p
from radsieve.prefilter.report.rule_words import RULES_IN_WORDS
from radsieve.prefilter.thresholds import tables as threshold_tables
from radsieve.prefilter.thresholds.tables import CompositeMethod
from radsieve.reporting.headings import heading
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, count_of, estimates, folded, table
from radsieve.reporting.wording import listed, plain, span
from radsieve.tables.images import Split

STAGE = "select_thresholds"
RULES, NESTED, COMPOSITE, DIVERSITY, DECISIONS, CURVES, PUBLISHED = (
    f"{STAGE}/{name}.csv" for name in ("rules", "nested", "composite", "diversity", "decisions", "curves", "published")
)
_CELLS = ["tn", "fp", "fn", "tp"]
# not the latents that stage sieve_latents samples, or stage check_sieve
_OF_ROWS = {"accepted_share": "share of the table's latents accepted"}
_METHODS = {
    CompositeMethod.COMPOSITE: "a model for each score",
    CompositeMethod.DIRECT: "one model of valid",
    CompositeMethod.DIRECT_EQUAL_TPR: "one model of valid, as many good accepted",
}
_BESIDE = ("published", "recomputed")
_MEASURES = ("accepted_share", "tpr", "fpr", "precision", "saving")


def thresholds(inputs: Inputs, min_coverage: float) -> dict[str, Any]:
    """Tables and figures of stage select_thresholds, and a summary of what they say of the rules.

    `min_coverage` is the coverage of the good latents that a rule must keep to be named as the fastest.
    """
    decisions = inputs.table(threshold_tables.DECISIONS, DECISIONS)
    rules, nested = inputs.table(threshold_tables.RULES, RULES), inputs.table(threshold_tables.NESTED, NESTED)
    published = inputs.table(threshold_tables.PUBLISHED_THRESHOLDS, PUBLISHED)
    diversity = inputs.table(threshold_tables.DIVERSITY, DIVERSITY)
    useful = decisions[(decisions["threshold"] > 0) & decisions["saving"].notna()]  # 0 accepts everything
    return {
        "headlines": {
            name: {**rule, "p": _smallest_p(diversity, rule["rule"])}
            for name, rule in headlines(decisions, min_coverage).items()
        },
        "without": [f"{group}: {reason}" for group, reason in inputs.metrics(STAGE)["without_sieve"].items()],
        "overview": _overview(useful, decisions),
        "decisions": _decisions(decisions),
        "picture": inputs.figure(
            f"{STAGE}/decisions.png",
            "Precision, share of good images kept, and saving",
            "Precision by recall at all thresholds of each group, and a mark for each rule with its interval; a mark"
            " may lie beside the curve, as each fold has a threshold of its own; the stored sieve as on its card",
            DECISIONS,
        ),
        "curves": inputs.figure(
            f"{STAGE}/curves.png",
            "What each threshold gives",
            "Precision, recall and saving by threshold, group by group",
            CURVES,
        ),
        "optimism": _optimism(rules, nested),
        "rules": _evaluated(rules, ["group", "rule", "split"], "The published split: chosen on validation", RULES),
        "nested": _evaluated(nested, ["group", "rule", "fold"], "Nested cross-validation, fold by fold", NESTED),
        "composite": _composite(inputs.table(threshold_tables.COMPOSITE, COMPOSITE)),
        "diversity": _diversity(diversity),
        "published": table(
            published.assign(
                measure=published["measure"].map(heading),
                equal=published["equal"].map({True: "equal", False: "differs"}),
                **{
                    name: pd.Series(
                        list(map(printed, published[name], published["digits"])), published.index, dtype=object
                    )
                    for name in _BESIDE
                },
            ),
            "Published confusion matrices: what the study prints, and what this code computes from them",
            PUBLISHED,
        ),
        "published_equal": int(published["equal"].sum()),
        "published_measures": len(published),
    }


def headlines(decisions: pd.DataFrame, min_coverage: float) -> dict[str, Mapping[str, Any]]:
    """The stored sieves (`stored`), and the rule that saves most (`fastest`), each if there is one.

    The figures of the former are those of their cards, and of the latter those of nested folds. It has
    the greatest lower bound of the saving, in the median group, of the rules whose coverage of the good latents is at
    least `min_coverage` in the median group. Rules are compared in the same groups: where one accepts everything, it
    counts with what that saves, and where it accepts nothing, it saves and covers none.

    `decisions` has the columns of DECISIONS. Each rule has `rule`, `groups`, the lowest and the highest `saving`
    (group and estimate), `surely` (groups where it is above 1), and the range in words of `precision` (by the base
    rate), `lost` (share of the good images), `coverage` and `spread` of the good latents (by those of chance), and the
    groups that keep less than `min_coverage` (`uncovered`).
    """
    known = decisions[decisions["saving"].notna()]
    chose = known["threshold"] > 0  # 0 accepts everything
    stored, rules = known[(known["stored"] == 1) & chose], known[known["stored"] == 0]
    rules = rules[rules["rule"].isin(rules.loc[chose, "rule"])]
    everywhere = pd.MultiIndex.from_product([rules["rule"].unique(), rules["group"].unique()], names=["rule", "group"])
    saved = rules.set_index(["rule", "group"])[["saving_lower", "coverage"]].reindex(everywhere, fill_value=0.0)
    median = saved.groupby("rule", sort=False).median()
    surest = median.loc[median["coverage"] >= min_coverage, "saving_lower"].sort_values(kind="stable")
    chosen = {"stored": (stored, stored["rule"].head(1)), "fastest": (rules, surest.index[-1:])}
    return {
        name: _headline(rows[rows["rule"] == rule], rule, min_coverage)
        for name, (rows, found) in chosen.items()
        for rule in found
    }


def _headline(rows: pd.DataFrame, rule: str, min_coverage: float) -> dict[str, Any]:
    order = rows.sort_values("saving", kind="stable")
    cover = rows["coverage"] / rows["coverage_by_chance"]
    ends = order.iloc[[0, -1]]
    return {
        "rule": rule,
        "groups": len(rows),
        "saving": list(zip(ends["group"], folded(ends, ["saving"])["saving"], strict=True)),
        "surely": int((rows["saving_lower"] > 1).sum()),
        "precision": span(rows["precision"] / rows["base_rate"]),
        "lost": span(rows["good_images_lost"]),
        "coverage": span(cover),
        "spread": span(rows["spread_kept"]),
        "uncovered": rows.loc[rows["coverage"] < min_coverage, "group"].tolist(),
    }


def _smallest_p(diversity: pd.DataFrame, rule: str) -> str:
    """The smallest p-value of the tests that a rule costs diversity, by nested folds, and how many tests there are."""
    tested = diversity.loc[(diversity["rule"] == rule) & diversity["p_value"].notna(), "p_value"]
    if tested.empty:
        return "not tested"
    tests = f"{count_of(len(tested), 'test')} on nested folds, one-sided and not adjusted"
    return f"smallest p of {tests}: {show_p(float(tested.min()))}"


def _overview(useful: pd.DataFrame, decisions: pd.DataFrame) -> Table:
    """Each rule, and the stored sieves, over the groups in which they chose a threshold: medians, and the range of the
    saving; `decisions` are those of all groups.
    """
    rows = [
        {
            "rule": rule,
            "in words": RULES_IN_WORDS.get(str(rule), ""),
            "stored": "stored" if stored else "",
            "estimate": found["estimate"].iloc[0],
            "groups with a threshold": _of_groups(rule, stored, decisions),
            "median saving (groups from, to)": _with_range(found["saving"]),
            "saving above 1 by its interval": f"{int((found['saving_lower'] > 1).sum())} of {len(found)}",
            "good images lost": float(found["good_images_lost"].median()),
            "coverage": float((found["coverage"] / found["coverage_by_chance"]).median()),
            "mean distance": float(found["spread_kept"].median()),
        }
        for (stored, rule), found in useful.groupby(["stored", "rule"], sort=False)
    ]
    return table(
        pd.DataFrame(rows),
        "The rules and the stored sieves: median of the groups; coverage and mean distance relative to chance",
        DECISIONS,
    )


def _with_range(values: "pd.Series[float]") -> ShownEstimate:
    """The median of groups with their range, which one group alone has none of."""
    ends = (float(values.min()), float(values.max())) if len(values) > 1 else (math.nan, math.nan)
    return ShownEstimate(float(values.median()), *ends)


def _of_groups(rule: object, stored: object, decisions: pd.DataFrame) -> str:
    """In how many groups of all a rule chose a threshold, and where it accepts everything instead."""
    rows = decisions[(decisions["rule"] == rule) & (decisions["stored"] == stored)]
    everything = rows.loc[rows["threshold"] <= 0, "group"].tolist()
    chose = f"{len(rows) - len(everything)} of {len(rows)}"
    return f"{chose}; accepts everything in {listed(everything)}" if everything else chose


def _decisions(decisions: pd.DataFrame) -> Table:
    bounded = ("accepted_share", "precision", "base_rate", "saving", "seconds_per_good")
    everything = (decisions["threshold"] <= 0) & (decisions["reason"] == "")
    shown = decisions.assign(
        stored=decisions["stored"].map({1: "stored", 0: ""}),
        reason=decisions["reason"].mask(everything, "accepts everything: that already is what the rule asks for"),
    )
    title = "What each rule costs and gains, and the stored sieve, group by group"
    return table(folded(shown, bounded).rename(columns=_OF_ROWS), title, DECISIONS)


def _evaluated(rows: pd.DataFrame, by: list[str], title: str, source: str) -> Table:
    """Confusion matrices with the measures to decide by; the file has all.

    Rows that pool the folds have no threshold of their own, which they say.
    """
    columns = [*by, "threshold", *_CELLS, *_MEASURES, "reason"]
    each = rows["threshold"].isna() & (rows["reason"].fillna("") == "")
    rows = rows.assign(reason=rows["reason"].mask(each, "a threshold for each fold, in the rows of the folds"))
    return table(folded(rows, _MEASURES)[columns].rename(columns=_OF_ROWS), title, source)


def _optimism(rules: pd.DataFrame, nested: pd.DataFrame) -> Table:
    """The saving on the rows that chose the threshold, on the test rows, and by nested cross-validation."""
    splits = [rules[rules["split"] == split].assign(by=split) for split in (Split.VALIDATION, Split.TEST)]
    both = pd.concat([*splits, nested[nested["fold"] == "pooled"].assign(by="nested cross-validation")])
    both = folded(both, ["saving"])
    wide = both.pivot_table(index=["group", "rule"], columns="by", values="saving", aggfunc="first", sort=False)
    return table(wide.reset_index(), "Saving, evaluated on three kinds of rows", f"{RULES} + {NESTED}")


def _composite(composite: pd.DataFrame) -> Table:
    composite = composite.assign(
        method=composite["method"].replace(_METHODS),
        precision_difference=estimates(composite, "precision_difference", "difference_lower", "difference_upper"),
    )
    columns = ["group", "method", "accepted_share", "tpr", "precision", "saving", "precision_difference", "reason"]
    return table(
        folded(composite, ("accepted_share", "tpr", "precision", "saving"))[columns].rename(columns=_OF_ROWS),
        "A model for each score, against a model of valid itself",
        COMPOSITE,
    )


def _diversity(diversity: pd.DataFrame) -> Table:
    shown = diversity.assign(measure=plain(diversity["measure"]), chance=estimates(diversity, "chance"))
    columns = ["group", "rule", "measure", "p_value", "value", "chance", "good", "kept"]
    return table(
        shown[columns], "Diversity of the good latents that are kept, beside as many picked at random", DIVERSITY
    )
