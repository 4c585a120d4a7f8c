"""Progress bars that show on a terminal and never in a log file."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def track(items: Iterable[T], description: str, total: int | None = None, unit: str = "film") -> Iterator[T]:
    """Yield `items`, drawing count, rate and remaining time on stderr if that is a terminal."""
    yield from tqdm(items, desc=description, total=total, unit=unit, disable=None, leave=False)
