"""What the index knows of a page: its title, sections and numbers, written beside it as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radsieve import files

PAGES = {
    "curation": "Curation",
    "screening": "Screening",
    "prefilter": "Prefilter",
    "generation": "Generation",
    "tasks": "Tasks",
}
_SHOWN = 4  # numbers of a page on the index


@dataclass(frozen=True)
class PageCard:
    """A page: name, title, subtitle, headings of its sections by anchor, numbers (value, label), points to
    look at, and the stages that it reports on."""

    name: str
    title: str
    subtitle: str
    sections: Mapping[str, str]
    numbers: tuple[tuple[str, str], ...]
    points: int
    stages: tuple[str, ...]


def nav(current: str) -> list[dict[str, Any]]:
    """The links between the pages, for one of them (`index`, `checklists`, or a track)."""
    names = {"index": "Overview", **PAGES, "checklists": "Checklists"}
    return [{"href": f"{page}.html", "name": name, "here": page == current} for page, name in names.items()]


def write_card(path: Path, content: Mapping[str, Any], stages: Sequence[str]) -> None:
    """Write the card of a page of this `content`, which reports on `stages`, beside it."""
    summary = content["summary"]
    numbers = [{"value": number.value, "label": number.label} for number in summary["numbers"]]
    card = {
        "title": content["title"],
        "subtitle": content["subtitle"],
        "sections": dict(content["contents"]),
        "numbers": numbers,
        "points": len(summary["points"]),
        "stages": list(stages),
    }
    files.write_json(path, card)


def read_cards(folder: Path) -> dict[str, PageCard]:
    """The cards of the pages that lie in `folder`, by track; a track that was not run has none."""
    found = {}
    for track, name in PAGES.items():
        path = folder / f"{track}.json"
        if path.is_file() and path.with_suffix(".html").is_file():
            card = json.loads(path.read_text(encoding="utf-8"))
            numbers = tuple((number["value"], number["label"]) for number in card["numbers"])
            shown = _headlines(numbers)
            found[track] = PageCard(
                name, card["title"], card["subtitle"], card["sections"], shown, card["points"], tuple(card["stages"])
            )
    return found


def _headlines(numbers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """A few of the numbers of a page: those with an interval first, in their order."""
    with_interval = [number for number in numbers if " to " in number[1]]
    others = [number for number in numbers if number not in with_interval]
    chosen = [*with_interval, *others][:_SHOWN]
    return tuple(number for number in numbers if number in chosen)
