"""Give each generated film the five scores, scaled on true films (stage score_images)."""

import argparse

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.imaging.packs import Pack, read_pack
from radsieve.params import Params
from radsieve.plots.scores import accepted_sheet, draw_reactions, draw_scores, rejected_sheet
from radsieve.screening import score_tables
from radsieve.screening.film_scores import JUDGED, read_latents, score_batches, true_films
from radsieve.screening_tables import (
    PASS_RATES,
    REACTIONS,
    SCALING,
    SCORE_STATISTICS,
    SCORED_FILMS,
    SCORED_LATENTS,
)


def main(args: argparse.Namespace, params: Params) -> str:
    """Score the films of both batches, and write scores, pass rates, reactions, figures and galleries."""
    options = params.score_images
    confidence, seed, most = options.confidence, options.seed, options.sheet_films
    scored = score_batches(args.results, options.pass_share, seed)
    generated, reference = scored.generated, true_films(scored, JUDGED)
    packs = {"generated": read_pack(args.generated), "reference": read_pack(args.reference)}
    for pack, films, folder in (
        (packs["generated"], generated, args.generated),
        (packs["reference"], scored.reference, args.reference),
    ):
        _check(pack, films["film"].tolist(), str(folder))
    latents = read_latents(args.generated / "latents.npy", len(generated))
    rates = score_tables.pass_rates(scored, confidence)
    reactions = score_tables.reactions(scored, options.bootstrap, confidence, seed)
    for schema, table, name in (
        (SCORED_LATENTS, score_tables.scored_latents(scored, latents), "scores.parquet"),
        (SCORED_FILMS, score_tables.scored_films(scored), "scores.csv"),
        (SCALING, score_tables.scaling(scored, confidence), "scaling.csv"),
        (PASS_RATES, rates, "pass_rates.csv"),
        (SCORE_STATISTICS, score_tables.statistics(scored), "statistics.csv"),
        (REACTIONS, reactions, "reactions.csv"),
    ):
        tables.write(schema, table, args.out / name)
    true_pixels, pixels = packs["reference"].films, packs["generated"].films
    for name, figure in (
        ("reactions", draw_reactions(reactions)),
        ("scores", draw_scores(reference, generated)),
        ("accepted", accepted_sheet(generated, pixels, most, reference, true_pixels)),
        ("rejected", rejected_sheet(generated, pixels, most)),
    ):
        files.write_figure(args.out / f"{name}.png", figure)
    metrics = score_tables.score_metrics(scored, rates)
    files.write_json(args.out / "metrics.json", metrics)
    return f"{metrics['valid']} of {metrics['films']} generated films pass all five scores"


def _check(pack: Pack, films: list[str], folder: str) -> None:
    if pack.names != films:
        raise InputError(f"{folder}: not the films of the tables in their order; run the stages before this one again")


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "results": "folder with the results of the stages before this one",
            "generated": "pack of the generated films, with latents.npy",
            "reference": "pack of the true films and their altered copies",
            "out": "folder of the results",
        },
        sections=("score_images",),
    )
