"""The section on faults of pictures: what was looked for, how many reach the thresholds, and the worst."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from radsieve.curation.settings import AuditImages
from radsieve.curation.tables import FAULT_SCORES, FAULT_WORDS, FAULTY_IMAGES, TEXT_LINES, Fault, LineKind
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import count_of, table

SCORES, FAULTY, TEXT, WORST = (f"audit_images/{name}" for name in ("scores.csv", "faulty.csv", "text.csv", "worst.png"))


def faults(inputs: Inputs, options: AuditImages, left_out: Collection[str]) -> dict[str, Any]:
    """Counts, tables and figure of the section, with the settings of the stage; `left_out` are the faults of pictures
    that a rule leaves out.
    """
    thresholds = options.thresholds.model_dump()
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
        if fault != Fault.TEXT or options.text
    ]
    listed = faulty.drop(columns=["file_id", "pixel_digest"])
    listed["fault"] = listed["fault"].map({str(fault): words for fault, words in FAULT_WORDS.items()})
    return {
        "pictures": len(scores),
        "faulty": int(faulty["pixel_digest"].nunique()),
        "inside": int(faulty.loc[~faulty["fault"].isin(list(left_out)), "pixel_digest"].nunique()),
        "counts": table(pd.DataFrame(rows), "Scores and threshold of each fault", f"{SCORES} + {FAULTY}"),
        "table": table(listed, "Every picture that reaches a threshold", FAULTY),
        "text": _text(scores, faulty, inputs.table(TEXT_LINES, TEXT)) if options.text else None,
        "worst": inputs.figure(
            WORST, "The worst pictures for each fault", _alt(counts, len(scores)), SCORES, images=True
        ),
    }


def points(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reviewer should look at, of `faults`: the section of the page, and the point in words."""
    text = found["text"]
    if not text or not text["pictures"]:
        return []
    words = f"{count_of(text['pictures'], 'picture')} with text burned in: it may name the patient."
    if text["said_no"]:
        words += f" Of {text['said_no']} of them the header says that there is none (BurnedInAnnotation NO)."
    return [("faults", words)]


def _text(scores: pd.DataFrame, faulty: pd.DataFrame, lines: pd.DataFrame) -> dict[str, Any]:
    """How many pictures were searched for text, in how many it was found, and what their headers say of it."""
    reached = set(faulty.loc[faulty["fault"] == Fault.TEXT, "file_id"])
    said_no = lines[lines["file_id"].isin(reached) & (lines["burned_in"].str.upper() == "NO")]
    return {
        "searched": int(scores[Fault.TEXT].notna().sum()),
        "not_searched": int(scores[Fault.TEXT].isna().sum()),
        "pictures": len(reached),
        "said_no": said_no["file_id"].nunique(),
        "markers": lines.loc[lines["kind"] == LineKind.MARKER, "file_id"].nunique(),
        "lines": len(lines),
        "table": table(
            lines.drop(columns="file_id"),
            "Lines of letters and digits in the pictures: where, how long, how surely read",
            TEXT,
        ),
    }


def _alt(counts: "pd.Series[int]", pictures: int) -> str:
    found = ", ".join(f"{FAULT_WORDS[Fault(str(fault))]} {count}" for fault, count in counts.items())
    return (
        f"A row for each of {len(Fault)} faults, of {pictures} pictures; at or above the threshold: {found or 'none'}"
    )
