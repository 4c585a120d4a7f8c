"""Work in several threads with a bounded number of items in flight."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4  # items submitted per thread, so that none waits for the slowest one


def usable_cores() -> int:
    """How many processor cores this process may use, at least 1; only those to which it is bound, where it is."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """Yield `function(item)` for every item in the order of `items`, computed in `threads` threads.

    At most a few items per thread are taken ahead, however long `items` is. After the first exception, which is raised
    here, nothing new is begun.
    """
    pool = ThreadPoolExecutor(threads)  # its own map takes all items at once, before Python 3.14
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= _AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


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
