"""Compare filtering by z, early exit, moving what is rejected, and reweighting (stage compare_sieving)."""

import argparse
from functools import partial
from typing import Any

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation import sieving_tables
from radsieve.generation.drawn_groups import scorer_of
from radsieve.generation.exit_choice import Learned
from radsieve.generation.film_features import FilmFeatures
from radsieve.generation.grouped_films import read_group
from radsieve.generation.sieving_study import Bench, Learning, study
from radsieve.generation_tables import SIEVED_FILMS, SIEVING_DEPTHS, SIEVING_WAYS
from radsieve.generators.checkpoint import load_residual
from radsieve.generators.loading import load_generator, weights_path, with_weights
from radsieve.imaging.packs import read_pack
from radsieve.networks.device import choose_device
from radsieve.plots.sieving import draw_depths, draw_ways, moved_sheet
from radsieve.prefilter import latent_table
from radsieve.prefilter.folds import folds
from radsieve.prefilter.nested_selection import unusable
from radsieve.prefilter.threshold_selection import select
from radsieve.progress import track
from radsieve.screening.score_memory import ScoreMemory
from radsieve.screening_tables import SCORED_LATENTS, Split
from radsieve.threshold_tables import THRESHOLDS_18_24M


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Try all ways on fresh latents of each group, and write what came of them by way, by depth and by film."""
    latents, generation, device = params["latents"], params["generation"], choose_device(params["compute"])
    options = params["compare_sieving"] | {"confidence": latents["confidence"]}
    settings = with_weights(params["generator"], args.weights, generation, generation["groups"])
    residual = {group: load_residual(weights_path(settings, group), device) for group in generation["groups"]}
    generator, look = load_generator(settings, params["compute"]), FilmFeatures(device)
    memory, most = ScoreMemory("compare_sieving", args.results, params["compute"]), options["reweighting"]["films"]
    scored = latent_table.from_scored(tables.read(SCORED_LATENTS, args.scored))
    published = tables.read(THRESHOLDS_18_24M, args.published / "thresholds_18_24m.csv")
    found, shown = list[Any](), list[Any]()
    for group in track(generation["groups"], "comparing ways", unit="group"):
        rows, real = scored.of(group), read_group(args.films, args.table, group, generation["pixels"])
        score, draw = scorer_of(memory.score, group in generation["diseased"]), partial(generator.draw, group=group)
        bench = Bench.of(residual[group], draw, score, memory.scorer.score, look, device, options)
        reason, sieve = unusable(rows.valid, latents["folds"]), select(rows, options["thresholds"], latents).sieve
        fold = 0 * rows.valid if reason else folds(rows.valid, latents["folds"], latents["seed"])
        drawn, true = look(read_pack(args.drawn / group).films[:most]), look(real.films[Split.TRAIN])
        learned = Learning(rows.latents, Learned(rows.valid, fold, reason), drawn, true, sieve)
        came = study(group, bench, learned, options)
        found.append(sieving_tables.tables_of(came, look(real.held_back), options))
        shown += sieving_tables.moved_films(came, draw, options["sheet_films"])
    ways, depths, films = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    for schema, table in ((SIEVING_WAYS, ways), (SIEVING_DEPTHS, depths), (SIEVED_FILMS, films)):
        tables.write(schema, table, args.out / f"{schema.name}.csv")
    files.write_figure(args.out / "ways.png", draw_ways(ways, published, options["aim"]))
    files.write_figure(args.out / "depths.png", draw_depths(depths))
    files.write_figure(args.out / "moved.png", moved_sheet(shown))
    files.write_json(args.out / "metrics.json", sieving_tables.sieving_metrics(ways, depths, options["aim"]))
    memory.clear()
    return "; ".join(sieving_tables.summary(ways, depths))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the films that is learnt from (score_drawn)",
            "drawn": "folder with a pack of these films for each group (draw_images)",
            "films": "pack of the real films, some of which no generator has seen",
            "table": "table of the real films, with their groups and parts (pack_films)",
            "results": "folder with the results of the stages of screening",
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "compare_sieving"),
        names={"weights": "file of the generators of train_gan, {group} for the name of a group"},
    )
