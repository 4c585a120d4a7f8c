"""A function of the package called on hostile input, in a process of its own with limits on time and memory."""

import importlib
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from unittest import mock

SECONDS, BYTES = 8, 10**9  # of the processor, and of memory besides what the modules take
WALL = 60  # seconds, when the machine is busy
PRELOADED = ("hostile_calls", "radsieve.curation.ingestion", "radsieve.imaging.image_packing")


@dataclass(frozen=True)
class Outcome:
    """What became of a call: `kind` is `returned`, the name of the exception, or of what ended the process.

    `said` is the text of the exception, or of the value; `seconds` of the processor and `megabytes` of memory that the
    call took.
    """

    kind: str
    said: str
    seconds: float = 0.0
    megabytes: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind}: {self.said[:150]} ({self.seconds:.1f} s, {self.megabytes:.0f} MB)"


def call(function: str, *arguments: Any, show: Callable[[Any], str] | None = None) -> Outcome:
    """Call `function`, named as module:name, with arguments that can be pickled."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with mock.patch.dict(os.environ, {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}):
        forkserver.ensure_running()  # it does not take over sys.path before Python 3.13
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_limited, args=(theirs, function, arguments, show))
    process.start()
    theirs.close()
    try:
        found: Outcome = ours.recv() if ours.poll(WALL) else Outcome("no end", f"within {WALL} s")
    except EOFError:
        process.join()
        found = Outcome("killed", f"status {process.exitcode}: more than {SECONDS} s, or a crash")
    process.kill()
    process.join()
    return found


def _limited(pipe: Any, function: str, arguments: tuple[Any, ...], show: Callable[[Any], str] | None) -> None:
    module, _, name = function.partition(":")
    target = importlib.import_module(module)
    for part in name.split("."):
        target = getattr(target, part)
    begin = resource.getrusage(resource.RUSAGE_SELF)
    used = begin.ru_utime + begin.ru_stime
    resource.setrlimit(resource.RLIMIT_AS, (_virtual() + BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + SECONDS + 1,) * 2)
    try:
        value = target(*arguments)
        kind, said = "returned", (show or repr)(value)
    except BaseException as error:
        kind, said = type(error).__name__, str(error)
    end = resource.getrusage(resource.RUSAGE_SELF)
    taken = end.ru_utime + end.ru_stime - used
    with suppress(BrokenPipeError):
        pipe.send(Outcome(kind, said, taken, (end.ru_maxrss - begin.ru_maxrss) / 1000))
    sys.stdout.flush()


def _virtual() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 (no path of a user)
        return int(statm.read().split()[0]) * resource.getpagesize()


def processor_seconds() -> float:
    """What all calls took so far, with the import of the modules."""
    server = forkserver._forkserver._forkserver_pid
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
