"""How DVC is asked: one call at a time, its answers in words that a reader of the log understands."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STATE = Path(".snakemake/radsieve")  # under .snakemake: neither git nor DVC see it
LOCK = Path("dvc.lock")
TRACER = "workflow/dvc.yaml:trace_inputs"  # the stage that always runs


class DvcError(RuntimeError):
    """DVC could not do what it was asked to; the message is its own."""


def dvc_status(*targets: str) -> dict[str, list[str]]:
    """For each stage that dvc.lock does not match: changed inputs, command or outputs, or missing files."""
    report = json.loads(dvc("status", "--json", *targets))
    report.pop(TRACER, None)
    return {name: sorted({what for change in changes for what in _amiss(change)}) for name, changes in report.items()}


def _amiss(change: str | Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The words for one change that DVC reports: "changed command", or {"changed deps": {path: kind, ...}}."""
    if isinstance(change, str):
        yield change
        return
    for kind, files in change.items():
        for file in files.values():  # "deleted", "modified", "new"; for parameters, a mapping of these
            yield "missing files" if file == "deleted" else kind.replace("deps", "inputs").replace("outs", "outputs")


def dvc(*arguments: str) -> str:
    """Run DVC, one call at a time (parallel jobs of Snakemake would meet DVC's own lock)."""
    with _alone():
        result = subprocess.run(  # noqa: S603 (fixed program, names from dvc.yaml)
            [sys.executable, str(Path(__file__).with_name("remembering_dvc.py")), *arguments],
            capture_output=True,
            text=True,
        )
    if result.returncode:
        raise DvcError(f"dvc {arguments[0]} failed: {result.stderr.strip()}{_of_disk(result.stderr)}")
    return result.stdout


def dvc_cache() -> Path:
    """Where DVC keeps the content of outputs (`files/md5`) and what it knows of runs (`runs`)."""
    return Path(dvc("cache", "dir").strip())


def _of_disk(said: str) -> str:
    """What to do if DVC could not write."""
    if any(sign in said for sign in ("No space left", "Read-only file system", "Permission denied", "disk is full")):
        return (
            "; DVC's cache (.dvc/cache) is full or may not be written to: free some, mend its permissions, or move it "
            "(dvc cache dir FOLDER), and run again; the results stay, and are recorded then"
        )
    return ""


@contextmanager
def _alone() -> Iterator[None]:
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
