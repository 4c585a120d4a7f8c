"""The content of the entry page and of the page of checklists."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import yaml

import radsieve
from radsieve.params import Params
from radsieve.reporting.page import Template
from radsieve.reporting.study import checklists
from radsieve.reporting.study.about import graded, sets, simulated, study
from radsieve.reporting.study.hardware import asked
from radsieve.reporting.study.page_cards import PAGES, PageCard, nav
from radsieve.reporting.study.references import citation
from radsieve.reporting.wording import listed

INDEX, CHECKLISTS = Template("index.html"), Template("checklists.html")
DOCS = (
    ("README.md", "What radsieve does, and how it is run"),
    ("docs/glossary.md", "All terms"),
    ("docs/parameters.md", "All parameters"),
    ("docs/results.md", "Results on real images"),
    ("docs/determinism.md", "What gives the same numbers again, and what does not"),
    ("dvc.yaml", "Every stage, its command, inputs and outputs"),
)


def index(cards: Mapping[str, PageCard], params: Params, folders: Sequence[str]) -> dict[str, Any]:
    """What the entry page shows: each track with its card or none; `folders` are the stages with results."""
    return {
        "title": "Report of this run",
        "subtitle": f"radsieve {radsieve.__version__}: {len(cards)} of {len(PAGES)} tracks",
        "contents": [],
        "nav": nav("index"),
        "tracks": [{"track": track, "name": name, "card": cards.get(track)} for track, name in PAGES.items()],
        "data": [graded(params), *sets(params, ("chest", "abnormality", "skin", "gan"))],
        "study": study(params),
        "compute": asked(params),
        "folders": folders,
        "docs": DOCS,
        "simulated": _simulated(params),
        "terms": terms(label for card in cards.values() for _, label in card.numbers),
        "citation": citation(radsieve.__version__),
    }


def _simulated(params: Params) -> str:
    """What a reader must know before any number; empty if nothing is simulated."""
    said, everything = simulated(params)
    if not said:
        return ""
    if everything:
        return (
            "Everything in this run is simulated: no image is of a person, and no grade is a reader's. Its numbers show"
            " that the stages work, and say nothing about patients, devices or published generators."
        )
    return f"Simulated in this run: {listed(said)}. Numbers of these say nothing about patients."


def terms(labels: Iterable[str]) -> list[tuple[str, str]]:
    """The terms of items/terms.yaml that occur in `labels`, each with what it means."""
    text = " ".join(labels)
    known = yaml.safe_load(resources.files(__package__).joinpath("items/terms.yaml").read_text(encoding="utf-8"))
    return [(term, meaning) for term, meaning in known.items() if re.search(rf"\b{re.escape(term)}\b", text)]


def checklist_page(cards: Mapping[str, PageCard], params: Params) -> dict[str, Any]:
    """What the page of checklists shows."""
    known = [checklists.checklist(name) for name in checklists.NAMES]
    lists: list[dict[str, Any]] = []
    for checklist in known:
        found = checklists.answered(checklist.items, cards, params)
        lists.append({"list": checklist, "items": found, "counted": checklists.counted(found)})
    contents = [(checklist.name, checklist.title) for checklist in known]
    return {
        "title": "Checklists of reporting",
        "subtitle": "What the pages answer, and what the authors of a study must",
        "contents": contents,
        "nav": nav("checklists"),
        "lists": lists,
    }


def stage_folders(cards: Mapping[str, PageCard]) -> list[str]:
    """The stages whose results the pages report on."""
    return [stage for card in cards.values() for stage in card.stages]
