"""Train a U-Net and measure it on images that it has not seen (stage train_segmenter)."""

import argparse

from radsieve import stage, tables, unfinished
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, save_segmenter
from radsieve.networks.training_state import FILE
from radsieve.params import Params
from radsieve.screening.plots.segmentation import plot_learning_curves, worst_grid
from radsieve.screening.segmentation import evaluation
from radsieve.screening.segmentation.training import segmenter_card, train_segmenter
from radsieve.screening.settings import SegmenterSettings
from radsieve.screening.tables import CURVES, SEGMENTATION_SCORES
from radsieve.settings import settings_of_set


def main(args: argparse.Namespace, params: Params) -> str:
    """Train on the training split, choose the epoch on validation, measure on test."""
    settings = settings_of_set(params.train_segmenter, args.set, SegmenterSettings, "train_segmenter")
    device = choose_device(params.compute)
    images, table = evaluation.read_training_images(args.images, args.images_table)
    sources = [args.images / "images.npy", args.images / "masks.npy", args.images_table]
    state = stage.state_folder(args.out, {**settings.model_dump(), "device": device.describe()}, sources)
    training = train_segmenter(images, settings, device, state / FILE)
    card = segmenter_card(settings, images.images) | {"compute": device.card()}
    save_segmenter(args.out / "last.safetensors", training.last, card)
    save_segmenter(args.out / "best.safetensors", training.best, card)
    held_out, truth = images.images[images.test], images.masks[images.test]
    predicted = evaluation.segment_held_out(load_segmenter(args.out / "best.safetensors", device), held_out, settings)
    scores = evaluation.score_held_out(table.iloc[images.test], predicted, truth, settings.surface_tolerance)
    metrics = evaluation.summarise(table, scores, training, settings)
    figures = {
        "curves": plot_learning_curves(training.curves, "Dice"),
        "worst": worst_grid(scores, held_out, truth, predicted, settings.worst_images),
    }
    tables.write_results(args.out, ((CURVES, training.curves), (SEGMENTATION_SCORES, scores)), figures, metrics)
    unfinished.remove(state)
    return (
        f"{args.set}: Dice {metrics['dice']:.4f} ({metrics['dice_lower']:.4f} to {metrics['dice_upper']:.4f}), IoU "
        f"{metrics['iou']:.4f} on {len(scores)} held-out images; epoch {training.best_epoch} of {len(training.curves)}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "folder of the packed images and masks",
            "images-table": "table of the images and their splits",
            "out": "folder of the results",
        },
        sections=("compute", "train_segmenter"),
        names={"set": "which set of train_segmenter"},
    )
