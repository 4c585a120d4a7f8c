"""Time good images with and without the sieve, predictor included, and compare the expected saving with the observed
one.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

from project import fresh  # noqa: E402

from radsieve import params as parameters  # noqa: E402
from radsieve.files import write_text  # noqa: E402
from radsieve.generators.loading import load_generator  # noqa: E402
from radsieve.networks.device import choose_device  # noqa: E402
from radsieve.parallel import usable_cores  # noqa: E402
from radsieve.prefilter.sieve import Sieve  # noqa: E402
from radsieve.prefilter.sieve.prospective import CHOOSE, ArmRecord, images_by_group  # noqa: E402
from radsieve.prefilter.tables import Arm  # noqa: E402
from radsieve.screening.scores.image_scorer import load_scorer  # noqa: E402
from radsieve.stats.resampling import Estimate, ratio, share  # noqa: E402

MODELS = "select_thresholds/models"
INTRODUCTION = """## Prospective check: seconds for a good image

Images of the phantom decoder, {pixels} x {pixels} pixels, generated and scored on {threads} threads: {images} of each
arm in each of {rounds} rounds, the arms in turn. Expected are the seconds for an image, as measured here, divided by
the share of good images on the card of the sieve for `{group}`. Times are medians over the rounds.

| arm | generate and score an image | its latents and the predictor | good images | expected for a good image | observed
|
|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Round:
    """One round of an arm: seconds to choose latents, seconds to generate and score images, and the good images."""

    choosing: float
    generating: float
    images: int
    good: int

    @property
    def per_good(self) -> float:
        """Seconds for a good image; a round without one counts as if it had one."""
        return (self.choosing + self.generating) / max(self.good, 1)


def main() -> None:
    """Measure on a finished run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the table")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--images", type=int, default=120, help="images of an arm in a round (default: %(default)s)")
    parser.add_argument(
        "--results",
        type=Path,
        default=ROOT / "results",
        help="of a finished run; made if missing (default: %(default)s)",
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = args.results
        if not (results / MODELS).is_dir():
            project = fresh(Path(folder) / "radsieve")
            project.snakemake(f"results/{MODELS}")
            results = project.folder / "results"
        report = "\n".join(lines(results, args.rounds, args.images))
    write_text(args.out, report + "\n")
    print(report)


def lines(results: Path, rounds: int, images: int) -> Iterator[str]:
    """Yield the lines of the report."""
    params = parameters.load(ROOT / "params.yaml")
    compute = params.compute.model_copy(update={"threads": usable_cores()})
    sieve = Sieve.load(results / MODELS / params.check_sieve.group)
    generator = load_generator(params.generator, compute)
    score = load_scorer(results, choose_device(compute)).score
    counts = images_by_group(sieve.group, params.generator.groups, images)

    def run(name: str, seed: int) -> Round:
        arm, choosing, generating = ArmRecord(name, 0), 0.0, 0.0
        for group, count in counts.items():
            begin = time.perf_counter()
            chosen = CHOOSE[name](sieve, count, seed, group)
            ready = time.perf_counter()
            arm.generate(group, chosen, params.check_sieve.batch, generator, score)
            choosing, generating = choosing + ready - begin, generating + time.perf_counter() - ready
        return Round(choosing, generating, images, int(arm.images["valid"].sum()))

    first = params.check_sieve.seed
    run(Arm.UNSIEVED, first)  # warms up
    found: dict[str, list[Round]] = {name: [] for name in Arm}
    for number in range(rounds):
        for name in Arm if number % 2 else reversed(Arm):
            found[name].append(run(name, first + 1 + number))
    yield INTRODUCTION.format(
        pixels=generator.pixels, images=images, rounds=rounds, threads=compute.threads, group=sieve.group
    )
    yield from table(found, sieve)


def table(found: dict[str, list[Round]], sieve: Sieve) -> Iterator[str]:
    """A row for each arm, and what the sieve saves."""
    card = sieve.card["expected"]
    generating = statistics.median(one.generating / one.images for rounds in found.values() for one in rounds)
    choosing, good = {}, {}
    for (name, rounds), key in zip(found.items(), ("base_rate", "precision"), strict=True):
        choosing[name] = statistics.median(one.choosing / one.images for one in rounds)
        good[name] = share(sum(one.good for one in rounds), sum(one.images for one in rounds), sieve.card["confidence"])
        expected = (generating + choosing[name]) / card[key]["value"]
        observed = statistics.median(one.per_good for one in rounds)
        own = statistics.median(one.generating / one.images for one in rounds)
        cells = [name, f"{own:.4f} s", f"{choosing[name]:.5f} s", f"{good[name].value:.1%}"]
        yield f"| {' | '.join([*cells, f'{expected:.3f} s', f'{observed:.3f} s'])} |"
    factor = (generating + choosing[Arm.UNSIEVED]) / (generating + choosing[Arm.SIEVED])
    saving = Estimate.of(card["ratio"]).times(factor)
    counted = ratio(good[Arm.SIEVED], good[Arm.UNSIEVED]).times(factor)
    clock = statistics.median(
        one.per_good / other.per_good for one, other in zip(found[Arm.UNSIEVED], found[Arm.SIEVED], strict=True)
    )
    yield (
        f"\nTimes as fast with the sieve: expected {said(saving)}; observed "
        f"{said(counted)} by the images that were good, "
        f"{clock:.2f} by the clock (median over the rounds)."
    )


def said(estimate: Estimate) -> str:
    """A value with its interval."""
    return f"{estimate.value:.2f} ({estimate.lower:.2f} to {estimate.upper:.2f})"


if __name__ == "__main__":
    main()
