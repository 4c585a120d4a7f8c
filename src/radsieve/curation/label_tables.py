"""Grades in a table beside the images: a row for each rating, or for each image with a column for each grader."""

import functools
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import pandas as pd

from radsieve.curation.layouts import ABSENT, GRADE, GRADER, UNLISTED, Graded, Rejection, Verdict, graded, unfit
from radsieve.errors import InputError
from radsieve.imaging.image_splits import patient_key
from radsieve.imaging.known_names import KnownNames
from radsieve.imaging.named_files import files_named
from radsieve.imaging.pseudonyms import NOT_GIVEN, Pseudonyms
from radsieve.imaging.tags import GIVEN_SPLIT, Value, add, cleaned
from radsieve.settings import LabelTable, SourceSettings, expand
from radsieve.storage.objects import StoredObject
from radsieve.tables.images import Split
from radsieve.tables.spreadsheets import refuse_shortened
from radsieve.tables.user_tables import read_cells

WIDE = "*"
_SPLITS = {
    **dict.fromkeys(["train", "training"], Split.TRAIN),
    **dict.fromkeys(["validation", "valid", "val", "dev"], Split.VALIDATION),
    **dict.fromkeys(["test", "testing"], Split.TEST),
}
_UID = re.compile(r"\d+(\.\d+){3,}")
_ABSOLUTE = "; name images by their path below source.prefix, not by one of another machine"
_NAMED = 10  # spellings that the log names
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableLayout:
    """The ratings of a table: `ratings` with columns image, expert, severity (as the table has them) and line; `facts`
    by the image's name there: PatientID, StudyInstanceUID (pseudonyms), ViewPosition, given_split, those that it has,
    and further patients and studies.
    """

    file: Path
    prefix: str
    graders: Sequence[str]
    grades: Sequence[str]
    ratings: pd.DataFrame
    facts: Mapping[str, Mapping[str, Value]]

    def verdicts(self, objects: Sequence[StoredObject], max_bytes: int) -> list[Verdict]:
        """See `radsieve.curation.layouts.Labels`. Equal rows of one rating count once.

        Raises InputError for an image in two splits under two forms of its name.
        """
        stored = {one.key.removeprefix(self.prefix): one for one in objects}
        stored = {path: one for path, one in stored.items() if path.rpartition("/")[2] != self.file.name}
        meant = self._meant(stored)
        found: list[Verdict] = []
        refused = {path: why for path, one in stored.items() if (why := unfit(one, path, max_bytes))}
        found += [(stored[path], why) for path, why in refused.items()]
        listed, rated = set(), set()
        facts = self._facts_by_path(meant)
        experts, severities = (KnownNames(names) for names in (self.graders, self.grades))
        for image, expert, severity, line in self.ratings.itertuples(index=False):
            path = meant.get(image, image)
            listed.add(path)
            if path in refused:
                continue
            one = stored.get(path) or StoredObject(self.prefix + path, 0, "")
            row = f"{self.file.name}, line {line}"
            if path not in stored:
                found.append((one, Rejection(ABSENT, f"named in {row}{_ABSOLUTE if _is_absolute(image) else ''}")))
            elif (by := experts.meant(expert)) is None:
                found.append((one, Rejection(GRADER, f"{row}: {expert} is not in source.graders")))
            elif (grade := severities.meant(severity)) is None:
                found.append((one, Rejection(GRADE, f"{row}: {severity} is not in source.grades")))
            elif (path, by, grade) not in rated:
                rated.add((path, by, grade))
                found.append((one, graded(one, by, grade, f"{by}/{grade}/{path}", facts[path])))
        found += [
            (one, Rejection(UNLISTED, f"no rating of it in {self.file.name}"))
            for path, one in stored.items()
            if path not in listed and path not in refused
        ]
        once = {
            (one.key, verdict if isinstance(verdict, Rejection) else verdict.path): (one, verdict)
            for one, verdict in found
        }  # a row of several graders names an image once
        _tell_spellings(self.file, "grades", severities, self.ratings["severity"])
        _tell_spellings(self.file, "graders", experts, self.ratings["expert"])
        return sorted(once.values(), key=lambda verdict: _place(*verdict))

    def _facts_by_path(self, meant: Mapping[str, str]) -> dict[str, dict[str, Value]]:
        """What the table says of each image under all forms of its name."""
        found: dict[str, dict[str, Value]] = {}
        for image, facts in self.facts.items():
            path = meant.get(image, image)
            known = found.setdefault(path, {})
            if len({known.get(GIVEN_SPLIT), facts.get(GIVEN_SPLIT)} - {None, ""}) > 1:
                raise InputError(f"{self.file}: {path} is in two splits, under two forms of its name; give it one")
            add(known, facts)
        return found

    def _meant(self, stored: dict[str, StoredObject]) -> dict[str, str]:
        """The path of each image that the table names otherwise: with the prefix, or in another form."""
        names = self.ratings["image"].unique()
        whole = {name: name.removeprefix(self.prefix) for name in names}
        forms = files_named(whole.values(), stored, str(self.file), bare=True)
        return {name: forms.get(path, path) for name, path in whole.items()}


