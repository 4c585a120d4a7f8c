"""Generate images from sieved and from unsieved latents, score them, and compare the expected values with the observed
ones (stage check_sieve).

No output contains the time that a run took: only the summary gives it.
"""

import argparse

from radsieve import stage, tables
from radsieve.generation.generated_groups import scorer_of
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.prefilter.plots.prospective import arm_grids, plot_expected_observed
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.sieve.expected_observed import compare_with_expected as compare
from radsieve.prefilter.sieve.expected_observed import expected_observed_metrics, image_diversity
from radsieve.prefilter.sieve.prospective import generate_arms, images_by_group
from radsieve.prefilter.sieve.unchecked import UNCHECKED, write_unchecked
from radsieve.prefilter.tables import CHECKED_DIVERSITY, CHECKED_IMAGES, EXPECTED_OBSERVED, Arm
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles, load_scorer

import pandas as pd


def main(args: argparse.Namespace, params: Params) -> str:
    """Generate and score both arms, and write images, expected values, diversity, figures and metrics."""
    settings, generation = params.check_sieve, params.generation
    if settings.group is None:
        write_unchecked(args.out)
        return UNCHECKED
    sieve = Sieve.load(args.models / settings.group)
    used = with_weights(params.generator, settings.weights, generation, [settings.group])
    generator = load_generator(used, params.compute)
    scorer = load_scorer(ScorerFiles.of(args), choose_device(params.compute))
    scorers = dict.fromkeys(Arm, scorer_of(scorer.score, settings.group in generation.diseased))
    images = images_by_group(settings.group, used.groups, settings.images)
    arms = generate_arms(sieve, images, generator, scorers, settings.batch, settings.grid_images, settings.seed)
    held = compare(arms, sieve.card, settings.bootstrap, settings.seed)
    diverse = image_diversity(arms, settings.bootstrap, sieve.card["confidence"], settings.seed)
    checked = pd.concat([arm.images for arm in arms.values()])
    written = (CHECKED_IMAGES, checked), (EXPECTED_OBSERVED, held), (CHECKED_DIVERSITY, diverse)
    grids = arm_grids(checked, {name: arm.shown for name, arm in arms.items()})
    metrics = expected_observed_metrics(held, sieve.card["confidence"])
    tables.write_results(args.out, written, {"expected_observed": plot_expected_observed(held), **grids}, metrics)
    return (
        f"{metrics['within_expected']} of {metrics['expectations']} independent quantities as expected; wall clock: "
        f"{arms[Arm.UNSIEVED].seconds_per_good()} without the sieve, {arms[Arm.SIEVED].seconds_per_good()} with it"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"models": "folder of the sieves, one for each group", **SCORER_OPTIONS, "out": "folder of the results"},
        sections=("generator", "compute", "generation", "check_sieve"),
    )
