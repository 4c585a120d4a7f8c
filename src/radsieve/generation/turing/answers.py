"""What readers answered in a visual Turing test: the tables that its page gives them, joined with the key."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generation.tables import TURING_ANSWERS, Origin
from radsieve.tables.user_tables import read_cells, warn_of_sheets
from radsieve.text_files import composed

ALL_READERS = "all readers"
MISSING = -1
MAX_READERS = 300

Codes = NDArray[np.integer]


def read_answers(place: Path | None, key: pd.DataFrame) -> pd.DataFrame:
    """Read the table at `place`, or all tables (*.csv) in that folder but hidden ones: TURING_ANSWERS, sorted by reader
    and place.

    What a spreadsheet made of a table is understood. None stands for no answers. `key` is the TURING_KEY of the test.
    Raises InputError naming file and row if there is no such table, or if it has answers to another test or to an image
    that is not in it, two answers of one reader to one image, or a reader whose name stands for all of them.
    """
    if place is None:
        return pd.DataFrame(columns=list(TURING_ANSWERS.columns))
    if place.is_dir():
        warn_of_sheets(place)
        shown = (path for path in place.iterdir() if not path.name.startswith("."))
        files = sorted(path for path in shown if path.suffix.lower() == ".csv")
        if not files:
            raise InputError(f"{place}: no table of answers (*.csv) in it; the page gives one to each reader")
    else:
        files = [place]
    if len(files) > MAX_READERS:
        raise InputError(f"{place}: {len(files)} tables of answers, more than {MAX_READERS}; name a folder of fewer")
    found = [_checked(_read(file), key, file) for file in files]
    answers = pd.concat(found, ignore_index=True)
    if (readers := answers["reader"].nunique()) > MAX_READERS:
        raise InputError(f"{place}: answers of {readers} readers, more than {MAX_READERS}")
    if (twice := answers.duplicated(["reader", "place"])).any():
        one = answers[twice].iloc[0]
        raise InputError(
            f"{place}: two answers of reader {one['reader']!r} to image {one['place']}; keep one table of each reader"
        )
    return answers.sort_values(["reader", "place"], ignore_index=True)


def answer_codes(answers: pd.DataFrame, key: pd.DataFrame) -> tuple[Codes, list[str]]:
    """Return the answers to the images of `key`, (images, readers), and the readers in the order of the columns.

    1 if the image was taken for synthetic, 0 if for real, MISSING if there is no answer.
    """
    readers = sorted(set(answers["reader"]))
    codes = np.full((len(key), len(readers)), MISSING, dtype=np.int64)
    rows = pd.Index(key["place"]).get_indexer(answers["place"])
    codes[rows, pd.Index(readers).get_indexer(answers["reader"])] = answers["answer"] == Origin.SYNTHETIC
    return codes, readers


def image_answers(codes: Codes, key: pd.DataFrame) -> pd.DataFrame:
    """Return for each image how many readers answered and how many took it for real (TURING_IMAGES)."""
    return key.assign(answers=(codes != MISSING).sum(axis=1), taken_for_real=(codes == 0).sum(axis=1))[
        ["place", "kind", "image", "answers", "taken_for_real"]
    ]


def readings(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers as single ratings: columns subject (image), finding (none), rater and label, all text."""
    subject = answers["place"].map("{:05d}".format)
    return pd.DataFrame({"subject": subject, "finding": "", "rater": answers["reader"], "label": answers["answer"]})


def _read(file: Path) -> pd.DataFrame:
    names = list(TURING_ANSWERS.columns)
    cells = read_cells(file, names)
    if missing := [name for name in names if name not in cells.columns]:
        raise InputError(f"{file}: no column {', '.join(missing)}; store the table as the page gives it")
    rows = cells.loc[(cells != "").any(axis=1), names]
    numbers = {name: pd.to_numeric(rows[name].str.replace(",", "."), errors="coerce") for name in ("place", "seconds")}
    return tables.checked(TURING_ANSWERS, rows.assign(answer=rows["answer"].str.lower(), **numbers), file)


def _checked(answers: pd.DataFrame, key: pd.DataFrame, file: Path) -> pd.DataFrame:
    test = key["test"].iloc[0]
    readers = answers["reader"].map(lambda name: " ".join(composed(name).split()))
    wrong = {
        f"answers another test than {test}": answers["test"] != test,
        "names an image that the test does not have": ~answers["place"].isin(key["place"]),
        "names no reader": readers == "",
        f"names the reader {ALL_READERS!r}, which stands for all": readers == ALL_READERS,
        "names a reader in several lines (is a quote not closed?)": answers["reader"].str.contains(r"[\r\n]"),
    }
    for what, rows in wrong.items():
        if rows.any():
            raise InputError(f"{file}, row {rows.idxmax() + 2}: {what}; give answers to this page alone")
    return answers.assign(reader=readers)
