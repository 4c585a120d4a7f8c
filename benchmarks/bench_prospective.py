"""Time good films with and without the sieve, predictor included, and hold the saving promised to what comes."""

import argparse
import os
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
from radsieve.prefilter.estimates import Estimate, ratio, share  # noqa: E402
from radsieve.prefilter.prospective import CHOOSE, ArmRecord, films_by_group  # noqa: E402
from radsieve.prefilter.sieve import Sieve  # noqa: E402
from radsieve.prefilter_tables import Arm  # noqa: E402
from radsieve.screening.film_scorer import load_scorer  # noqa: E402

MODELS = "select_thresholds/models"
INTRODUCTION = """## Prospective check: seconds for a good film

Films of the phantom decoder, {pixels} x {pixels} pixels, drawn and scored on {threads} threads: {films} of each arm in
each of {rounds} rounds, the arms in turn. Promised are the seconds for a film, as measured here, by the share of good
films on the card of the sieve for `{group}`. Times are medians over the rounds.

| arm | draw and score a film | its latents and the predictor | good films | promised for a good film | came |
|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Round:
    """What a round of an arm took: seconds to choose latents, seconds to draw and score films, and the good films."""

    choosing: float
    drawing: float
    films: int
    good: int

    @property
    def per_good(self) -> float:
        """Seconds for a good film; a round without one counts as if it had one."""
        return (self.choosing + self.drawing) / max(self.good, 1)


def main() -> None:
    """Measure on a finished run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Markdown file for the table")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default: %(default)s)")
    parser.add_argument("--films", type=int, default=120, help="films of an arm in a round (default: %(default)s)")
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
        report = "\n".join(lines(results, args.rounds, args.films))
    write_text(args.out, report + "\n")
    print(report)


def lines(results: Path, rounds: int, films: int) -> Iterator[str]:
    """Yield the lines of the report."""
    params = parameters.load(ROOT / "params.yaml")
    compute = params["compute"] | {"threads": len(os.sched_getaffinity(0))}
    sieve = Sieve.load(results / MODELS / params["check_sieve"]["group"])
    generator = load_generator(params["generator"], compute)
    score = load_scorer(results, choose_device(compute)).score
    counts = films_by_group(sieve.group, params["generator"]["groups"], films)

    def run(name: str, seed: int) -> Round:
        arm, choosing, drawing = ArmRecord(name, 0), 0.0, 0.0
        for group, count in counts.items():
            begin = time.perf_counter()
            chosen = CHOOSE[name](sieve, count, seed, group)
            ready = time.perf_counter()
            arm.draw(group, chosen, params["check_sieve"]["batch"], generator, score)
            choosing, drawing = choosing + ready - begin, drawing + time.perf_counter() - ready
        return Round(choosing, drawing, films, int(arm.films["valid"].sum()))

    first = params["check_sieve"]["seed"]
    run(Arm.UNSIEVED, first)  # warms up
    found: dict[str, list[Round]] = {name: [] for name in Arm}
    for number in range(rounds):
        for name in Arm if number % 2 else Arm[::-1]:
            found[name].append(run(name, first + 1 + number))
    yield INTRODUCTION.format(
        pixels=generator.pixels, films=films, rounds=rounds, threads=compute["threads"], group=sieve.group
    )
    yield from table(found, sieve)


def table(found: dict[str, list[Round]], sieve: Sieve) -> Iterator[str]:
    """A row for each arm, and what the sieve saves."""
    card = sieve.card["promise"]
    drawing = statistics.median(one.drawing / one.films for rounds in found.values() for one in rounds)
    choosing, good = {}, {}
    for (name, rounds), key in zip(found.items(), ("base_rate", "precision"), strict=True):
        choosing[name] = statistics.median(one.choosing / one.films for one in rounds)
        good[name] = share(sum(one.good for one in rounds), sum(one.films for one in rounds), sieve.card["confidence"])
        promised = (drawing + choosing[name]) / card[key]["value"]
        came = statistics.median(one.per_good for one in rounds)
        own = statistics.median(one.drawing / one.films for one in rounds)
        cells = [name, f"{own:.4f} s", f"{choosing[name]:.5f} s", f"{good[name].value:.1%}"]
        yield f"| {' | '.join([*cells, f'{promised:.3f} s', f'{came:.3f} s'])} |"
    factor = (drawing + choosing[Arm.UNSIEVED]) / (drawing + choosing[Arm.SIEVED])
    expected = Estimate.of(card["ratio"]).times(factor)
    counted = ratio(good[Arm.SIEVED], good[Arm.UNSIEVED]).times(factor)
    clock = statistics.median(
        one.per_good / other.per_good for one, other in zip(found[Arm.UNSIEVED], found[Arm.SIEVED], strict=True)
    )
    yield (
        f"\nTimes as fast with the sieve: promised {said(expected)}; came {said(counted)} by the films that were good, "
        f"{clock:.2f} by the clock (median over the rounds)."
    )


def said(estimate: Estimate) -> str:
    """A value with its interval."""
    return f"{estimate.value:.2f} ({estimate.lower:.2f} to {estimate.upper:.2f})"


if __name__ == "__main__":
    main()
