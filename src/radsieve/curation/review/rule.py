"""The rule `reviewed`: what readers decided about the listed images, before any other rule acts.

The images are those of `radsieve.curation.normalization`: a row for each listed image with expert, relative_path, grade
(0, 1, ...), pixel_digest and picture, the name of what counts as the same picture.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from radsieve.curation.review.cases import LEAVE_OUT
from radsieve.curation.review.decisions import Decision, Decisions, Pair
from radsieve.imaging.image_splits import linked


def regrouped(digests: pd.Series, groups: pd.Series, decisions: Decisions) -> pd.Series:
    """Return the name of the group of each row after pairs were called the same or different.

    `digests` are those of the pixels of each row, `groups` the names of the groups before; equal pixels share a group.

    Pictures called the same are joined. What remains of a group is divided in listing order: a picture joins the first
    part in which there is none that it was called different from.
    """
    group_of = {str(name): str(group) for name, group in zip(digests, groups, strict=True)}
    place = {name: number for number, name in enumerate(group_of)}
    pairs = [(place[a], place[b]) for a, b in sorted(decisions.same) if a in place and b in place]
    parts: dict[int, list[list[str]]] = {}
    units = linked(list(group_of.values()), pairs=pairs).tolist()
    for name, unit in zip(group_of, units, strict=True):
        known = parts.setdefault(unit, [])
        fitting = next((part for part in known if not _apart(name, part, decisions.different)), None)
        if fitting is None:
            known.append([name])
        else:
            fitting.append(name)
    # the first part of a group keeps its name, so that what nobody reviewed has the name that it had
    named = {
        name: group_of[part[0]] if part is known[0] else part[0]
        for known in parts.values()
        for part in known
        for name in part
    }
    return digests.map(named)


def _apart(name: str, part: Sequence[str], different: frozenset[Pair]) -> bool:
    return any((name, other) in different or (other, name) in different for other in part)


def decided(images: pd.DataFrame, decisions: Mapping[str, Decision]) -> pd.DataFrame:
    """Return `answer` and `who` decided, with the index of the rows of `images`; both are None where nobody decided.

    What is decided about one file of a picture holds for all that count as the same picture, unless readers decided
    otherwise about another of them; then each decision holds for its own pixels alone.
    """
    by_picture: dict[str, set[Decision]] = defaultdict(set)
    for digest, picture in images[["pixel_digest", "picture"]].drop_duplicates().itertuples(index=False):
        if digest in decisions:
            by_picture[picture].add(decisions[digest])
    found = [
        decisions.get(digest) or _only(by_picture.get(picture, set()))
        for digest, picture in zip(images["pixel_digest"], images["picture"], strict=True)
    ]
    rows = [(one.answer, one.who) if one else (None, None) for one in found]
    return pd.DataFrame(rows, columns=["answer", "who"], index=images.index, dtype=object)


def _only(decisions: Collection[Decision]) -> Decision | None:
    """What all decisions say, if they say the same."""
    answers = {one.answer for one in decisions}
    who = ", ".join(sorted({one.who for one in decisions}))
    return Decision(answers.pop(), who) if len(answers) == 1 else None


def left_out(answers: pd.DataFrame) -> pd.Series:
    """Return which rows of `decided` readers left out."""
    return answers["answer"] == LEAVE_OUT


def regraded(images: pd.DataFrame, answers: pd.DataFrame, grades: Sequence[str]) -> pd.Series:
    """Return the grade of each row, that of readers where they decided one."""
    number = {name: code for code, name in enumerate(grades)}
    return answers["answer"].map(number).fillna(images["grade"]).astype(np.int64)


def words(images: pd.DataFrame, answers: pd.DataFrame, grades: Sequence[str]) -> pd.Series:
    """Return who decided each row and why, and what the experts had said of the picture; empty where nobody did."""
    votes = images.drop_duplicates(["picture", "expert", "grade"])
    said = votes["expert"] + ": " + votes["grade"].map(dict(enumerate(grades)))
    experts = images["picture"].map(said.groupby(votes["picture"]).agg("; ".join))
    rows = zip(answers["answer"], answers["who"], experts, strict=True)
    return pd.Series(
        [_in_words(answer, who, experts) if answer else "" for answer, who, experts in rows], images.index, dtype=object
    )


def _in_words(answer: str, who: str, experts: str) -> str:
    return f"{'left out' if answer == LEAVE_OUT else answer} by {who}; experts: {experts}"
