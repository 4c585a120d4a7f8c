"""Time how many latents a second are scored, and sampled and scored, against the plain method; and the sieve's memory.

Both methods evaluate by the same weights. Memory is the largest resident set of scripts/sieve_latents.py, in a process
of its own for each number of latents.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from radsieve import files
from radsieve.prefilter.sieve import Sieve

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/helpers"))

import sieves  # noqa: E402

SEED = 20231103
CUT = 2.0  # a logit that about a tenth of the latents reach
BATCH = 65_536  # latents that the plain method samples at a time
BYTES = 512  # of a latent
INTRODUCTION = """## Sieve: latents scored by logistic regression

{count:,} latents of 128 components on one core, writing not included. The plain method: `rng.uniform` in double
precision, scikit-learn's `predict_proba`, {batch:,} at a time. `read only` searches the same array for its largest
number, which shows the memory bandwidth ({bytes} bytes a latent). Aims: 5 million a second scored, 1 million sampled
and scored.

| what | method | million latents/s | times the plain method |
|---|---|---|---|
"""
MEMORY = """
Memory of `scripts/sieve_latents.py`, {share:.0%} accepted and written:

| latents sampled | seconds | file, MiB | peak MiB |
|---|---|---|---|
"""


def plain_model(sieve: Sieve) -> LogisticRegression:
    """The model of the sieve as scikit-learn's."""
    model = LogisticRegression()
    model.coef_, model.intercept_ = sieve.model.weights[None], np.array([sieve.model.intercept])
    model.classes_ = np.array([0, 1])
    return model


def timed(methods: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each method in each round, the methods in turn; a first round is not counted."""
    seconds: dict[str, list[float]] = {method: [] for method in methods}
    for number in range(rounds + 1):
        for method, work in methods.items():
            start = time.perf_counter()
            work()
            if number:
                seconds[method].append(time.perf_counter() - start)
    return seconds


def comparison(count: int, rounds: int) -> list[str]:
    """Return the rows of the table: latents only scored, and latents sampled and scored."""
    sieve = sieves.sieve(CUT)
    model = plain_model(sieve)
    latents = np.random.default_rng(SEED).random((count, sieve.components), dtype=np.float32) * 2 - 1

    def plain_scoring() -> npt.NDArray[np.bool_]:
        return np.asarray(model.predict_proba(latents)[:, 1] >= sieve.threshold)

    def plain_sampling() -> int:
        rng, kept = np.random.default_rng(SEED), 0
        for start in range(0, count, BATCH):
            draws = rng.uniform(-1, 1, (min(BATCH, count - start), sieve.components))
            kept += len(draws[model.predict_proba(draws)[:, 1] >= sieve.threshold])
        return kept

    def sampling(threads: int) -> int:
        return sum(len(draws.number) for draws in sieve.sample(count, SEED, threads))

    if (plain_scoring() != sieve.accept(latents)).any():
        raise SystemExit("the two methods accept different latents")
    scored: dict[str, Callable[[], object]] = {
        "plain": plain_scoring,
        "ours, probabilities": lambda: sieve.probability(latents),
        "ours, decisions": lambda: sieve.accept(latents),
        "read only": lambda: latents.view(np.uint64).max(),
    }
    draws: dict[str, Callable[[], object]] = {
        "plain": plain_sampling,
        "ours": lambda: sampling(1),
        "ours, 2 threads": lambda: sampling(2),
    }
    lines = []
    with threadpool_limits(1):
        for what, methods in (("scored", scored), ("sampled and scored", draws)):
            seconds = timed(methods, rounds)
            for method, times in seconds.items():
                ratio = statistics.median(a / b for a, b in zip(seconds["plain"], times, strict=True))
                lines.append(f"| {what} | {method} | {count / statistics.median(times) / 1e6:.2f} | {ratio:.1f} |")
                print(lines[-1], flush=True)
    return lines


def memory(counts: list[int]) -> list[str]:
    """Return the rows of the table of memory, and the share accepted before them."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sieves.sieve(CUT).save(folder / "sieve")
        params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        for count in counts:
            out = folder / "accepted.parquet"
            command = [str(ROOT / "scripts/sieve_latents.py"), "--model", "sieve", "--count", str(count), "--out", out]
            start = time.perf_counter()
            child = subprocess.Popen([sys.executable, *command], cwd=folder)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise SystemExit("sieve_latents failed; see above")
            seconds, mebibytes = time.perf_counter() - start, out.stat().st_size / 2**20
            lines.append(f"| {count:,} | {seconds:.1f} | {mebibytes:.0f} | {usage.ru_maxrss / 1024:.0f} |")
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="file for the Markdown table")
    parser.add_argument("--latents", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000_000, 5_000_000, 20_000_000])
    args = parser.parse_args()
    measured = memory(args.samples)  # first: a child's peak counts that of the process that it was forked from
    lines = comparison(args.latents, args.rounds)
    if args.out:
        introduction = INTRODUCTION.format(count=args.latents, batch=BATCH, bytes=BYTES)
        share = sum(len(generated.number) for generated in sieves.sieve(CUT).sample(BATCH, SEED)) / BATCH
        content = [introduction + "\n".join(lines), MEMORY.format(share=share) + "\n".join(measured)]
        files.write_text(args.out, "\n".join(content) + "\n")


if __name__ == "__main__":
    main()
