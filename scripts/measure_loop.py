"""Sieve, draw and score fresh films of each group, and measure what the loop came to (stage measure_loop).

The sieve of a group is fitted to the scored films of score_drawn as select_thresholds does it, with its parameters.
"""

import argparse
from typing import Any

import pandas as pd

from radsieve import files, stage, tables
from radsieve.generation import loop as closing
from radsieve.generation.drawn_groups import scorer_of
from radsieve.generation.film_features import FilmFeatures
from radsieve.generation.grouped_films import read_group
from radsieve.generation_tables import LOOP, LOOP_DISTANCES, LOOP_DIVERSITY
from radsieve.generators.loading import load_generator, with_weights
from radsieve.networks.device import choose_device
from radsieve.plots.loop import draw_loop
from radsieve.plots.prospective import arm_sheet
from radsieve.prefilter import latent_table, promise
from radsieve.prefilter.prospective import CHOOSE, ArmRecord
from radsieve.prefilter.threshold_selection import select
from radsieve.prefilter_tables import CHECKED_FILMS, CHECKED_PROMISE, Arm
from radsieve.progress import track
from radsieve.screening.score_memory import ScoreMemory
from radsieve.screening_tables import SCORED_LATENTS

TABLES = (CHECKED_FILMS, CHECKED_PROMISE, LOOP_DIVERSITY, LOOP_DISTANCES, LOOP)


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Close the loop for each group, and write its table with films, promises, diversity and distances."""
    options, latents, generation = params["measure_loop"], params["latents"], params["generation"]
    groups, pixels, count, seed = generation["groups"], generation["pixels"], options["films"], options["seed"]
    settings = with_weights(params["generator"], args.weights, generation, groups)
    generator, device = load_generator(settings, params["compute"]), choose_device(params["compute"])
    memory, look = ScoreMemory("measure_loop", args.results, params["compute"], features=True), FilmFeatures(device)
    scored = latent_table.from_scored(tables.read(SCORED_LATENTS, args.scored))
    found, shown = list[tuple[pd.DataFrame, ...]](), {name: list[Any]() for name in Arm}
    for group in track(groups, "closing the loop", unit="group"):
        sieve = select(scored.of(group), options["thresholds"], latents).sieve
        arms, sets = {name: ArmRecord(name, options["sheet_films"]) for name in Arm}, dict[str, Any]()
        for name, arm in arms.items():
            watched = closing.Watched(scorer_of(memory.score, group in generation["diseased"]), look)
            arm.draw(group, CHOOSE[name](sieve, count, seed, group), options["batch"], generator, watched)
            sets |= watched.sets(name, arm.films["valid"].to_numpy() == 1)
            shown[name] += arm.shown
        held = promise.hold_to_promise(arms, sieve.card, options["bootstrap"], seed)
        held = held[held["group"] == promise.ALL].assign(group=group)
        diverse = promise.film_diversity(arms, options["bootstrap"], latents["confidence"], seed).assign(group=group)
        real = read_group(args.films, args.table, group, pixels).held_back
        far = closing.distances(group, look(real), sets, latents["confidence"])
        drawn = pd.concat([arm.films for arm in arms.values()])
        found.append((drawn, held, diverse, far, closing.loop_row(sieve.card, count, held, diverse, far)))
    whole = [pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True)]
    for schema, table in zip(TABLES, whole, strict=True):
        tables.write(schema, table[list(schema.columns)], args.out / f"{schema.name}.csv")
    files.write_figure(args.out / "loop.png", draw_loop(loop := whole[-1]))
    for name in Arm:
        files.write_figure(args.out / f"{name}.png", arm_sheet(name, whole[0][whole[0]["arm"] == name], shown[name]))
    files.write_json(args.out / "metrics.json", closing.loop_metrics(loop))
    memory.clear()
    return "; ".join(closing.summary(loop))


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "latents and scores of the films that the sieves are fitted to (score_drawn)",
            "films": "pack of the real films, some of which no generator has seen",
            "table": "table of the real films, with their groups and parts (pack_films)",
            "results": "folder with the results of the stages of screening",
            "out": "folder of the results",
        },
        sections=("generator", "compute", "latents", "generation", "measure_loop"),
        names={"weights": "file of the generators, {group} for the name of a group; or phantoms"},
    )
