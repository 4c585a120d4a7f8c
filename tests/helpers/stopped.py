"""Stages that are killed half-way, in copies of the project whose code a test may edit."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from project import BIN, Project

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


def kill_stage(project: Project, command: Sequence[str], script: str, begun: Callable[[], bool]) -> str:
    """Run an engine by `command`, kill the process of `script` once it has `begun`; return what the engine said."""
    with tempfile.TemporaryFile("w+") as said:
        environment = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": str(project.folder / "src"), "HOME": "/tmp"}
        engine = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]], cwd=project.folder, env=environment, stdout=said, stderr=said
        )
        killed = _kill_when(engine, script, begun)
        status = engine.wait(timeout=120)
        said.seek(0)
        output = said.read()
    assert killed and status != 0, output
    return output


def _kill_when(engine: subprocess.Popen[bytes], script: str, begun: Callable[[], bool]) -> bool:
    """Whether `script` was seen, and killed, before the engine ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and engine.poll() is None:
        for process in psutil.Process(engine.pid).children(recursive=True):
            try:
                if begun() and process.cmdline()[1:2] == [script]:
                    process.send_signal(signal.SIGKILL)
                    return True
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.01)
    return False


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
