"""Read single ratings: a long table, a folder with one table per rater, or a labelling tool's export.

Every reader returns the columns ratings.READING as text. Where raters tick any number of findings on an image
(`multiple`), each finding that anybody ticked becomes an item of its own, labelled 1 (ticked) or 0 by every
rater of the image.
"""

import csv
import gzip
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radsieve.curation.agreement.ratings import READING
from radsieve.errors import InputError
from radsieve.settings import expand

ALL_COLUMNS = "*"


@dataclass(frozen=True)
class Fields:
    """What the parameters of measure_agreement name: columns of a table or fields of an export."""

    item: str
    rater: str
    label: str
    multiple: bool


def read(source: str, fields: Fields) -> pd.DataFrame:
    """Read the ratings at the path `source`, in which $NAME stands for an environment variable.

    Texts come in Unicode's composed form (NFC). Raises InputError naming file and row of what cannot be read.
    """
    path = expand(source, "measure_agreement.ratings")
    fields = replace(fields, item=_composed(fields.item), rater=_composed(fields.rater), label=_composed(fields.label))
    if not path.exists():
        raise InputError(f"measure_agreement.ratings: {path} not found")
    if path.is_dir():
        return _folder(path, fields)
    if path.suffix in {".ndjson", ".jsonl"}:
        rows = _labelbox(path, fields)
    elif path.suffix == ".json":
        rows = _label_studio(path, fields)
    else:
        return _marks(_long_table(path, fields), fields)
    marks = [tuple(map(_composed, row)) for row in rows]
    return _marks(pd.DataFrame(marks, columns=["subject", "rater", "label"], dtype=str), fields)


def _marks(marks: pd.DataFrame, fields: Fields) -> pd.DataFrame:
    """Turn rows (subject, rater, label) into readings; "" is no rating or, if `multiple`, no finding."""
    if not fields.multiple:
        return marks[marks["label"] != ""].assign(finding="")[READING]
    findings = sorted(set(marks["label"]) - {""})
    readings = marks[["subject", "rater"]].drop_duplicates()
    spread = readings.loc[readings.index.repeat(len(findings))].assign(finding=np.tile(findings, len(readings)))
    ticked = pd.MultiIndex.from_frame(marks[["subject", "rater", "label"]])
    present = pd.MultiIndex.from_frame(spread[["subject", "rater", "finding"]]).isin(ticked)
    return spread.assign(label=np.where(present, "1", "0")).reset_index(drop=True)[READING]


def _long_table(path: Path, fields: Fields) -> pd.DataFrame:
    """One row per rating: columns of item, rater and label."""
    table = _table(path)
    chosen = {fields.item: "subject", fields.rater: "rater", fields.label: "label"}
    _require_columns(path, table, list(chosen))
    marks = table[list(chosen)].rename(columns=chosen)
    for name, column in (("item", "subject"), ("rater", "rater")):
        empty = np.flatnonzero(marks[column] == "")
        if len(empty):
            raise InputError(f"{path}, row {empty[0] + 2}: the {name} is empty; fill it in or remove the row")
    return marks


def _folder(folder: Path, fields: Fields) -> pd.DataFrame:
    """One table per rater (the file's name): a column of items, one of labels or, for *, one per finding."""
    paths = sorted(p for p in folder.rglob("*") if p.name.endswith((".csv", ".csv.gz", ".parquet")))
    if not paths:
        raise InputError(f"measure_agreement.ratings: {folder} holds no table (csv, csv.gz, parquet)")
    names = [_composed(path.name.split(".")[0]) for path in paths]
    for path, name in zip(paths, names, strict=True):
        if names.count(name) > 1:
            raise InputError(f"{path}: two tables are named {name!r}; the name is the rater, so rename one")
    return pd.concat([_one_rater(path, name, fields) for path, name in zip(paths, names, strict=True)])


def _one_rater(path: Path, rater: str, fields: Fields) -> pd.DataFrame:
    table = _table(path)
    every = fields.label == ALL_COLUMNS
    _require_columns(path, table, [fields.item] if every else [fields.item, fields.label])
    labels = [column for column in table.columns if column != fields.item] if every else [fields.label]
    readings = table.melt(fields.item, labels, var_name="finding", value_name="label")
    readings = readings.rename(columns={fields.item: "subject"}).assign(rater=rater)
    empty = np.flatnonzero(table[fields.item] == "")
    if len(empty):
        raise InputError(f"{path}, row {empty[0] + 2}: the item is empty; fill it in or remove the row")
    if not every:
        readings["finding"] = ""
    return readings.loc[readings["label"] != "", READING]


