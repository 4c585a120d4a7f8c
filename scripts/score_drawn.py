"""Give each film that draw_images drew the five scores, as score_images does for others (stage score_drawn)."""

import argparse
from functools import partial

import numpy as np
import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation.drawn_groups import FilmRows, read_drawn, score_group, scorer_of
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.plots.scores import accepted_sheet, rejected_sheet
from radsieve.progress import track
from radsieve.screening import score_tables
from radsieve.screening.film_scorer import FilmScorer
from radsieve.screening.film_scores import read_latents
from radsieve.screening.score_memory import ScoreMemory
from radsieve.screening_tables import PASS_RATES, SCORED_FILMS, SCORED_LATENTS


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the films of all groups, and write scores with and without latents, pass rates, galleries and metrics."""
    options, names = params.score_drawn, params.generation.groups
    tables_of = args.results / "draw_images"
    groups = [read_drawn(name, args.drawn / name, tables_of / name / "films.csv", read_latents) for name in names]
    keep = partial(stage.state_folder, args.out, params.compute.model_dump())
    memory = ScoreMemory.of(args.results, choose_device(params.compute), keep)
    batch = options.batch
    diseased = params.generation.diseased
    parts = (part for one in groups for part in score_group(one, scorer_of(memory.score, one.group in diseased), batch))
    total = sum(-(-len(one.names) // batch) for one in groups)
    scored = pd.concat(track(parts, "scoring", total, "batch"), ignore_index=True)[list(SCORED_FILMS.columns)]
    latents = np.concatenate([one.latents for one in groups])
    rates = score_tables.rates_of(score_tables.by_group(scored), options.confidence)
    tables.write(SCORED_LATENTS, score_tables.with_latents(scored, latents), args.out / "scores.parquet")
    tables.write(SCORED_FILMS, scored, args.out / "scores.csv")
    tables.write(PASS_RATES, rates, args.out / "pass_rates.csv")
    shown, pixels, most = scored.assign(film=scored["film"].str[:12]), FilmRows(groups), options.sheet_films
    files.write_figure(args.out / "accepted.png", accepted_sheet(shown, pixels, most))
    files.write_figure(args.out / "rejected.png", rejected_sheet(shown, pixels, most))
    share = rates[rates["score"] == "valid"].set_index("group")["share"]
    drawn, taken = {one.films.shape[1:] for one in groups}, _forms(memory.scorer)
    metrics = {
        "films": len(scored),
        "valid": int(scored["valid"].sum()),
        "valid_rate": {name: float(share[name]) for name in names},
        "drawn_forms": sorted(drawn),
        "scored_forms": taken,
    }
    files.write_json(args.out / "metrics.json", metrics)
    memory.clear()
    resized = "" if drawn == set(taken.values()) else f"; films of {sorted(drawn)} brought to {taken}"
    return f"{metrics['valid']} of {len(scored)} drawn films are good ones of their groups{resized}"


def _forms(scorer: FilmScorer) -> dict[str, tuple[int, int, int]]:
    """The (channels, height, width) that each network takes; films of others are brought to it."""
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
            "drawn": "folder with a pack of drawn films for each group, with latents.npy (draw_images)",
            "results": "folder with the results of draw_images and of the stages of screening",
            "out": "folder of the results",
        },
        sections=("compute", "generation", "score_drawn"),
    )
