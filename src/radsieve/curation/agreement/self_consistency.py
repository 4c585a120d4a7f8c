"""Self-consistency: whether graders give two files of one picture the same grade.

Graders who agree better with each other than with themselves may not have given their grades independently. Only pairs
are compared that are known to show one picture: files of equal pixels, and near-duplicates of a verified tie. Two
near-duplicates that are each tied to a third image, but not to each other, are no pair.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.curation.agreement import coefficients
from radsieve.curation.names import joined
from radsieve.curation.tables import CONTRADICTIONS, SELF_CONSISTENCY, DuplicateKind
from radsieve.imaging.image_splits import linked
from radsieve.stats.resampling import clustered_wilson

ALL, MIRRORED = "all", "near, mirrored"


@dataclass(frozen=True)
class GradedTwice:
    """SELF_CONSISTENCY and CONTRADICTIONS of the experts, and `metrics` of all of them together."""

    consistency: pd.DataFrame
    contradictions: pd.DataFrame
    metrics: dict[str, Any]


def graded_twice(raw: pd.DataFrame, pairs: pd.DataFrame, confidence: float) -> GradedTwice:
    """Compare the grades (RAW_DATA) that each expert gave two files of one picture (DUPLICATE_PAIRS)."""
    graded = graded_pairs(raw, pairs)
    found = contradictions(graded, raw)
    metrics = _metrics(graded, found, confidence) | _between(graded, raw, confidence)
    return GradedTwice(self_consistency(graded, confidence), found, metrics)


def _between(graded: pd.DataFrame, raw: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """How often two experts gave one file the same grade, of the files in those pairs that were graded twice."""
    unit_of = {
        file: unit for end in "ab" for file, unit in graded[[f"file_{end}", "unit"]].itertuples(index=False, name=None)
    }
    same, of_unit = [], []
    for file, grades in raw[raw["file_id"].isin(unit_of)].groupby("file_id"):
        by_expert = grades.groupby("expert")["severity"].agg(["first", "nunique"])
        for a, b in combinations(by_expert.loc[by_expert["nunique"] == 1, "first"], 2):
            same.append(a == b)
            of_unit.append(unit_of[str(file)])
    lower, upper = clustered_wilson(np.array(same), np.array(of_unit), confidence) if same else (None, None)
    share = float(np.mean(same)) if same else None
    return {
        "files_graded_by_two": len(same),
        "same_grade_by_two": share,
        "same_grade_by_two_lower": lower,
        "same_grade_by_two_upper": upper,
    }


def graded_pairs(raw: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return a row for every pair of files of one picture (DUPLICATE_PAIRS) and expert who gave both of them one grade
    (RAW_DATA).

    For a file that the expert did not grade stands the first graded one of the same pixels. A file to which an expert
    gave several grades has none of that expert. Columns: pair (a number for the two files), file_a, file_b, unit (what
    is tied, directly or through other files), kind, expert, grade_a, grade_b.
    """
    files = sorted({*pairs["file_id_a"], *pairs["file_id_b"]})
    row_of = {file: row for row, file in enumerate(files)}
    ends = [pairs[f"file_id_{end}"].map(row_of).to_numpy(dtype=np.int64) for end in "ab"]
    units = linked(files, pairs=list(zip(*(end.tolist() for end in ends), strict=True)))
    picture_of = {file: file for file in files}
    copies = pairs[pairs["kind"] == DuplicateKind.PIXELS]
    picture_of |= dict(zip(copies["file_id_b"], copies["file_id_a"], strict=True))
    kinds = pairs["kind"].mask(pairs["transform"].str.contains("mirrored"), MIRRORED)
    ties = list(zip(pairs["file_id_a"], pairs["file_id_b"], kinds, strict=True))
    listed = raw[raw["file_id"].isin(row_of)].groupby(["expert", "file_id"], sort=False)["severity"]
    steady = listed.agg(["first", "nunique"]).query("nunique == 1")["first"]
    rows = []
    for expert, of_expert in steady.groupby(level="expert"):
        grades = {str(file): grade for file, grade in of_expert.droplevel("expert").items()}
        first: dict[str, str] = {}
        for file in grades:
            first.setdefault(picture_of[file], file)
        for a, b, kind in ties:
            two = [file if file in grades else first.get(picture_of[file], file) for file in (a, b)]
            if two[0] != two[1] and all(file in grades for file in two):
                rows.append((*two, int(units[row_of[a]]), kind, expert, grades[two[0]], grades[two[1]]))
    table = pd.DataFrame(rows, columns=["file_a", "file_b", "unit", "kind", "expert", "grade_a", "grade_b"])
    number = pd.factorize(pd.MultiIndex.from_frame(table[["file_a", "file_b"]]))[0]
    table.insert(0, "pair", number)
    return table


