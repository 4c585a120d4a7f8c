"""Draw films from sieved and from unsieved latents, score them, and hold the promise to what came (stage check_sieve).

No output holds the time that a run took: it is said in the summary alone.
"""

import argparse
import time
from typing import Any

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.drawn_groups import scorer_of
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.plots.prospective import arm_sheet, draw_promise
from radsieve.prefilter import promise
from radsieve.prefilter.prospective import CHOOSE, ArmRecord, films_by_group
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter_tables import CHECKED_DIVERSITY, CHECKED_FILMS, CHECKED_PROMISE, Arm
from radsieve.progress import track
from radsieve.screening.film_scorer import load_scorer


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Draw and score both arms, and write films, promises, diversity, figures and metrics."""
    settings, generation = params["check_sieve"], params["generation"]
    of, seed = settings["group"], settings["seed"]
    sieve = Sieve.load(args.models / of)
    used = with_weights(params["generator"], settings["weights"], generation, [of])
    generator = load_generator(used, params["compute"])
    scorer = load_scorer(args.results, choose_device(params["compute"]))
    score = scorer_of(scorer.score, of in generation["diseased"])
    counts = films_by_group(of, used["groups"], settings["films"])
    arms = {name: ArmRecord(name, -(-settings["sheet_films"] // len(counts))) for name in Arm}
    seconds = dict.fromkeys(Arm, 0.0)
    for group, count in track(counts.items(), "checking", total=len(counts), unit="group"):
        for name, arm in arms.items():
            begin = time.perf_counter()
            chosen = CHOOSE[name](sieve, count, seed, group)
            arm.draw(group, chosen, settings["batch"], generator, score)
            seconds[name] += time.perf_counter() - begin
    held = promise.hold_to_promise(arms, sieve.card, settings["bootstrap"], seed)
    diverse = promise.film_diversity(arms, settings["bootstrap"], sieve.card["confidence"], seed)
    tables.write(CHECKED_FILMS, pd.concat([arm.films for arm in arms.values()]), args.out / "films.csv")
    tables.write(CHECKED_PROMISE, held, args.out / "promise.csv")
    tables.write(CHECKED_DIVERSITY, diverse, args.out / "diversity.csv")
    files.write_figure(args.out / "promise.png", draw_promise(held))
    for name, arm in arms.items():
        files.write_figure(args.out / f"{name}.png", arm_sheet(name, arm.films, arm.shown))
    metrics = promise.promise_metrics(held)
    files.write_json(args.out / "metrics.json", metrics)
    came = {name: _per_good(seconds[name], arm) for name, arm in arms.items()}
    return (
        f"{metrics['promises_kept']} of {metrics['promises']} promises kept; wall clock: "
        f"{came[Arm.UNSIEVED]} without the sieve, {came[Arm.SIEVED]} with it"
    )


def _per_good(seconds: float, arm: ArmRecord) -> str:
    """Seconds for each good film, latents and predictor included."""
    good = int(arm.films["valid"].sum())
    return f"{seconds / good:.2f} s per good film" if good else f"no good film in {seconds:.1f} s"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "models": "folder of the sieves, one for each group",
            "results": "folder with the results of the stages of screening",
            "out": "folder of the results",
        },
        sections=("generator", "compute", "generation", "check_sieve"),
    )
