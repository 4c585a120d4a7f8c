"""The flow of objects through curation: what was received, left out by which rule, kept, and into which split."""

import pandas as pd

from radsieve.curation.tables import DuplicateKind
from radsieve.figures.flow_diagram import FlowKind, flow_table
from radsieve.numbers import count_of
from radsieve.tables.images import Split

WORDS = {
    "quarantine": "not readable images",
    "reviewed": "left out by a reader",
    "conflict": "one grader, the same picture, different grades",
    f"duplicate ({DuplicateKind.BYTES})": "copies under one grader, by bytes",
    f"duplicate ({DuplicateKind.PIXELS})": "copies under one grader, by pixels",
    f"duplicate ({DuplicateKind.NEAR})": "near-duplicates under one grader",
    "disagreement": "graders disagree",
}


def data_flow(raw: pd.DataFrame, exclusions: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Return FLOW (radsieve.figures.flow_diagram) of the listed images (RAW_DATA) and the objects in quarantine.

    `exclusions` and `kept` are curation.tables.EXCLUSIONS and NORMALIZED_DATA, which together hold every object.
    """
    counts = exclusions["rule"].value_counts()
    found = [str(rule) for rule in counts.index]
    rules = [rule for rule in WORDS if rule in found] + sorted(set(found) - set(WORDS))
    unread = int(counts.get("quarantine", 0))
    reasons = exclusions.loc[exclusions["rule"] == "quarantine", "evidence"].str.split(r"[:(]", regex=True).str[0]
    detail = "; ".join(f"{str(reason).strip()}: {number}" for reason, number in reasons.value_counts().items())
    rows = [
        (FlowKind.REMAINING, "Received", len(raw) + unread, "objects", ""),
        (FlowKind.EXCLUDED, WORDS["quarantine"], unread, "objects", detail),
        (FlowKind.REMAINING, "Graded images", len(raw), "grades", _pictures(raw)),
    ]
    rows += [
        (FlowKind.EXCLUDED, WORDS.get(rule, rule), int(counts[rule]), "grades", "")
        for rule in rules
        if rule != "quarantine"
    ]
    rows.append((FlowKind.REMAINING, "Data set", len(kept), "grades", _pictures(kept)))
    for split in Split:
        part = kept[kept["split"] == split]
        units = part["unit"].nunique()
        rows.append(
            (
                FlowKind.PART,
                split,
                len(part),
                "grades",
                f"of {count_of(part['file_id'].nunique(), 'different file')}; {count_of(units, 'unit')}",
            )
        )
    return flow_table(rows)


def _pictures(rows: pd.DataFrame) -> str:
    files, graders = rows["file_id"].nunique(), rows["expert"].nunique()
    return f"of {count_of(files, 'different file')} by {count_of(graders, 'grader')}"
