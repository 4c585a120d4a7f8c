"""The section on faults of pictures: what was looked for, how many reach the thresholds, and the worst."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from radsieve.curation.tables import FAULT_SCORES, FAULT_WORDS, FAULTY_IMAGES, Fault
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import table

SCORES, FAULTY, WORST = (f"audit_images/{name}" for name in ("scores.csv", "faulty.csv", "worst.png"))


def faults(inputs: Inputs, thresholds: Mapping[str, float | None], left_out: Collection[str]) -> dict[str, Any]:
    """Counts, table and figure of the section, with the thresholds by fault; `left_out` are the faults of pictures that
    a rule leaves out.
    """
    scores, faulty = inputs.table(FAULT_SCORES, SCORES), inputs.table(FAULTY_IMAGES, FAULTY)
    counts = faulty["fault"].value_counts()
    rows = [
        {
            "fault": FAULT_WORDS[fault],
            "median score": scores[fault].median(),
            "highest score": scores[fault].max(),
            "threshold": thresholds[fault],
            "pictures that reach it": int(counts.get(fault, 0)),
            "left out": "yes" if fault in left_out else "no",
        }
        for fault in Fault
    ]
    listed = faulty.drop(columns=["file_id", "pixel_digest"])
    listed["fault"] = listed["fault"].map({str(fault): words for fault, words in FAULT_WORDS.items()})
    return {
        "pictures": len(scores),
        "faulty": int(faulty["pixel_digest"].nunique()),
        "inside": int(faulty.loc[~faulty["fault"].isin(list(left_out)), "pixel_digest"].nunique()),
        "counts": table(pd.DataFrame(rows), "Scores and threshold of each fault", f"{SCORES} + {FAULTY}"),
        "table": table(listed, "Every picture that reaches a threshold", FAULTY),
        "worst": inputs.figure(
            WORST, "The worst pictures for each fault", _alt(counts, len(scores)), SCORES, images=True
        ),
    }


def _alt(counts: "pd.Series[int]", pictures: int) -> str:
    found = ", ".join(f"{FAULT_WORDS[Fault(str(fault))]} {count}" for fault, count in counts.items())
    return (
        f"A row for each of {len(Fault)} faults, of {pictures} pictures; at or above the threshold: {found or 'none'}"
    )
