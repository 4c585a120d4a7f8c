"""A flow diagram of what was read, left out and kept, as CONSORT and STARD ask for: counts in boxes, exclusions beside.

STARD 2015 (Bossuyt et al., doi:10.1136/bmj.h5527) and CONSORT 2010 (Schulz et al., doi:10.1136/bmj.c332) put the
flow of participants first. Everything here is drawn from one table (FLOW), which a stage writes beside the figure.
"""

import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from radsieve.tables.columns import count, one_of, schema, text


class FlowKind(StrEnum):
    """What a row of a flow is: what remains at a step, what is left out after it, or a part of what remains last."""

    REMAINING = "remaining"
    EXCLUDED = "excluded"
    PART = "part"


# The flow from top to bottom: a row per box. What is `excluded` follows the step from which it is taken; the `part`s
# come last. `counted` says of what the count is, in the plural; `detail` is more in words, parted by semicolons.
FLOW = schema("flow", kind=one_of(*FlowKind), step=text(), count=count(), counted=text(), detail=text())

# All lengths are inches.
_WIDTH = 7.6
_MAIN, _BESIDE, _GAP = 3.7, 3.3, 0.35
_LEFT = 0.1
_LINE, _PAD, _BETWEEN, _TITLE = 0.17, 0.09, 0.34, 0.45
_CHARACTERS = 12.8  # of an inch of text
_INK, _KEPT, _OUT = "#1f2d3d", "#e8eef5", "#fbeee6"


def flow_table(rows: Iterable[tuple[FlowKind, str, int, str, str]]) -> pd.DataFrame:
    """FLOW of `rows` (kind, step, count, what is counted, detail); exclusions of nothing are left out."""
    kept = [row for row in rows if row[0] is not FlowKind.EXCLUDED or row[2]]
    return pd.DataFrame(kept, columns=list(FLOW.columns)).astype({"count": "int64"})


def plot_flow(flow: pd.DataFrame, title: str) -> Figure:
    """Draw FLOW: what remains below each other, joined by arrows, exclusions to the right, the parts in a last row."""
    steps: list[tuple[list[str], list[list[str]]]] = []
    parts: list[pd.Series] = []
    for _, row in flow.iterrows():
        match FlowKind(row["kind"]):
            case FlowKind.REMAINING:
                steps.append((_lines(row, _MAIN), []))
            case FlowKind.EXCLUDED:
                steps[-1][1].append(_lines(row, _BESIDE))
            case FlowKind.PART:
                parts.append(row)
    width_of_part = (_WIDTH - 2 * _LEFT - 0.15 * max(len(parts) - 1, 0)) / max(len(parts), 1)
    last = [_lines(row, width_of_part) for row in parts]
    deep = [_below(excluded) for _, excluded in steps]
    height = _TITLE + sum(_height(lines) for lines, _ in steps) + sum(deep[:-1]) + 0.15
    height += _excluded_height(steps[-1][1]) if steps and steps[-1][1] else 0
    height += 2 * _BETWEEN + max(map(_height, last)) if last else 0
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    figure.text(_LEFT / _WIDTH, 1 - 0.2 / height, title, size=12, weight="bold", va="center", color=_INK)
    top = height - _TITLE
    for place, ((lines, excluded), below) in enumerate(zip(steps, deep, strict=True)):
        _box(figure, _LEFT, top, _MAIN, lines, _KEPT)
        bottom = top - _height(lines)
        more = place + 1 < len(steps)
        end = bottom - (below if more else _excluded_height(excluded) if excluded else 0)
        if more:
            _arrow(figure, (_LEFT + _MAIN / 2, bottom), (_LEFT + _MAIN / 2, end))
        _beside(figure, excluded, bottom)
        top = end
    if last:
        _fan(figure, top, last, width_of_part)
    return figure


def describe_flow(flow: pd.DataFrame) -> str:
    """The diagram in words, for those who cannot see it."""
    said = [
        f"{'excluded: ' if row['kind'] == FlowKind.EXCLUDED else ''}{row['step']}, {row['count']:,} {row['counted']}"
        for _, row in flow.iterrows()
    ]
    return "Flow diagram. " + "; ".join(said) + "."


def _lines(row: pd.Series, width: float) -> list[str]:
    """The text of a box, wrapped: its name with the count, then the details."""
    room = int((width - 2 * _PAD) * _CHARACTERS)
    head = textwrap.wrap(f"{row['step']}: {row['count']:,} {row['counted']}", int(room * 0.9))
    details = [line for one in str(row["detail"]).split("; ") if one for line in textwrap.wrap(one, room)]
    return ["\n".join(head), *details]


def _height(lines: Sequence[str]) -> float:
    return 2 * _PAD + _LINE * sum(line.count("\n") + 1 for line in lines)


def _excluded_height(excluded: Sequence[Sequence[str]]) -> float:
    return sum(map(_height, excluded)) + 0.1 * (len(excluded) + 1)


def _below(excluded: Sequence[Sequence[str]]) -> float:
    """How far below a step the next one begins."""
    return max(_BETWEEN, _excluded_height(excluded) if excluded else 0)


def _beside(figure: Figure, excluded: Sequence[Sequence[str]], bottom: float) -> None:
    top = bottom - 0.1
    for lines in excluded:
        middle = top - _height(lines) / 2
        left = _LEFT + _MAIN + _GAP
        _arrow(figure, (_LEFT + _MAIN / 2, middle), (left, middle))
        _box(figure, left, top, _BESIDE, lines, _OUT)
        top -= _height(lines) + 0.1


def _fan(figure: Figure, top: float, parts: Sequence[Sequence[str]], width: float) -> None:
    rail, start = top - _BETWEEN, top - 2 * _BETWEEN
    _arrow(figure, (_LEFT + _MAIN / 2, top), (_LEFT + _MAIN / 2, rail), "-")
    centres = [_LEFT + place * (width + 0.15) + width / 2 for place in range(len(parts))]
    ends = [*centres, _LEFT + _MAIN / 2]
    _arrow(figure, (min(ends), rail), (max(ends), rail), "-")
    for centre, lines in zip(centres, parts, strict=True):
        _arrow(figure, (centre, rail), (centre, start))
        _box(figure, centre - width / 2, start, width, lines, _KEPT)


def _box(figure: Figure, left: float, top: float, width: float, lines: Sequence[str], colour: str) -> None:
    whole, height = figure.get_size_inches()
    tall = _height(lines)
    figure.add_artist(
        FancyBboxPatch(
            (left / whole, (top - tall) / height),
            width / whole,
            tall / height,
            boxstyle="square,pad=0",
            facecolor=colour,
            edgecolor=_INK,
            linewidth=0.9,
            transform=figure.transFigure,
        )
    )
    at = top - _PAD
    for number, line in enumerate(lines):
        style = {"weight": "bold", "size": 9.5} if number == 0 else {"size": 9}
        figure.text(
            (left + _PAD) / whole, at / height, line, va="top", color=_INK, parse_math=False, linespacing=1.25, **style
        )
        at -= _LINE * (line.count("\n") + 1)


def _arrow(figure: Figure, start: tuple[float, float], end: tuple[float, float], style: str = "-|>") -> None:
    whole, height = figure.get_size_inches()
    ends = [(x / whole, y / height) for x, y in (start, end)]
    figure.add_artist(
        FancyArrowPatch(
            *ends,
            arrowstyle=style,
            mutation_scale=9,
            color=_INK,
            linewidth=0.9,
            shrinkA=0,
            shrinkB=0,
            transform=figure.transFigure,
        )
    )
