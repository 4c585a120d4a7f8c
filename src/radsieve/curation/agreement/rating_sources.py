"""Read single ratings: a long table, a folder with one table per rater, or a labelling tool's export.

Every reader returns the columns ratings.READING as text. Where raters tick any number of findings on an image
(`multiple`), each finding that anybody ticked becomes an item of its own, labelled 1 (ticked) or 0 by every
rater of the image.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from radsieve.curation.agreement.rating_exports import BY_LINES, Fields, answers_in, read_export
from radsieve.curation.agreement.ratings import READING, as_number
from radsieve.errors import InputError
from radsieve.settings import expand
from radsieve.tables.spreadsheets import refuse_shortened
from radsieve.tables.user_tables import KINDS, read_cells
from radsieve.text_files import composed

KEY = "measure_agreement.ratings"
ALL_COLUMNS, RATERS = "*", "raters"

_EXPORTS = (*BY_LINES, ".json")
# columns that REDCap adds to every form, by name or as exports of labels call them, and pandas and R to a table: its
# index, which may have no name
_ADDED = re.compile(
    r"redcap_.*|.*_complete|.*_timestamp|Event Name|Repeat Instrument|Repeat Instance|Survey Identifier"
    r"|Survey Timestamp|Data Access Group|Complete\?|Unnamed: \d+|"
)
# what columns tell of an image or an annotation, without capitals and signs; none is a rater or a finding
_ROLES = re.compile(
    r"(patient|study|series)(id|name|age|sex|date|instanceuid)?|view(position)?|laterality|sex|gender|split|fold|id"
    r"|annotationid|mean|average|median|total|sum|(study|exam)?year|bmi|age(at(scan|exam|study))?(in)?(y|yrs|years)?"
    r"|(body)?(weight|height)(in)?(kg|lbs?|cm|m|in)?|no|nr|number|index|row(no|nr|number|id)?"
    r"|(created|updated|modified|started|finished|completed|read|graded|reported)(at|on)|.*(date|datetime|timestamp)"
    r"|.*(confidence|certainty|duration)|.*time(s|sec|seconds|min|minutes|ms)?|.*(comment|remark|note)s?"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{4}( .*)?")
_YES_NO = {"true", "false", "yes", "no"}
_TRUTH = re.compile(
    r"(final|expert)?(consensus|majority(vote)?|adjudicated|adjudication|(ground|reference)?truth|(gold|reference)(standard)?|gt)"
    r"(label|rating|grade|reading|score)?"
)
_NO_TABLE = re.compile(r"read_?me|licen[cs]e|changelog|notes?", re.IGNORECASE)  # text that lies beside tables
_SEVERAL = re.compile(r"[|;]")  # what may stand between several findings in a cell
_NAMED = 10  # files that the log names
_log = logging.getLogger(__name__)


def read(source: str, fields: Fields) -> pd.DataFrame:
    """Read the ratings at the path `source`, in which $NAME stands for an environment variable.

    Texts come in Unicode's composed form (NFC), without blanks around them. Raises InputError naming file and row of
    what cannot be read.
    """
    path = expand(source, KEY)
    fields = replace(fields, item=_composed(fields.item), rater=_composed(fields.rater), label=_composed(fields.label))
    if not path.exists():
        raise InputError(f"{KEY}: {path} not found")
    if path.is_dir():
        found = _rated(_folder(path, fields), fields)
        return found if fields.label == ALL_COLUMNS else _marks(found, fields)
    if path.suffix.lower() in _EXPORTS:
        marks = [tuple(map(_composed, row)) for row in read_export(path, fields)]
        return _marks(_rated(pd.DataFrame(marks, columns=["subject", "rater", "label"], dtype=str), fields), fields)
    if not path.name.lower().endswith(KINDS):
        raise InputError(f"{path}: unknown kind of ratings; known: {', '.join((*KINDS, *_EXPORTS))}, or a folder")
    if fields.rater == ALL_COLUMNS:
        return _rated(_wide(path, fields), fields)
    if fields.label == ALL_COLUMNS:
        return _rated(_findings(_table(path, [fields.item, fields.rater]), fields, fields.rater, path), fields)
    return _marks(_rated(_long_table(path, fields), fields), fields)


def _rated(marks: pd.DataFrame, fields: Fields) -> pd.DataFrame:
    """The rows with no label where one of the codes for a missing rating stands."""
    missing = marks["label"].str.casefold().isin(fields.missing)
    if missing.any():
        codes = ", ".join(map(repr, sorted(set(marks.loc[missing, "label"]))))
        _log.warning("%d labels are taken for missing ratings (measure_agreement.missing): %s", missing.sum(), codes)
    if (marks["label"].mask(missing, "") == "").all():
        raise InputError(f"{KEY} contains no rating; check its columns and its rows")
    marks = marks.assign(label=marks["label"].mask(missing, ""))
    return marks[marks["label"] != ""] if "finding" in marks else marks


def _marks(marks: pd.DataFrame, fields: Fields) -> pd.DataFrame:
    """Turn rows (subject, rater, label) into readings; "" is no rating or, if `multiple`, no finding."""
    if not fields.multiple:
        return marks[marks["label"] != ""].assign(finding="")[READING]
    findings = sorted(set(marks["label"]) - {""})
    if joined := [finding for finding in findings if _SEVERAL.search(finding)]:
        _log.warning(
            "findings that look like several in a cell, and count as one each: %s; give each finding a row",
            ", ".join(map(repr, joined[:_NAMED])),
        )
    readings = marks[["subject", "rater"]].drop_duplicates()
    spread = readings.loc[readings.index.repeat(len(findings))].assign(finding=np.tile(findings, len(readings)))
    ticked = pd.MultiIndex.from_frame(marks[["subject", "rater", "label"]])
    present = pd.MultiIndex.from_frame(spread[["subject", "rater", "finding"]]).isin(ticked)
    return spread.assign(label=np.where(present, "1", "0")).reset_index(drop=True)[READING]


def _long_table(path: Path, fields: Fields) -> pd.DataFrame:
    """One row per rating: columns of item, rater and label."""
    table = _table(path, [fields.item, fields.rater, fields.label])
    chosen = {fields.item: "subject", fields.rater: "rater", fields.label: "label"}
    marks = table[list(chosen)].rename(columns=chosen)
    _refuse_empty(path, marks["rater"], "rater")
    return _unpacked(marks, path, fields)


def _unpacked(marks: pd.DataFrame, path: Path, fields: Fields) -> pd.DataFrame:
    """Rows (subject, rater, label) with a row for each answer in a cell of Label Studio's."""
    answers = []
    for row, rater, label in zip(marks.index, marks["rater"], marks["label"], strict=True):
        answers.append(several := list(map(_composed, answers_in(label, f"{path}, row {row + 2}"))))
        if len(several) > 1 and not fields.multiple:
            given = f"{rater} gave {len(several)} labels ({', '.join(several)})"
            raise InputError(f"{path}, row {row + 2}: {given}; set measure_agreement.multiple to true")
    return marks.assign(label=pd.Series(answers, marks.index)).explode("label", ignore_index=True).fillna("")


