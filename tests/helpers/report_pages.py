"""The page of a track: how its stage is run, and what a reader sees on it."""

import re
import shutil
from pathlib import Path
from typing import Any

from made_up import ROOT


def options(track: str) -> dict[str, Any]:
    """The options of scripts/report_<track>.py, below the folder with the results."""
    return {
        "results": "results",
        "published": ROOT / "data/published",
        "tables": f"results/report/{track}_tables",
        "out": f"results/report/{track}.html",
    }


def copy_results(folder: Path, to: Path) -> None:
    """Copy results and params.yaml, without the page made from them."""
    shutil.copytree(folder / "results", to / "results", ignore=shutil.ignore_patterns("report"))
    shutil.copy(folder / "params.yaml", to)


def text_of(html: str, start: str, end: str) -> str:
    """What a reader sees between two pieces of markup, its spaces joined."""
    part = re.search(rf"{start}(.*?){end}", html, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def answer_to(html: str, question: str) -> str:
    """The answer to one of the questions at the head of a page."""
    return text_of(html, rf"<dt>{re.escape(question)}</dt>", "</dd>")
