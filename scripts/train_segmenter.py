"""Train a U-Net and measure it on images that it has not seen (stage train_segmenter)."""

import argparse

from radsieve import stage, tables, unfinished
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import FILE
from radsieve.params import Params
from radsieve.screening.plots.segmentation import plot_learning_curves, worst_grid
from radsieve.screening.segmentation import evaluation
from radsieve.screening.segmentation.results import measure, save_both
from radsieve.screening.segmentation.training import train_segmenter
from radsieve.screening.settings import SegmenterSettings
from radsieve.screening.tables import CURVES, SEGMENTATION_SCORES, SUBGROUPS
from radsieve.settings import settings_of_set


def main(args: argparse.Namespace, params: Params) -> str:
    """Train on the training split, choose the epoch and the temperature on validation, measure on test."""
    settings = settings_of_set(params.train_segmenter, args.set, SegmenterSettings, "train_segmenter")
    device = choose_device(params.compute)
    images, table = evaluation.read_training_images(args.images, args.images_table)
    sources = [args.images / "images.npy", args.images / "masks.npy", args.images_table]
    state = stage.state_folder(args.out, {**settings.model_dump(), "device": device.describe()}, sources)
    training = train_segmenter(images, settings, device, state / FILE)
    segmenter = save_both(args.out, training, images, settings, device)
    found = measure(segmenter, images, table, training, settings)
    metrics = found.metrics
    figures = found.figures | {
        "curves": plot_learning_curves(training.curves, "Dice"),
        "worst": worst_grid(
            found.scores, images.images[images.test], images.masks[images.test], found.masks, settings.worst_images
        ),
    }
    written = (CURVES, training.curves), (SEGMENTATION_SCORES, found.scores), (SUBGROUPS, found.subgroups)
    tables.write_results(args.out, written, figures, metrics)
    unfinished.remove(state)
    return (
        f"{args.set}: Dice {metrics['dice']:.4f} ({metrics['dice_lower']:.4f} to {metrics['dice_upper']:.4f}), IoU "
        f"{metrics['iou']:.4f} on {len(found.scores)} held-out images; epoch {training.best_epoch} of "
        f"{len(training.curves)}"
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