def _tell_spellings(file: Path, key: str, known: KnownNames, written: pd.Series) -> None:
    meant = {text: known.meant(text) for text in written.unique()}
    if others := [f"{text!r} for {name!r}" for text, name in meant.items() if name not in (None, text)]:
        _log.warning("%s: taken for names of source.%s: %s", file, key, ", ".join(others[:_NAMED]))


def _is_absolute(name: str) -> bool:
    return PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute() or "://" in name


def _place(stored: StoredObject, verdict: Graded | Rejection) -> str:
    return verdict.path if isinstance(verdict, Graded) else stored.key


def read_layout(source: SourceSettings, pseudonyms: Callable[[], Pseudonyms]) -> TableLayout:
    """Read the table that `source.table` names; `pseudonyms` is asked if it has patients or studies.

    Raises InputError naming the file, and the column or line that is wrong.
    """
    options = source.table
    if options.file is None:
        raise InputError("source.table.file = none: name the table of grades, or set source.layout to folders")
    if options.rater is None and len(source.graders) > 1:
        raise InputError("source.table.rater = none: name the column of the grader, * for a column each, or one grader")
    if options.rater != WIDE and options.label is None:
        raise InputError("source.table.label = none: name the column of the grade")
    file = expand(options.file, "source.table.file")
    unread = ("file", "rater", "label") if options.rater == WIDE else ("file",)
    wanted = {key: name for key, name in options.model_dump().items() if name and key not in unread}
    table = read_cells(file, list(wanted.values()), "source.table.file")
    for key, name in wanted.items():
        if name not in table.columns:
            raise InputError(f"{file}: no column {name!r} (source.table.{key}); it has {', '.join(table.columns)}")
    table = table.set_axis(range(2, len(table) + 2))  # lines of the file
    table = table[(table != "").any(axis=1)]
    if nameless := table.index[table[options.image] == ""].tolist():
        raise InputError(f"{file}, line {nameless[0]}: column {options.image!r} is empty; name the image")
    return TableLayout(
        file,
        source.prefix,
        source.graders,
        source.grades,
        _ratings(table, options, source, file),
        _facts(table, options, pseudonyms, file),
    )


def _ratings(table: pd.DataFrame, options: LabelTable, source: SourceSettings, file: Path) -> pd.DataFrame:
    graders = source.graders
    image, line = table[options.image], table.index
    if options.rater == WIDE:
        known = KnownNames(table.columns)
        columns = {name: known.meant(name) for name in graders}
        has = ", ".join(table.columns)
        if missing := [name for name, column in columns.items() if column is None]:
            raise InputError(
                f"{file}: no column {missing[0]!r} of a grader, or several that may be it; it has {has}; name"
                " the graders in source.graders as the columns are named"
            )
        if shared := [name for name, one in columns.items() if list(columns.values()).count(one) > 1]:
            what = f"one column for {' and '.join(map(repr, shared))}, of whom each needs one"
            raise InputError(f"{file}: {what}; it has {has}")
        by_grader = [
            pd.DataFrame({"image": image, "expert": name, "severity": table[columns[name]], "line": line})
            for name in graders
        ]
        found = pd.concat(by_grader, ignore_index=True)
    else:
        expert = table[options.rater] if options.rater else graders[0]
        found = pd.DataFrame({"image": image, "expert": expert, "severity": table[str(options.label)], "line": line})
    codes = set(NOT_GIVEN) - {patient_key(grade) for grade in source.grades}  # a scale may begin with "none"
    given = ~found["severity"].map(patient_key).isin(codes)
    if not given.all():
        _log.info("%s: %d ratings are empty or missing codes, and count as none", file, int((~given).sum()))
    return found[given].reset_index(drop=True)


