"""What besides the picture reveals the grade: how well one attribute of an image's file alone predicts it.

A model trained on images whose size, file format or brightness goes with the grade may learn these instead of the
anatomy. Each attribute is scored by the cross-validated balanced accuracy of the simplest model there is: for every
value of the attribute, the grade whose images have that value most often. Attributes with many values are cut into
ranges that hold equally many images.

One row per picture enters (the first kept image with that pixel digest). Pictures of one unit, which are nearly alike,
are not independent evidence: no unit is in two folds, the intervals of recalls are clustered by unit, and whole units
are shuffled.

The p-value is that of a permutation test of the mutual information between attribute and grade. (Accuracy itself would
make a weak test: an attribute with two values can predict only two of five grades, however informative it is.) It is
corrected for the number of attributes by the largest standardised mutual information under the same shuffles: Westfall
and Young, Resampling-Based Multiple Testing, 1993, single-step maxT.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

from radsieve.progress import working
from radsieve.stats.resampling import clustered_wilson

ATTRIBUTES = (
    "dimensions",
    "width",
    "height",
    "aspect_ratio",
    "mode",
    "bit_depth",
    "format",
    "byte_size",
    "mean_brightness",
)
FOLDS = 5
MAX_VALUES = 10
CONFIDENCE = 0.95
SIGNIFICANCE = 0.05

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Leakage:
    """LEAKAGE and LEAKAGE_VALUES of curation.tables, the attributes that reveal the grade, and `metrics`."""

    scores: pd.DataFrame
    by_value: pd.DataFrame
    leaking: list[str]
    metrics: dict[str, Any]

    def summary(self) -> str:
        """What was found, in a few words."""
        return f"the grade leaks through: {', '.join(self.leaking) or 'nothing found'}"


def find_leakage(
    kept: pd.DataFrame, image_table: pd.DataFrame, permutations: int, min_gain: float, seed: int
) -> Leakage:
    """Score every attribute of the kept images (NORMALIZED_DATA) with the files `image_table` (IMAGES); the numbers are
    those of `score_attributes`.
    """
    pictures = attributes_of_images(kept, image_table)
    scores = score_attributes(pictures, permutations, min_gain, seed)
    return Leakage(scores, value_counts(pictures), leaking(scores), metrics(scores))


def attributes_of_images(kept: pd.DataFrame, image_table: pd.DataFrame) -> pd.DataFrame:
    """One row per picture among the kept images (curation.tables.NORMALIZED_DATA): its `grade`, `unit` and
    ATTRIBUTES."""
    images = kept.merge(image_table, on="file_id", validate="many_to_one").drop_duplicates("pixel_digest")
    derived = images.assign(
        grade=images["severity"],
        dimensions=images["width"].astype(str) + "x" + images["height"].astype(str),
        aspect_ratio=images["width"] / images["height"],
    )
    return derived[["grade", "unit", *ATTRIBUTES]].reset_index(drop=True)


def value_counts(pictures: pd.DataFrame) -> pd.DataFrame:
    """How many pictures of each grade have which value (or range of values) of each attribute.

    Returns curation.tables.LEAKAGE_VALUES: attributes in the order of ATTRIBUTES, values ascending, counts above zero.
    """
    parts = []
    for name in ATTRIBUTES:
        codes, labels = _discretize(pictures[name])
        counts = pd.DataFrame({"code": codes, "grade": pictures["grade"]}).groupby(["code", "grade"]).size()
        table = counts.rename("count").reset_index()
        table.insert(0, "attribute", name)
        table.insert(1, "value", [labels[code] for code in table.pop("code")])
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


@working("permutations of the grades")
def score_attributes(pictures: pd.DataFrame, permutations: int, min_gain: float, seed: int) -> pd.DataFrame:
    """Score every attribute of `pictures` (see attributes_of_images); returns curation.tables.LEAKAGE.

    `balanced_accuracy` is the mean recall of the grades present, over FOLDS stratified folds of units; `chance` is one
    over the number of grades; `lower` and `upper` are put together from Wilson's interval (95 %) of each recall,
    clustered by unit. The p-value permutes whole units among those of as many pictures. An attribute
    `leaks` if its corrected p-value is at most 0.05, `lower` is above chance and its accuracy is so by `min_gain` at
    least. Attributes with a single value have no score, and none has if all images share one grade. `same_as` names the
    first attribute whose values, or ranges, divide the pictures just alike; it has the same scores.
    """
    rng = np.random.default_rng(seed)
    present, grades = np.unique(pictures["grade"].to_numpy(), return_inverse=True)
    distinct = pictures[[*ATTRIBUTES]].nunique()
    codes = {name: _discretize(pictures[name])[0] for name in ATTRIBUTES if len(present) > 1 and distinct[name] > 1}
    units = pd.factorize(pictures["unit"])[0]
    folds = _stratified_folds(grades, units, rng)
    hits = {name: _hits(code, grades, folds) for name, code in codes.items()}
    corrected = _corrected_p_values(list(codes.values()), grades, units, permutations, rng)
    p_values = dict(zip(codes, corrected, strict=True))
    chance = 1 / len(present) if codes else None
    rows: list[dict[str, Any]] = []
    for name in ATTRIBUTES:
        row = {"attribute": name, "distinct_values": distinct[name], "chance": None, "leaks": False}
        row["same_as"] = _same_as(name, codes)
        if row["same_as"]:
            first = next(one for one in rows if one["attribute"] == row["same_as"])
            row = first | {one: row[one] for one in ("attribute", "distinct_values", "same_as")}
        elif name in hits:
            score, lower, upper = _balanced_accuracy(hits[name], grades, units)
            p_value = p_values[name]
            row |= {"balanced_accuracy": score, "lower": lower, "upper": upper, "chance": chance, "p_value": p_value}
            above = lower > 1 / len(present) and score - 1 / len(present) >= min_gain
            row["leaks"] = bool(p_value <= SIGNIFICANCE and above)
        rows.append(row)
    order = [
        "attribute",
        "distinct_values",
        "balanced_accuracy",
        "lower",
        "upper",
        "chance",
        "p_value",
        "leaks",
        "same_as",
    ]
    return pd.DataFrame(rows).reindex(columns=order)


def metrics(scores: pd.DataFrame) -> dict[str, Any]:
    """How many attributes of LEAKAGE reveal the grade, those that say the same counted once, and the balanced accuracy
    of each.
    """
    return {
        "leaking_attributes": len(leaking(scores)),
        "balanced_accuracy": scores.dropna().set_index("attribute")["balanced_accuracy"].round(6).to_dict(),
    }


def leaking(scores: pd.DataFrame) -> list[str]:
    """Return the attributes of LEAKAGE that reveal the grade, of those that say the same the first one."""
    return list(scores.loc[scores["leaks"] & (scores["same_as"] == ""), "attribute"])


@dataclass(frozen=True)
class Hidden:
    """What may lie hidden where no attribute was found to reveal the grade: the attribute whose accuracy may be
    largest, its bounds and p-value, the level of chance, and whether even its upper bound is no leak.
    """

    attribute: str
    balanced_accuracy: float
    lower: float
    upper: float
    chance: float
    p_value: float
    excluded: bool


def hidden(scores: pd.DataFrame, min_gain: float) -> Hidden | None:
    """Return what the scores (LEAKAGE) leave possible, of the attribute with the highest upper bound; None if none has
    a score.

    A leak is excluded only if every upper bound lies below chance plus `min_gain`: not to find one is not enough.
    """
    scored = scores[scores["upper"].notna()]
    if scored.empty:
        return None
    most = scored.to_dict("records")[int(scored["upper"].to_numpy().argmax())]
    return Hidden(
        attribute=str(most["attribute"]),
        balanced_accuracy=float(most["balanced_accuracy"]),
        lower=float(most["lower"]),
        upper=float(most["upper"]),
        chance=float(most["chance"]),
        p_value=float(most["p_value"]),
        excluded=bool(most["upper"] < most["chance"] + min_gain),
    )


def _same_as(name: str, codes: Mapping[str, Counts]) -> str:
    """The first attribute before `name` of which each value, or range, goes with one of it; empty if there is none."""
    for other in codes:
        if other == name or name not in codes:
            break
        pairs = np.unique(np.stack([codes[name], codes[other]]), axis=1).shape[1]
        if pairs == len(np.unique(codes[name])) == len(np.unique(codes[other])):
            return other
    return ""


def _discretize(values: pd.Series) -> tuple[Counts, list[str]]:
    """Codes 0, 1, ... of the values and the label of each code, at most MAX_VALUES of them.

    Up to MAX_VALUES values stay as they are. Beyond that, numbers are cut into ranges with equally many images, and of
    other values the most frequent ones stay and the rest is `other`. Grades play no part in this.
    """
    numeric = pd.api.types.is_numeric_dtype(values)
    if values.nunique() <= MAX_VALUES:
        codes, levels = pd.factorize(values, sort=True)
        return codes.astype(np.int64), [_label(level) for level in levels]
    if numeric:
        codes = pd.qcut(values, MAX_VALUES, labels=False, duplicates="drop").to_numpy(np.int64)
        codes = np.unique(codes, return_inverse=True)[1]
        ends = values.groupby(codes).agg(["min", "max"])
        return codes, [f"{_label(low)} to {_label(high)}" for low, high in ends.itertuples(index=False)]
    common = (
        values.value_counts()
        .rename_axis("value")
        .reset_index()
        .sort_values(["count", "value"], ascending=[False, True])
    )
    frequent = sorted(common["value"].head(MAX_VALUES - 1))
    codes = pd.Index(frequent).get_indexer(values)
    return np.where(codes < 0, len(frequent), codes), [*map(str, frequent), "other"]


def _label(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _stratified_folds(grades: Counts, units: Counts, rng: np.random.Generator) -> Counts:
    """Deal the units of each grade, that of their first picture, out to FOLDS folds in random order."""
    of_unit = grades[np.unique(units, return_index=True)[1]]
    folds = np.empty(len(of_unit), np.int64)
    for grade in range(grades.max(initial=-1) + 1):
        members = np.flatnonzero(of_unit == grade)
        folds[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    return folds[units]


def _hits(codes: Counts, grades: Counts, folds: Counts) -> npt.NDArray[np.bool_]:
    """Whether the grade of each picture is predicted from the codes of one attribute, in cross-validation.

    In each fold a code predicts the grade with the largest share of its training images at that code, which is the
    prediction that serves balanced accuracy best. Counting images by fold, code and grade is all that this needs.
    """
    shape = (FOLDS, int(codes.max()) + 1, int(grades.max()) + 1)
    flat = np.ravel_multi_index((folds, codes, grades), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    train = counts.sum(axis=0) - counts
    share = train / np.maximum(train.sum(axis=1, keepdims=True), 1)
    return np.asarray(share.argmax(axis=2)[folds, codes] == grades)


def _corrected_p_values(
    codes: Sequence[Counts], grades: Counts, units: Counts, permutations: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Permutation p-value of the association of each attribute with the grade, corrected for their number.

    The rows of attributes of a whole unit change places with those of another unit of as many pictures, so that the
    dependence between attributes, and between pictures of a unit, is preserved.
    """
    alike = _units_by_size(units)
    order = np.arange(len(grades))
    statistics = np.empty((1 + permutations, len(codes)))
    for number in range(1 + permutations):
        for rows in alike if number else []:
            order[rows] = rows[rng.permutation(len(rows))]
        statistics[number] = [_information(code[order], grades) for code in codes]
    spread = np.maximum(statistics[1:].std(axis=0), 1e-12)
    standardised = (statistics - statistics[1:].mean(axis=0)) / spread
    largest = standardised[1:].max(axis=1, initial=-np.inf)
    return np.asarray((1 + (largest[:, None] >= standardised[0] - 1e-9).sum(axis=0)) / (1 + permutations))


