"""Generate images from sieved and from unsieved latents, score them, and compare the expected values with the observed
ones (stage check_sieve).

No output contains the time that a run took: only the summary gives it.
"""

import argparse
import time

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.generated_groups import scorer_of
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.prefilter.plots.prospective import arm_grid, plot_expected_observed
from radsieve.prefilter.sieve import Sieve, expected_observed
from radsieve.prefilter.sieve.prospective import CHOOSE, ArmRecord, images_by_group
from radsieve.prefilter.tables import CHECKED_DIVERSITY, CHECKED_IMAGES, EXPECTED_OBSERVED, Arm
from radsieve.progress import track
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles, load_scorer


def main(args: argparse.Namespace, params: Params) -> str:
    """Generate and score both arms, and write images, expected values, diversity, figures and metrics."""
    settings, generation = params.check_sieve, params.generation
    of, seed = settings.group, settings.seed
    sieve = Sieve.load(args.models / of)
    used = with_weights(params.generator, settings.weights, generation, [of])
    generator = load_generator(used, params.compute)
    scorer = load_scorer(ScorerFiles.of(args), choose_device(params.compute))
    score = scorer_of(scorer.score, of in generation.diseased)
    counts = images_by_group(of, used.groups, settings.images)
    arms = {name: ArmRecord(name, -(-settings.grid_images // len(counts))) for name in Arm}
    seconds = dict.fromkeys(Arm, 0.0)
    for group, count in track(counts.items(), "checking", total=len(counts), unit="group"):
        for name, arm in arms.items():
            begin = time.perf_counter()
            chosen = CHOOSE[name](sieve, count, seed, group)
            arm.generate(group, chosen, settings.batch, generator, score)
            seconds[name] += time.perf_counter() - begin
    held = expected_observed.compare_with_expected(arms, sieve.card, settings.bootstrap, seed)
    diverse = expected_observed.image_diversity(arms, settings.bootstrap, sieve.card["confidence"], seed)
    tables.write(CHECKED_IMAGES, pd.concat([arm.images for arm in arms.values()]), args.out / "images.csv")
    tables.write(EXPECTED_OBSERVED, held, args.out / "expected_observed.csv")
    tables.write(CHECKED_DIVERSITY, diverse, args.out / "diversity.csv")
    files.write_figure(args.out / "expected_observed.png", plot_expected_observed(held))
    for name, arm in arms.items():
        files.write_figure(args.out / f"{name}.png", arm_grid(name, arm.images, arm.shown))
    metrics = expected_observed.expected_observed_metrics(held)
    files.write_json(args.out / "metrics.json", metrics)
    observed = {name: _per_good(seconds[name], arm) for name, arm in arms.items()}
    return (
        f"{metrics['within_expected']} of {metrics['expectations']} quantities as expected; wall clock: "
        f"{observed[Arm.UNSIEVED]} without the sieve, {observed[Arm.SIEVED]} with it"
    )


def _per_good(seconds: float, arm: ArmRecord) -> str:
    """Seconds for each good image, latents and predictor included."""
    good = int(arm.images["valid"].sum())
    return f"{seconds / good:.2f} s per good image" if good else f"no good image in {seconds:.1f} s"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "models": "folder of the sieves, one for each group",
            **SCORER_OPTIONS,
            "out": "folder of the results",
        },
        sections=("generator", "compute", "generation", "check_sieve"),
    )
