"""The progress of long work: a bar on a terminal, and a line in the log at least every half minute.

`track` counts the items of a loop; `working` names a step that is one long call, as a context or as a decorator. While
anything is at work, a thread logs a line of it every EVERY_S seconds, so that no log is silent for minutes; it reads
counters and the clock, and touches nothing that is computed.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

_SHORT_S = 1.0  # work that takes less time is not worth a bar or a last line
EVERY_S = 20.0  # the thread may be delayed where a long call holds the interpreter lock

T = TypeVar("T")

_log = logging.getLogger("radsieve")
_clock = time.monotonic
_lock = threading.RLock()  # an unfinished loop may be cleared away at any point, also where the lock is held


class _Waiting(Protocol):
    def wait(self, timeout: float) -> bool: ...


@dataclass(eq=False)
class _Work:
    """The work in progress: a loop, which has a `unit`, or one call."""

    description: str
    unit: str | None = None
    total: int | None = None
    bar: "tqdm[Any] | None" = None  # that a terminal shows
    done: int = 0
    begin: float = field(default_factory=lambda: _clock())

    def line(self, now: float) -> str:
        """Its progress: `generating: image 120 of 360, 4.8 per second, 50 s left`, or `still at UMAP: 40 s`."""
        spent = now - self.begin
        if self.unit is None:
            return f"still at {self.description}: {duration(spent)}"
        line = self._count()
        if self.done and spent > 0:
            rate = self.done / spent
            line += f", {rate:.3g} per second" if rate >= 1 else f", {1 / rate:.3g} s each"
            if self.total is not None:
                line += f", {duration((self.total - self.done) / rate)} left"
        return line

    def last_line(self, now: float) -> str:
        """The end of a loop: `generating: image 360 of 360, done in 1 min 15 s`."""
        return f"{self._count()}, done in {duration(now - self.begin)}"

    def _count(self) -> str:
        return f"{self.description}: {self.unit} {self.done}" + (f" of {self.total}" if self.total is not None else "")


_works: list[_Work] = []  # at work now, the outermost first
_teller: "_Teller | None" = None  # of them, while there are any


def track(items: Iterable[T], description: str, total: int | None = None, unit: str = "image") -> Iterator[T]:
    """Yield `items`; a terminal shows a bar with count, rate and remaining time, the log a line from time to time.

    At the end of a loop that took a second there is one line more, except within another loop, whose lines name the
    inner one as well.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    bar = tqdm(items, desc=description, total=total, unit=unit, disable=None, leave=False, delay=_SHORT_S)
    work = _Work(description, unit, total, None if bar.disable else bar)
    with _at_work(work):
        for item in bar:
            yield item
            work.done += 1
    with _lock:
        inner = any(other.unit for other in _works)
    if work.done and not inner and _clock() - work.begin >= _SHORT_S:
        _say(work.last_line(_clock()))


@contextmanager
def working(description: str) -> Iterator[None]:
    """Log every EVERY_S seconds that `description` is being done: `still at UMAP of 600 points: 40 s`."""
    with _at_work(_Work(description)):
        yield


def beside_bars(record: logging.LogRecord) -> bool:
    """A filter for a handler that writes to a terminal: no lines of progress while a bar shows the same there."""
    with _lock:
        return not (getattr(record, "progress", False) and any(work.bar for work in _works))


def duration(seconds: float) -> str:
    """Seconds as people say them: `45 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class _Teller(threading.Thread):
    """The thread that logs the progress of the work."""

    def __init__(self) -> None:
        super().__init__(name="radsieve progress", daemon=True)
        self._done = threading.Event()

    def run(self) -> None:
        """Log until the work is over."""
        _tell(self._done)

    def stop(self) -> None:
        """Log no more, and wait for a line that is being written."""
        self._done.set()
        if self is not threading.current_thread():
            self.join(_SHORT_S)


@contextmanager
def _at_work(work: _Work) -> Iterator[None]:
    """Register `work` with the thread, which runs as long as there is any."""
    global _teller
    with _lock:
        _works.append(work)
        if _teller is None:
            _teller = _Teller()
            _teller.start()
    try:
        yield
    finally:
        with _lock:
            _works.remove(work)
            over, _teller = (None, _teller) if _works else (_teller, None)
        if over is not None:
            over.stop()


def _tell(stop: _Waiting) -> None:
    """Log a line every EVERY_S seconds until `stop`."""
    while not stop.wait(EVERY_S):
        with _lock:
            works = list(_works)
        if works:
            _say(_line(works, _clock()))
        for work in works:
            if work.bar is not None:
                work.bar.refresh()


def _line(works: list[_Work], now: float) -> str:
    """All loops from the outermost to the innermost, and the call within them."""
    return "; ".join(work.line(now) for work in works if work.unit or work is works[-1])


def _say(line: str) -> None:
    _log.info("%s", line, extra={"progress": True})
