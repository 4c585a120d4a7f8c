"""Give each generated image the five scores, scaled on true images (stage score_images)."""

import argparse

from radsieve import stage, tables
from radsieve.figures.flow_diagram import FLOW, plot_flow
from radsieve.generators.generation import read_latents
from radsieve.params import Params
from radsieve.screening import tables as schemas
from radsieve.screening.plots.scores import plot_reactions, plot_scores
from radsieve.screening.scores import score_tables
from radsieve.screening.scores.image_scores import BatchFiles, batch_options, score_batches, true_images
from radsieve.screening.scores.reference_images import EVALUATED
from radsieve.screening.scores.score_flow import score_flow
from radsieve.screening.scores.score_results import score_results


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the images of both batches, and write scores, the scaler, pass rates, reactions, figures and galleries."""
    options = params.score_images
    confidence, seed = options.confidence, options.seed
    reference = BatchFiles.of(args, "reference").read(schemas.REFERENCE_IMAGES)
    generated = BatchFiles.of(args, "generated").read(schemas.GENERATED_IMAGES)
    latents = read_latents(args.generated, len(generated.table))
    scored = score_batches(reference, generated, options.pass_share, seed)
    true, reactions = (
        true_images(scored, EVALUATED),
        score_tables.reactions(scored, options.bootstrap, confidence, seed),
    )
    found = score_results(
        scored.generated, latents, generated.pixels, confidence, options.grid_images, true, reference.pixels
    )
    metrics = score_tables.score_metrics(scored, found.rates)
    scored.scaler.save(args.out / "scaler.json")
    tables.write(schemas.SCORED_LATENTS, found.latents, args.out / "scores.parquet")
    written = (
        *found.tables,
        (schemas.SCALING, score_tables.scaling(scored, confidence)),
        (schemas.SCORE_STATISTICS, score_tables.statistics(scored)),
        (schemas.REACTIONS, reactions),
        (schemas.REFERENCE_SCORES, score_tables.reference_scores(scored)),
        (FLOW, flow := score_flow(scored.generated)),
    )
    figures = {
        "reactions": plot_reactions(reactions),
        "scores": plot_scores(true, scored.generated),
        "flow": plot_flow(flow, "Generated images: scored, rejected, accepted"),
    }
    tables.write_results(args.out, written, found.figures | figures, metrics)
    return f"{metrics['valid']} of {metrics['images']} generated images pass all five scores"


if __name__ == "__main__":
    paths = {**batch_options("reference"), **batch_options("generated"), "out": "folder of the results"}
    stage.run(main, __doc__, paths, sections=("score_images",))
