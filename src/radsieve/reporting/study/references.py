"""What a page refers to, and how to cite radsieve: items/references.csv, items/limits.yaml, and CITATION.cff."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from radsieve.reporting.study.about import link

CITATION = Path(__file__).parents[4] / "CITATION.cff"  # of a checkout; an installed package has none


@dataclass(frozen=True)
class Reference:
    """A publication, its address (DOI or URL, maybe empty), and what a page uses it for."""

    text: str
    address: str
    shown: str
    used_for: str


@dataclass(frozen=True)
class Citation:
    """How to cite radsieve: in words, as BibTeX, and fact by fact (label and text; an unknown one is not stated)."""

    text: str
    bibtex: str
    facts: tuple[tuple[str, str], ...]


def references(page: str) -> list[Reference]:
    """The publications that a page (`curation`, ...) uses, in the order of the table."""
    rows = _table().to_dict("records")
    return [_reference(row) for row in rows if page in row["pages"].split()]


def reference(key: str) -> Reference:
    """The publication of this key in the table."""
    (row,) = (row for row in _table().to_dict("records") if row["key"] == key)
    return _reference(row)


def limits(page: str) -> list[str]:
    """The known limits of what a page shows."""
    return list(yaml.safe_load(_text("limits.yaml"))[page])


def citation(version: str) -> Citation:
    """How to cite this version of radsieve, by CITATION.cff."""
    known = _citation()
    authors = [str(author.get("name", "")) or _person(author) for author in known["authors"]]
    year = str(known.get("date-released", ""))[:4]
    address = str(known.get("repository-code") or known.get("url") or "")
    dated = f" ({year})" if year else ""
    text = f"{', '.join(authors)}{dated}. {known['title']}. Version {version}, licence {known['license']}."
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in authors),
        "title": f"{{{known['title']}}}",
        "version": version,
        "year": year,
        "url": address,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    facts = (
        ("Authors", ", ".join(authors)),
        ("Title", str(known["title"])),
        ("Year of release", year or "not stated"),
        ("Version", version),
        ("Address of the software", address or "not stated: CITATION.cff names none"),
    )
    return Citation(f"{text}{f' {address}' if address else ''}", "\n".join(["@software{radsieve,", *lines, "}"]), facts)


def _reference(row: dict[Any, Any]) -> Reference:
    return Reference(row["reference"], link(row["link"]) if row["link"] else "", row["link"], row["used_for"])


def _person(author: dict[str, Any]) -> str:
    return " ".join(str(author[key]) for key in ("given-names", "family-names") if key in author)


@cache
def _citation() -> dict[str, Any]:
    if CITATION.is_file():
        return dict(yaml.safe_load(CITATION.read_text(encoding="utf-8")))
    return {"title": "radsieve", "license": "MIT", "authors": [{"name": "The radsieve authors"}]}


@cache
def _table() -> pd.DataFrame:
    return pd.read_csv(StringIO(_text("references.csv")), keep_default_na=False)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(f"items/{name}").read_text(encoding="utf-8")
