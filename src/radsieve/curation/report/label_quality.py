"""The sections on how good pictures and labels are: duplicates, agreement, leakage."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement.intervals import OBSERVED
from radsieve.curation.leakage import Hidden, hidden
from radsieve.curation.leakage import leaking as leaking_attributes
from radsieve.curation.remaining_duplicates import remaining_pairs, where_paths_went
from radsieve.curation.tables import DuplicateKind
from radsieve.numbers import ShownEstimate, percent, show_permuted_p
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, Table, count_of, estimates, table
from radsieve.reporting.wording import listed

GROUPS, PAIRS, BORDERLINE, CONFLICTS, DELETED, CONSISTENCY, CONTRADICTIONS = (
    f"find_duplicates/{name}.csv"
    for name in ("groups", "pairs", "borderline", "conflicts", "deleted_paths", "consistency", "contradictions")
)
IMAGES, NORMALIZED, EXCLUSIONS = (
    "ingest_images/images.csv",
    "normalize_labels/normalized_data.csv",
    "normalize_labels/exclusions.csv",
)
COEFFICIENTS, FINDINGS, CONSENSUS, CONTINGENCY, DIFFERENT, CONFUSION, SKILL = (
    f"measure_agreement/{name}.csv"
    for name in ("coefficients", "findings", "consensus", "contingency", "different_severity", "confusion", "skill")
)
RAW, TRUTH = "ingest_images/raw_data.csv", "generate_phantoms/truth.csv"
LEAKAGE, VALUES = "normalize_labels/leakage.csv", "normalize_labels/leakage_values.csv"
AGREEMENT = "measure_agreement/metrics.json"
MINIMUM = 3


def duplicates(inputs: Inputs) -> dict[str, Any]:
    """Counts, tables and the figure of the section on duplicates."""
    groups = inputs.table(curation_tables.DUPLICATE_GROUPS, GROUPS)
    pairs = inputs.table(curation_tables.DUPLICATE_PAIRS, PAIRS)
    conflicts = inputs.table(curation_tables.DUPLICATE_CONFLICTS, CONFLICTS)
    borderline = inputs.table(curation_tables.BORDERLINE_PAIRS, BORDERLINE)
    exclusions = inputs.table(curation_tables.EXCLUSIONS, EXCLUSIONS)
    ties = pairs.groupby(["kind", "transform"]).agg(
        pairs=("distance", "size"), largest_distance=("distance", "max"), min_similarity=("similarity", "min")
    )
    shapes = groups.groupby("group").agg(
        kinds=("kind", lambda kinds: " + ".join(sorted(set(kinds)))), files=("file_id", "nunique"),
        paths=("relative_path", "size"), experts=("expert", "nunique"), grades=("severity", "nunique"),
    )  # fmt: skip
    kept = inputs.table(curation_tables.NORMALIZED_DATA, NORMALIZED)
    remaining = remaining_pairs(kept, inputs.table(curation_tables.IMAGES, IMAGES), pairs)
    names = {"largest_distance": "largest distance (bits)", "min_similarity": "smallest correlation"}
    by_path = groups.assign(went=where_paths_went(groups, exclusions)).drop(columns="file_id")
    return {
        "groups": len(shapes),
        "near": int((pairs["kind"] == curation_tables.DuplicateKind.NEAR).sum()),
        "pixels": int((pairs["kind"] == curation_tables.DuplicateKind.PIXELS).sum()),
        "borderline": len(borderline),
        "remaining": {kind: count for kind, count in remaining.items() if count},
        "words": remaining_words(remaining),
        "across_grades": int((shapes["grades"] > 1).sum()),
        "conflicts": len(conflicts),
        "deleted": len(inputs.table(curation_tables.DELETED_PATHS, DELETED)),
        "ties": table(
            ties.reset_index().rename(columns=names), "Pairs of different files with the same picture", PAIRS
        ),
        "group_table": table(
            by_path.rename(columns={"went": "in the data set, or the rule that left it out"}),
            "Groups, path by path",
            GROUPS,
        ),
        "conflict_table": table(conflicts, "Conflicts: one grader, the same picture, different grades", CONFLICTS),
        "similarity": inputs.figure(
            "find_duplicates/similarity.png",
            "How alike the compared images are, on both sides of the limit",
            "Histogram of the correlation of pairs of near-duplicates and of borderline pairs, and the limit",
            PAIRS,
        ),
        "picture": inputs.figure(
            "find_duplicates/groups.png",
            "Groups of duplicates",
            "Images of the first groups of duplicates, a row per group; the table of groups says the same in words",
        ),
    }


def remaining_words(remaining: Mapping[DuplicateKind, int]) -> str:
    """What duplicates are still in the data set, in words; empty if there are none."""
    words = {
        DuplicateKind.BYTES: "of rows with equal bytes",
        DuplicateKind.PIXELS: "of files with equal pixels",
        DuplicateKind.NEAR: "of near-duplicates",
    }
    said = [f"{count_of(count, 'pair')} {words[kind]}" for kind, count in remaining.items() if count]
    return listed(said) if said else ""


def agreement(
    inputs: Inputs, level: str, grades: Sequence[str], suspicious: bool, by_truth: pd.DataFrame | None
) -> dict[str, Any]:
    """Counts, tables and figures of the section on agreement.

    `level` is that of the alpha shown first; `grades` are those of the images if these are the ratings, or none, and
    `suspicious` whether these may not have been given independently. `by_truth` is planted.right_by_truth of phantoms.
    """
    coefficients = inputs.table(curation_tables.COEFFICIENTS, COEFFICIENTS)
    consensus = inputs.table(curation_tables.CONSENSUS, CONSENSUS)
    different = inputs.table(curation_tables.DIFFERENT_SEVERITY, DIFFERENT)
    metrics = inputs.metrics("measure_agreement")
    skill = inputs.table(curation_tables.RATER_SKILL, SKILL)
    wide = inputs.table(curation_tables.RATER_CONFUSION, CONFUSION).pivot_table(
        index=["rater", "truth"], columns="label", values="probability", sort=False
    )
    findings = inputs.table(curation_tables.FINDING_COEFFICIENTS, FINDINGS)
    unsure = consensus.sort_values("probability", kind="stable").head(20)
    return {
        "rated": metrics["items"],
        "of_images": bool(grades),
        "compared": metrics["items_with_two_ratings"],
        "raters": metrics["raters"],
        "disagreements": metrics["disagreements"],
        "contradicted": metrics["contradicted_ratings"],
        "headlines": _headlines(coefficients, level, suspicious),
        "coefficients": table(coefficients, "Coefficients of agreement with intervals", COEFFICIENTS),
        "findings": table(findings, "Coefficients of agreement by finding", FINDINGS) if len(findings) else None,
        "contingency": _contingency(inputs.table(curation_tables.CONTINGENCY, CONTINGENCY), grades),
        "confusion": table(wide.reset_index(), "Estimated probability of each label given the true one", CONFUSION),
        "known": by_truth is not None,
        "skill": _skill(skill, by_truth),
        "unsure": table(unsure, "The least certain consensus labels", CONSENSUS),
        "different": table(different, "Every path of the images that were graded differently", DIFFERENT),
        "figure": inputs.figure(
            "measure_agreement/agreement.png",
            "Agreement",
            "Contingency of grades and coefficients with intervals; the tables below say the same in numbers",
        ),
        "picture": inputs.figure(
            "measure_agreement/disagreements.png",
            "Images that were graded differently",
            "Images with every grader's grade; the table below lists their paths",
        ),
    }


def _skill(skill: pd.DataFrame, by_truth: pd.DataFrame | None) -> Table:
    """The skill that the model estimates, beside what is true of phantoms."""
    shown = skill.assign(accuracy=estimates(skill, "accuracy")).drop(columns=["lower", "upper"])
    shown = shown.rename(columns={"accuracy": "skill, as the model estimates it"})
    if by_truth is None:
        return table(shown, "Skill of the graders", SKILL)
    both = shown.merge(by_truth, on="rater", how="left")
    names = {"phantoms": "phantoms graded, copies left out", "right": "share graded as simulated (the truth)"}
    return table(both.rename(columns=names), "Skill of the graders, estimated and by the truth", f"{SKILL} + {TRUTH}")


def graded_anew(raw: pd.DataFrame) -> dict[str, int]:
    """Files that one grader graded under several paths (copies with equal bytes; RAW_DATA): `cases` of a grader and a
    file, and those with `different` grades.
    """
    grades = raw.groupby(["expert", "file_id"])["severity"].agg(["size", "nunique"])
    again = grades[grades["size"] > 1]
    return {"cases": len(again), "different": int((again["nunique"] > 1).sum())}


def self_consistency(inputs: Inputs) -> dict[str, Any]:
    """How often graders repeat their grades on copies of a picture, and whether they agree better with each other."""
    found = inputs.metrics("find_duplicates")
    lower, upper = found["same_grade_by_two_lower"], found["same_grade_twice_upper"]
    contradictions = inputs.table(curation_tables.CONTRADICTIONS, CONTRADICTIONS)
    return {
        "pairs": found["pairs_graded_twice"],
        "share": found["same_grade_twice"],
        "lower": found["same_grade_twice_lower"],
        "upper": upper,
        "between": found["same_grade_by_two"],
        "suspicious": lower is not None and upper is not None and lower > upper,
        "contradicted": found["contradicted_pairs"],
        "in_common": found["contradictions_in_common"],
        "anew": graded_anew(inputs.table(curation_tables.RAW_DATA, RAW)),
        "figure": inputs.figure(
            "find_duplicates/consistency.png",
            "Graders compared with themselves on copies of a picture, and with each other on the same files",
            "Share of equal grades with intervals: each grader on pairs of files of one picture, two graders on a file",
            CONSISTENCY,
        ),
        "table": table(
            inputs.table(curation_tables.SELF_CONSISTENCY, CONSISTENCY),
            "How often each grader gave two files of one picture the same grade",
            CONSISTENCY,
        ),
        "contradictions": table(contradictions, "Pairs of one picture with two grades of one grader", CONTRADICTIONS),
    }


def _headlines(coefficients: pd.DataFrame, level: str, suspicious: bool) -> list[Number]:
    """The coefficients that a reader looks for first, of all graders together; alarming if they may mislead."""
    everybody = coefficients[(coefficients["raters"] == "all") & coefficients["value"].notna()]
    caution = ": no measure of reliability here" if suspicious else ""
    numbers = []
    for row in everybody[everybody["coefficient"] == OBSERVED].to_dict("records"):
        bounds = f"{percent(row['lower'])} to {percent(row['upper'])} of {count_of(row['items'], 'item')}"
        numbers.append(
            Number(percent(row["value"]), f"observed agreement ({bounds}){caution}", COEFFICIENTS, suspicious)
        )
    alpha = (everybody["coefficient"] == "Krippendorff's alpha") & (everybody["weighting"] == level)
    for row in everybody[alpha].to_dict("records"):
        alpha_value = ShownEstimate(row["value"], row["lower"], row["upper"])
        without = "; no disagreement among them" if row["value"] == 1 else ""
        items = f"{count_of(row['items'], 'item')}{without}{caution}"
        label = f"Krippendorff's alpha, {level} ({alpha_value.interval}) of {items}"
        numbers.append(Number(alpha_value.text, label, COEFFICIENTS, suspicious))
    return numbers


def _contingency(counts: pd.DataFrame, grades: Sequence[str]) -> Table:
    """The contingency of two graders as a square; of more graders, pair by pair as the file lists it. The file has the
    numbers of `grades`, which are named here; other labels stay."""
    title = "Contingency of the grades"
    if grades:
        called = {name: counts[name].astype(int).map(dict(enumerate(grades))) for name in ("label_a", "label_b")}
        counts = counts.assign(**called)
    raters = counts[["rater_a", "rater_b"]].drop_duplicates()
    if len(raters) != 1:
        return table(counts, title, CONTINGENCY)
    first, second = raters.iloc[0]
    square = counts.pivot_table(index="label_a", columns="label_b", values="count", fill_value=0, aggfunc="sum")
    given = {*counts["label_a"], *counts["label_b"]}
    labels = [grade for grade in grades if grade in given] or sorted(given, key=_natural)
    square = square.reindex(index=labels, columns=labels, fill_value=0).astype("int64")
    return table(square.rename_axis(f"{first} (rows), {second} (columns)").reset_index(), title, CONTINGENCY)


def _natural(label: str) -> tuple[float, str]:
    """Sorting key that puts numbers first, in order of their size."""
    try:
        return float(label), ""
    except ValueError:
        return math.inf, label


def leakage(inputs: Inputs, grades: Sequence[str], permutations: int, min_gain: float) -> dict[str, Any]:
    """Leaking attributes, or what may be hidden if there are none, which values go with which grade (in words), tables
    and the figure of the section on leakage."""
    scores = inputs.table(curation_tables.LEAKAGE, LEAKAGE)
    values = inputs.table(curation_tables.LEAKAGE_VALUES, VALUES)
    leaking = leaking_attributes(scores)
    shown = scores.assign(
        attribute=scores["attribute"].str.replace("_", " "),
        p_value=[show_permuted_p(p, permutations) for p in scores["p_value"]],
        same_as=scores["same_as"].str.replace("_", " "),
    )
    named = values.assign(attribute=values["attribute"].str.replace("_", " "))
    pivot = named.pivot_table(
        index=["attribute", "value"], columns="grade", values="count", fill_value=0, aggfunc="sum", sort=False
    )
    pivot = pivot[sorted(pivot.columns)].rename(columns=dict(enumerate(grades)))
    return {
        "pictures": int(values.loc[values["attribute"] == values["attribute"].iloc[0], "count"].sum())
        if len(values)
        else 0,
        "attributes": [name.replace("_", " ") for name in leaking],
        "hidden": None if leaking else _hidden_words(hidden(scores, min_gain), permutations),
        "excluded": not leaking and ((found := hidden(scores, min_gain)) is None or found.excluded),
        "facts": _telling_values(values[values["attribute"].isin(leaking)], grades),
        "scores": table(
            shown,
            "Attributes and how well each alone predicts the grade",
            LEAKAGE,
        ),
        "value_table": table(pivot.reset_index(), "Pictures by value of an attribute and grade", VALUES),
        "picture": inputs.figure(
            "normalize_labels/leakage.png",
            "Scores of the attributes, and which value goes with which grade",
            "Balanced accuracy of each attribute with its interval, and counts of pictures by value and grade",
        ),
    }


def _hidden_words(most: Hidden | None, permutations: int) -> str:
    """What a leak could still amount to where none was found."""
    if most is None:
        return "No attribute could be scored: each has one value, or all pictures have one grade."
    return (
        f"The most that these pictures leave possible: {most.attribute.replace('_', ' ')} with a balanced accuracy of "
        f"{percent(most.balanced_accuracy)} ({percent(most.lower)} to {percent(most.upper)}) where chance is "
        f"{percent(most.chance)}, corrected p {show_permuted_p(most.p_value, permutations)}."
    )


def _telling_values(values: pd.DataFrame, grades: Sequence[str]) -> list[str]:
    """In words, which values and grades of curation.tables.LEAKAGE_VALUES go together, or never do.

    Width, height and aspect ratio are left to the dimensions, which say the same.
    """
    others = values[~values["attribute"].isin(["width", "height", "aspect_ratio"])]
    facts = []
    for attribute, part in others.groupby("attribute", sort=False):
        counts = part.pivot_table(
            index="value", columns="grade", values="count", fill_value=0, aggfunc="sum", sort=False
        )
        names = [f"{str(attribute).replace('_', ' ')} {value}" for value in counts.index]
        facts += _telling_cells(counts.to_numpy(), names, [grades[int(grade)] for grade in counts.columns])
    return facts


def _telling_cells(counts: NDArray[np.int64], values: Sequence[str], grades: Sequence[str]) -> list[str]:
    """The words for one attribute: `counts` (values, grades) of pictures.

    A value never goes with a grade if no picture has both though, were they independent, at least MINIMUM should; none
    at all would then be seen in less than 5% of cases.
    """
    of_value, of_grade = counts.sum(axis=1), counts.sum(axis=0)
    expected = np.outer(of_value, of_grade) / counts.sum()
    settled = (counts == of_grade).any(axis=0)
    facts = []
    for (value, grade), count in np.ndenumerate(counts):
        if count >= MINIMUM and count == of_grade[grade]:
            facts.append(f"All {count:,} pictures of {grades[grade]} have {values[value]}.")
        if count >= MINIMUM and count == of_value[value]:
            facts.append(f"All {count:,} pictures with {values[value]} are {grades[grade]}.")
        if count == 0 and expected[value, grade] >= MINIMUM and not settled[grade]:
            facts.append(
                f"No picture of {grades[grade]} has {values[value]}; by chance {expected[value, grade]:.0f} would."
            )
    return facts
