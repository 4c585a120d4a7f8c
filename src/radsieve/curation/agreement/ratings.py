"""Ratings of items by raters on one scale, from graded images or from a table of single ratings.

A table of readings has the columns `subject` (the image), `finding` ("" if the image is rated as a whole),
`rater` and `label`. The item that raters agree on or not is the image, or image/finding.
"""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.curation.agreement.coefficients import MISSING, Level
from radsieve.errors import InputError
from radsieve.imaging.image_splits import patient_key
from radsieve.text_files import SPREADSHEET_ERRORS, composed

READING = ["subject", "finding", "rater", "label"]
MAX_LABELS = 1000
MAX_RATERS = 2000
MAX_CONFUSIONS = 4_000_000  # raters times the square of labels

_NAMED = 50  # labels that the log names
_FEW = 10  # items on which raters may agree by chance
_CODE, _FAR = re.compile(r"-?9+|-[18]+"), 3.0  # 99 is one among grades to 4, and none among percents
_ENDING = re.compile(r"\.(png|jpe?g|tiff?|bmp|webp|dcm|dicom)$", re.IGNORECASE)
# what a spreadsheet shows in place of what it took for a date, such as 2-Jan for 1-2
_MONTH = (
    r"(jan|feb|mar|mrz|mär|apr|may|mai|jun|jul|aug|sept?|o[ck]t|nov|de[cz]|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт"
    r"|ноя|дек)\.?"
)
_DATE = re.compile(rf"\d{{1,2}}[-. ]+{_MONTH}|{_MONTH}[-. ]+\d{{2}}", re.IGNORECASE)
_TOTALS = {"total", "totals", "sum", "mean", "average", "median", "count"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scale:
    """The labels in ascending order, how tables show them, and their numbers, None if they have no order."""

    labels: tuple[str, ...]
    shown: tuple[str, ...]
    numbers: NDArray[np.float64] | None


@dataclass(frozen=True)
class Ratings:
    """One rating or none per item and rater.

    items: sorted; raters: in the order of the columns; codes: (items, raters), place of the label on the
    scale, -1 if missing; subjects: (items,) number of the image of every item, or of the images that belong together
    with it (copies), which resamples leave together; findings: (items,) or "";
    contradictions: how many times one rater gave one item several labels, which then is no rating.
    """

    items: tuple[str, ...]
    raters: tuple[str, ...]
    scale: Scale
    codes: NDArray[np.int64]
    subjects: NDArray[np.int64]
    findings: tuple[str, ...]
    contradictions: int

    @property
    def disagreeing(self) -> NDArray[np.bool_]:
        """Items (items,) with at least two different labels."""
        above = len(self.scale.labels)
        lowest = np.where(self.codes == MISSING, above, self.codes).min(axis=1, initial=above)
        return np.asarray(self.codes.max(axis=1, initial=MISSING) > lowest)

    def of_finding(self, finding: str) -> "Ratings":
        """The ratings of one finding."""
        chosen = np.array(self.findings, dtype=object) == finding
        return replace(
            self,
            items=tuple(np.array(self.items, dtype=object)[chosen]),
            codes=self.codes[chosen],
            subjects=self.subjects[chosen],
            findings=(finding,) * int(chosen.sum()),
        )


def from_images(
    raw: pd.DataFrame,
    grades: Sequence[str],
    graders: Sequence[str],
    item_of: Mapping[str, str] | None = None,
    unit_of: Mapping[str, int] | None = None,
) -> Ratings:
    """Ratings of images (curation.tables.RAW_DATA).

    The item is `item_of` the file, or else the file itself; copies under one expert count once. `unit_of` numbers what
    items belong together with, for resamples; without it every item stands for itself.
    """
    unknown = raw[~raw["severity"].isin(grades)]
    if len(unknown):
        row = unknown.iloc[0]
        raise InputError(f"raw_data: {row['relative_path']!r} has a grade that source.grades does not name")
    items = raw["file_id"] if item_of is None else raw["file_id"].map(item_of)
    readings = pd.DataFrame({"subject": items, "finding": "", "rater": raw["expert"], "label": raw["severity"]})
    present = set(raw["expert"])
    raters = [rater for rater in dict.fromkeys([*graders, *raw["expert"]]) if rater in present]
    rated = collect(readings, grades_scale(grades), raters)
    if unit_of is None:
        return rated
    return replace(rated, subjects=pd.factorize(np.array([unit_of[item] for item in rated.items]))[0].astype(np.int64))


def from_readings(readings: pd.DataFrame, grades: Sequence[str], level: Level) -> Ratings:
    """Ratings of a long table with the columns READING, all text.

    Scale: `grades` if every label is one of them; else, if every label is a number, the numbers in ascending order;
    else the labels in alphabetical order, which has no meaning: then InputError unless `level` is nominal.
    """
    if readings.empty:
        raise InputError("measure_agreement.ratings contains no rating; check its columns and its rows")
    readings = readings.assign(label=_spelt_alike(readings["label"], grades))
    labels = sorted(set(readings["label"]))
    if len(labels) > MAX_LABELS:
        raise InputError(
            f"measure_agreement.ratings has {len(labels):,} different labels, more than {MAX_LABELS}; is"
            " measure_agreement.label the right column?"
        )
    if set(labels) <= set(grades):
        scale = grades_scale(grades)
    elif all(np.isfinite(list(map(as_number, labels)))):
        readings = readings.assign(label=readings["label"].map(_plain))
        plain = tuple(sorted(set(readings["label"]), key=float))
        scale = Scale(plain, plain, np.array([float(label) for label in plain]))
        if level == "ratio" and float(plain[0]) < 0:
            raise InputError(f"measure_agreement.level: ratio needs labels of at least 0; found {plain[0]}")
    elif level == "nominal":
        scale = Scale(tuple(labels), tuple(labels), None)
    else:
        some = ", ".join(map(repr, labels[:5]))
        raise InputError(
            f"measure_agreement.level is {level}, but the labels have no order: {some}; set it to nominal,"
            " or name all labels in ascending order in source.grades; one that stands for a missing rating belongs in"
            " measure_agreement.missing"
        )
    if faults := sorted({label for label in labels if label.upper() in SPREADSHEET_ERRORS}):
        raise InputError(
            f"measure_agreement.ratings has labels that are errors of a spreadsheet: {', '.join(faults)}; mend these"
            " cells, or name what stands for a missing rating in measure_agreement.missing"
        )
    raters = sorted(set(readings["rater"]), key=_natural)
    if len(raters) > MAX_RATERS or len(raters) * len(scale.labels) ** 2 > MAX_CONFUSIONS:
        raise InputError(
            f"measure_agreement.ratings has {len(raters):,} raters and {len(scale.labels):,} labels: more than can be"
            " compared; are measure_agreement.rater and label the right columns?"
        )
    _warn_of_others(readings["label"], grades)
    _warn_of_codes(scale)
    _warn_of_truth(scale)
    _warn_of_blanks(scale)
    _warn_of_dates(scale)
    _warn_of_totals(readings["subject"])
    for column, what in (("subject", "items"), ("rater", "raters")):
        _warn_of_spelling(readings[column], what)
    rated = collect(readings, scale, raters)
    _warn_of_copies(rated)
    return rated


def _warn_of_others(labels: pd.Series, grades: Sequence[str]) -> None:
    """Say in the log which labels are none of the grades, where most are."""
    others = labels[~labels.isin(grades)]
    if 0 < len(others) < len(labels) / 2:
        _log.warning(
            "%d of %d labels are not in source.grades, count as grades of their own, and leave the order of those"
            " unused: %s; mend them, or name what stands for a missing rating in measure_agreement.missing",
            *(len(others), len(labels), ", ".join(map(repr, sorted(set(others))[:_NAMED]))),
        )


def _warn_of_copies(rated: Ratings) -> None:
    """Say in the log which raters gave the same labels to the same items throughout, as a copy of a table does."""
    alike: dict[bytes, list[str]] = {}
    for place, rater in enumerate(rated.raters):
        codes = rated.codes[:, place]
        if (codes != MISSING).sum() >= _FEW:
            alike.setdefault(codes.tobytes(), []).append(rater)
    for group in alike.values():
        if len(group) > 1:
            names = " and ".join(group)
            _log.warning("raters %s gave the same labels to the same items; are they copies of one?", names)


def _warn_of_codes(scale: Scale) -> None:
    """Say in the log which numbers look like codes for a missing rating: 9, 99, ... far above or below the others."""
    codes = [label for label in scale.labels if _CODE.fullmatch(label)]
    others = [abs(as_number(label)) for label in scale.labels if label not in codes]
    far = [label for label in codes if others and abs(as_number(label)) > _FAR * max(1.0, *others)]
    if far and scale.numbers is not None:
        _log.warning(
            "labels that look like codes for a missing rating, and count as ratings: %s; if they are, name them in"
            " measure_agreement.missing",
            ", ".join(far),
        )


def _warn_of_truth(scale: Scale) -> None:
    """Say in the log if some labels are true or false, and others 1 or 0."""
    words = [label for label in scale.labels if label.casefold() in {"true", "false"}]
    numbers = [label for label in scale.labels if as_number(label) in {0.0, 1.0}]
    if words and numbers:
        _log.warning(
            "labels %s and %s count as different ones; write them in one way", ", ".join(words), ", ".join(numbers)
        )


def _warn_of_blanks(scale: Scale) -> None:
    """Say in the log if labels with blanks within are numbers without them, as 1 000 is."""
    written = [label for label in scale.labels if len(label.split()) > 1]
    numbers = [label for label in written if np.isfinite(as_number("".join(label.split())))]
    if numbers:
        some = ", ".join(map(repr, numbers[:_NAMED]))
        _log.warning("labels with blanks, which are no numbers: %s; write numbers without blanks", some)


def _warn_of_dates(scale: Scale) -> None:
    """Say in the log which labels are dates that a spreadsheet may have made of others."""
    if dates := [label for label in scale.labels if _DATE.fullmatch(label)]:
        _log.warning(
            "labels that are dates: %s; did a spreadsheet make them of others, as 2-Jan of 1-2? Store it as text",
            ", ".join(dates[:_NAMED]),
        )


def _warn_of_totals(items: pd.Series) -> None:
    """Say in the log which items are named as the last row of a table that sums up the others."""
    if totals := sorted({item for item in items if item.casefold() in _TOTALS}):
        _log.warning("items that look like rows that sum up others: %s; if they are, remove them", ", ".join(totals))


def _warn_of_spelling(names: pd.Series, what: str) -> None:
    """Say in the log which names are apart by capitals, blanks, zeros in front, kind of slash or ending of a file
    alone."""
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(patient_key(_ENDING.sub("", name.replace("\\", "/"))), []).append(name)
    apart = [" and ".join(map(repr, group)) for group in alike.values() if len(group) > 1]
    if apart:
        _log.warning(
            "%d %s are written in several ways, which count as several %s: %s", len(apart), what, what, apart[0]
        )


def grades_scale(grades: Sequence[str]) -> Scale:
    """The scale of named grades; tables show their numbers, 0 for the first."""
    numbers = range(len(grades))
    return Scale(tuple(grades), tuple(map(str, numbers)), np.array(numbers, dtype=float))


def collect(readings: pd.DataFrame, scale: Scale, raters: Sequence[str]) -> Ratings:
    """Bring long readings into the form items x raters; repeated equal readings count once."""
    readings = readings.drop_duplicates()
    contradictory = readings.duplicated(["subject", "finding", "rater"], keep=False)
    contradictions = readings.loc[contradictory, ["subject", "finding", "rater"]].drop_duplicates()
    readings = readings[~contradictory]
    whole = readings["finding"] == ""
    item = readings["subject"].where(whole, readings["subject"] + "/" + readings["finding"])
    place, items = pd.factorize(item, sort=True)
    first = np.unique(place, return_index=True)[1]
    codes = np.full((len(items), len(raters)), MISSING, dtype=np.int64)
    columns = readings["rater"].map({rater: number for number, rater in enumerate(raters)}).to_numpy(dtype=np.int64)
    codes[place, columns] = readings["label"].map({name: code for code, name in enumerate(scale.labels)})
    return Ratings(
        items=tuple(items),
        raters=tuple(raters),
        scale=scale,
        codes=codes,
        subjects=pd.factorize(readings["subject"].iloc[first])[0].astype(np.int64),
        findings=tuple(readings["finding"].iloc[first]),
        contradictions=len(contradictions),
    )


def _spelt_alike(labels: pd.Series, grades: Sequence[str]) -> pd.Series:
    """The labels; those that differ in capitals, inner blanks or the form of a number alone are one, as the log says.

    It is the grade of that spelling, or else the most frequent one, of equally frequent ones the first in the alphabet.
    Where grades differ in nothing else, all labels stay as they are, but for Unicode's form.
    """
    exact = {composed(grade): grade for grade in grades}
    labels = labels.map(lambda label: exact.get(label, label))
    spelling = {_folded(grade): grade for grade in grades}
    if len(spelling) < len(grades):
        return labels
    counts = labels.value_counts()
    for label in sorted(counts.index, key=lambda one: (-counts[one], one)):
        spelling.setdefault(_folded(label), label)
    kept = set(spelling.values())
    merged = [f"{label!r} for {spelling[_folded(label)]!r}" for label in sorted(counts.index) if label not in kept]
    if merged:
        _log.warning(
            "labels that differ in capitals, blanks or the form of a number alone are taken for one: %s",
            ", ".join(merged[:_NAMED]),
        )
    return labels.map(lambda label: spelling[_folded(label)])


def _folded(label: str) -> str:
    number = as_number(label)
    return _plain(label) if np.isfinite(number) else " ".join(composed(label).casefold().split())


def as_number(label: str) -> float:
    """The number that a label is, with a point or, as some spreadsheets write it, a comma; else NaN, as for 1_0."""
    try:
        return math.nan if "_" in label else float(label.replace(",", ".", 1))
    except ValueError:
        return math.nan


def _plain(label: str) -> str:
    """A number in its shortest form, so that 1, 1.0 and 01 are one label."""
    number = as_number(label)
    return str(int(number)) if number.is_integer() else repr(number)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorting key that puts R2 before R10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
