"""Give each generated image the five scores, scaled on true images (stage score_images)."""

import argparse

from radsieve import files, stage, tables
from radsieve.generators.generation import read_latents
from radsieve.params import Params
from radsieve.screening.plots.scores import accepted_grid, plot_reactions, plot_scores, rejected_grid
from radsieve.screening.scores import score_tables
from radsieve.screening.scores.image_scores import EVALUATED, read_batch, score_batches, true_images
from radsieve.screening.tables import (
    GENERATED_IMAGES,
    PASS_RATES,
    REACTIONS,
    REFERENCE_IMAGES,
    SCALING,
    SCORE_STATISTICS,
    SCORED_IMAGES,
    SCORED_LATENTS,
)


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the images of both batches, and write scores, pass rates, reactions, figures and galleries."""
    options = params.score_images
    confidence, seed, maximum = options.confidence, options.seed, options.grid_images
    true = read_batch(
        REFERENCE_IMAGES,
        args.reference,
        args.reference_table,
        args.reference_masks,
        args.reference_features,
        args.reference_predictions,
    )
    made = read_batch(
        GENERATED_IMAGES,
        args.generated,
        args.generated_table,
        args.generated_masks,
        args.generated_features,
        args.generated_predictions,
    )
    latents = read_latents(args.generated, len(made.table))
    scored = score_batches(true, made, options.pass_share, seed)
    generated, reference = scored.generated, true_images(scored, EVALUATED)
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
    for name, figure in (
        ("reactions", plot_reactions(reactions)),
        ("scores", plot_scores(reference, generated)),
        ("accepted", accepted_grid(generated, made.pixels, maximum, reference, true.pixels)),
        ("rejected", rejected_grid(generated, made.pixels, maximum)),
    ):
        files.write_figure(args.out / f"{name}.png", figure)
    metrics = score_tables.score_metrics(scored, rates)
    files.write_json(args.out / "metrics.json", metrics)
    return f"{metrics['valid']} of {metrics['images']} generated images pass all five scores"


BATCHES = {"reference": "true images and their altered copies", "generated": "generated images, with their latents"}
OF_BATCH = {
    "table": "their table (alter_images, generate_images)",
    "masks": "masks of their lungs (segment_images)",
    "features": "features of symmetry of the masks (measure_symmetry)",
    "predictions": "probabilities of an abnormality (predict_images)",
}
PATHS = {
    **{batch: f"pack of the {what}" for batch, what in BATCHES.items()},
    **{f"{batch}-{name}": f"{batch} images: {what}" for batch in BATCHES for name, what in OF_BATCH.items()},
    "out": "folder of the results",
}

if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("score_images",))
