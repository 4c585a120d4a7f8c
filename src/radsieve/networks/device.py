"""Where networks run and in which precision: the section `compute` of params.yaml, put into effect."""

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import torch

from radsieve.errors import InputError
from radsieve.instructions import COMMON
from radsieve.parallel import ordered
from radsieve.progress import track
from radsieve.settings import Compute

T = TypeVar("T")

_PART = {"cpu": 8, "cuda": 32}  # rows of a batch that a trained network works on at a time

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h


@dataclass(frozen=True)
class Device:
    """The device, and the data type of convolutions (weights, losses and sums stay float32)."""

    device: torch.device
    dtype: torch.dtype
    instructions: str = field(default=COMMON, kw_only=True)
    threads: int = field(default=1, kw_only=True)

    def place(self, module: torch.nn.Module) -> torch.nn.Module:
        """Move `module` to the device, its weights in channels-last layout, which makes convolutions fast."""
        return module.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def send(self, batch: torch.Tensor) -> torch.Tensor:
        """Move a batch (n, channels, height, width) to the device, channels last."""
        return batch.to(self.device, non_blocking=True).contiguous(memory_format=torch.channels_last)

    def autocast(self) -> torch.autocast:
        """The context in which a forward pass runs."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)

    def parts(self, rows: int, function: Callable[[slice], T], doing: str) -> Iterator[tuple[slice, T]]:
        """Yield each part of so many `rows`, in their order, with `function(part)`; `doing` names it in the log.

        On the CPU `threads` parts are processed side by side, each by one thread: parts are the same at any number of
        threads, and so are the sums in each.
        """
        length = _PART[self.device.type]
        parts = [slice(start, min(start + length, rows)) for start in range(0, rows, length)]
        threads = min(self.threads, len(parts)) if self.device.type == "cpu" else 1

        def alone(part: slice) -> tuple[slice, T]:
            torch.set_num_threads(1)  # a new thread starts with as many as there are cores
            return part, function(part)

        found = ordered(alone, parts, threads) if threads > 1 else ((part, function(part)) for part in parts)
        yield from track(found, doing, len(parts), "batch")

    def card(self) -> dict[str, str]:
        """How a network computes, for its card: the same on all processors that get the same parameters."""
        found = {"device": self.device.type, "precision": str(self.dtype).removeprefix("torch.")}
        return found | ({"instructions": self.instructions} if self.device.type == "cpu" else {})

    def describe(self) -> str:
        """In words: `cpu, float32, avx2`."""
        return ", ".join(self.card().values())


def choose_device(compute: Compute) -> Device:
    """Choose by `device` (auto, cpu, cuda), `precision` (float32, bfloat16), `instructions` and `threads` of `compute`.

    `auto` takes a GPU if there is one. Sets the use of memory, deterministic algorithms and one thread for the whole
    process: if several threads share a sum, how they share it decides on its last digits. `Device.parts` uses more. The
    instructions are set before anything is computed (see `radsieve.instructions`).

    Raises InputError if `cuda` is requested and not available, and for bfloat16 without the instructions for it.
    """
    if compute.device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml, compute.device = cuda: no CUDA device is available; set it to auto or cpu")
    on_gpu = compute.device == "cuda" or (compute.device == "auto" and torch.cuda.is_available())
    if compute.precision == "bfloat16" and not on_gpu and compute.instructions == COMMON:
        raise InputError(
            "params.yaml, compute.precision = bfloat16: on a CPU this is slow without the instructions for it; set "
            "compute.instructions to native, or precision to float32"
        )
    _keep_memory()
    torch.set_num_threads(1)
    # the same as use_deterministic_algorithms(True, warn_only=True), which would import the compiler: four seconds
    torch.set_deterministic_debug_mode("warn")
    # no result depends on memory that was not written, and filling it costs time in every step
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32
    return Device(
        torch.device("cuda" if on_gpu else "cpu"),
        getattr(torch, compute.precision),
        instructions=compute.instructions,
        threads=compute.threads,
    )


def _keep_memory() -> None:
    """Let the C library keep memory that large tensors free; else the kernel clears every page again, in every step."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, -1)
