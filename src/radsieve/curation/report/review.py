"""The section on what readers decided: answers, by question and reader, and how far readers agree."""

from itertools import combinations
from typing import Any

import pandas as pd

from radsieve.curation.tables import REVIEW_QUEUE, REVIEWED, AnswerState
from radsieve.imaging.image_splits import linked
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import estimates, table
from radsieve.stats.resampling import clustered_wilson

QUEUE, ANSWERS = "make_review/queue.csv", "normalize_labels/reviewed.csv"
ALL = "all"


def review(inputs: Inputs, confidence: float) -> dict[str, Any]:
    """Counts and tables of the section; `confidence` is the coverage of the intervals of how far readers agree."""
    queue, answers = inputs.table(REVIEW_QUEUE, QUEUE), inputs.table(REVIEWED, ANSWERS)
    cases = queue.groupby(["question", "kind"]).agg(cases=("case", "size"), images=("images", "sum")).reset_index()
    states = answers.drop_duplicates("case")["state"].value_counts()
    counted = answers.groupby(["question", "reader", "state"]).size().rename("answers").reset_index()
    return {
        "cases": len(queue),
        "answers": len(answers),
        "readers": int(answers["reader"].nunique()),
        **{str(state): int(states.get(state, 0)) for state in list(AnswerState)[1:]},
        "kinds": table(cases, "Cases for readers by question and reason", QUEUE),
        "counts": table(counted, "Answers by question, reader and what became of the case", ANSWERS),
        "table": table(answers, "Every answer, with its reason", ANSWERS),
        "agreement": table(agreement(answers, confidence), "How often two readers gave the same answer", ANSWERS),
    }


def agreement(answers: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return for each two readers who answered the same cases (REVIEWED), by question, how often they agree.

    The interval is Wilson's, clustered by the pictures that cases have in common. Who answered one case in two ways at
    one time is left out there.
    """
    single = answers[~answers.duplicated(["case", "reader"], keep=False)]
    rows = []
    for first, second in combinations(sorted(single["reader"].unique()), 2):
        both = single[single["reader"] == first].merge(single[single["reader"] == second], on="case")
        units = linked(both["path_x"].tolist(), both["other_path_x"].tolist()) if len(both) else None
        same = (both["answer_x"] == both["answer_y"]).to_numpy()
        for question in [*sorted(both["question_x"].unique()), *([ALL] if len(both) else [])]:
            chosen = ((both["question_x"] == question) | (question == ALL)).to_numpy()
            if units is not None:
                bounds = clustered_wilson(same[chosen], units[chosen], confidence)
                rows.append((first, second, question, int(chosen.sum()), same[chosen].mean(), *bounds))
    columns = ["reader", "other_reader", "question", "cases", "share", "lower", "upper"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(same_answer=estimates(found, "share")).drop(columns=columns[4:])
