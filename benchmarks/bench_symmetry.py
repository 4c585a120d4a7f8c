"""Time the six features of symmetry of many masks: ours against a plain loop with scipy's binary_dilation."""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from radsieve import files
from radsieve.screening.symmetry.features import Element, symmetry_features

SEED = 20231103
PIXELS = 256
WIDTH = 11  # of the structuring element, in pixels
INTRODUCTION = f"""## Symmetry: six features of masks {PIXELS}x{PIXELS}

Halves undilated and dilated by {WIDTH} pixels across. Masks of two simulated lungs with rough edges, some of one lung;
both methods give equal results. Aim: 30 times the plain loop at 10,000 masks.
"""


def random_masks(count: int) -> NDArray[np.uint8]:
    """Masks (count, 256, 256) of two lungs of varying place and form, with the rough edges that a network makes."""
    rng = np.random.default_rng(SEED)
    y, x = np.mgrid[:PIXELS, :PIXELS].astype(np.float32) / PIXELS
    masks = np.empty((count, PIXELS, PIXELS), np.uint8)
    for mask in masks:
        rough = np.kron(rng.normal(0, 0.12, (32, 32)), np.ones((8, 8))).astype(np.float32)
        lungs = np.zeros((PIXELS, PIXELS), bool)
        for centre in (0.3, 0.7):
            across, down = rng.normal(centre, 0.02), rng.normal(0.48, 0.02)
            wide, high = rng.normal(0.13, 0.012), rng.normal(0.29, 0.02)
            if rng.random() > 0.02:
                lungs |= ((x - across) / wide) ** 2 + np.abs((y - down) / high) ** 2.5 + rough < 1
        mask[:] = lungs
    return masks


def plain_loop(masks: NDArray[np.uint8], element: Element) -> NDArray[np.float64]:
    """One mask after the other, each half dilated by scipy."""
    radius = WIDTH // 2
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    structure = np.ones((WIDTH, WIDTH), bool) if element == "square" else x**2 + y**2 <= radius**2
    rows = []
    for mask in masks.astype(bool):
        half = mask.shape[1] // 2
        left, right = mask[:, :half], mask[:, ::-1][:, :half]
        pairs = [(left, right), (binary_dilation(left, structure), binary_dilation(right, structure))]
        rows.append([value for pair in pairs for value in compare(*pair)])
    return np.array(rows)


def compare(left: NDArray[np.bool_], right: NDArray[np.bool_]) -> tuple[float, float, float]:
    """IoU, cosine and asymmetry of areas of two halves."""
    a, b = left.sum(), right.sum()
    if not a or not b:
        return 0, 0, 0.25
    common = (left & right).sum()
    return common / (a + b - common), common / np.sqrt(a * b), (a / (a + b) - 0.5) ** 2


def timed(work: Callable[[], NDArray[np.float64]], seconds: list[float]) -> NDArray[np.float64]:
    """Return what `work` returns and add the seconds that it took."""
    begin = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - begin)
    return result


def comparison(count: int, rounds: int) -> list[str]:
    """Return a Markdown table of both methods, one after the other in each round."""
    masks = random_masks(count)
    lines = ["| element | method | seconds | masks/s | times the loop |", "|---|---|---|---|---|"]
    elements: tuple[Element, ...] = ("square", "disk")
    for element in elements:
        loop: list[float] = []
        ours: list[float] = []
        for number in range(rounds):
            expected = timed(lambda shape=element: plain_loop(masks, shape), loop)
            found = timed(lambda shape=element: symmetry_features(masks, WIDTH, shape), ours)
            if not np.allclose(found, expected, rtol=0, atol=1e-12):
                raise SystemExit(f"round {number}: the two methods do not agree")
        ratio = statistics.median(a / b for a, b in zip(loop, ours, strict=True))
        for method, times, gain in (("plain loop, scipy", loop, 1.0), ("ours", ours, ratio)):
            middle = statistics.median(times)
            lines.append(f"| {element} | {method} | {middle:.2f} | {count / middle:,.0f} | {gain:.0f} |")
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="file for the Markdown table")
    parser.add_argument("--masks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    args = parser.parse_args()
    lines = [INTRODUCTION, *comparison(args.masks, args.rounds)]
    if args.out:
        files.write_text(args.out, "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
