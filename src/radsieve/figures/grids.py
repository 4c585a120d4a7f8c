"""Grids of images: one labelled row per group, the images of a group side by side."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

# All lengths are inches.
MAX_HEIGHT = 150.0  # 16,500 pixels at the usual 110 dots per inch: browsers still show it, memory stays small
_COLUMNS = 4
_LABEL_WIDTH = 1.75
_TILE_WIDTH = 2.2
_MAX_TILE_HEIGHT = 2.2
_GAP = 0.12
_LINE_HEIGHT = 0.135
_TITLE_HEIGHT = 0.55
_WIDTH = _LABEL_WIDTH + _COLUMNS * (_TILE_WIDTH + _GAP) + _GAP

_CAPTION_CHARACTERS = 38  # of one line below an image
_LABEL_CHARACTERS = 25
_CAPTION_LINES = 4
_LABEL_LINES = 7
_FLAG = "#c0392b"
_MUTED = "#666666"
_RULE = "#dddddd"


@dataclass(frozen=True)
class Tile:
    """One image of a grid: `image` (H, W) or (H, W, 3) in [0, 1], the text below it, and whether it is framed."""

    image: NDArray[np.floating]
    caption: str
    flagged: bool = False


@dataclass(frozen=True)
class _Line:
    """Images that stand side by side; `label` only on the first line of a row."""

    label: str | None
    tiles: Sequence[Tile]

    @property
    def picture_height(self) -> float:
        return max((_fit(tile.image)[1] for tile in self.tiles), default=0.0)

    @property
    def height(self) -> float:
        captions = max((len(_wrap(t.caption, _CAPTION_CHARACTERS, _CAPTION_LINES)) for t in self.tiles), default=0)
        label = 0 if self.label is None else len(_wrap(self.label, _LABEL_CHARACTERS, _LABEL_LINES))
        return max(self.picture_height + _LINE_HEIGHT * (captions + 0.5), _LINE_HEIGHT * (label + 1)) + 2 * _GAP


def display_range(image: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return `image` (H, W) stretched for the eye: its 0.5% and 99.5% quantiles become 0 and 1.

    A 16-bit image that uses few of its levels becomes visible; an image of one single level becomes mid-grey.
    """
    low, high = np.quantile(image, [0.005, 0.995])
    if high <= low:
        low, high = image.min(), image.max()
    if high <= low:
        return np.full(image.shape, 0.5, dtype=np.float32)
    return np.asarray(np.clip((image - low) / (high - low), 0, 1), dtype=np.float32)


def image_grid(rows: Sequence[tuple[str, Sequence[Tile]]], title: str) -> Figure:
    """Plot one labelled row per group, its images side by side, flagged images framed.

    Images that do not fit beside each other continue on the next line. What would make the grid higher than
    `MAX_HEIGHT` inches is left out, and the title says so. Without rows the grid says that none were found.
    """
    lines: list[_Line] = []
    height = _TITLE_HEIGHT + _GAP
    shown = 0
    for label, tiles in rows:
        row = [
            _Line(None if start else label, tiles[start : start + _COLUMNS])
            for start in range(0, max(len(tiles), 1), _COLUMNS)
        ]
        row_height = sum(line.height for line in row)
        if lines and height + row_height > MAX_HEIGHT:
            break
        lines, height, shown = lines + row, height + row_height, shown + 1
    if not rows:
        height += 3 * _LINE_HEIGHT
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    heading = title if shown == len(rows) else f"{title} (the first {shown} of {len(rows)} rows)"
    _text(figure, _GAP, height - 0.32, heading, size=13, weight="bold", va="center")
    if not rows:
        _text(figure, _GAP, height - _TITLE_HEIGHT - _GAP, "none found", size=10, color=_MUTED)
    top = height - _TITLE_HEIGHT
    for line in lines:
        _plot_line(figure, line, top)
        top -= line.height
    return figure


def _fit(image: NDArray[np.floating]) -> tuple[float, float]:
    """Width and height in inches of an image fitted into its place, its aspect ratio kept."""
    rows, columns = image.shape[:2]
    scale = min(_TILE_WIDTH / columns, _MAX_TILE_HEIGHT / rows)
    return columns * scale, rows * scale


def _wrap(text: str, width: int, limit: int) -> list[str]:
    """Break `text` into at most `limit` lines; a paragraph too long loses its middle: paths differ at their ends."""
    lines: list[str] = []
    paragraphs = _drawable(text).split("\n")
    for index, paragraph in enumerate(paragraphs):
        room = max(limit - len(lines) - (len(paragraphs) - index - 1), 1)
        characters = room * width - 4 * room  # lines broken at a space are not filled
        if len(paragraph) > characters:
            head = characters // 2
            paragraph = f"{paragraph[:head]}…{paragraph[len(paragraph) - (characters - head - 1) :]}"
        lines += textwrap.wrap(paragraph, width)[:room] or [""]
    return lines[:limit]


def _drawable(text: str) -> str:
    """The text with a replacement character for every one that the font lacks."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    return "".join(c if c == "\n" or font.get_char_index(ord(c)) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _plot_line(figure: Figure, line: _Line, top: float) -> None:
    width, height = figure.get_size_inches()
    if line.label is not None:
        rule = Rectangle((0, top / height), 1, 0.012 / height, color=_RULE, transform=figure.transFigure, lw=0)
        figure.add_artist(rule)
        first, *others = _wrap(line.label, _LABEL_CHARACTERS, _LABEL_LINES)
        _text(figure, _GAP, top - _GAP, first, size=9, weight="bold")
        _text(figure, _GAP, top - _GAP - 1.15 * _LINE_HEIGHT, "\n".join(others), size=8, color=_MUTED)
    for column, tile in enumerate(line.tiles):
        left = _LABEL_WIDTH + column * (_TILE_WIDTH + _GAP)
        picture_width, picture_height = _fit(tile.image)
        bottom = top - _GAP - picture_height
        axes = figure.add_axes((left / width, bottom / height, picture_width / width, picture_height / height))
        axes.imshow(tile.image, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="antialiased")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color=_FLAG if tile.flagged else _RULE, linewidth=2.5 if tile.flagged else 0.6)
        caption = "\n".join(_wrap(tile.caption, _CAPTION_CHARACTERS, _CAPTION_LINES))
        below = top - _GAP - line.picture_height - 0.06
        _text(figure, left, below, caption, size=7.5, color=_FLAG if tile.flagged else "black")


def _text(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    """Write `text` with its upper left corner at (x, y) inches; a `$` in it is no formula."""
    width, height = figure.get_size_inches()
    options: dict[str, Any] = {"va": "top", "ha": "left", "linespacing": 1.25, **style}
    figure.text(x / width, y / height, text, parse_math=False, **options)
