"""Checklists of reporting, item by item: the place that answers it, or that the authors of a study must."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from radsieve.params import Params
from radsieve.reporting.study.about import LABELS, Described, graded, link, sets, study
from radsieve.reporting.study.page_cards import PageCard

NAMES = ("claim", "tripod_ai", "metric", "datasheet")
_DATA, _STUDY = "data.", "study."


class State(StrEnum):
    """Where an item stands."""

    ANSWERED = "answered"
    PARTLY = "partly answered"
    YOURS = "yours to answer"
    NOT_RUN = "not in this run"
    NOT_APPLICABLE = "does not apply"


@dataclass(frozen=True)
class Item:
    """An item: its number, what it asks in our words, places (page, anchor), keys of `about`, and a note.

    One without any of these asks for what neither a page nor `about` holds, so that the authors' own text must say it.
    """

    number: str
    asks: str
    pages: tuple[tuple[str, str], ...]
    about: tuple[str, ...]
    note: str

    @property
    def tracks(self) -> list[str]:
        """The tracks whose pages answer it."""
        of_data = ["curation", "screening"] if any(name.startswith(_DATA) for name in self.about) else []
        return list(dict.fromkeys([*(page for page, _ in self.pages), *of_data]))


@dataclass(frozen=True)
class Checklist:
    """A checklist and the publication that it comes from, whose wording counts."""

    name: str
    title: str
    link: str
    source: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answered:
    """An item with its state, the links that answer it (text, address), and the keys of params.yaml to fill in."""

    item: Item
    state: State
    links: tuple[tuple[str, str], ...]
    to_fill: tuple[str, ...]


@cache
def checklist(name: str) -> Checklist:
    """The checklist `name` of NAMES."""
    text = resources.files(__package__).joinpath(f"items/{name}.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    return Checklist(
        name, content["title"], link(content["source"]), content["source"], tuple(map(_item, content["items"]))
    )


def answered(items: Sequence[Item], pages: Mapping[str, PageCard], params: Params) -> list[Answered]:
    """Each item with what `pages`, those of this run by name, and section `about` say to it."""
    described = [graded(params), *sets(params, ("chest", "abnormality", "skin"))]
    return [_answered(item, pages, described, study(params)) for item in items]


def counted(found: Sequence[Answered]) -> list[tuple[State, int]]:
    """How many items stand in each state that occurs."""
    counts = Counter(one.state for one in found)
    return [(state, counts[state]) for state in State if counts[state]]


def _item(content: Mapping[str, Any]) -> Item:
    places = tuple(tuple(place.split("#")) for place in content.get("pages", ()))
    return Item(str(content["item"]), content["asks"], places, tuple(content.get("about", ())), content.get("note", ""))


def _answered(item: Item, pages: Mapping[str, PageCard], data: Sequence[Described], whole: Described) -> Answered:
    links = [
        (f"{pages[page].name}: {pages[page].sections[anchor]}", f"{page}.html#{anchor}")
        for page, anchor in item.pages
        if page in pages and anchor in pages[page].sections
    ]
    about = {name: _about(name, data, whole) for name in item.about}
    to_fill = dict.fromkeys(key for name, (keys, _) in about.items() for key in keys)
    stated = any(said for _, said in about.values())
    if stated:
        telling = _telling(item, pages)
        links += [(f"{pages[page].name}: {pages[page].sections['about']}", f"{page}.html#about") for page in telling]
    if links:
        state = State.PARTLY if to_fill else State.ANSWERED
    elif to_fill or not (item.pages or item.about or item.note):
        state = State.YOURS
    else:
        state = State.NOT_RUN if item.pages or item.about else State.NOT_APPLICABLE
    return Answered(item, state, tuple(links), tuple(to_fill))


def _telling(item: Item, pages: Mapping[str, PageCard]) -> list[str]:
    """The pages that say what people know: of data, those of curation and of screening; of the study, any."""
    of_data = [page for page in ("curation", "screening") if page in pages]
    return of_data if any(name.startswith(_DATA) for name in item.about) else list(pages)[:1]


def _about(name: str, data: Sequence[Described], whole: Described) -> tuple[list[str], bool]:
    """The keys of params.yaml to fill in, so that `name` (`data.sites`, `study.funding`) is stated of everything, and
    whether it is stated of anything.
    """
    about, key = ([whole], name.removeprefix(_STUDY)) if name.startswith(_STUDY) else (data, name.removeprefix(_DATA))
    if key not in LABELS:
        raise KeyError(name)
    missing = [f"{one.key}.{key}" for one in about if key in one.not_stated]
    return missing, len(missing) < len(about)
