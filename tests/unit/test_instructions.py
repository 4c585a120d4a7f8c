"""instructions.py: libraries are compared with what most processors have, unless the user wants otherwise."""

import os
import subprocess
import sys

import pytest

from radsieve import instructions

VARIABLES = [*instructions._OF_ARRAYS, *instructions._OF_NETWORKS]


@pytest.fixture
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that what is set is taken back
        monkeypatch.delenv(name)
    return lambda: {name: os.environ[name] for name in VARIABLES if name in os.environ}


def test_everything_is_held(environment, monkeypatch):
    monkeypatch.setattr(instructions, "has_common", lambda: True)
    instructions.hold_arrays()
    assert environment() == instructions._OF_ARRAYS
    instructions.hold_networks("avx2")
    assert environment() == instructions._OF_ARRAYS | instructions._OF_NETWORKS


def test_native_leaves_networks_alone_and_the_user_is_obeyed(environment, monkeypatch):
    monkeypatch.setattr(instructions, "has_common", lambda: True)
    instructions.hold_networks("native")
    assert environment() == {}
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    instructions.hold_networks("avx2")
    assert environment()["ATEN_CPU_CAPABILITY"] == "default"


def test_no_processor_is_given_instructions_that_it_lacks(environment, monkeypatch):
    monkeypatch.setattr(instructions, "has_common", lambda: False)
    instructions.hold_arrays()
    instructions.hold_networks("avx2")
    assert environment() == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("processor: 0\nflags\t\t: fpu sse2 fma avx avx2\n", True),
        ("flags : fpu sse2 fma avx avx512f\n", False),
        ("flags : avx2\nflags : fma avx2\n", False),
        ("Features : fp asimd\n", False),
        (None, False),
    ],
)
def test_what_a_processor_has(tmp_path, monkeypatch, text, found):
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    monkeypatch.setattr(instructions, "_CPUINFO", tmp_path / "cpuinfo")
    assert instructions.has_common() is found


def test_what_half_done_work_depends_on(environment, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text("flags : fma sse2 avx avx2 avx512f\n")
    monkeypatch.setattr(instructions, "_CPUINFO", tmp_path / "cpuinfo")
    assert instructions.in_use() == "avx avx2 fma avx512f"
    instructions.hold_networks("avx2")
    assert instructions.in_use() == "avx2"
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    assert "ONEDNN_MAX_CPU_ISA=SSE41" in instructions.in_use()
    monkeypatch.setattr(instructions, "_CPUINFO", tmp_path / "none")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert instructions.in_use() == "native"


def test_it_comes_in_time():
    """A stage sets the variables before NumPy is there, and PyTorch does what they say though it is there already."""
    program = (
        "import sys; from radsieve import stage, instructions; assert 'numpy' not in sys.modules; import torch, os; "
        "os.environ |= {'ATEN_CPU_CAPABILITY': 'default'}; instructions.hold_networks('avx2'); "
        "print(torch.backends.cpu.get_cpu_capability())"
    )
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run([sys.executable, "-c", program], env=kept, capture_output=True, text=True, check=True)
    assert done.stdout == "DEFAULT\n"
