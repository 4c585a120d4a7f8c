"""Train a generator of films, and measure how true, diverse and new its films are (stage train_gan)."""

import argparse
from typing import Any

from radsieve import files, stage, tables
from radsieve.generation.film_features import FilmFeatures
from radsieve.generation.gan_judgement import GanJudge
from radsieve.generation.gan_training import Drawer, gan_card, train_generator
from radsieve.generation.grouped_films import read_group
from radsieve.generation_tables import GAN_CURVES, NEAREST_FILMS
from radsieve.generators.residual import generator_of
from radsieve.networks.checkpoints import load_weights, write_checkpoint
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import remove_state, state_path
from radsieve.plots.gan import draw_course, nearest_sheet, samples_sheet
from radsieve.screening_tables import Split


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Train on part train, choose the round on part validation, measure on part test."""
    settings = params["train_gan"]
    device = choose_device(params["compute"] | {"threads": 1})  # a second one gains a seventh; groups run side by side
    films = read_group(args.films, args.films_table, args.group, settings["pixels"])
    train_films, test_films = films.films[Split.TRAIN], films.films[Split.TEST]
    judge = GanJudge(films, FilmFeatures(device), settings)
    card = gan_card(train_films, settings, args.group)
    known = {**settings, **card, "device": device.describe()}
    state = state_path("train_gan", known, [args.films / "films.npy", args.films_table])
    training = train_generator(train_films, card, settings, device, state, judge.course)
    step = int(training.curves["step"].iloc[training.best])
    path = args.out / "generator.safetensors"
    write_checkpoint(path, training.weights, card | {"step": step, "train_sha256": films.digest()})
    generator = generator_of(card)
    load_weights(generator, training.weights, path)
    judged = judge.judge(Drawer(device.place(generator), device), training)
    tables.write(GAN_CURVES, training.curves, args.out / "curves.csv")
    tables.write(NEAREST_FILMS, judged.nearest, args.out / "nearest.csv")
    files.write_figure(args.out / "curves.png", draw_course(training.curves, training.best))
    files.write_figure(
        args.out / "samples.png", samples_sheet(training.samples, training.curves, training.best, test_films)
    )
    real = dict(zip(films.names[Split.TRAIN], train_films, strict=True))
    sheet = nearest_sheet(judged.nearest, judged.drawn, real, settings["sheet_films"])
    files.write_figure(args.out / "nearest.png", sheet)
    files.write_json(args.out / "metrics.json", judged.metrics)
    remove_state(state)
    found = judged.metrics
    return (
        f"{args.group}: FID {found['fid']:.3g} ({found['fid_real']:.3g} for real films), KID {found['kid']:.3g} "
        f"({found['kid_lower']:.3g} to {found['kid_upper']:.3g}), coverage {found['coverage']:.2f}; step {step} of "
        f"{settings['steps']}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "folder of the packed films",
            "films-table": "table of the films, their groups and parts",
            "out": "folder of the results",
        },
        sections=("compute", "train_gan"),
        names={"group": "which group of the films"},
    )
