"""Ratings in exports of labelling tools: Labelbox (JSON by lines, or a list of its former kind) and Label Studio (JSON,
JSON-MIN, and the cells of its CSV).

An export is told by what is in it, not by its ending.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from radsieve.errors import InputError
from radsieve.text_files import read_text

MAX_BYTES = 200_000_000
BY_LINES = (".ndjson", ".jsonl")
_VALUES = ("choices", "rating", "number", "text", "taxonomy")  # how Label Studio's control tags store an answer

_ANSWERS = {"radio_answer", "checklist_answers", "text_answer"}  # how Labelbox stores one

Row = tuple[str, str, str]  # subject, rater, label


@dataclass(frozen=True)
class Fields:
    """What the parameters of measure_agreement name: columns of a table or fields of an export.

    `missing`: labels, in small letters, that stand for no rating.
    """

    item: str
    rater: str
    label: str
    multiple: bool
    missing: frozenset[str] = frozenset()


def read_export(path: Path, fields: Fields) -> list[Row]:
    """Return (subject, rater, label) of every rating in the export at `path`; "" for an annotation without a label.

    Raises InputError naming the file and the line or task.
    """
    try:
        text = read_text(path, MAX_BYTES)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not encoded as UTF-8 ({error.reason} at byte {error.start}); save it so") from None
    rows = _rows(path, text)
    one = _reader(rows, path.suffix.lower())
    found = [(where, rating) for where, row in rows for rating in one(row, fields, where)]
    for where, rating in found:
        if not all(map(_is_text, rating)):
            raise InputError(f"{where}: holds half of a character ({', '.join(map(repr, rating))[:100]}); mend it")
    return [rating for _, rating in found]


def answers_in(cell: str, where: str) -> list[str]:
    """The answers in a cell of Label Studio's CSV, which has a single choice or text as it is, and others as JSON; any
    other text is one answer.

    Raises InputError for a cell of Labelbox's former CSV, which holds all that somebody said of an image.
    """
    if not cell.startswith(('{"', '[{"')):
        return [cell]
    try:
        content = json.loads(cell)
    except (ValueError, RecursionError):
        return [cell]
    if isinstance(content, dict) and {"classifications", "objects"} & content.keys():
        raise InputError(f"{where}: a CSV of Labelbox, with JSON in its cells; export as JSON or NDJSON")
    try:
        found = _minimal_answers(content, where)
    except InputError:
        return [cell]
    return found if all(map(_is_text, found)) else [cell]


def _reader(rows: list[tuple[str, Any]], ending: str) -> Callable[[Any, Fields, str], Iterator[Row]]:
    """What reads a row, by the fields of all."""
    fields = set(chain.from_iterable(row for _, row in rows if isinstance(row, dict)))
    if "data_row" in fields:
        return _labelbox
    if {"Label", "DataRow ID"} <= fields:
        return _former_labelbox
    if "annotation_id" in fields and "annotations" not in fields:
        return _minimal_label_studio
    return _labelbox if ending in BY_LINES else _label_studio


def _is_text(value: str) -> bool:
    """Whether a text can be written: JSON may hold halves of pairs alone (`\\ud800`)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _rows(path: Path, text: str) -> list[tuple[str, Any]]:
    """The objects of an export, each with its place: a list of them, or one a line, whatever the file's ending says."""
    lines = [(f"{path}, line {number}", line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if path.suffix.lower() in BY_LINES or (len(lines) > 1 and all(line.lstrip().startswith("{") for _, line in lines)):
        return [(where, _object(line, where)) for where, line in lines]
    content = _object(text, str(path))
    if not isinstance(content, list):
        raise InputError(f"{path}: not as Label Studio exports it: no list of tasks")
    return [(f"{path}, task {number}", row) for number, row in enumerate(content, start=1)]


def _object(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{where}: nested too deeply for an export") from None
    except ValueError as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None


def _labelbox(row: Any, fields: Fields, where: str) -> Iterator[Row]:
    """A data row of Labelbox with the labels of all its labellers.

    `item` is a field of data_row, `rater` one of label_details, `label` the name of a classification.
    """
    with _reporting(where, "Labelbox"):
        for label in chain.from_iterable(project["labels"] for project in row["projects"].values()):
            if (label.get("performance_details") or {}).get("skipped"):
                continue
            subject = _field(row["data_row"], fields.item, where)
            rater = _field(label["label_details"], fields.rater, where)
            asked = _nested(label["annotations"]["classifications"])
            chosen = [c for c in asked if fields.label in (c.get("name"), c.get("value"))]
            answers = list(chain.from_iterable(_labelbox_answers(one, where) for one in chosen))
            yield from _answers(subject, rater, answers, fields, where)


def _nested(classifications: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The classifications, and those that an answer to one of them asks for."""
    for one in classifications:
        yield one
        for answer in (one.get("radio_answer"), *(one.get("checklist_answers") or ())):
            yield from _nested((answer or {}).get("classifications") or ())


def _labelbox_answers(classification: dict[str, Any], where: str) -> list[str]:
    if "checklist_answers" in classification:
        return [answer["name"] for answer in classification["checklist_answers"] or ()]
    if classification.get("radio_answer"):
        return [classification["radio_answer"]["name"]]
    if not _ANSWERS & classification.keys():
        raise InputError(
            f"{where}: an answer of the kind {_kinds(classification)}; known: {', '.join(sorted(_ANSWERS))}"
        )
    return [(classification.get("text_answer") or {}).get("content") or ""]


def _former_labelbox(row: Any, fields: Fields, where: str) -> Iterator[Row]:
    """A label of Labelbox's first form of export; `item` and `rater` are fields of it (External ID, Created By)."""
    with _reporting(where, "Labelbox"):
        if row.get("Skipped") or row["Label"] == "Skip":
            return
        found = [c for c in row["Label"].get("classifications", ()) if fields.label in (c.get("title"), c.get("value"))]
        given = [answer for one in found for answer in _several(one.get("answers", one.get("answer")))]
        answers = [str(answer["title"] if isinstance(answer, dict) else answer) for answer in given]
        yield from _answers(_field(row, fields.item, where), _field(row, fields.rater, where), answers, fields, where)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _kinds(classification: dict[str, Any]) -> str:
    return ", ".join(repr(name) for name in classification if name.endswith("_answer")) or "none"


def _label_studio(task: Any, fields: Fields, where: str) -> Iterator[Row]:
    """A task of Label Studio with the annotations of all annotators.

    `item` is a field of a task or of its data, `rater` one of an annotation (completed_by), `label` the name
    (from_name) of the control tag: choices, a rating, a number, a text, or a taxonomy, of which the last level counts.
    """
    with _reporting(where, "Label Studio"):
        for annotation in task["annotations"]:
            if annotation.get("was_cancelled"):
                continue
            subject = _field({**task["data"], **task}, fields.item, where)
            rater = _field(annotation, fields.rater, where)
            results = [one for one in annotation["result"] or () if one.get("from_name") == fields.label]
            answers = list(chain.from_iterable(_label_studio_answers(one["value"], where) for one in results))
            yield from _answers(subject, rater, answers, fields, where)


def _label_studio_answers(value: dict[str, Any], where: str) -> list[str]:
    for name in _VALUES:
        if name in value:
            given = value[name] if isinstance(value[name], list) else [value[name]]
            return [str(one[-1] if isinstance(one, list) and one else one) for one in given]
    raise InputError(f"{where}: an answer of the kind {', '.join(map(repr, value))}; known: {', '.join(_VALUES)}")


def _minimal_label_studio(row: Any, fields: Fields, where: str) -> Iterator[Row]:
    """An annotation in Label Studio's JSON-MIN: `item`, `rater` (annotator) and `label` are fields of it."""
    with _reporting(where, "Label Studio"):
        answers = _minimal_answers(row.get(fields.label), where)
        yield from _answers(_field(row, fields.item, where), _field(row, fields.rater, where), answers, fields, where)


def _minimal_answers(value: Any, where: str) -> list[str]:
    """Answers as JSON-MIN has them: a text alone, or one or several values as Label Studio stores them."""
    found = (_label_studio_answers(one, where) if isinstance(one, dict) else [str(one)] for one in _several(value))
    return list(chain.from_iterable(found))


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
    """The value that the parameters name, which is not empty; for a person the email address or else the number."""
    if key not in content:
        known = ", ".join(map(repr, content)) or "none"
        raise InputError(f"{where}: no field {key!r}; fields: {known} (see params.yaml, measure_agreement)")
    value = content[key]
    if value is None or value == "":
        raise InputError(f"{where}: {key} is empty, so that nobody can tell what it is of; name another field")
    return str(value.get("email") or value["id"]) if isinstance(value, dict) else str(value)