def _wide(path: Path, fields: Fields) -> pd.DataFrame:
    """One row per item and a column per rater, whose name it has."""
    table = _table(path, [fields.item])
    raters = _answering(table, {fields.item}, fields, path, RATERS)
    return _stacked(table, fields, raters, "rater").assign(finding="")[READING]


def _folder(folder: Path, fields: Fields) -> pd.DataFrame:
    """One table per rater (the file's name): a column of items, one of labels or, for *, one per finding.

    Hidden files and folders are left out, as they are of images.
    """
    found = (path for path in folder.rglob("*") if path.is_file())
    shown = sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    tables = [
        path
        for path in shown
        if path.name.lower().endswith(KINDS) and not (path.suffix.lower() == ".txt" and _NO_TABLE.fullmatch(path.stem))
    ]
    paths = [path for path in tables if not _is_truth(path.name.split(".")[0])]
    if len(paths) < 2:  # who is compared with a standard
        paths = tables
    if agreed := [path.name for path in tables if path not in paths]:
        _log.warning("%s: of no rater, and left out: %s", folder, ", ".join(agreed[:_NAMED]))
    if others := [path.name for path in shown if path not in tables]:
        _log.warning(
            "%s: no tables of raters, and left out: %s; save a sheet as CSV", folder, ", ".join(others[:_NAMED])
        )
    if not paths:
        raise InputError(f"{KEY}: {folder} holds no table ({', '.join(KINDS)})")
    names = [_composed(path.name.split(".")[0]) for path in paths]
    for path, name in zip(paths, names, strict=True):
        if names.count(name) > 1:
            raise InputError(f"{path}: two tables are named {name!r}; the name is the rater, so rename one")
    if fields.label != ALL_COLUMNS:
        wanted = [fields.item, fields.label]
        parts = [_table(path, wanted)[wanted].set_axis(["subject", "label"], axis=1) for path in paths]
        named = [
            _unpacked(part.assign(rater=name), path, fields)
            for path, part, name in zip(paths, parts, names, strict=True)
        ]
        return pd.concat(named, ignore_index=True)
    rater = "".join(names)  # a name that no column can have
    parts = [_table(path, [fields.item]).assign(**{rater: name}) for path, name in zip(paths, names, strict=True)]
    return _findings(pd.concat(parts, ignore_index=True), fields, rater, folder)


def _findings(table: pd.DataFrame, fields: Fields, rater: str, path: Path) -> pd.DataFrame:
    """A row for each finding and rating. REDCap's own columns and notes are no findings."""
    table = _several_columns(table, fields, rater, path)
    findings = _answering(table, {fields.item, rater}, fields, path, "findings")
    return _stacked(table.rename(columns={rater: "rater"}), fields, findings, "finding")[READING]


