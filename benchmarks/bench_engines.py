"""How long the engines take when there is nothing to do, and how long the imports of a stage take."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

from project import SMALL, SMALL_GENERATION, SMALL_PREFILTER, SMALL_SCREENING, Project, change, fresh  # noqa: E402

PACKAGES = ("radsieve.stage, radsieve.tables", "sklearn.linear_model", "torch")


def seconds(call: Callable[[], object], rounds: int) -> float:
    """The median time of `rounds` calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def engine_rows(project: Project, rounds: int) -> list[str]:
    """Times of both engines in a project that has just finished."""
    first = seconds(project.snakemake, 1)
    calls: dict[str, Callable[[], object]] = {
        "`snakemake -n`": lambda: project.snakemake("--dry-run"),
        "`snakemake`, again": project.snakemake,
        "`dvc status`": lambda: project.dvc("status"),
        "`dvc repro`": lambda: project.dvc("repro"),
    }
    again = [f"| {name} | {seconds(call, rounds):.2f} |" for name, call in calls.items()]
    return [f"| `snakemake`, the first time after a run | {first:.2f} |", *again]


def import_rows(rounds: int) -> list[str]:
    """Times of a Python that imports the packages and ends."""

    def start(names: str) -> None:
        subprocess.run([sys.executable, "-c", f"import {names}"], check=True)

    return [f"| `import {names}` | {seconds(partial(start, names), rounds):.2f} |" for names in PACKAGES]


def main() -> None:
    """Finish a small project, time the engines in it, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = fresh(Path(folder) / "radsieve")
        with project.params() as params:
            change(params, SMALL | SMALL_SCREENING | SMALL_PREFILTER | SMALL_GENERATION)
        project.snakemake()
        rows = engine_rows(project, args.rounds)
    lines = [
        "## Starting: all stages of all tracks, small images, nothing to be done",
        "",
        "| what | seconds |",
        "|---|---|",
    ]
    args.out.write_text("\n".join([*lines, *rows, *import_rows(args.rounds), ""]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
