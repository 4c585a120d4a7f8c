"""Where networks run and in which precision: the section `compute` of params.yaml, put into effect."""

import contextlib
import ctypes
from dataclasses import dataclass

import torch

from radsieve.errors import InputError
from radsieve.settings import Compute

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h


@dataclass(frozen=True)
class Device:
    """The device, and the type that convolutions compute in (weights, losses and sums stay float32)."""

    device: torch.device
    dtype: torch.dtype

    def place(self, module: torch.nn.Module) -> torch.nn.Module:
        """Move `module` to the device, its weights laid out channels last, as fast convolutions want them."""
        return module.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def send(self, batch: torch.Tensor) -> torch.Tensor:
        """Move a batch (n, channels, height, width) to the device, channels last."""
        return batch.to(self.device, non_blocking=True).contiguous(memory_format=torch.channels_last)

    def autocast(self) -> torch.autocast:
        """The context in which a forward pass runs."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)

    def describe(self) -> str:
        """For a log: `cpu, bfloat16`."""
        return f"{self.device.type}, {str(self.dtype).removeprefix('torch.')}"


def choose_device(compute: Compute) -> Device:
    """Choose by `device` (auto, cpu, cuda), `precision` (auto, float32, bfloat16) and `threads` of section `compute`.

    `auto` takes a GPU if there is one, and bfloat16 on GPUs and on processors with AMX (without it bfloat16 is slower).
    Sets the number of threads, the use of memory and deterministic algorithms for the whole process; on the CPU the
    same bytes come out at every run on the same kind of processor.

    Raises InputError if `cuda` is asked for and not there.
    """
    if compute.device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml, compute.device = cuda: no CUDA device is available; set it to auto or cpu")
    _keep_memory()
    torch.set_num_threads(compute.threads)
    # the same as use_deterministic_algorithms(True, warn_only=True), which would import the compiler: four seconds
    torch.set_deterministic_debug_mode("warn")
    # no result depends on memory that was not written, and filling it costs time in every step
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    on_gpu = compute.device == "cuda" or (compute.device == "auto" and torch.cuda.is_available())
    fast = on_gpu or torch.cpu._is_amx_tile_supported()
    bfloat16 = compute.precision == "bfloat16" or (compute.precision == "auto" and fast)
    return Device(torch.device("cuda" if on_gpu else "cpu"), torch.bfloat16 if bfloat16 else torch.float32)


def _keep_memory() -> None:
    """Let the C library keep what large tensors free; else the kernel clears every page anew, in every step."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, -1)
