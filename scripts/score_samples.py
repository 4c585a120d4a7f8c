"""Give each image that generate_samples made the five scores, as score_images does for others (stage score_samples)."""

import argparse
from functools import partial

import numpy as np
import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.generated_groups import ImageRows, read_generated, score_group, scorer_of
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.progress import track
from radsieve.screening.plots.scores import accepted_grid, rejected_grid
from radsieve.screening.scores import score_tables
from radsieve.screening.scores.image_scorer import SCORER_OPTIONS, ImageScorer, ScorerFiles
from radsieve.screening.scores.score_memory import ScoreMemory
from radsieve.screening.tables import PASS_RATES, SCORED_IMAGES, SCORED_LATENTS


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the images of all groups, and write scores with and without latents, pass rates, galleries and metrics."""
    options, names = params.score_samples, params.generation.groups
    groups = read_generated(names, args.samples, args.tables)
    device = choose_device(params.compute)
    memory = ScoreMemory.of(ScorerFiles.of(args), device, partial(stage.state_folder, args.out, device.card()))
    batch = options.batch
    diseased = params.generation.diseased
    parts = (part for one in groups for part in score_group(one, scorer_of(memory.score, one.group in diseased), batch))
    total = sum(-(-len(one.names) // batch) for one in groups)
    scored = pd.concat(track(parts, "scoring", total, "batch"), ignore_index=True)[list(SCORED_IMAGES.columns)]
    latents = np.concatenate([one.latents for one in groups])
    rates = score_tables.rates_of(score_tables.by_group(scored), options.confidence)
    tables.write(SCORED_LATENTS, score_tables.with_latents(scored, latents), args.out / "scores.parquet")
    tables.write(SCORED_IMAGES, scored, args.out / "scores.csv")
    tables.write(PASS_RATES, rates, args.out / "pass_rates.csv")
    shown, pixels, maximum = scored.assign(image=scored["image"].str[:12]), ImageRows(groups), options.grid_images
    files.write_figure(args.out / "accepted.png", accepted_grid(shown, pixels, maximum))
    files.write_figure(args.out / "rejected.png", rejected_grid(shown, pixels, maximum))
    share = rates[rates["score"] == "valid"].set_index("group")["share"]
    generated, taken = {one.images.shape[1:] for one in groups}, _forms(memory.scorer)
    metrics = {
        "images": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_rate": {name: float(share[name]) for name in names},
        "generated_forms": sorted(generated),
        "scored_forms": taken,
    }
    files.write_json(args.out / "metrics.json", metrics)
    memory.clear()
    resized = "" if generated == set(taken.values()) else f"; images of {sorted(generated)} resized to {taken}"
    return f"{metrics['valid']} of {len(scored)} generated images are good ones of their groups{resized}"


def _forms(scorer: ImageScorer) -> dict[str, tuple[int, int, int]]:
    """The (channels, height, width) that each network takes; images of other sizes are resized to it."""
    segmenter, classifier = scorer.segmenter, scorer.classifier
    return {
        "segmenter": (segmenter.channels, segmenter.pixels, segmenter.pixels),
        "classifier": (classifier.channels, classifier.pixels, classifier.pixels),
    }


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
