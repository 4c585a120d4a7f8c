"""A part of the page on the tasks: one section with its template, its numbers, and where its mistakes are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number


@dataclass(frozen=True)
class Part:
    """A section with the heading `title` and the address `anchor`.

    `template` shows it as `part`, its values as `part.shown`. `numbers` and `points` go into the summary. `leaks` is
    the result with the part's LEAKS, empty where it has none; published values of `task` stand beside them.
    """

    anchor: str
    title: str
    template: str
    shown: dict[str, Any]
    numbers: tuple[Number, ...] = ()
    points: tuple[str, ...] = ()
    leaks: str = ""
    task: str = ""


Builder = Callable[[Inputs, Params], list[Part]]