def _several_columns(table: pd.DataFrame, fields: Fields, rater: str, path: Path) -> pd.DataFrame:
    """The table with what is in cells of Label Studio's; in place of a column that has several answers in one of them,
    a column of 1 and 0 for each answer."""
    columns = {}
    for name in table.columns:
        cells = table[name].fillna("")
        answers = [[cell] if name == rater else list(map(_composed, answers_in(cell, str(path)))) for cell in cells]
        several = [(who, found) for who, found in zip(table[rater], answers, strict=True) if len(found) > 1]
        if not several:
            columns[name] = [found[0] if found else "" for found in answers]
            continue
        if not fields.multiple:
            given = f"{several[0][0]} gave {len(several[0][1])} labels ({', '.join(several[0][1])})"
            raise InputError(f"{path}: column {name!r}: {given}; set measure_agreement.multiple to true")
        for answer in sorted({one for found in answers for one in found} - {""}):
            columns[f"{name}: {answer}"] = ["1" if answer in found else "0" for found in answers]
    return pd.DataFrame(columns, index=table.index, dtype=str)


def _answering(table: pd.DataFrame, known: set[str], fields: Fields, path: Path, what: str) -> list[str]:
    """The columns besides the `known` ones that hold ratings, one for each of `what`; the log names the others."""
    others = [name for name in table.columns if name not in known and not _tells_of_images(name)]
    labels = {name: set(table[name].dropna()) - {""} for name in others if not _is_truth(name)}
    found = _without_notes(labels, fields)
    if what == RATERS:
        found = _without_texts(found, labels, {name: int((table[name].fillna("") != "").sum()) for name in found})
    if what == RATERS and len(found) < 2:  # who is compared with a standard
        found += [name for name in others if _is_truth(name)]
    left_out = [name or "one without a name" for name in table.columns if name not in {*known, *found}]
    if left_out:
        _log.warning("%s: no %s, and left out: %s", path, what, ", ".join(left_out))
    _log.info("%s: columns of %s: %s", path, what, ", ".join(found))
    if not found:
        raise InputError(f"{path}: no column of {what}; columns: {', '.join(map(repr, table.columns))}")
    return found


def _tells_of_images(name: str) -> bool:
    return bool(_ADDED.fullmatch(name) or _ROLES.fullmatch(_letters(name)))


def _is_truth(name: str) -> bool:
    return _TRUTH.fullmatch(_letters(name)) is not None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _without_notes(labels: Mapping[str, set[str]], fields: Fields) -> list[str]:
    """The columns that can be on one scale, from the labels of each: those of numbers, if there are any, else all but
    those of times. True and False beside numbers are on their scale, too: some programs write one, some the other."""
    given = {
        name: [label for label in found if label.casefold() not in fields.missing] for name, found in labels.items()
    }
    numbers = []
    for name, found in given.items():
        words = [label for label in found if not np.isfinite(as_number(label))]
        if not words or (len(words) < len(found) and {word.casefold() for word in words} <= _YES_NO):
            numbers.append(name)
    if any(labels[name] for name in numbers):
        return numbers
    return [name for name, found in given.items() if not found or not all(map(_TIME.fullmatch, found))]


def _without_texts(names: list[str], labels: Mapping[str, set[str]], counts: Mapping[str, int]) -> list[str]:
    """The `names` without columns of free text: those whose cells mostly differ, and are in no other column, where
    two others have labels in common."""
    shared = [name for name in names if any(labels[name] & labels[other] for other in names if other != name)]
    free = {name for name in names if name not in shared and 2 * len(labels[name]) > counts[name]}
    return [name for name in names if name not in free] if len(shared) > 1 else names


def _stacked(table: pd.DataFrame, fields: Fields, columns: list[str], kind: str) -> pd.DataFrame:
    """A row for each cell of `columns`, whose name is in the column `kind`."""
    fixed = ["subject", *([] if kind == "rater" else ["rater"])]
    rows = table.rename(columns={fields.item: "subject"})
    parts = [rows[fixed].assign(label=table[name].fillna("")) for name in columns]
    stacked = pd.concat(parts, keys=columns, names=[kind]).reset_index(level=0)
    return stacked.reset_index(drop=True)


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    """A table with every cell as text, "" where it is empty; it has `columns`, of which the first names the item."""
    table = read_cells(path, columns).map(_composed).rename(columns=_composed)
    for column in columns:
        if column not in table.columns:
            known = ", ".join(map(repr, table.columns))
            raise InputError(
                f"{path}: no column {column!r}; columns: {known} (see params.yaml, measure_agreement; a rater of *"
                " stands for a column per rater)"
            )
    kept = table[(table != "").any(axis=1)]
    _refuse_empty(path, kept[columns[0]], "item")
    refuse_shortened(kept[columns[0]], columns[0], path)
    return kept


def _refuse_empty(path: Path, cells: pd.Series, name: str) -> None:
    empty = cells.index[cells == ""]
    if len(empty):
        raise InputError(f"{path}, row {empty[0] + 2}: the {name} is empty; fill it in or remove the row")


def _composed(text: str) -> str:
    """The text in Unicode's composed form, without blanks around it."""
    return composed(text).strip()