def _facts(
    table: pd.DataFrame, options: LabelTable, pseudonyms: Callable[[], Pseudonyms], file: Path
) -> dict[str, dict[str, Value]]:
    """What the table says of each image, by its name there; the first row that says something counts, and of patients
    and studies each."""
    found = pd.DataFrame(index=table.index)
    own = functools.cache(pseudonyms)
    for kind, column in (("PatientID", options.patient), ("StudyInstanceUID", options.study)):
        if column:
            refuse_shortened(table[column], column, file)
            names = _of_patients(table, options, file) if column == options.study else table[column]
            found[kind] = [own().of(kind, name) for name in names]
            said = set(table.loc[found[kind] != "", options.image])
            if nobodys := len({*table[options.image]} - said):
                _log.warning(
                    "%s: column %r is empty for all names of %d images, which are tied by it to no other",
                    file,
                    column,
                    nobodys,
                )
    if options.view:
        found["ViewPosition"] = [
            cleaned("" if patient_key(view) in NOT_GIVEN else view) for view in table[options.view]
        ]
    if options.split:
        found[GIVEN_SPLIT] = [
            _split(value, f"{file}, line {line}, column {options.split!r}")
            for value, line in zip(table[options.split], table.index, strict=True)
        ]
        _refuse_two_splits(found[GIVEN_SPLIT], table, options, file)
    by_image: dict[str, dict[str, Value]] = {image: {} for image in table[options.image]}
    for image, row in zip(table[options.image], found.to_dict("records"), strict=True):
        add(by_image[image], {str(name): value for name, value in row.items() if value})
    return by_image


def _of_patients(table: pd.DataFrame, options: LabelTable, file: Path) -> pd.Series:
    """The names of the studies; one that several patients have, such as the number of a visit, is of each its own, but
    for a UID, which stands for one study in the world and ties them."""
    names = table[options.study]
    if options.patient is None or options.patient == options.study:
        return names
    known = table[options.patient].map(patient_key)
    patients = known[known != ""].groupby(names[known != ""]).nunique()
    shared = {
        name for name in patients.index[patients > 1] if not _UID.fullmatch(name) and patient_key(name) not in NOT_GIVEN
    }
    if not shared:
        return names
    _log.warning(
        "%s: %d studies, such as %r, are of several patients, and taken for a study of each",
        *(file, len(shared), min(shared)),
    )
    return names.mask(names.isin(shared), names + " of " + known)


def _refuse_two_splits(splits: pd.Series, table: pd.DataFrame, options: LabelTable, file: Path) -> None:
    given = pd.DataFrame({"image": table[options.image], "line": table.index, "split": splits})
    given = given[given["split"] != ""].drop_duplicates(["image", "split"])
    if (again := given[given["image"].duplicated()]).empty:
        return
    image, line, _ = again.iloc[0]
    first = given.loc[given["image"] == image, "line"].iloc[0]
    raise InputError(
        f"{file}, lines {first} and {line}, column {options.split!r}: {image} is in two splits; give it one"
    )


def _split(value: str, place: str) -> str:
    known = patient_key(value)
    if known in NOT_GIVEN:
        return ""
    if known not in _SPLITS:
        raise InputError(f"{place}: {value!r} is no split; write train, validation or test, or leave it empty")
    return _SPLITS[known]
