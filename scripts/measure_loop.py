"""Sieve, generate and score new images of each group, and measure what the loop achieves (stage measure_loop).

The sieve of a group is fitted to the scored images of score_samples as in select_thresholds, with its parameters.
"""

import argparse
from typing import Any

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation import loop as closing
from radsieve.generation.generated_groups import scorer_of
from radsieve.generation.grouped_images import read_group
from radsieve.generation.plots.loop import plot_loop
from radsieve.generation.tables import LOOP, LOOP_DISTANCES, LOOP_DIVERSITY
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.params import Params
from radsieve.prefilter.latents import latent_table
from radsieve.prefilter.plots.prospective import arm_grid
from radsieve.prefilter.sieve.expected_observed import ALL, compare_with_expected, image_diversity
from radsieve.prefilter.sieve.prospective import CHOOSE, ArmRecord
from radsieve.prefilter.tables import CHECKED_IMAGES, EXPECTED_OBSERVED, Arm
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.progress import track
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.screening.tables import SCORED_LATENTS

TABLES = (CHECKED_IMAGES, EXPECTED_OBSERVED, LOOP_DIVERSITY, LOOP_DISTANCES, LOOP)


def main(args: argparse.Namespace, params: Params) -> str:
    """Close the loop for each group, and write its table with images, expected values, diversity and distances."""
    options, latents, generation = params.measure_loop, params.latents, params.generation
    groups, pixels, count, seed = generation.groups, generation.pixels, options.images, options.seed
    settings = with_weights(params.generator, args.weights, generation, groups)
    generator, device = load_generator(settings, params.compute), choose_device(params.compute)
    memory = ScoreMemory.of(
        ScorerFiles.of(args), device, lambda by: stage.state_folder(args.out, device.card(), by), True
    )
    scored, look = latent_table.from_scored(tables.read(SCORED_LATENTS, args.scored)), ImageFeatures(device)
    found, shown = list[tuple[pd.DataFrame, ...]](), {name: list[Any]() for name in Arm}
    for group in track(groups, "closing the loop", unit="group"):
        sieve = fit_sieve(scored.of(group), options.thresholds, latents)
        arms, sets = {name: ArmRecord(name, options.grid_images) for name in Arm}, dict[str, Any]()
        for name, arm in arms.items():
            watched = closing.Watched(scorer_of(memory.score, group in generation.diseased), look)
            arm.generate(group, CHOOSE[name](sieve, count, seed, group), options.batch, generator, watched)
            sets |= watched.sets(name, arm.images["valid"].to_numpy() == 1)
            shown[name] += arm.shown
        held = compare_with_expected(arms, sieve.card, options.bootstrap, seed)
        held = held[held["group"] == ALL].assign(group=group)
        diverse = image_diversity(arms, options.bootstrap, latents.confidence, seed).assign(group=group)
        real = read_group(args.images, args.table, group, pixels).held_out
        far = closing.distances(group, look(real), sets, latents.confidence)
        generated = pd.concat([arm.images for arm in arms.values()])
        found.append((generated, held, diverse, far, closing.loop_row(sieve.card, count, held, diverse, far)))
    whole = [pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True)]
    for schema, table in zip(TABLES, whole, strict=True):
        tables.write(schema, table[list(schema.columns)], args.out / f"{schema.name}.csv")
    files.write_figure(args.out / "loop.png", plot_loop(loop := whole[-1]))
    for name in Arm:
        files.write_figure(args.out / f"{name}.png", arm_grid(name, whole[0][whole[0]["arm"] == name], shown[name]))
    files.write_json(args.out / "metrics.json", closing.loop_metrics(loop))
    memory.clear()
    return "; ".join(closing.summary(loop))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the images to which the sieves are fitted (score_samples)",
            "images": "pack of the real images, some of which no generator has seen",
            "table": "table of the real images, with their groups and splits (pack_images)",
            **SCORER_OPTIONS,
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "measure_loop"),
        names={"weights": "file of the generators, {group} for the name of a group; or phantoms"},
    )
