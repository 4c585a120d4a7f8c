"""Building blocks of a page: one HTML file that needs nothing but itself and runs no code but its own.

A page is a template that extends `base.html` (title, table of contents, style, script) and shows `Table` and `Figure`
objects with the macros of `macros.html`. Whatever comes from data is escaped: Jinja2 escapes markup, `visible` escapes
the characters that a reader could not see. A Content-Security-Policy admits the page's own style and script by their
digests, and images as data: URIs, and nothing else.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from radsieve.numbers import ShownEstimate as ShownEstimate
from radsieve.numbers import count_of as count_of
from radsieve.numbers import percent, with_minus
from radsieve.numbers import show as show
from radsieve.numbers import show_bytes as show_bytes
from radsieve.numbers import visible as visible
from radsieve.reporting import linking
from radsieve.reporting.headings import heading
from radsieve.reporting.places import Places, slug
from radsieve.reporting.rows import Cell as Cell
from radsieve.reporting.rows import cells, encoded, is_number, totals_of
from radsieve.reporting.section_commands import stages_of

MAX_ROWS = 300  # that a page shows at a time, and without JavaScript
_NO_TEXT = re.compile(r"<(script|style|code|pre|kbd|title|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)
PAGE_BYTES = 300_000  # of the rows of one table beyond these, for sorting and filtering
_SHORT = 28  # characters that a cell may have on one line
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}


class Template(NamedTuple):
    """A template by its name and by the package in whose folder `templates` it lies."""

    name: str
    package: str = __package__


@dataclass(frozen=True)
class Table:
    """A table to show, taken from the file `source`: its first rows, and `totals`, which stay below the others.

    `kinds` says how each column is set: `number` (to the right), `short` (one line) or `long` (wrapped). `rest` holds
    the rows that follow as JSON (see rows.encoded), and `covered` says how many of all `total` rows are in the page.
    """

    title: str
    source: str
    columns: list[str]
    kinds: list[str]
    rows: list[list[Cell]]
    total: int
    totals: list[list[Cell]] = field(default_factory=list)
    rest: str = ""
    covered: int = 0


@dataclass(frozen=True)
class Figure:
    """A picture to show, as a data: URI, its file, and that of the table it was plotted from, if named.

    `width` and `height` are its pixels, 0 if unknown; `images` is whether it shows images, not a plot.
    """

    title: str
    source: str
    uri: str
    alt: str
    plotted_from: str = ""
    width: int = 0
    height: int = 0
    images: bool = False


@dataclass(frozen=True)
class Number:
    """One number of a summary: its value in words, what it is, and the file it comes from."""

    value: str
    label: str
    source: str
    alarming: bool = False


@dataclass(frozen=True)
class Answer:
    """A question, its answer in words, the files that it comes from, and the same group by group, if there are any."""

    question: str
    text: str
    sources: tuple[str, ...]
    lines: tuple[str, ...] = ()


def estimated(estimate: ShownEstimate, label: str, source: str) -> Number:
    """An estimate as a number of a summary, its interval behind the label."""
    interval = f" ({estimate.interval})" if estimate.interval else ""
    return Number(estimate.text, f"{label}{interval}", source)


def estimate_of(row: Mapping[Any, Any] | pd.Series, name: str) -> ShownEstimate:
    """A column of a row with its bounds (`<name>_lower`, `<name>_upper`)."""
    return ShownEstimate(row[name], row[f"{name}_lower"], row[f"{name}_upper"])


def estimates(
    frame: pd.DataFrame, value: str, lower: str = "lower", upper: str = "upper", finest: int = ShownEstimate.finest
) -> pd.Series:
    """The three columns of `frame` as one of estimates, which `table` shows with their intervals, in `finest` decimals
    at most."""
    columns = (frame[name].astype(float) for name in (value, lower, upper))
    found = [ShownEstimate(*bounds, finest=finest) for bounds in zip(*columns, strict=True)]
    return pd.Series(found, index=frame.index, dtype=object)


def folded(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """`frame` with each column of `names` and its bounds (`<name>_lower`, `<name>_upper`) as one of estimates."""
    found = frame.assign(**{name: estimates(frame, name, f"{name}_lower", f"{name}_upper") for name in names})
    return found.drop(columns=[f"{name}_{end}" for name in names for end in ("lower", "upper")])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of `frame` by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def table(
    frame: pd.DataFrame,
    title: str,
    source: str,
    totals: pd.Series | None = None,
    limit: int = PAGE_BYTES,
    written: int = MAX_ROWS,
) -> Table:
    """Show `frame` under `title`; columns have their headings (headings.heading), digests in columns of identities lose
    their ends.

    Rows where `totals` is true stay below the others, however the table is
    sorted; if it is None, a single row that begins with `all`, `total` or `sum`. The first `written` rows are
    markup; of those beyond, `limit` bytes are in the page for the script.
    """
    summed = totals_of(frame) if totals is None else totals
    columns = [cells(frame[name]) for name in frame.columns]
    kinds = [
        "number" if is_number(frame[name]) else "short" if all(len(cell.text) <= _SHORT for cell in column) else "long"
        for name, column in zip(frame.columns, columns, strict=True)
    ]
    headings = [heading(name) for name in frame.columns]
    shown = [list(row) for row in zip(*columns, strict=True)]
    body, foot = ([row for row, last in zip(shown, summed, strict=True) if last == wanted] for wanted in (False, True))
    rest, further = encoded(body[written:], limit)
    first = body[:written]
    return Table(title, source, headings, kinds, first, len(body), foot, rest, len(first) + further)


def figure(path: Path, title: str, source: str, alt: str, plotted_from: str = "", images: bool = False) -> Figure:
    """Show the picture at `path` (png, jpg or svg), byte for byte.

    One that shows `images`, whose grain PNG stores at length, is shown as WebP, which takes a fraction of it.
    """
    content, kind = (_webp(path), "image/webp") if images else (path.read_bytes(), _TYPES[path.suffix])
    uri = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return Figure(title, source, uri, alt, plotted_from, *_pixels(path), images)


def plotted(content: bytes, title: str, source: str, alt: str) -> Figure:
    """Show a plot (PNG) that was made for the page alone, from the file `source`."""
    with Image.open(BytesIO(content)) as picture:
        size = picture.size
    return Figure(title, source, f"data:image/png;base64,{base64.b64encode(content).decode()}", alt, "", *size)


def render(
    template: Template,
    context: Mapping[str, Any],
    styles: Sequence[str] = ("base.css", "page.css"),
    scripts: Sequence[str] = ("base.js", "tables.js", "viewer.js"),
    places: Places | None = None,
) -> str:
    """Render `template` with `context`; a name that the context lacks is an error.

    The page's style and script are those of the files `styles` and `scripts`, one after another. What a template
    names, and styles and scripts, are looked for beside the template first and then in this package. Names of files
    become links if `places` says where they lie.
    """
    environment = _environment(template.package)
    style, script = (
        "".join(_dense(environment.get_template(name).render()) for name in names) for names in (styles, scripts)
    )
    html = environment.get_template(template.name).render(
        {**context, "style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}  # noqa: S704
    )
    return _with_minus_signs(linking.linked(html, places))


def _with_minus_signs(html: str) -> str:
    """The page with minus signs in its numbers, but in code, in scripts, and in what else is no text."""
    return "".join(part if kept else with_minus(part) for part, kept in _parts(html))


def _parts(html: str) -> Iterator[tuple[str, bool]]:
    """The parts of a page in order, and whether each stays as it is."""
    start = 0
    for found in _NO_TEXT.finditer(html):
        yield html[start : found.start()], False
        yield found[0], True
        start = found.end()
    yield html[start:], False


def _dense(code: str) -> str:
    """Style or script without indents, empty lines, and lines of comment."""
    lines = (line.strip() for line in code.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy: this style, this script, inline images; no network, frames, forms or plug-ins."""
    style_digest, script_digest = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style_digest}'; script-src 'sha256-{script_digest}';"
        " base-uri 'none'; form-action 'none'"
    )


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__package__)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "show": show,
        "bytes": show_bytes,
        "count_of": count_of,
        "slug": slug,
        "stages_of": stages_of,
        "percent": percent,
    }
    return environment


def _pixels(path: Path) -> tuple[int, int]:
    if path.suffix == ".svg":
        return 0, 0
    with Image.open(path) as picture:
        return picture.size


def _webp(path: Path) -> bytes:
    buffer = BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(buffer, "WEBP", quality=80, method=4)
    return buffer.getvalue()
