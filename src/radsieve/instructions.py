"""The CPU instructions that the numerical libraries use, so that results are the same on many processors.

Libraries choose code for the newest instructions that they find at run time. A sum of eight numbers side by side is
rounded differently from one of sixteen, and in the training of a network such differences grow. Restricted to AVX2 and
FMA (Intel processors since 2013, AMD's since 2015), all of these processors add in the same order. What a user sets in
the environment is respected.
"""

import os
from pathlib import Path

COMMON, NATIVE = "avx2", "native"

_CPUINFO = Path("/proc/cpuinfo")
_TOLD = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile")  # flags that affect how networks are computed
# Read when NumPy is imported. OpenBLAS calls its code for AVX2 Haswell.
_OF_ARRAYS = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
# Read when the first network runs, and when Numba (of UMAP) is imported.
_OF_NETWORKS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2,STRICT",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt",
}


def hold_arrays() -> None:
    """Restrict NumPy and SciPy to the common instructions. Call it before NumPy is imported: later it has no effect.

    What networks use is chosen in params.yaml; arrays gain too little from newer instructions to be worth a choice.
    """
    if has_common():
        _set(_OF_ARRAYS)


def hold_networks(instructions: str) -> None:
    """Restrict PyTorch and Numba to the common instructions, or let them use all, before they compute."""
    if instructions == COMMON and has_common():
        _set(_OF_NETWORKS)


def in_use() -> str:
    """Return what unfinished work depends on: COMMON, or what this processor has and the environment sets."""
    said = {name: os.environ[name] for name in _OF_NETWORKS if name in os.environ}
    if said == _OF_NETWORKS:
        return COMMON
    words = [name for name in _TOLD if name in flags()] + [f"{name}={value}" for name, value in said.items()]
    return " ".join(words) or NATIVE


def has_common() -> bool:
    """Whether this processor is known to have AVX2 and FMA; only Linux tells."""
    return {"avx2", "fma"} <= flags()


def flags() -> set[str]:
    """Return the flags of this processor by /proc/cpuinfo; none where the system has no such file."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return set(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), []))


def _set(variables: dict[str, str]) -> None:
    for name, value in variables.items():
        os.environ.setdefault(name, value)
