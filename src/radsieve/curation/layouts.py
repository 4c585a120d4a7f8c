"""What says who graded an object of a store and how: its key, or a table beside the store."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from radsieve.errors import InputError
from radsieve.imaging.known_names import KnownNames
from radsieve.imaging.tags import Value
from radsieve.storage.keys import UNSAFE_KEY, unsafe
from radsieve.storage.objects import ARCHIVED, StoredObject
from radsieve.text_files import composed

DEPTH, GRADER, GRADE = "unexpected depth", "unknown grader", "unknown grade"
EMPTY, TOO_LARGE = "empty object", "too large"
NO_MATCH, UNLISTED, ABSENT = "not as source.pattern", "not in the table", "not in the source"
REASONS = (UNSAFE_KEY, DEPTH, NO_MATCH, GRADER, GRADE, UNLISTED, ABSENT, EMPTY, TOO_LARGE)


@dataclass(frozen=True)
class Rejection:
    """Why an object is put into quarantine, and further details."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """An object of which it is known who graded it and how; `path` says so as `<grader>/<grade>/<name>` does, and is
    that of no other grade: the key without the prefix, or, of a table, what the key would be in folders.
    """

    stored: StoredObject
    expert: str
    severity: str
    path: str
    known: Mapping[str, Value] = field(default_factory=dict)  # of the image besides: columns of curation.tables.IMAGES


Verdict = tuple[StoredObject, Graded | Rejection]


class Labels(Protocol):
    """Says of each object of a store who graded it and how."""

    def verdicts(self, objects: Sequence[StoredObject], max_bytes: int) -> list[Verdict]:
        """Return for each grade that an object has, and for each object without one, what becomes of it.

        Of objects with more than `max_bytes` none is read.
        """
        ...


def unfit(stored: StoredObject, path: str, max_bytes: int) -> Rejection | None:
    """Why an object is not read, whoever graded it; `path` is its key without the prefix. Whether it is archived
    matters only if it is graded: see `graded`."""
    if danger := unsafe(path):
        return Rejection(UNSAFE_KEY, danger)
    if stored.fault and stored.fault != ARCHIVED:
        return Rejection(stored.fault)
    if stored.byte_size == 0:
        return Rejection(EMPTY, "0 bytes")
    if stored.byte_size > max_bytes:
        return Rejection(TOO_LARGE, f"more than {max_bytes} bytes")
    return None


def graded(
    stored: StoredObject, expert: str, severity: str, path: str, known: Mapping[str, Value] | None = None
) -> Graded | Rejection:
    """Return that `expert` graded the object, or that it is archived."""
    return Rejection(ARCHIVED) if stored.fault == ARCHIVED else Graded(stored, expert, severity, path, known or {})


@dataclass(frozen=True)
class Layout:
    """Which keys are graded images: `<prefix><grader>/<grade>/<name>`, or those in which `pattern` finds grader and
    grade; names by their composed form (NFC), as which macOS does not write them."""

    prefix: str
    graders: Mapping[str, str]
    grades: Mapping[str, str]
    pattern: re.Pattern[str] | None = field(default=None)

    @classmethod
    def of(cls, prefix: str, graders: Collection[str], grades: Collection[str], pattern: str | None = None) -> "Layout":
        """The layout of graders and grades as they are named in the parameters.

        Raises InputError for a pattern that names no grade, or no grader where there are several.
        """
        by_grader, by_grade = ({composed(name): name for name in names} for names in (graders, grades))
        return cls(prefix, by_grader, by_grade, None if pattern is None else _pattern(pattern, len(graders)))

    def verdicts(self, objects: Sequence[StoredObject], max_bytes: int) -> list[Verdict]:
        """See `Labels`."""
        return [(stored, check_object(stored, self, max_bytes)) for stored in objects]


def check_object(stored: StoredObject, layout: Layout, max_bytes: int) -> Graded | Rejection:
    """Return who graded the object and how, or why it is put into quarantine unread."""
    path = stored.key.removeprefix(layout.prefix)
    if (found := unfit(stored, path, max_bytes)) and found.reason in (UNSAFE_KEY, stored.fault):
        return found
    names = _names(path, layout)
    if isinstance(names, Rejection):
        return names
    expert, severity = layout.graders.get(composed(names[0])), layout.grades.get(composed(names[1]))
    if expert is None:
        return Rejection(GRADER, _not_in(names[0], layout.graders.values(), "source.graders"))
    if severity is None:
        return Rejection(GRADE, _not_in(names[1], layout.grades.values(), "source.grades"))
    return found or graded(stored, expert, severity, path)


def _not_in(name: str, known: Collection[str], setting: str) -> str:
    meant = KnownNames(known).meant(name)
    return f"{name} is not in {setting}" + (f", where {meant} is written otherwise" if meant else "")


def _names(path: str, layout: Layout) -> tuple[str, str] | Rejection:
    """The grader and the grade that a path names."""
    if layout.pattern is not None:
        match = layout.pattern.search(path)
        if match is None or match["grade"] is None:
            return Rejection(NO_MATCH, "source.pattern finds no grade in it")
        named = match.groupdict().get("grader")
        if named is None and len(layout.graders) > 1:
            return Rejection(NO_MATCH, "source.pattern finds no grader in it, and source.graders names several")
        return next(iter(layout.graders)) if named is None else named, match["grade"]
    folders = path.split("/")
    if len(folders) != 3:
        return Rejection(DEPTH, f"{len(folders)} levels below the prefix instead of 3")
    return folders[0], folders[1]


def _pattern(text: str, graders: int) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise InputError(f"source.pattern = {text!r}: not a regular expression: {error}") from None
    if "grade" not in pattern.groupindex:
        raise InputError(f"source.pattern = {text!r}: needs (?P<grade>...) around what names the grade")
    if graders > 1 and "grader" not in pattern.groupindex:
        raise InputError(
            f"source.pattern = {text!r}: needs (?P<grader>...), since source.graders names {graders} graders"
        )
    return pattern
