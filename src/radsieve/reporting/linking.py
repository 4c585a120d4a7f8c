"""What leads where on a rendered page: addresses, contents, and links to the files behind what is shown.

A page is linked when all of it is there, since its contents stand above what they list, and a number above the table
that it comes from. Markup is found by patterns, which data cannot imitate: whatever comes from data was escaped.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from radsieve.reporting.places import Places, slug

_ITEM = re.compile(
    r'<section id="(?P<section>[^"]*)"[^>]*>\s*<h2[^>]*>(?P<heading>.*?)</h2>'
    r'|<h3(?: id="(?P<given>[^"]*)")?>(?P<sub>.*?)</h3>'
    r'|<(?P<tag>div class="table"|figure class="picture") id="(?P<id>[^"]*)" data-source="(?P<source>[^"]*)">\s*'
    r'(?:<div class="head"><p class="title">(?P<title>.*?)</p>.*?<!--onward-->|<figcaption>.*?</figcaption>)',
    re.DOTALL,
)
_NAME = re.compile('<span class="name">(.*?)</span>', re.DOTALL)
_CHIP = re.compile(
    r'<span class="source" data-file="(?P<file>[^"]*)"(?: data-jump="(?P<jump>[^"]*)")?>(?P<text>.*?)</span>'
)
_CARD = re.compile(
    r"<strong>(?P<value>[^<]*)</strong> <span>(?P<label>[^<]*)</span> "
    r'<span class="source" data-file="(?P<file>[^"]*)" data-jump="'
)
_STOPPED = re.compile(  # the name of a file, or its link to a place, and the stop or comma after it
    r'(?:<(span|a) class="source" (?:(?!</\1>).)*</\1>|<a class="jump"[^>]*></a>)[.,;:)]+'
)
_ROW = re.compile("<tr>(.*?)</tr>", re.DOTALL)
_INTERVAL = re.compile(r"\((\S+ to [^\s)]+)\)")
_MORE = re.compile(r'<a class="more" href="#(?P<id>[^"]*)">[^<]*</a>')
_OUTLINE = re.compile(r"<!--outline:(?P<section>.*?)-->")
_TAG = re.compile("<[^>]*>")


@dataclass(frozen=True)
class _Item:
    """A section, a heading, a table or a figure: its address, its name as markup, its section, its file, its level."""

    kind: str
    id: str
    name: str
    section: str
    source: str
    level: int


def linked(html: str, places: Places | None = None) -> str:
    """`html` with an address for every heading, table and figure, contents, and links to files and to places.

    An address is made of the title, and of the name of the file as well where a title occurs twice, so that it does not
    change with what else is on the page. Without `places` names of files are no links.
    """
    items = _items(list(_ITEM.finditer(html)))
    following = iter(items)
    html = _ITEM.sub(lambda found: _marked(found[0], next(following), places), html)
    html = _with_targets(html, items)
    first = {item.source: item for item in reversed(items) if item.source}
    names = {item.id: item.name for item in items}
    html = _CHIP.sub(lambda chip: _chip(chip, places, first), html)
    html = _STOPPED.sub(r'<span class="kept">\g<0></span>', html)
    html = _MORE.sub(lambda more: _more(more["id"], names), html)
    return _OUTLINE.sub(lambda mark: _outline([item for item in items if item.section == mark["section"]]), html)


def _items(found: Sequence[re.Match[str]]) -> list[_Item]:
    sections = {item["section"] for item in found if item["section"]}
    taken = {"content", *sections, *(f"{section}-heading" for section in sections)}
    taken |= {item["given"] for item in found if item["given"]}
    occurrences = Counter(_wanted(item) for item in found)
    items: list[_Item] = []
    section, level = "", 3
    for item in found:
        if item["section"]:
            section, level = item["section"], 3
            items.append(_Item("section", section, _text(item["heading"]), "", "", 2))
            continue
        address = item["given"] or _free(item, occurrences, section, taken)
        taken.add(address)
        if item["tag"] is None:
            level = 4
            items.append(_Item("heading", address, _text(item["sub"]), section, "", 3))
        else:
            kind = "table" if "table" in item["tag"] else "figure"
            name = _NAME.search(item[0])
            text = _text(name[1]) if name else address
            items.append(_Item(kind, address, text, section, item["source"], level))
    return items


def _wanted(item: re.Match[str]) -> str:
    return slug(unescape(_text(item["sub"]))) if item["sub"] is not None else item["id"] or ""


def _free(item: re.Match[str], occurrences: Mapping[str, int], section: str, taken: set[str]) -> str:
    """An address that nothing else has; a number only where title and file do not tell two things apart."""
    wanted = _wanted(item)
    if occurrences[wanted] > 1 or wanted in taken:
        origin = section if item["source"] is None else unescape(item["source"]).rpartition(".")[0] or item["source"]
        wanted = f"{wanted}-{slug(origin)}"
    address, number = wanted, 1
    while address in taken:
        number += 1
        address = f"{wanted}-{number}"
    return address


def _text(markup: str) -> str:
    return " ".join(_TAG.sub("", markup).split())


def _marked(markup: str, item: _Item, places: Places | None) -> str:
    """The beginning of a section, a heading, a table or a figure with its address, and what leads on from it."""
    anchor = f' <a class="anchor" href="#{item.id}" aria-label="Link to: {item.name}"></a>'
    if item.kind == "section":
        return markup.removesuffix("</h2>") + f"{anchor}</h2>"
    if item.kind == "heading":
        return f'<h3 id="{item.id}">{markup.partition(">")[2].removesuffix("</h3>")}{anchor}</h3>'
    markup = re.sub(' id="[^"]*" data-source="[^"]*"', f' id="{item.id}"', markup, count=1)
    if item.kind == "figure":
        return markup.removesuffix("</figcaption>") + f"{anchor}</figcaption>"
    markup = markup.replace('<p class="title">', f'<h{item.level} class="title">', 1)
    markup = markup.replace("</p>", f"{anchor}</h{item.level}>", 1)
    return markup.replace("<!--onward-->", _onward(item, places))


def _onward(item: _Item, places: Places | None) -> str:
    """Links to the page of a table and to its file."""
    if places is None:
        return ""
    source = unescape(item.source)
    whole, file = places.table_page(source), places.file(source)
    links = f' <a class="onward" href="{escape(whole)}" aria-label="The whole table: {item.name}">whole table</a>'
    download = f' <a class="onward" href="{escape(file)}" download aria-label="Download: {item.name}">download</a>'
    return (links if whole else "") + (download if file and not file.endswith("/") else "")


def _with_targets(html: str, items: Sequence[_Item]) -> str:
    """Each number of a summary leads to the one row that shows it with its interval, if there is just one."""
    targets: dict[tuple[str | Any, ...], str] = {}
    for card in _CARD.finditer(html):
        place = _row(html, items, card)
        if place:
            item, row = place
            address = f"{item.id}-row-{slug(unescape(_text(row[1].partition('</td>')[0])))}"
            if f'id="{address}"' not in html:
                html = html.replace(row[0], f'<tr id="{address}">{row[1]}</tr>', 1)
                targets[card.groups()] = address
    return _CARD.sub(lambda card: card[0] + targets.get(card.groups(), ""), html)


def _row(html: str, items: Sequence[_Item], card: re.Match[str]) -> tuple[_Item, re.Match[str]] | None:
    interval = _INTERVAL.search(card["label"])
    needle = f'>{card["value"]}<span class="interval">{interval[1]}<' if interval else f">{card['value']}</td>"
    found = []
    for item in items:
        if item.kind == "table" and item.source == card["file"]:
            start = html.index(f'<div class="table" id="{item.id}">')
            end = html.find("</table>", start)
            found += [(item, row) for row in _ROW.finditer(html, start, max(end, start)) if needle in row[1]]
    return found[0] if len(found) == 1 and html.count(found[0][1][0]) == 1 else None


def _chip(chip: re.Match[str], places: Places | None, first: Mapping[str, _Item]) -> str:
    """The name of a file as a link to it, and beside it, where that is asked for, one to the place that shows it."""
    shown = " + ".join(_file(name, places) for name in unescape(chip["file"]).split(" + "))
    if chip["jump"] is None or chip["file"] not in first:
        return shown
    item = first[chip["file"]]
    return f'{shown} <a class="jump" href="#{chip["jump"] or item.id}" aria-label="Show on this page: {item.name}"></a>'


def _file(name: str, places: Places | None) -> str:
    target = places.file(name) if places else ""
    text = "/<wbr>".join(escape(part) for part in name.split("/"))  # names may be broken at their slashes
    if not target:
        return f'<span class="source" title="the file this comes from">{text}</span>'
    return f'<a class="source" href="{escape(target)}" title="open the file this comes from">{text}</a>'


def _more(address: str, names: Mapping[str, str]) -> str:
    return f'<a class="more" href="#{address}">{names.get(address, "More")}</a>'


def _outline(items: Sequence[_Item]) -> str:
    """The headings, tables and figures of one section as the lower levels of the contents."""
    lines: list[str] = []
    below = False
    for item in items:
        link = f'<a href="#{item.id}">{item.name}</a>'
        if item.kind == "heading":
            lines.append(f"{'</ol></li>' if below else ''}<li>{link}<ol>")
            below = True
        else:
            lines.append(f"<li>{link}</li>")
    if below:
        lines.append("</ol></li>")
    return "<ol>" + "\n".join(lines).replace("<ol>\n</ol>", "").replace("<ol></ol>", "") + "</ol>" if lines else ""
