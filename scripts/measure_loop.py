"""Sieve, generate and score new images of each group, and measure what the loop achieves (stage measure_loop).

The sieve of a group is fitted to the scored images of score_samples as in select_thresholds, with its parameters.
"""

import argparse
from functools import partial

from radsieve import stage, tables
from radsieve.generation.grouped_images import read_scored_groups
from radsieve.generation.loop import close_loop, loop_metrics, summary
from radsieve.generation.plots.loop import plot_loop
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.params import Params
from radsieve.prefilter.plots.prospective import arm_grids
from radsieve.progress import track
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory


def main(args: argparse.Namespace, params: Params) -> str:
    """Close the loop for each group, and write its table with images, expected values, diversity and distances."""
    generation, device = params.generation, choose_device(params.compute)
    settings = with_weights(params.generator, args.weights, generation, generation.groups)
    generator, look = load_generator(settings, params.compute), ImageFeatures(device)
    state = partial(stage.state_folder, args.out, device.card())
    memory = ScoreMemory.of(ScorerFiles.of(args), device, state, features=True)
    read = read_scored_groups(args.scored, args.images, args.table, generation)
    groups = track(read, "closing the loop", total=len(generation.groups), unit="group")
    found = close_loop(groups, generator, memory.score, look, params.measure_loop, params.latents)
    figures = {"loop": plot_loop(found.loop), **arm_grids(found.images, found.shown)}
    tables.write_results(args.out, found.tables, figures, loop_metrics(found.loop))
    memory.clear()
    return "; ".join(summary(found.loop))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the images to which the sieves are fitted (score_samples)",
            "images": "pack of the real images, of which those of the test split are compared",
            "table": "table of the real images, with their groups and splits (assign_splits)",
            **SCORER_OPTIONS,
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "measure_loop"),
        names={"weights": "file of the generators, {group} for the name of a group; or phantoms"},
    )
