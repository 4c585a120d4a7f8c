"""Time, memory and recall of the search for close hashes, against brute force and against imagehash's loop.

The hashes are drawn uniformly, and one in ten has a planted neighbour at a distance of 1 to the limit. Every search
runs in a process of its own, whose largest resident set is its peak memory.
"""

import argparse
import math
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray

from radsieve import files
from radsieve.imaging.duplicates.hash_search import BITS, HashPairs, pairs_within

SEED = 20231103
LOOP_HASHES = 3_300
RECALL_QUERIES = 1_000  # hashes whose neighbours are also sought by brute force
INTRODUCTION = """## Near-duplicates: all pairs of 64-bit hashes within a distance

Uniform random hashes, one in eleven with a planted neighbour; recall against brute force on a sample. Aims: 1,000 times
imagehash's loop at 3,300 hashes; growth near linear up to 1,000,000 (exponent 1).
"""


def random_hashes(count: int, max_distance: int) -> NDArray[np.uint64]:
    """Return `count` different 64-bit hashes in random order, one in eleven a neighbour of another."""
    rng = np.random.default_rng(SEED)
    independent = rng.integers(0, 2**BITS, count - count // 11, dtype=np.uint64)
    neighbours = independent[: count // 11].copy()
    for number, distance in enumerate(rng.integers(1, max_distance + 1, len(neighbours))):
        for bit in rng.choice(BITS, distance, replace=False):
            neighbours[number] ^= np.uint64(1 << int(bit))
    return rng.permutation(np.unique(np.concatenate([independent, neighbours])))


def recall(hashes: NDArray[np.uint64], found: HashPairs, max_distance: int) -> tuple[int, int]:
    """Return how many pairs brute force finds from a sample of the hashes, and how many of them were found."""
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    there = 0
    expected = 0
    for i in range(0, len(hashes), max(len(hashes) // RECALL_QUERIES, 1)):
        close = np.flatnonzero(np.bitwise_count(hashes ^ hashes[i]) <= max_distance)
        wanted = [(min(i, j), max(i, j)) for j in close.tolist() if j != i]
        expected += len(wanted)
        there += sum(pair in pairs for pair in wanted)
    return expected, there


def search_once(count: int, max_distance: int) -> None:
    """Search in this process and print seconds, MiB added by the search, pairs, and the recall against brute force."""
    hashes = random_hashes(count, max_distance)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = pairs_within(hashes, max_distance)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    expected, there = recall(hashes, found, max_distance)
    print(seconds, (peak - before) / 1024, peak / 1024, len(found.first), expected, there)


def scaling(counts: list[int], distances: list[int], repeats: int) -> list[str]:
    """Return a Markdown table of all searches, with the growth exponent between successive numbers of hashes."""
    lines = [
        "| distance | hashes | seconds | peak MiB (of the search) | pairs | recall | growth exponent |",
        "|---|---|---|---|---|---|---|",
    ]
    for distance in distances:
        previous = (0, 0.0)
        for count in counts:
            runs = []
            for _ in range(repeats):
                command = [sys.executable, __file__, "--search", str(count), str(distance)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                runs.append([float(part) for part in done.stdout.split()])
            seconds = statistics.median(run[0] for run in runs)
            _, added, peak, pairs, expected, there = runs[0]
            exponent = "-"
            if previous[0]:
                exponent = f"{math.log(seconds / previous[1]) / math.log(count / previous[0]):.2f}"
            previous = (count, seconds)
            lines.append(
                f"| {distance} | {count:,} | {seconds:.3f} | {peak:.0f} ({added:.0f}) | {pairs:,.0f} "
                f"| {there:.0f} of {expected:.0f} | {exponent} |"
            )
            print(lines[-1], flush=True)
    return lines


def against_loop(max_distance: int, rounds: int) -> list[str]:
    """Return the lines that compare the search with a loop over imagehash's objects, in turns."""
    hashes = random_hashes(LOOP_HASHES, max_distance)
    objects = [imagehash.hex_to_hash(f"{int(value):016x}") for value in hashes]
    pairs_within(hashes, max_distance)  # loads what it needs
    loops, searches = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        close = [
            (i, j) for i, a in enumerate(objects) for j in range(i + 1, len(objects)) if a - objects[j] <= max_distance
        ]
        loops.append(time.perf_counter() - start)
        start = time.perf_counter()
        found = pairs_within(hashes, max_distance)
        searches.append(time.perf_counter() - start)
        if close != list(zip(found.first.tolist(), found.second.tolist(), strict=True)):
            raise SystemExit("the search and the loop found different pairs")
    ratio = statistics.median(a / b for a, b in zip(loops, searches, strict=True))
    line = (
        f"imagehash's loop over {len(hashes):,} hashes, distance {max_distance}: {statistics.median(loops):.2f} s; "
        f"this search: {statistics.median(searches) * 1e3:.2f} ms; equal pairs; "
        f"median ratio of {rounds} interleaved rounds: {ratio:,.0f}"
    )
    print(line, flush=True)
    return [line]


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="file for the Markdown table")
    parser.add_argument("--hashes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--distances", type=int, nargs="+", default=[6, 8, 10])
    parser.add_argument("--repeats", type=int, default=1, help="searches of which the median time counts")
    parser.add_argument("--rounds", type=int, default=3, help="rounds against imagehash's loop")
    parser.add_argument("--search", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.search:
        search_once(*args.search)
        return
    lines = [INTRODUCTION, *against_loop(8, args.rounds), "", *scaling(args.hashes, args.distances, args.repeats)]
    if args.out:
        files.write_text(args.out, "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
