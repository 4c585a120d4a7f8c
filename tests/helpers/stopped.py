"""Stages that are killed half-way, in copies of the project whose code a test may edit."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ("scripts", "src")


def copy_code(folder: Path) -> Path:
    """Copy what a script needs to run."""
    for part in _PARTS:
        shutil.copytree(ROOT / part, folder / part)  # times, too, so that no module is compiled again
    return folder


def edit(code: Path, path: str, old: str, new: str) -> None:
    """Replace a text that stands in a file once."""
    text = (code / path).read_text()
    assert text.count(old) == 1, (path, old)
    (code / path).write_text(text.replace(old, new))


def edit_elsewhere(code: Path, module: str) -> None:
    """Edit code that no network stage imports, and a docstring and a remark of a `module` that it does."""
    edit(
        code,
        "src/radsieve/curation/agreement/dawid_skene.py",
        "TOLERANCE = 1e-9\n",
        "TOLERANCE = 1e-9\n_UNUSED = 1\n",
    )
    text = (code / module).read_text()
    assert text.startswith('"""')
    (code / module).write_text(f'"""Another first line.{text[3:]}\n# a remark\n')


def run(code: Path, stage: str, folder: Path, options: dict[str, object]) -> str:
    """Run a script to its end; return its log."""
    done = subprocess.run(**_call(code, stage, folder, options), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def kill_half_way(code: Path, stage: str, folder: Path, options: dict[str, object]) -> None:
    """Kill a script, so that it can do nothing about it, as soon as it has kept anything."""
    process = subprocess.Popen(**_call(code, stage, folder, options), stderr=subprocess.DEVNULL)
    kept = folder / ".cache/radsieve" / stage
    while not list(kept.glob("*/*.safetensors")):
        assert process.poll() is None, "it ended, and nothing was kept"
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert list(kept.glob("*/*.safetensors"))
    assert not (folder / str(options["out"])).exists()


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file in `folder`."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _call(code: Path, stage: str, folder: Path, options: dict[str, object]) -> dict[str, object]:
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RADSIEVE_")}
    return {
        "args": [sys.executable, str(code / "scripts" / f"{stage}.py"), *given],
        "cwd": folder,
        "env": environment | {"PYTHONPATH": str(code / "src")},
    }
