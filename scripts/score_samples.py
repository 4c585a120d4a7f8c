"""Give each image that generate_samples made the five scores, as score_images does for others (stage score_samples)."""

import argparse
from functools import partial

from radsieve import stage, tables
from radsieve.generation.generated_groups import (
    ImageRows,
    by_definition,
    read_generated,
    score_groups,
    score_metrics,
    score_summary,
)
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.screening.scores.score_results import score_results
from radsieve.screening.tables import SCORED_LATENTS

import numpy as np


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the images of all groups, and write scores with and without latents, pass rates, galleries and metrics."""
    options, generation, device = params.score_samples, params.generation, choose_device(params.compute)
    groups = read_generated(generation.groups, args.samples, args.tables)
    memory = ScoreMemory.of(ScorerFiles.of(args), device, partial(stage.state_folder, args.out, device.card()))
    scored = score_groups(groups, memory.score, generation.diseased, options.batch)
    latents = np.concatenate([one.latents for one in groups])
    rows, untold = ImageRows(groups), by_definition(generation.diseased)
    found = score_results(scored, latents, rows, options.confidence, options.grid_images, by_definition=untold)
    metrics = score_metrics(groups, scored, found.rates, memory.scorer.forms)
    tables.write(SCORED_LATENTS, found.latents, args.out / "scores.parquet")
    tables.write_results(args.out, found.tables, found.figures, metrics)
    memory.clear()
    return score_summary(metrics)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "samples": "folder with a pack of generated images for each group, with latents.npy (generate_samples)",
            "tables": "folder with a table of these images for each group (generate_samples)",
            **SCORER_OPTIONS,
            "out": "folder of the results",
        },
        sections=("compute", "generation", "score_samples"),
    )