def _units_by_size(units: Counts) -> list[Counts]:
    """For each number of pictures that a unit has, the rows (units, pictures) of the units that have as many."""
    sizes = np.bincount(units)
    by_unit = np.split(np.argsort(units, kind="stable"), np.cumsum(sizes)[:-1])
    return [np.stack([by_unit[unit] for unit in np.flatnonzero(sizes == size)]) for size in np.unique(sizes[sizes > 0])]


def _information(codes: Counts, grades: Counts) -> float:
    """Mutual information of codes and grades, up to terms that no shuffle changes."""
    counts = np.bincount(codes * (grades.max() + 1) + grades)
    return float(xlogy(counts, counts).sum())


def _balanced_accuracy(hits: npt.NDArray[np.bool_], grades: Counts, units: Counts) -> tuple[float, float, float]:
    """The mean of the recalls of the grades, and its bounds, put together from Wilson's interval of each.

    The recalls count as independent. The method of variance estimates recovery (Zou and Donner 2008,
    doi:10.1002/sim.3095) keeps a width where every image of a grade, or none, is predicted correctly.
    """
    of_grade = [grades == grade for grade in range(int(grades.max()) + 1)]
    recalls = np.array([hits[rows].mean() for rows in of_grade])
    bounds = np.array([clustered_wilson(hits[rows], units[rows], CONFIDENCE) for rows in of_grade])
    below, above = np.abs(recalls[:, None] - bounds).T
    lower, upper = (
        float(recalls.mean() + sign * np.sqrt((side**2).sum()) / len(recalls))
        for sign, side in ((-1, below), (1, above))
    )
    return float(recalls.mean()), lower, upper
