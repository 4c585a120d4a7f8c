"""What readers are asked: disagreements, conflicts of grade and borderline near-duplicates, by expected gain.

A case is a question about one picture (a class of files with equal pixels) or about two. Its name follows from the
question and from the digests of the pixels, so that an answer still fits when files come, go or are renamed.

The expected gain is the uncertainty, in bits, times the number of listed images that an answer decides:

- A grade: the entropy of the grades that were given, one vote for each expert and grade. With three graders or more,
  for a single picture, that of the consensus: h(p), where p is its probability. Two graders leave the consensus open.
- Same or different: h(p) of a p that is 1/2 at the limit of similarity and reaches 0 and 1 at `margin` from it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from radsieve import files
from radsieve.curation.tables import REVIEW_QUEUE, DuplicateKind, Question
from radsieve.errors import InputError

LEAVE_OUT, SAME, DIFFERENT = "leave out", "same", "different"
_COLUMNS = [name for name in REVIEW_QUEUE.columns if name not in ("place", "state", "on_page")]
_ID_DIGITS = 12
_MANY_GRADERS = 3


class Kind(StrEnum):
    """Why a case is asked."""

    CONFLICT = "conflict"
    DISAGREEMENT = "disagreement"
    NEAR = "near-duplicate"


@dataclass(frozen=True)
class Limits:
    """The least similarity of near-duplicates, and how far from it a pair is still in doubt."""

    similarity: float
    margin: float

    def uncertainty(self, similarity: float) -> float:
        """Return how open it is, in bits, whether a pair of that similarity shows the same."""
        if self.margin <= 0:
            return 0.0
        return _binary_entropy(0.5 + (similarity - self.similarity) / (2 * self.margin))


def limits_of(metrics: Path) -> Limits:
    """Read the limits from the metrics of find_duplicates. Raises InputError if they are not there."""
    keys = ("min_similarity", "borderline")
    schema = {"required": list(keys), "properties": {key: {"type": "number"} for key in keys}}
    again = "run find_duplicates again"
    found = files.read_json(metrics, schema, "metrics of find_duplicates", again, again)
    return Limits(*(found[key] for key in keys))


@dataclass(frozen=True)
class Listed:
    """What is known of each picture by its digest: `grades` (expert, grade), listed `images`, the first `path`."""

    grades: Mapping[str, frozenset[tuple[str, str]]]
    images: Mapping[str, int]
    path: Mapping[str, str]

    @classmethod
    def of(cls, raw: pd.DataFrame, image_table: pd.DataFrame) -> "Listed":
        """Look up the pictures of the listed images (RAW_DATA) in the table of files (IMAGES)."""
        picture = raw["file_id"].map(image_table.set_index("file_id")["pixel_digest"])
        if (missing := picture.isna()).any():
            raise InputError(
                f"images: no row for {raw.loc[missing, 'relative_path'].iloc[0]!r}; run ingest_images again"
            )
        votes = pd.Series(list(zip(raw["expert"], raw["severity"], strict=True)), index=raw.index, dtype=object)
        return cls(
            grades={str(name): frozenset(one) for name, one in votes.groupby(picture)},
            images={str(name): int(number) for name, number in picture.value_counts().items()},
            path=dict(zip(picture[::-1], raw["relative_path"][::-1], strict=True)),
        )

    def differ(self, pictures: Iterable[str]) -> bool:
        """Whether pictures were given different grades."""
        return len({frozenset(grade for _, grade in self.grades[name]) for name in pictures}) > 1


def case_id(question: str, pictures: Iterable[str]) -> str:
    """Return the name of a case; it begins with a letter, so that no spreadsheet takes it for a number."""
    text = " ".join([question, *sorted(pictures)])
    return f"c{hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]}"


def allowed_answers(question: str, pictures: int, grades: Sequence[str]) -> tuple[str, ...]:
    """Return what may be answered to a question about 1 or 2 `pictures`.

    Raises InputError if a grade has the name of another answer.
    """
    if taken := {LEAVE_OUT, SAME, DIFFERENT} & set(grades):
        raise InputError(f"source.grades: {min(taken)!r} is also another answer of readers; rename the grade")
    if question == Question.SAME:
        return (SAME, DIFFERENT, LEAVE_OUT)
    return (*grades, *((DIFFERENT,) if pictures > 1 else ()), LEAVE_OUT)


def queue(
    raw: pd.DataFrame,
    image_table: pd.DataFrame,
    pairs: pd.DataFrame,
    borderline: pd.DataFrame,
    consensus: pd.DataFrame,
    limits: Limits,
) -> pd.DataFrame:
    """Return all cases (REVIEW_QUEUE but for state and on_page), the highest expected gain first.

    The tables are RAW_DATA, IMAGES, DUPLICATE_PAIRS, BORDERLINE_PAIRS and CONSENSUS of `radsieve.curation.tables`.
    """
    listed = Listed.of(raw, image_table)
    picture_of = dict(zip(image_table["file_id"], image_table["pixel_digest"], strict=True))
    sure = _consensus(consensus, picture_of) if raw["expert"].nunique() >= _MANY_GRADERS else {}
    rows = [_grade_case((name,), listed, sure) for name, given in listed.grades.items() if _grades(given) > 1]
    near = _near(pairs, borderline, picture_of, listed)
    for tie in near:
        if tie.similarity >= limits.similarity and listed.differ(tie.pictures):
            rows.append(_grade_case(tie.pictures, listed, {}, tie.similarity, tie.transform))
    asked = {row["case"] for row in rows}
    for tie in near:
        uncertainty = limits.uncertainty(tie.similarity)
        if uncertainty > 0 and case_id(Question.GRADE, tie.pictures) not in asked:
            alike = (uncertainty, tie.similarity, tie.transform)
            rows.append(_case(Question.SAME, Kind.NEAR, tie.pictures, listed, *alike))
    found = pd.DataFrame(rows, columns=_COLUMNS)
    found = found.drop_duplicates("case").sort_values(["gain", "case"], ascending=[False, True], ignore_index=True)
    found.insert(0, "place", np.arange(1, len(found) + 1))
    return found


class _Tie(NamedTuple):
    """Two pictures, in the order of their digests, and how alike they are."""

    pictures: tuple[str, str]
    similarity: float
    transform: str


def _near(pairs: pd.DataFrame, borderline: pd.DataFrame, picture_of: Mapping[str, str], listed: Listed) -> list[_Tie]:
    """Near-duplicates and pairs that nearly are, of listed pictures."""
    near = pd.concat([pairs.loc[pairs["kind"] == DuplicateKind.NEAR, list(borderline.columns)], borderline])
    if unknown := {*near["file_id_a"], *near["file_id_b"]} - picture_of.keys():
        raise InputError(f"pairs: {min(unknown)} is not in images.csv; run find_duplicates again")
    ties = []
    for record in near.to_dict("records"):
        first, second = sorted((picture_of[record["file_id_a"]], picture_of[record["file_id_b"]]))
        if {first, second} <= listed.images.keys():
            ties.append(_Tie((first, second), float(record["similarity"]), str(record["transform"])))
    return ties


def _grades(given: Iterable[tuple[str, str]]) -> int:
    return len({grade for _, grade in given})


def _grade_case(
    pictures: tuple[str, ...],
    listed: Listed,
    sure: Mapping[str, float],
    similarity: float = float("nan"),
    transform: str = "none",
) -> dict[str, object]:
    votes = frozenset(chain.from_iterable(listed.grades[name] for name in pictures))
    experts = [expert for expert, _ in votes]
    kind = Kind.CONFLICT if len(experts) > len(set(experts)) else Kind.DISAGREEMENT
    counts = np.unique([grade for _, grade in votes], return_counts=True)[1] / len(votes)
    uncertainty = float(-(counts * np.log2(counts)).sum())
    if len(pictures) == 1 and pictures[0] in sure:
        uncertainty = _binary_entropy(sure[pictures[0]])
    return _case(Question.GRADE, kind, pictures, listed, uncertainty, similarity, transform)


def _case(
    question: Question,
    kind: Kind,
    pictures: tuple[str, ...],
    listed: Listed,
    uncertainty: float,
    similarity: float,
    transform: str,
) -> dict[str, object]:
    images = sum(listed.images[name] for name in pictures)
    said = sorted(frozenset(chain.from_iterable(listed.grades[name] for name in pictures)))
    return {
        "case": case_id(question, pictures),
        "question": question,
        "kind": kind,
        "gain": round(uncertainty * images, 6),
        "uncertainty": round(uncertainty, 6),
        "images": images,
        "picture": pictures[0],
        "other": pictures[1] if len(pictures) > 1 else "",
        "similarity": similarity,
        "transform": transform,
        "grades": "; ".join(f"{expert}: {grade}" for expert, grade in said),
        "path": listed.path[pictures[0]],
        "other_path": listed.path[pictures[1]] if len(pictures) > 1 else "",
    }


def _consensus(consensus: pd.DataFrame, picture_of: Mapping[str, str]) -> dict[str, float]:
    """The least probability that the consensus has on the files of each picture."""
    picture = consensus["item"].map(lambda item: picture_of.get(item, item))
    return {str(name): float(value) for name, value in consensus.groupby(picture)["probability"].min().items()}


def _binary_entropy(share: float) -> float:
    """h(p) in bits; 0 at and beyond the ends."""
    if not 0 < share < 1:
        return 0.0
    return float(-(share * np.log2(share) + (1 - share) * np.log2(1 - share)))
