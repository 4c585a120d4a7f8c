"""Works of several authors in one form, with units and splits, and what was left out."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from radsieve.errors import InputError
from radsieve.imaging.image_splits import divide, linked, patient_key
from radsieve.settings import Splits
from radsieve.storage.keys import escaped
from radsieve.tables.images import Split
from radsieve.tasks.texts.normalisation import normalised, stripped
from radsieve.tasks.texts.settings import PackTexts
from radsieve.tasks.texts.tables import ALIKE_WORKS, WORK_COUNTS, WORK_LIST, WORK_QUARANTINE, WORKS

_PASSAGE = 8  # words: long enough that two authors do not write them by chance
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_SUFFIX = ".txt"


@dataclass(frozen=True)
class PackedTexts:
    """WORKS, WORK_LIST, WORK_COUNTS, ALIKE_WORKS, WORK_QUARANTINE, and `metrics`."""

    works: pd.DataFrame
    listed: pd.DataFrame
    counts: pd.DataFrame
    alike: pd.DataFrame
    quarantine: pd.DataFrame
    metrics: dict[str, Any]


@dataclass(frozen=True)
class _Work:
    author: str
    work: str
    file: str
    lines: Sequence[str]


def pack_texts(folder: Path, settings: PackTexts, splits: Splits) -> PackedTexts:
    """Read the works below `folder`/<author>, and divide them so that no work, and none nearly equal, is in two splits.

    A file that is no .txt, not UTF-8 or holds control characters goes to quarantine, and so does a work that is shorter
    than `settings.shortest` characters. The split of a work follows from its author and name by the keyed hash of
    `splits`; works with equal letters, or nearly equal, are one unit.

    Raises InputError if the folder, an author, or all works of an author in one split are missing.
    """
    headers = _patterns(settings.headers, "headers")
    notes = _patterns(settings.notes, "notes")
    (title,) = _patterns([settings.title], "title")
    rows: list[dict[str, Any]] = []
    quarantine: list[tuple[str, str, str, str]] = []
    for author in settings.authors:
        for work in _works(folder, author, title if author in settings.divided else None, quarantine):
            raw, head, foot = stripped(work.lines, work.work, headers, notes)
            text = normalised(raw)
            if len(text) < settings.shortest:
                reason = "empty" if not text else f"shorter than {settings.shortest} characters"
                quarantine.append((work.file, work.work, reason, f"{len(text)} characters"))
                continue
            rows.append(
                {"author": author, "work": work.work, "file": work.file, "header_lines": head, "note_lines": foot,
                 "characters": len(text), "words": len(text.split()), "raw": raw, "text": text}
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*dict.fromkeys([*WORK_LIST.columns, *WORKS.columns])])
    if missing := [author for author in settings.authors if author not in set(table["author"])]:
        first = f"; the first fault: {': '.join(quarantine[0])}" if quarantine else ""
        raise InputError(f"params.yaml, pack_texts.authors: no work of {', '.join(missing)} can be used{first}")
    alike = _alike(table, settings.alike)
    atoms = [
        f"work {patient_key(author)}/{patient_key(work)}"
        for author, work in zip(table["author"], table["work"], strict=True)
    ]
    division = divide(linked(_letters(table["text"]), pairs=list(alike)), atoms, splits)
    table = table.assign(unit=division.unit, split=[str(one) for one in division.split])
    _check(table)
    counts = _counts(table)
    pairs = [
        (*(table[name][row] for row in pair for name in ("author", "work")), share) for pair, share in alike.items()
    ]
    return PackedTexts(
        works=table[list(WORKS.columns)],
        listed=table[list(WORK_LIST.columns)],
        counts=counts,
        alike=pd.DataFrame(pairs, columns=list(ALIKE_WORKS.columns)),
        quarantine=pd.DataFrame(quarantine, columns=list(WORK_QUARANTINE.columns)),
        metrics={
            "authors": len(settings.authors),
            "works": len(table),
            "units": int(table["unit"].nunique()),
            "characters": int(table["characters"].sum()),
            "nearly_equal_pairs": len(alike),
            "quarantined": len(quarantine),
            "works_of": {author: int((table["author"] == author).sum()) for author in settings.authors},
        },
    )


def _patterns(texts: Sequence[str], key: str) -> list[re.Pattern[str]]:
    try:
        return [re.compile(one) for one in texts]
    except re.error as error:
        raise InputError(f"params.yaml, pack_texts.{key}: not a regular expression: {error}") from None


def _works(
    folder: Path, author: str, title: re.Pattern[str] | None, quarantine: list[tuple[str, str, str, str]]
) -> Iterator[_Work]:
    place = folder / author
    if not place.is_dir():
        raise InputError(f"{place}: no such folder; params.yaml, pack_texts names it as that of an author")
    for path in sorted(path for path in place.rglob("*") if not path.name.startswith("._")):  # what macOS adds
        text = path.suffix.lower() == _SUFFIX
        hidden = any(part.startswith(".") for part in path.relative_to(place).parts)
        if not text and (hidden or not path.is_file()):
            continue
        name, own = (escaped(str(one)) for one in (path.relative_to(folder), path.relative_to(place).with_suffix("")))
        if not path.is_file():
            if not path.is_dir():
                quarantine.append((name, own, "no file", "a link that leads nowhere, or a device"))
            continue
        if not text:
            quarantine.append((name, own, "not a plain text", f"its name does not end in {_SUFFIX}"))
            continue
        try:
            content = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            quarantine.append((name, own, "cannot be read", error.strerror or ""))
            continue
        except UnicodeDecodeError as error:
            quarantine.append((name, own, "not encoded as UTF-8", f"byte {error.start + 1}"))
            continue
        if found := _CONTROL.search(content):
            detail = f"U+{ord(found[0]):04X} at character {found.start() + 1}"
            quarantine.append((name, own, "holds a control character", detail))
            continue
        lines = content.splitlines()
        yield from [_Work(author, own, name, lines)] if title is None else _divided(author, own, name, lines, title)


def _divided(author: str, own: str, name: str, lines: Sequence[str], title: re.Pattern[str]) -> Iterator[_Work]:
    """The works of a file, each from a line that matches `title`; titles that follow one another are one.

    Works of one title are told apart by their number, and what precedes the first title is no work.
    """
    starts = [place for place, line in enumerate(lines) if line.strip() and title.fullmatch(line.strip())]
    seen: dict[str, int] = {}
    begun: list[tuple[int, int, str]] = []  # first line of the title, first of the text, title
    for place in starts:
        between = [line for line in lines[begun[-1][1] : place] if line.strip()] if begun else [""]
        if begun and not between:
            begun[-1] = (begun[-1][0], place + 1, f"{begun[-1][2]} {' '.join(lines[place].split())}")
        else:
            begun.append((place, place + 1, " ".join(lines[place].split())))
    for number, (_, first, text) in enumerate(begun):
        end = begun[number + 1][0] if number + 1 < len(begun) else len(lines)
        seen[text] = seen.get(text, 0) + 1
        label = text if seen[text] == 1 else f"{text} ({seen[text]})"
        yield _Work(author, f"{own}/{label}", name, lines[first:end])


def _letters(texts: pd.Series) -> list[str]:
    """A digest of the letters of each text, the same for texts that differ only in typography and capitals."""
    bare = ("".join(sign for sign in text.casefold() if sign.isalnum()) for text in texts)
    return [hashlib.sha256(one.encode("utf-8", "surrogatepass")).hexdigest() for one in bare]


def _alike(table: pd.DataFrame, least: float) -> dict[tuple[int, int], float]:
    """Pairs of works, by their rows, that share at least `least` of the passages of the shorter one."""
    passages = _passages(table["text"])
    values, places = np.unique(np.concatenate(passages), return_inverse=True)
    ends = np.cumsum([0, *map(len, passages)])
    # an array of counts (works, passages); its product with itself counts what two works have in common
    members = csr_array((np.ones(len(places), dtype=np.int32), places, ends), shape=(len(passages), len(values)))
    common = (members @ members.T).tocoo()
    found = {}
    for a, b, count in zip(common.row.tolist(), common.col.tolist(), common.data.tolist(), strict=True):
        share = count / max(min(len(passages[a]), len(passages[b])), 1)
        if a < b and share >= least:
            found[a, b] = float(share)
    return dict(sorted(found.items()))


def _passages(texts: pd.Series) -> list[npt.NDArray[np.uint64]]:
    """A number for each passage of a text, the same where all its words are, each passage of a text once."""
    words = [re.findall(r"\w+", text.casefold()) for text in texts]
    codes = pd.factorize(np.asarray([word for of in words for word in of], dtype=object))[0].astype(np.uint64) + 1
    found = []
    for of in np.split(codes, np.cumsum([len(one) for one in words])[:-1]):
        number = np.zeros(max(len(of) - _PASSAGE + 1, 0), dtype=np.uint64)
        for place in range(_PASSAGE):  # a polynomial modulo 2 to the 64th: two passages agree by chance hardly ever
            number = number * _FACTOR + of[place : place + len(number)]
        found.append(np.unique(number))
    return found


def _check(table: pd.DataFrame) -> None:
    for author, of in table.groupby("author", sort=False):
        if missing := [split for split in Split if split not in set(of["split"])]:
            raise InputError(
                f"pack_texts: {author} has no work in the {' and the '.join(missing)} split, which a work is drawn for"
                f" by chance; {of['unit'].nunique()} units are too few: add works, raise splits.test_share or"
                " splits.validation_share, or set another splits.seed"
            )


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (author, str(split), len(of), of["unit"].nunique(), int(of["characters"].sum()))
        for author, every in table.groupby("author", sort=False)
        for split in Split
        if len(of := every[every["split"] == split])
    ]
    return pd.DataFrame(rows, columns=list(WORK_COUNTS.columns))
