"""What the answers of readers decide: the grade of a picture, that it is left out, or whether two pictures are one.

All readers of a case must agree, of each reader the latest answer counts. Who contradicts another one decides nothing;
nor do two cases that say different things of one picture.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from radsieve.curation.review.answers import read_answers
from radsieve.curation.review.cases import DIFFERENT, SAME, Listed
from radsieve.curation.tables import REVIEWED, AnswerState
from radsieve.numbers import count_of
from radsieve.settings import expand

Pair = tuple[str, str]
Row = dict[str, str]


@dataclass(frozen=True)
class Decision:
    """What was decided about a picture (a grade, or `leave out`), and `who` and why, in words."""

    answer: str
    who: str


@dataclass(frozen=True)
class Decisions:
    """Decisions by picture (the digest of its pixels), pairs of pictures called `same` or `different`, and REVIEWED."""

    pictures: Mapping[str, Decision] = field(default_factory=dict)
    same: frozenset[Pair] = frozenset()
    different: frozenset[Pair] = frozenset()
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(REVIEWED.columns)))

    def metrics(self) -> dict[str, Any]:
        """Count readers, answers, and cases by what became of them."""
        cases = self.table.drop_duplicates("case")["state"].value_counts()
        return {
            "review_readers": int(self.table["reader"].nunique()),
            "review_answers": len(self.table),
            **{f"review_{state}": int(cases.get(state, 0)) for state in list(AnswerState)[1:]},
        }

    def summary(self) -> str:
        """What came back, in words that end with a semicolon; empty if nothing did."""
        found = self.metrics()
        if not found["review_answers"]:
            return ""
        states = ", ".join(f"{found[f'review_{state}']} {words}" for state, words in _IN_WORDS.items())
        readers = count_of(found["review_readers"], "reader")
        return f"review: {count_of(found['review_answers'], 'answer')} of {readers}, cases: {states}; "


_IN_WORDS = {
    AnswerState.DECIDED: "decided",
    AnswerState.CONTRADICTED: "on which readers contradict each other, not decided",
    AnswerState.UNKNOWN: "of pictures that are not here",
}


def decide(answers: pd.DataFrame, raw: pd.DataFrame, image_table: pd.DataFrame) -> Decisions:
    """Return what `answers` (of `review.answers.read_answers`) decide about the listed images.

    `raw` and `image_table` are RAW_DATA and IMAGES of `radsieve.curation.tables`.
    """
    if answers.empty:
        return Decisions()
    listed = Listed.of(raw, image_table)
    latest = _latest(answers)
    state = _states(latest, listed)
    by_subject: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row, reached in zip(_records(latest), state, strict=True):
        if reached == AnswerState.DECIDED:
            for subject in _subjects(row):
                by_subject[subject].append(row)
    torn = {row["case"] for rows in by_subject.values() if len({row["answer"] for row in rows}) > 1 for row in rows}
    state[latest["case"].isin(torn)] = AnswerState.CONTRADICTED
    kept = {subject: [row for row in rows if row["case"] not in torn] for subject, rows in by_subject.items()}
    said = {subject: Decision(rows[0]["answer"], _who(rows)) for subject, rows in kept.items() if rows}
    return Decisions(
        pictures={subject[0]: decision for subject, decision in said.items() if len(subject) == 1},
        same=_pairs(said, SAME),
        different=_pairs(said, DIFFERENT),
        table=_table(latest.assign(state=state), listed),
    )


def _latest(answers: pd.DataFrame) -> pd.DataFrame:
    """The last answer of each reader to each case; several that are equally late all count if they differ, and so do
    those of which one has no time that can be read."""
    time = pd.to_datetime(answers["time"], utc=True, format="ISO8601", errors="coerce")
    of = [answers["case"], answers["reader"]]
    newest = (time == time.groupby(of).transform("max")) | time.isna().groupby(of).transform("any")
    found = answers[newest].drop_duplicates(["case", "reader", "answer"], keep="last")
    return found.sort_values(["case", "reader", "answer"], ignore_index=True)


def _states(latest: pd.DataFrame, listed: Listed) -> pd.Series:
    """What became of the case of each answer."""
    state = pd.Series(AnswerState.DECIDED, index=latest.index, dtype=object)
    state[latest.groupby("case")["answer"].transform("nunique") > 1] = AnswerState.CONTRADICTED
    known = latest["picture"].isin(listed.images.keys()) & latest["other"].isin({"", *listed.images})
    state[~known] = AnswerState.UNKNOWN
    return state


def _records(answers: pd.DataFrame) -> list[Row]:
    return [{str(name): str(value) for name, value in row.items()} for row in answers.to_dict("records")]


def _subjects(row: Row) -> list[tuple[str, ...]]:
    """What an answer decides: a pair of pictures, or each picture of the case by itself."""
    pictures = sorted(filter(None, (row["picture"], row["other"])))
    return [tuple(pictures)] if row["answer"] in (SAME, DIFFERENT) else [(name,) for name in pictures]


def _pairs(said: Mapping[tuple[str, ...], Decision], answer: str) -> frozenset[Pair]:
    return frozenset((one[0], one[1]) for one, decision in said.items() if decision.answer == answer)


def _who(rows: Sequence[Row]) -> str:
    """Who answered, and the reasons given, in words."""
    said = sorted({(row["reader"], row["reason"]) for row in rows})
    return ", ".join(f"{reader} ({reason})" if reason else reader for reader, reason in said)


def _table(latest: pd.DataFrame, listed: Listed) -> pd.DataFrame:
    """The answers as REVIEWED: without the time."""
    images = [
        sum(listed.images.get(name, 0) for name in ends)
        for ends in zip(latest["picture"], latest["other"], strict=True)
    ]
    paths = {
        path: latest[name].map(lambda one: listed.path.get(one, ""))
        for path, name in (("path", "picture"), ("other_path", "other"))
    }
    return latest.assign(images=images, **paths)[list(REVIEWED.columns)]


def read_decisions(
    named: str | None, key: str, grades: Sequence[str], raw: pd.DataFrame, image_table: pd.DataFrame
) -> Decisions:
    """Return what the answers decide at the place that the parameter `key` has `named`; None stands for no answers.

    The other arguments are those of `decide` and `review.answers.read_answers`.
    """
    place = None if named is None else expand(named, key)
    return decide(read_answers(place, grades), raw, image_table)


def open_cases(found: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Add `state` to the cases of `review.cases.queue`: whether answers decide a case or contradict one another."""
    state = dict(zip(decisions.table["case"], decisions.table["state"], strict=True))
    return found.assign(state=[state.get(case, AnswerState.OPEN) for case in found["case"]])
