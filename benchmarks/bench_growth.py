"""Time and memory of the prefilter's stages by the number of rows: does either grow faster than the rows?

The stages run as scripts, each in a process of its own, whose largest resident set is its peak memory.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from threadpoolctl import threadpool_limits

from radsieve import files
from radsieve.prefilter.classifiers.logistic import fit_logistic
from radsieve.prefilter.latents import latent_table
from radsieve.prefilter.twin import twin

ROOT = Path(__file__).parents[1]
MODEL = "LogReg.1"
INTRODUCTION = """## Growth of the prefilter with the rows

Rows of the simulated twin in {groups} groups of equal size. `logistic regression` reads each group and fits {model} to
it; `select_thresholds` is the whole stage: nested cross-validation, all rules, the composite of five models, diversity.
One group at a time is in memory; exponent 1 is linear.

| step | rows | seconds | rows/s | peak MiB | growth exponent |
|---|---|---|---|---|---|
"""


def run(command: list[str]) -> tuple[float, float]:
    """Run a command and return its seconds and the MiB of its largest resident set."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, *command])
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed; see above")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def fit(path: Path) -> None:
    """Fit the model to each group of the table at `path`."""
    with threadpool_limits(1):
        for group in twin.GROUPS:
            table = latent_table.read(path, [group])
            fit_logistic(MODEL, table.latents, table.valid)


def parameters(path: Path, rows: int) -> None:
    """Write the parameters of the project to `path`, for a twin of so many rows and nothing else."""
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["latents"]["groups"] = list(twin.GROUPS)
    params["prepare_latents"] |= {"sources": ["twin"], "twin_rows": rows // len(twin.GROUPS)}
    path.write_text(yaml.safe_dump(params), encoding="utf-8")


def steps(folder: Path) -> dict[str, list[str]]:
    """The command of each step, in order."""
    params, published = str(folder / "params.yaml"), str(ROOT / "data/published")
    prepared, latents = str(folder / "prepared"), str(folder / "prepared/latents.parquet")
    prepare, select = (str(ROOT / f"scripts/{name}.py") for name in ("prepare_latents", "select_thresholds"))
    shared = ["--published", published, "--params", params]
    return {
        "prepare_latents": [prepare, *shared, "--screened", "unused", "--out", prepared],
        "logistic regression": [__file__, "--fit", latents],
        "select_thresholds": [select, *shared, "--latents", latents, "--out", str(folder / "selected")],
    }


def growth(counts: list[int], rounds: int) -> list[str]:
    """Return the rows of the table: each step at each number of rows, the median of `rounds` runs."""
    before: dict[str, tuple[int, float]] = {}
    lines = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            parameters(folder / "params.yaml", count)
            for step, command in steps(folder).items():
                runs = [run(command) for _ in range(rounds)]
                seconds = statistics.median(run[0] for run in runs)
                peak = max(run[1] for run in runs)
                exponent = "-"
                if step in before:
                    rows, earlier = before[step]
                    exponent = f"{math.log(seconds / earlier) / math.log(count / rows):.2f}"
                before[step] = count, seconds
                lines.append(
                    f"| {step} | {count:,} | {seconds:.1f} | {count / seconds:,.0f} | {peak:.0f} | {exponent} |"
                )
                print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="file for the Markdown table")
    parser.add_argument("--rows", type=int, nargs="+", default=[60_000, 600_000, 6_000_000])
    parser.add_argument("--rounds", type=int, default=1, help="runs of which the median counts (default: %(default)s)")
    parser.add_argument("--fit", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fit:
        fit(args.fit)
        return
    lines = growth(args.rows, args.rounds)
    if args.out:
        introduction = INTRODUCTION.format(groups=len(twin.GROUPS), model=MODEL)
        files.write_text(args.out, introduction + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
