"""What a page says: awards with their nominees, from the data of its script or from its HTML, and its links."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

_SCRIPT = "script#__NEXT_DATA__"
_LONGEST = 300  # characters of a name
_SHOWN = 60
_DEEPEST = 1000  # elements in one another, attributes of one
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TAG = re.compile(r"<(/?)([a-z][^\s<>/]*)[^<>]*")
# elements that end without saying so
_FLAT = frozenset(
    re.findall(
        r"\w+",
        "a area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr"
        " track wbr",
    )
)


@dataclass(frozen=True)
class Page:
    """`nominees`: year, award, nominee, company, winner (1, 0, or empty); `links` as they stand; `faults`: place,
    reason, value."""

    nominees: tuple[tuple[str, str, str, str, str], ...] = ()
    links: tuple[str, ...] = ()
    faults: tuple[tuple[str, str, str], ...] = ()


def read_page(body: bytes, kind: str) -> Page:
    """Read the `body` of an answer with this Content-Type.

    The data of `script#__NEXT_DATA__` (props.pageProps.awards, as sites made with Next.js carry them) come first, since
    they need no build id; without them, or if they are broken, what stands in `section.award`. Entries that are not as
    they should be are faults, and so is what is no page.
    """
    if not kind.lower().startswith(("text/html", "application/xhtml+xml")):
        return Page(faults=(("", "not a page", kind[:_SHOWN]),))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Page(faults=(("", "not encoded as UTF-8", str(error)[:_SHOWN]),))
    if _too_deep(text):
        return Page(faults=(("", "nested too deeply", ""),))
    tree = LexborHTMLParser(text)
    links = tuple(str(one.attributes.get("href")) for one in tree.css("a[href]") if one.attributes.get("href"))
    faults: list[tuple[str, str, str]] = []
    script = tree.css_first(_SCRIPT)
    nominees: list[tuple[str, str, str, str, str]] = []
    if script is not None:
        try:
            found = json.loads(script.text())["props"]["pageProps"]
            nominees = list(_of_data(found, faults))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            faults.append(("script", "not the data of awards", str(error)[:_SHOWN]))
    if not nominees:
        nominees = list(_of_html(tree, faults))
    if not (nominees or links or faults):
        faults.append(("", "neither awards nor links", ""))
    return Page(tuple(nominees), links, tuple(faults))


def _of_data(found: Any, faults: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str, str, str]]:
    given = found.get("year")
    year = _name(str(given)[:_SHOWN]) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    for number, award in enumerate(found["awards"], start=1):
        place = f"award {number}"
        name = _name(award.get("name")) if isinstance(award, dict) else ""
        nominees = award.get("nominees") if isinstance(award, dict) else None
        if not name or not isinstance(nominees, list):
            faults.append((place, "not an award", json.dumps(award)[:_SHOWN]))
            continue
        for position, one in enumerate(nominees, start=1):
            nominee = _name(one.get("name")) if isinstance(one, dict) else ""
            if not nominee:
                faults.append((f"{place}, nominee {position}", "not a nominee", json.dumps(one)[:_SHOWN]))
                continue
            winner = {True: "1", False: "0"}.get(one.get("winner"), "") if isinstance(one.get("winner"), bool) else ""
            yield year, name, nominee, _name(one.get("caption")), winner


def _of_html(tree: LexborHTMLParser, faults: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str, str, str]]:
    heading = tree.css_first("h1")
    year = _name(heading.text()) if heading else ""
    for number, section in enumerate(tree.css("section.award"), start=1):
        title = section.css_first("h2")
        name = _name(title.text()) if title else ""
        for position, one in enumerate(section.css("li"), start=1):
            parts = [_name(found.text()) if (found := one.css_first(tag)) else "" for tag in ("b", "i")]
            if not name or not parts[0]:
                faults.append((f"award {number}, nominee {position}", "not a nominee", one.text()[:_SHOWN]))
                continue
            classes = (one.attributes.get("class") or "").split()
            yield year, name, parts[0], parts[1], str(int("winner" in classes))


def _name(value: object) -> str:
    """A name without blanks around it and in a row; empty if it is none, too long for one, or no text."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= _LONGEST and not _NO_TEXT.search(text) else ""


def _too_deep(text: str) -> bool:
    """Whether elements lie in one another, or attributes stand in one, more than a page needs: reading takes the square
    of that.
    """
    depth, place, lower = 0, 0, text.lower()
    while found := _TAG.search(lower, place):
        place = found.end()
        closing, name = found[1], found[2]
        if len(found[0]) > _DEEPEST and len(_QUOTED.sub("", found[0]).split()) > _DEEPEST:
            return True
        if closing:
            depth = max(0, depth - (name not in _FLAT))
        elif name in ("script", "style"):  # what stands in them is no tag
            place = lower.find(f"</{name}", place) + 1 or len(lower)
        elif name not in _FLAT and not found[0].endswith("/"):
            depth += 1
        if depth > _DEEPEST:
            return True
    return False
