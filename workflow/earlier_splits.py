"""Beside the results of a preset, those of versions in which each set of images was divided by itself."""

import json
from pathlib import Path

import pandas as pd
from result_tables import estimate_text, markdown, words

from radsieve.numbers import ShownEstimate
from radsieve.reporting.metrics import estimates_of

FIGURES = Path(__file__).parents[1] / "docs/earlier_splits.csv"
TITLE = "Before and with one split for all sets"


def compared(results: Path, preset: str) -> str:
    """What versions before `assign_splits` gave for the preset beside what is found now, in Markdown.

    A row per figure of docs/earlier_splits.csv whose file is among the results; empty if there is none.
    """
    known = pd.read_csv(FIGURES)
    rows = []
    for file, figures in known[known["preset"] == preset].groupby("file", sort=False):
        path = results / str(file)
        if not path.exists():
            continue
        now = estimates_of(json.loads(path.read_text(encoding="utf-8")))
        folder = str(path.parent.relative_to(results))
        for figure in figures.to_dict("records"):
            before = ShownEstimate(figure["value"], figure["lower"], figure["upper"])
            measure = figure["measure"]
            rows.append((folder, words(measure), estimate_text(before), estimate_text(now.get(measure))))
    if not rows:
        return ""
    table = markdown(pd.DataFrame(rows, columns=["results of", "measure", "before", "with one split"]))
    return (
        f"{table}\n\nBefore: each set divided by itself (`docs/earlier_splits.csv`, with the intervals of then). Test"
        " images are others now, and code and settings have changed, too: the columns differ by more than the split."
    )