def self_consistency(graded: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return SELF_CONSISTENCY of `graded_pairs`: by expert and kind of pair, and of all pairs of each."""
    rows = []
    for expert, of_expert in graded.groupby("expert"):
        for kind in (DuplicateKind.PIXELS, DuplicateKind.NEAR, MIRRORED, ALL):
            of_kind = of_expert if kind == ALL else of_expert[of_expert["kind"] == kind]
            if of_kind.empty:
                continue
            same = (of_kind["grade_a"] == of_kind["grade_b"]).to_numpy()
            bounds = clustered_wilson(same, of_kind["unit"].to_numpy(), confidence)
            rows.append((expert, kind, len(of_kind), int(same.sum()), same.mean(), *bounds, _kappa(of_kind)))
    return pd.DataFrame(rows, columns=list(SELF_CONSISTENCY.columns))


def contradictions(graded: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Return CONTRADICTIONS: pairs to which an expert gave two grades, with all experts who gave just these two."""
    apart = graded[graded["grade_a"] != graded["grade_b"]]
    keys = ["pair", "file_a", "file_b", "kind", "grade_a", "grade_b"]
    by_grades = apart.groupby(keys, sort=True)["expert"].agg(list).reset_index()
    first_path = raw.drop_duplicates("file_id").set_index("file_id")["relative_path"]
    for end in "ab":
        by_grades[f"path_{end}"] = by_grades[f"file_{end}"].map(first_path)
    found = by_grades.assign(experts=by_grades["expert"].map(len), who=by_grades["expert"].map(joined))
    return found[list(CONTRADICTIONS.columns)]


def _metrics(graded: pd.DataFrame, found: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Of all experts together: pairs, the share with the same grade and its interval, and how many contradictions
    (`found`, CONTRADICTIONS) several experts have in common.
    """
    same = (graded["grade_a"] == graded["grade_b"]).to_numpy()
    lower, upper = clustered_wilson(same, graded["unit"].to_numpy(), confidence) if len(same) else (None, None)
    return {
        "pairs_graded_twice": len(same),
        "same_grade_twice": float(same.mean()) if len(same) else None,
        "same_grade_twice_lower": lower,
        "same_grade_twice_upper": upper,
        "contradicted_pairs": int(graded.loc[graded["grade_a"] != graded["grade_b"], "pair"].nunique()),
        "contradictions_in_common": int((found["experts"] > 1).sum()),
    }


def _kappa(pairs: pd.DataFrame) -> float:
    """Cohen's kappa of the grades of two files; which file is the first does not matter."""
    labels = sorted({*pairs["grade_a"], *pairs["grade_b"]})
    codes: list[npt.NDArray[np.int64]] = [
        pd.Categorical(pairs[f"grade_{end}"], labels).codes.astype(np.int64) for end in "ab"
    ]
    table = coefficients.contingency(codes[0], codes[1], len(labels))
    return float(coefficients.cohen_kappa(table + table.T, coefficients.agreement_weights("none", len(labels))))
