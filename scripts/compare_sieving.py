"""Compare filtering by z, early exit, moving rejected latents, and reweighting (stage compare_sieving)."""

import argparse
from functools import partial

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.generated_groups import scorer_of
from radsieve.generation.grouped_images import read_group
from radsieve.generation.plots.sieving import MovedImage, moved_grid, plot_depths, plot_methods
from radsieve.generation.sieving import sieving_tables
from radsieve.generation.sieving.exit_choice import Learned
from radsieve.generation.sieving.study import Bench, Learning, study
from radsieve.generation.tables import SIEVED_IMAGES, SIEVING_DEPTHS, SIEVING_METHODS
from radsieve.generators.checkpoint import load_residual
from radsieve.generators.loading import load_generator, weights_path, with_weights
from radsieve.imaging.packs import read_pack
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.params import Params
from radsieve.prefilter.latents import latent_table
from radsieve.prefilter.thresholds.nested_selection import unusable
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.prefilter.thresholds.tables import THRESHOLDS_18_24M
from radsieve.progress import track
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.screening.tables import SCORED_LATENTS
from radsieve.stats.folds import folds
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Try all methods on new latents of each group, and write the results by method, by depth and by image."""
    latents, generation, device = params.latents, params.generation, choose_device(params.compute)
    options, confidence = params.compare_sieving, latents.confidence
    settings = with_weights(params.generator, args.weights, generation, generation.groups)
    residual = {group: load_residual(weights_path(settings, group), device) for group in generation.groups}
    generator, look = load_generator(settings, params.compute), ImageFeatures(device)
    memory = ScoreMemory.of(ScorerFiles.of(args), device, partial(stage.state_folder, args.out, device.card()))
    scored, maximum = latent_table.from_scored(tables.read(SCORED_LATENTS, args.scored)), options.reweighting.images
    published = tables.read(THRESHOLDS_18_24M, args.published / "thresholds_18_24m.csv")
    found, shown = list[tuple[pd.DataFrame, ...]](), list[MovedImage]()
    for group in track(generation.groups, "comparing methods", unit="group"):
        rows, real = scored.of(group), read_group(args.images, args.table, group, generation.pixels)
        score, generate = (
            scorer_of(memory.score, group in generation.diseased),
            partial(generator.generate, group=group),
        )
        bench = Bench.of(residual[group], generate, score, memory.scorer.score, look, device, options)
        reason, sieve = unusable(rows.valid, latents.folds), fit_sieve(rows, options.thresholds, latents)
        fold = 0 * rows.valid if reason else folds(rows.valid, latents.folds, latents.seed)
        generated, true = look(read_pack(args.samples / group).images[:maximum]), look(real.images[Split.TRAIN])
        learned = Learning(rows.latents, Learned(rows.valid, fold, reason), generated, true, sieve)
        outcome = study(group, bench, learned, options, confidence)
        found.append(sieving_tables.tables_of(outcome, look(real.held_out), options, confidence))
        shown += sieving_tables.moved_images(outcome, generate, options.grid_images)
    methods, depths, images = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    for schema, table in ((SIEVING_METHODS, methods), (SIEVING_DEPTHS, depths), (SIEVED_IMAGES, images)):
        tables.write(schema, table, args.out / f"{schema.name}.csv")
    files.write_figure(args.out / "methods.png", plot_methods(methods, published, options.aim))
    files.write_figure(args.out / "depths.png", plot_depths(depths))
    files.write_figure(args.out / "moved.png", moved_grid(shown))
    files.write_json(args.out / "metrics.json", sieving_tables.sieving_metrics(methods, depths, options.aim))
    memory.clear()
    return "; ".join(sieving_tables.summary(methods, depths))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the images to learn from (score_samples)",
            "samples": "folder with a pack of these images for each group (generate_samples)",
            "images": "pack of the real images, some of which no generator has seen",
            "table": "table of the real images, with their groups and splits (pack_images)",
            **SCORER_OPTIONS,
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "compare_sieving"),
        names={"weights": "file of the generators of train_gan, {group} for the name of a group"},
    )