def _table(path: Path) -> pd.DataFrame:
    """A table with every cell as text, "" where it is empty."""
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path).apply(_as_text).map(_composed).rename(columns=_composed)
        if path.name.endswith((".csv", ".csv.gz")):
            _refuse_long_rows(path)
            return pd.read_csv(path, dtype=str, keep_default_na=False).map(_composed).rename(columns=_composed)
    except (ValueError, OSError, EOFError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as a table: {error}") from None
    raise InputError(f"{path}: unknown kind of ratings; known: csv, csv.gz, parquet, ndjson, json, or a folder")


def _refuse_long_rows(path: Path) -> None:
    """Raise InputError for a row with more cells than the header: pandas would take its first cell for a row's name."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows, [])
        for cells in rows:
            if len(cells) > len(header):
                raise InputError(
                    f"{path}, line {rows.line_num}: {len(cells)} cells, but the header has {len(header)}; quote cells"
                    " that hold a comma"
                )


def _composed(text: str) -> str:
    """The text in Unicode's composed form (NFC), so that names which look the same are the same."""
    return unicodedata.normalize("NFC", text)


def _as_text(column: pd.Series) -> pd.Series:
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")  # whole numbers beside missing ones are stored as 1.0, 2.0, ...
    return column.astype("string").fillna("").astype(str)


def _require_columns(path: Path, table: pd.DataFrame, columns: list[str]) -> None:
    for column in columns:
        if column not in table.columns:
            known = ", ".join(map(repr, table.columns))
            raise InputError(f"{path}: no column {column!r}; columns: {known} (see params.yaml, measure_agreement)")


def _labelbox(path: Path, fields: Fields) -> Iterator[tuple[str, str, str]]:
    """Labelbox export: one JSON object per line and data row, with the labels of all its labellers.

    `item` is a field of data_row, `rater` one of label_details, `label` the name of a classification.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}, line {number}"
            with _reporting(where, "Labelbox"):
                row = json.loads(line) if line.strip() else {"projects": {}}
                for label in chain.from_iterable(project["labels"] for project in row["projects"].values()):
                    if label.get("performance_details", {}).get("skipped"):
                        continue
                    subject = _field(row["data_row"], fields.item, where)
                    rater = _field(label["label_details"], fields.rater, where)
                    classifications = label["annotations"]["classifications"]
                    chosen = [c for c in classifications if fields.label in (c.get("name"), c.get("value"))]
                    answers = list(chain.from_iterable(map(_labelbox_answers, chosen)))
                    yield from _answers(subject, rater, answers, fields, where)


def _labelbox_answers(classification: dict[str, Any]) -> list[str]:
    if "checklist_answers" in classification:
        return [answer["name"] for answer in classification["checklist_answers"]]
    if "radio_answer" in classification:
        return [classification["radio_answer"]["name"]]
    return [classification.get("text_answer", {}).get("content", "")]


def _label_studio(path: Path, fields: Fields) -> Iterator[tuple[str, str, str]]:
    """Label Studio's JSON export: a list of tasks, each with the annotations of all annotators.

    `item` is a field of a task or of its data, `rater` one of an annotation (completed_by), `label` the name
    (from_name) of choices or of a rating.
    """
    with _reporting(str(path), "Label Studio"):
        tasks = list(enumerate(json.loads(path.read_text(encoding="utf-8")), start=1))
    for number, task in tasks:
        where = f"{path}, task {number}"
        with _reporting(where, "Label Studio"):
            for annotation in task["annotations"]:
                if annotation.get("was_cancelled"):
                    continue
                subject = _field({**task["data"], **task}, fields.item, where)
                rater = _field(annotation, fields.rater, where)
                results = [result for result in annotation["result"] if result.get("from_name") == fields.label]
                values = [result["value"] for result in results]
                answers = [str(a) for value in values for a in value.get("choices", [value.get("rating", "")])]
                yield from _answers(subject, rater, answers, fields, where)


def _answers(
    subject: str, rater: str, answers: list[str], fields: Fields, where: str
) -> Iterator[tuple[str, str, str]]:
    """The rows of one rater's answers to one item; a row with an empty label if there is none."""
    if len(answers) > 1 and not fields.multiple:
        raise InputError(
            f"{where}: {rater} gave {len(answers)} labels ({', '.join(answers)});"
            " set measure_agreement.multiple to true"
        )
    yield from ((subject, rater, answer) for answer in answers or [""])


@contextmanager
def _reporting(where: str, tool: str) -> Iterator[None]:
    """Raise InputError where an export is not what its tool writes."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{where}: not as {tool} exports it: {type(error).__name__} {error}") from None


def _field(content: dict[str, Any], key: str, where: str) -> str:
    """The value that the parameters name; for a person the email address or else the number."""
    if key not in content:
        known = ", ".join(map(repr, content)) or "none"
        raise InputError(f"{where}: no field {key!r}; fields: {known} (see params.yaml, measure_agreement)")
    value = content[key]
    return str(value.get("email") or value["id"]) if isinstance(value, dict) else str(value)
