"""Building blocks of a page: one HTML file that needs nothing but itself and runs no code but its own.

A page is a template that extends `base.html` (title, table of contents, style, script) and shows `Table` and `Figure`
objects with the macros of `macros.html`. Whatever comes from data is escaped: Jinja2 escapes markup, `visible` escapes
the characters that a reader could not see. A Content-Security-Policy admits the page's own style and script by their
digests, and images as data: URIs, and nothing else.
"""

import base64
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from radsieve.reporting.numbers import ShownEstimate as ShownEstimate
from radsieve.reporting.numbers import count_of as count_of
from radsieve.reporting.numbers import is_p_value, show_alike, show_p
from radsieve.reporting.numbers import show as show
from radsieve.reporting.numbers import show_bytes as show_bytes
from radsieve.reporting.numbers import visible as visible

MAX_ROWS = 300
_SHORT = 28  # characters that a cell may have on one line
_IDENTITIES = ("file_id", "item", "image")
_DIGEST = re.compile("[0-9a-f]{64}(:[0-9a-f]{32})?")
_ABBREVIATIONS = {
    "roc auc": "ROC-AUC", "pr auc": "PR-AUC", "iou": "IoU", "dice": "Dice", "hd95": "HD95 (pixels)", "brier": "Brier",
}  # fmt: skip
_ABBREVIATION = re.compile(rf"\b({'|'.join(_ABBREVIATIONS)})\b")
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}


class Template(NamedTuple):
    """A template by its name and by the package in whose folder `templates` it lies."""

    name: str
    package: str = __package__


@dataclass(frozen=True)
class Cell:
    """What a table shows; for numbers, what it is sorted by; for shortened identities, the whole; for estimates, the
    interval."""

    text: str
    order: str = ""
    whole: str = ""
    interval: str = ""


@dataclass(frozen=True)
class Table:
    """A table to show: at most MAX_ROWS of `total` rows, taken from the file `source`.

    `kinds` says how each column is set: `number` (to the right), `short` (on one line) or `long` (wrapped).
    """

    title: str
    source: str
    columns: list[str]
    kinds: list[str]
    rows: list[list[Cell]]
    total: int


@dataclass(frozen=True)
class Figure:
    """A picture to show, as a data: URI, its file, and that of the table it was plotted from, if named."""

    title: str
    source: str
    uri: str
    alt: str
    plotted_from: str = ""


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


def estimates(frame: pd.DataFrame, value: str, lower: str = "lower", upper: str = "upper") -> pd.Series:
    """The three columns of `frame` as one of estimates, which `table` shows with their intervals."""
    columns = (frame[name].astype(float) for name in (value, lower, upper))
    return pd.Series([ShownEstimate(*bounds) for bounds in zip(*columns, strict=True)], index=frame.index, dtype=object)


def folded(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """`frame` with each column of `names` and its bounds (`<name>_lower`, `<name>_upper`) as one of estimates."""
    found = frame.assign(**{name: estimates(frame, name, f"{name}_lower", f"{name}_upper") for name in names})
    return found.drop(columns=[f"{name}_{end}" for name in names for end in ("lower", "upper")])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of `frame` by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def table(frame: pd.DataFrame, title: str, source: str) -> Table:
    """Show `frame` under `title`; column names lose their underscores, digests in columns of identities their ends.

    Names of measures are written as in prose.
    """
    shown = frame.head(MAX_ROWS)
    columns = [_cells(shown[name]) for name in frame.columns]
    kinds = [
        "number" if _is_number(frame[name]) else "short" if all(len(cell.text) <= _SHORT for cell in cells) else "long"
        for name, cells in zip(frame.columns, columns, strict=True)
    ]
    headings = [_ABBREVIATION.sub(lambda found: _ABBREVIATIONS[found[0]], _words(name)) for name in frame.columns]
    return Table(title, source, headings, kinds, [list(row) for row in zip(*columns, strict=True)], len(frame))


def figure(path: Path, title: str, source: str, alt: str, plotted_from: str = "", images: bool = False) -> Figure:
    """Show the picture at `path` (png, jpg or svg), byte for byte.

    One that shows `images`, whose grain PNG stores at length, is shown as WebP, which takes a fraction of it.
    """
    content, kind = (_webp(path), "image/webp") if images else (path.read_bytes(), _TYPES[path.suffix])
    return Figure(title, source, f"data:{kind};base64,{base64.b64encode(content).decode()}", alt, plotted_from)


def render(
    template: Template,
    context: Mapping[str, Any],
    styles: Sequence[str] = ("base.css",),
    scripts: Sequence[str] = ("base.js",),
) -> str:
    """Render `template` with `context`; a name that the context lacks is an error.

    The page's style and script are those of the files `styles` and `scripts`, one after another. What a template
    names, and styles and scripts, are looked for beside the template first and then in this package.
    """
    environment = _environment(template.package)
    style, script = ("".join(environment.get_template(name).render() for name in names) for names in (styles, scripts))
    return environment.get_template(template.name).render(
        {**context, "style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}  # noqa: S704
    )


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
    environment.filters |= {"show": show, "bytes": show_bytes, "count_of": count_of}
    return environment


def _webp(path: Path) -> bytes:
    buffer = BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(buffer, "WEBP", quality=88, method=4)
    return buffer.getvalue()


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _cells(column: pd.Series) -> list[Cell]:
    if _is_estimate(column):
        return [_estimate_cell(value) for value in column]
    if _is_number(column):
        texts = _number_texts(column)
        orders = ["" if pd.isna(value) else repr(float(value)) for value in column]
        return [Cell(text, order) for text, order in zip(texts, orders, strict=True)]
    if column.name in _IDENTITIES:
        return [
            Cell(f"{text[:12]}…", whole=text) if _DIGEST.fullmatch(text) else Cell(visible(text)) for text in column
        ]
    return [Cell(show(value)) for value in column]


def _number_texts(column: pd.Series) -> list[str]:
    if is_p_value(column.name):
        return [show_p(float(value)) for value in column]
    return (
        show_alike(column.astype(float)) if pd.api.types.is_float_dtype(column) else [show(value) for value in column]
    )


def _estimate_cell(estimate: ShownEstimate | float) -> Cell:
    if not isinstance(estimate, ShownEstimate) or math.isnan(estimate.value):
        return Cell(show(None))
    return Cell(estimate.text, repr(estimate.value), interval=estimate.interval)


def _is_number(column: pd.Series) -> bool:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return numeric or _is_estimate(column)


def _is_estimate(column: pd.Series) -> bool:
    return column.dtype == object and any(isinstance(value, ShownEstimate) for value in column)
