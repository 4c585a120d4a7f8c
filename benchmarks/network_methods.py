"""Methods of running a network, each in a process of its own, timed in turn."""

import contextlib
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import torch

from radsieve.networks.device import choose_device
from radsieve.parallel import usable_cores
from radsieve.settings import Compute

THREADS = usable_cores()
REDUCED = [torch.bfloat16] if torch.cpu._is_amx_tile_supported() else []
AMX = f"this processor has {'' if REDUCED else 'no '}AMX{'' if REDUCED else ', so that bfloat16 is left out'}."


@dataclass(frozen=True)
class Method:
    """One method of running a network; each differs from the previous one in one respect."""

    name: str
    channels_last: bool = False
    precision: torch.dtype = torch.float32
    memory_kept: bool = False
    inference_mode: bool = False

    @property
    def layout(self) -> torch.memory_format:
        """How images and weights lie in memory."""
        return torch.channels_last if self.channels_last else torch.contiguous_format


def table(
    what: str, methods: Sequence[Method], work: Callable[[Any], float], count: int, rounds: int, unit: str = "images"
) -> Iterator[str]:
    """Yield a table of how many of `unit` per second each method processes, work(method) being its seconds for `count`.

    The methods take turns in each round, after a warm-up round; ratios are medians over rounds.
    """
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(_own_process(method)) for method in methods]
        seconds = [
            [process.submit(work, method).result() for process, method in zip(processes, methods, strict=True)]
            for _ in range(rounds + 1)
        ][1:]
    yield f"\n| {what} | {unit}/s | times plain | times the line above |\n|---|---|---|---|"
    for column, method in enumerate(methods):
        rate = count / statistics.median(row[column] for row in seconds)
        plain = statistics.median(row[0] / row[column] for row in seconds)
        above = statistics.median(row[max(column - 1, 0)] / row[column] for row in seconds)
        yield f"| {'' if column == 0 else '+ '}{method.name} | {rate:.1f} | {plain:.2f} | {above:.2f} |"


def _own_process(method: Method) -> ProcessPoolExecutor:
    """A process for one method: how memory is kept holds for a whole process."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(method,))


def _begin(method: Method) -> None:
    """Set a process up as the stages do, or set only the number of threads."""
    if method.memory_kept:
        choose_device(Compute(device="cpu", precision="float32", instructions="native", threads=THREADS))
    torch.set_num_threads(THREADS)
