"""Train a U-Net and measure it on films that it has not seen (stage train_segmenter)."""

import argparse
from typing import Any

from radsieve import files, stage, tables
from radsieve.errors import InputError
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, save_segmenter
from radsieve.networks.training_state import remove_state, state_path
from radsieve.plots.segmentation import draw_learning_curves, worst_sheet
from radsieve.screening.segmentation import read_training_films, score_held_back, segment_held_back, summarise
from radsieve.screening.training import segmenter_card, train_segmenter
from radsieve.screening_tables import CURVES, SEGMENTATION_SCORES


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Train on part train, choose the epoch on part validation, measure on part test."""
    sets = params["train_segmenter"]
    if args.set not in sets:
        raise InputError(f"--set {args.set}: no such set in train_segmenter; there are {', '.join(sets)}")
    settings = sets[args.set]
    device = choose_device(params["compute"])
    films, table = read_training_films(args.films, args.films_table)
    sources = [args.films / "films.npy", args.films / "masks.npy", args.films_table]
    state = state_path("train_segmenter", {**settings, "device": device.describe(), **params["compute"]}, sources)
    training = train_segmenter(films, settings, device, state)
    card = segmenter_card(settings, films.films)
    save_segmenter(args.out / "last.safetensors", training.last, card)
    save_segmenter(args.out / "best.safetensors", training.best, card)
    held_back, truth = films.films[films.test], films.masks[films.test]
    predicted = segment_held_back(load_segmenter(args.out / "best.safetensors", device), held_back, settings)
    scores = score_held_back(table.iloc[films.test], predicted, truth, settings["surface_tolerance"])
    metrics = summarise(table, scores, training, settings)
    tables.write(CURVES, training.curves, args.out / "curves.csv")
    tables.write(SEGMENTATION_SCORES, scores, args.out / "scores.csv")
    files.write_figure(args.out / "curves.png", draw_learning_curves(training.curves, "Dice"))
    files.write_figure(
        args.out / "worst.png", worst_sheet(scores, held_back, truth, predicted, settings["worst_films"])
    )
    files.write_json(args.out / "metrics.json", metrics)
    remove_state(state)
    return (
        f"{args.set}: Dice {metrics['dice']:.4f} ({metrics['dice_lower']:.4f} to {metrics['dice_upper']:.4f}), IoU "
        f"{metrics['iou']:.4f} on {len(scores)} films held back; epoch {training.best_epoch} of {len(training.curves)}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "folder of the packed films and masks",
            "films-table": "table of the films and their parts",
            "out": "folder of the results",
        },
        sections=("compute", "train_segmenter"),
        names={"set": "which set of train_segmenter"},
    )
