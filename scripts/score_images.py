"""Give each generated image the five scores, scaled on true images (stage score_images)."""

import argparse

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.packs import Pack, read_pack
from radsieve.params import Params
from radsieve.screening.plots.scores import accepted_grid, plot_reactions, plot_scores, rejected_grid
from radsieve.screening.scores import score_tables
from radsieve.screening.scores.image_scores import EVALUATED, read_latents, score_batches, true_images
from radsieve.screening.tables import PASS_RATES, REACTIONS, SCALING, SCORE_STATISTICS, SCORED_IMAGES, SCORED_LATENTS


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the images of both batches, and write scores, pass rates, reactions, figures and galleries."""
    options = params.score_images
    confidence, seed, maximum = options.confidence, options.seed, options.grid_images
    scored = score_batches(args.results, options.pass_share, seed)
    generated, reference = scored.generated, true_images(scored, EVALUATED)
    packs = {"generated": read_pack(args.generated), "reference": read_pack(args.reference)}
    for pack, images, folder in (
        (packs["generated"], generated, args.generated),
        (packs["reference"], scored.reference, args.reference),
    ):
        _check(pack, images["image"].tolist(), str(folder))
    latents = read_latents(args.generated / "latents.npy", len(generated))
    rates = score_tables.pass_rates(scored, confidence)
    reactions = score_tables.reactions(scored, options.bootstrap, confidence, seed)
    for schema, table, name in (
        (SCORED_LATENTS, score_tables.scored_latents(scored, latents), "scores.parquet"),
        (SCORED_IMAGES, score_tables.scored_images(scored), "scores.csv"),
        (SCALING, score_tables.scaling(scored, confidence), "scaling.csv"),
        (PASS_RATES, rates, "pass_rates.csv"),
        (SCORE_STATISTICS, score_tables.statistics(scored), "statistics.csv"),
        (REACTIONS, reactions, "reactions.csv"),
    ):
        tables.write(schema, table, args.out / name)
    scored.scaler.save(args.out / "scaler.json")
    true_pixels, pixels = packs["reference"].images, packs["generated"].images
    for name, figure in (
        ("reactions", plot_reactions(reactions)),
        ("scores", plot_scores(reference, generated)),
        ("accepted", accepted_grid(generated, pixels, maximum, reference, true_pixels)),
        ("rejected", rejected_grid(generated, pixels, maximum)),
    ):
        files.write_figure(args.out / f"{name}.png", figure)
    metrics = score_tables.score_metrics(scored, rates)
    files.write_json(args.out / "metrics.json", metrics)
    return f"{metrics['valid']} of {metrics['images']} generated images pass all five scores"


def _check(pack: Pack, images: list[str], folder: str) -> None:
    if pack.names != images:
        raise InputError(f"{folder}: not the images of the tables in their order; run the stages before this one again")


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "results": "folder with the results of the stages before this one",
            "generated": "pack of the generated images, with latents.npy",
            "reference": "pack of the true images and their altered copies",
            "out": "folder of the results",
        },
        sections=("score_images",),
    )
