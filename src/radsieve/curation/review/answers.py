"""What readers answered: the tables that the review page gives them, and exports of Label Studio.

Tables come from other people's machines: they are read as text and nothing else, what is too long is refused, and what
a spreadsheet made of them (another separator, a byte order mark, quotes before a formula) is understood.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve.curation.review.cases import allowed_answers, case_id
from radsieve.curation.tables import Question
from radsieve.errors import InputError
from radsieve.tables.spreadsheets import unguarded
from radsieve.tables.user_tables import warn_of_sheets

ANSWERS = ["case", "question", "picture", "other", "answer", "reason", "reader", "time"]
NEEDED = ANSWERS[:-1]
MAX_BYTES = 20_000_000
MAX_READER, MAX_REASON = 60, 2000
_SEPARATORS = ",;\t"

Row = dict[str, str]


def read_answers(place: Path | None, grades: Sequence[str]) -> pd.DataFrame:
    """Return the answers in the file at `place`, or in the tables (*.csv) and exports (*.json) of that folder, without
    hidden ones.

    The result has the columns ANSWERS, all text. None stands for no answers. `grades` are those of the scale. Raises
    InputError naming file, row and what to do if there is no such file, no answer in one, or anything in it that is
    not an answer to one of the questions that `make_review` asks.
    """
    if place is None:
        return pd.DataFrame(columns=ANSWERS, dtype=str)
    if place.is_dir():
        warn_of_sheets(place)
        shown = (path for path in place.iterdir() if path.is_file() and not path.name.startswith("."))
        files = sorted(path for path in shown if path.suffix.lower() in {".csv", ".json"})
        if not files:
            raise InputError(f"{place}: no table of answers (*.csv) and no export (*.json) in it")
    elif place.is_file():
        files = [place]
    else:
        raise InputError(f"{place}: not found; name the table that the review page stored, or a folder of such tables")
    found = []
    for file in files:
        rows = [_checked(row, where, grades) for where, row in _rows(file) if row["answer"]]
        if not rows:
            raise InputError(f"{file}: no answer in it; store the answers from the page again, or remove the file")
        found += rows
    return pd.DataFrame(found, columns=ANSWERS, dtype=str)


def _rows(file: Path) -> Iterator[tuple[str, Row]]:
    """Where each row stands, and what is in it."""
    if (length := file.stat().st_size) > MAX_BYTES and file.suffix.lower() == ".csv":
        raise InputError(f"{file}: {length} bytes, more than the {MAX_BYTES} that tables of answers may have")
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file}: not UTF-8; store it as `CSV UTF-8`") from None
    return _label_studio(file, text) if file.suffix.lower() == ".json" else _table(file, text)


def _table(file: Path, text: str) -> Iterator[tuple[str, Row]]:
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    # not str.splitlines: it cuts at U+2028 and the like, which no spreadsheet takes for the end of a row
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
        if missing := [name for name in NEEDED if name not in names]:
            raise InputError(
                f"{file}: no column {', '.join(missing)}; it has {', '.join(names)[:200] or 'none'};"
                " store the table as the review page gives it"
            )
        if twice := [name for name in NEEDED if names.count(name) > 1]:
            raise InputError(f"{file}: several columns are named {', '.join(twice)}; keep one of each")
        for number, cells in enumerate(lines, start=2):
            if any(cell.strip() for cell in cells):
                if len(cells) != len(names):
                    raise InputError(
                        f"{file}, row {number}: {len(cells)} cells, but {len(names)} columns; mend the row"
                    )
                row = dict(zip(names, map(unguarded, cells), strict=True))
                yield f"{file}, row {number}", {name: row.get(name, "") for name in ANSWERS}
    except csv.Error as error:
        raise InputError(f"{file}, row {lines.line_num}: cannot be read as a table: {error}") from None


def _label_studio(file: Path, text: str) -> Iterator[tuple[str, Row]]:
    """The annotations of an export (JSON) of the tasks that make_review wrote."""
    try:
        tasks = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON: {error}; export as JSON from Label Studio") from None
    if not isinstance(tasks, list):
        raise InputError(f"{file}: not a list of tasks; export as JSON from Label Studio")
    for number, task in enumerate(tasks, start=1):
        where = f"{file}, task {number}"
        try:
            for annotation in task["annotations"]:
                if not annotation.get("was_cancelled"):
                    yield where, _annotated(task["data"], annotation, where)
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            what = f"{type(error).__name__} {error}"
            raise InputError(f"{where}: not as Label Studio exports the tasks of make_review: {what}") from None


def _annotated(data: Mapping[str, Any], annotation: Mapping[str, Any], where: str) -> Row:
    results = {result["from_name"]: result["value"] for result in annotation["result"]}
    answers = results["answer"]["choices"] if "answer" in results else [""]
    if len(answers) > 1:
        raise InputError(f"{where}: {len(answers)} answers ({', '.join(map(str, answers))[:200]}); choose one")
    reasons = results["reason"]["text"] if "reason" in results else ""
    person = annotation["completed_by"]
    number = person["id"] if isinstance(person, dict) else person
    if not isinstance(number, int):
        raise InputError(f"{where}: completed_by holds no number of an annotator; export as JSON from Label Studio")
    return {
        **{name: str(data[name]) for name in ("case", "question", "picture", "other")},
        "answer": str(answers[0]),
        "reason": reasons if isinstance(reasons, str) else " ".join(map(str, reasons)),
        "reader": f"annotator {number}",  # the reader stands on the page, where no address of a person belongs
        "time": str(annotation.get("updated_at") or annotation.get("created_at") or ""),
    }


def _checked(row: Row, where: str, grades: Sequence[str]) -> Row:
    row = {name: _plain(value) for name, value in row.items()}
    pictures = [name for name in (row["picture"], row["other"]) if name]
    if row["question"] not in list(Question):
        raise InputError(f"{where}: question {row['question'][:60]!r}; known: {', '.join(Question)}")
    if case_id(row["question"], pictures) != row["case"]:
        raise InputError(
            f"{where}: case {row['case'][:60]!r} does not fit its pictures; leave these columns as they were"
        )
    allowed = allowed_answers(row["question"], len(pictures), grades)
    if row["answer"] not in allowed:
        raise InputError(f"{where}: answer {row['answer'][:60]!r}; it may be {', '.join(allowed)}")
    for name, limit in (("reader", MAX_READER), ("reason", MAX_REASON)):
        if len(row[name]) > limit:
            raise InputError(
                f"{where}: the {name} has {len(row[name])} characters, at most {limit} are allowed; cut it"
            )
    if not row["reader"]:
        raise InputError(f"{where}: no reader; fill in who answered")
    return row


def _plain(text: str) -> str:
    """On one line, letters in one encoding (NFC), with ? for halves of surrogate pairs, which UTF-8 cannot store."""
    storable = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return " ".join(unicodedata.normalize("NFC", storable).split())
