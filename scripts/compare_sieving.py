"""Compare filtering by z, early exit, moving rejected latents, and reweighting (stage compare_sieving)."""

import argparse
from functools import partial

from radsieve import stage, tables
from radsieve.generation.grouped_images import read_scored_groups
from radsieve.generation.plots.sieving import moved_grid, plot_depths, plot_methods
from radsieve.generation.sieving.method_comparison import Tools, compare_methods
from radsieve.generation.sieving.sieving_tables import sieving_metrics, summary
from radsieve.generation.tables import SIEVED_IMAGES, SIEVING_DEPTHS, SIEVING_METHODS
from radsieve.generators.checkpoint import load_residual
from radsieve.generators.loading import load_generator, weights_path, with_weights
from radsieve.imaging.packs import read_pack
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.params import Params
from radsieve.prefilter.thresholds.tables import THRESHOLDS_18_24M
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory


def main(args: argparse.Namespace, params: Params) -> str:
    """Try all methods on new latents of each group, and write the results by method, by depth and by image."""
    options, generation, device = params.compare_sieving, params.generation, choose_device(params.compute)
    published = tables.read(THRESHOLDS_18_24M, args.published / "thresholds_18_24m.csv")
    settings = with_weights(params.generator, args.weights, generation, generation.groups)
    residuals = {group: load_residual(weights_path(settings, group), device) for group in generation.groups}
    samples = {group: read_pack(args.samples / group).images for group in generation.groups}
    memory = ScoreMemory.of(ScorerFiles.of(args), device, partial(stage.state_folder, args.out, device.card()))
    tools = Tools(load_generator(settings, params.compute), memory, ImageFeatures(device), device)
    groups = read_scored_groups(args.scored, args.images, args.table, generation)
    found = compare_methods(groups, residuals, samples, tools, options, params.latents)
    methods, depths = plot_methods(found.methods, published, options.aim), plot_depths(found.depths)
    figures = {"methods": methods, "depths": depths, "moved": moved_grid(found.moved)}
    metrics = sieving_metrics(found.methods, found.depths, options.aim, params.latents.confidence)
    written = (SIEVING_METHODS, found.methods), (SIEVING_DEPTHS, found.depths), (SIEVED_IMAGES, found.images)
    tables.write_results(args.out, written, figures, metrics)
    memory.clear()
    return "; ".join(summary(found.methods, found.depths, params.latents.confidence))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the images to learn from (score_samples)",
            "samples": "folder with a pack of these images for each group (generate_samples)",
            "images": "pack of the real images, of which those of the test split are compared",
            "table": "table of the real images, with their groups and splits (assign_splits)",
            **SCORER_OPTIONS,
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "compare_sieving"),
        names={"weights": "file of the generators of train_gan, {group} for the name of a group"},
    )
