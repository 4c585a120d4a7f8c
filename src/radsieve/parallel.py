"""Work in several threads with a bounded number of items in flight."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4  # items submitted per thread, so that none waits for the slowest one
_FIRST = 32  # threads that work at first: few for a service at hand, and enough for one that is far away
_WINDOW = 4  # items for each of them, of which the first is not counted, before another number is tried
_GAIN = 1.15  # how much faster twice as many must be
_RESTS = 16  # windows after a trial that did not pay


def usable_cores() -> int:
    """How many processor cores this process may use, at least 1; only those to which it is bound, where it is."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(
    function: Callable[[T], R],
    items: Iterable[T],
    threads: int,
    ahead: int | None = None,
    halt: Callable[[], None] = lambda: None,
) -> Iterator[R]:
    """Yield `function(item)` for every item in the order of `items`, computed in `threads` threads.

    At most `ahead` items, or a few per thread, are taken ahead, however long `items` is. After the first exception,
    which is raised here, nothing new is begun; `halt` tells what waits within `function`.
    """
    pool = ThreadPoolExecutor(threads)  # its own map takes all items at once, before Python 3.14
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= (ahead or _AHEAD * threads):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        halt()
        pool.shutdown(cancel_futures=True)


def paced(function: Callable[[T], R], items: Iterable[T], most: int) -> Iterator[R]:
    """As `ordered`, in as many threads as pay, at most `most`: few at first, and more as long as that is faster.

    For work that mostly waits for others, be it long (a service far away) or not at all (one that is busy).
    """
    pace = Pace(most)

    def in_turn(item: T) -> R:
        with pace.turn():
            return function(item)

    # few work at first: results are had early
    return ordered(in_turn, items, most, most + _FIRST, pace.halt)


class Pace:
    """How many may work at a time: twice as many are tried, and kept if they do more; later they are tried again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = min(_FIRST, most)
        self._working = self._done = 0
        self._rate_before: float | None = None  # that of half as many, while twice as many are tried
        self._rests = 0  # windows before the next trial
        self._begin = time.perf_counter()
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._halted = False

    def halt(self) -> None:
        """Give no more turns: who waits for one, or asks later, gets CancelledError."""
        with self._lock:
            self._halted = True
            self._give_turns()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it during the block; who asked first has it first, so that no result is late."""
        own = threading.Event()
        with self._lock:
            self._waiting.append(own)
            self._give_turns()
        own.wait()
        if self._halted:
            raise CancelledError
        try:
            yield
        finally:
            with self._lock:
                self._working -= 1
                self._count()
                self._give_turns()

    def _give_turns(self) -> None:
        while self._waiting and (self._halted or self._working < self.limit):
            self._working += 1
            self._waiting.popleft().set()

    def _count(self) -> None:
        self._done += 1
        if self._done == self.limit:  # those before were begun under another limit
            self._begin = time.perf_counter()
        if self._done < _WINDOW * self.limit:
            return
        rate = (self._done - self.limit) / max(time.perf_counter() - self._begin, 1e-9)
        self._done = 0
        if self._rate_before is not None and rate < _GAIN * self._rate_before:
            self.limit //= 2
            self._rate_before, self._rests = None, _RESTS
        elif self._rests:
            self._rests -= 1
        else:
            self._rate_before = rate if 2 * self.limit <= self._most else None
            self.limit *= 2 if 2 * self.limit <= self._most else 1


class Budget:
    """A limit on the bytes that all threads hold together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def holding(self, count: int) -> Iterator[None]:
        """Wait until `count` more bytes fit, and count them as held during the block.

        More bytes than the whole limit wait until nothing else is held.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + count <= self._limit)
            self._used += count
        try:
            yield
        finally:
            with self._changed:
                self._used -= count
                self._changed.notify_all()
