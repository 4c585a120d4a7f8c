"""Train a generator of images, and measure how realistic, diverse and novel its images are (stage train_gan)."""

import argparse

from radsieve import stage, tables, unfinished
from radsieve.generation.gan.evaluation import GanEvaluator
from radsieve.generation.gan.training import gan_card, train_generator, trained_generator
from radsieve.generation.grouped_images import read_group
from radsieve.generation.plots.gan import nearest_grid, plot_course, plot_spread, samples_grid
from radsieve.generation.tables import GAN_CURVES, NEAREST_IMAGES
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.networks.device import choose_device
from radsieve.networks.image_features import ImageFeatures
from radsieve.networks.training_state import FILE
from radsieve.params import Params
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Train on the training split, choose the round on validation, measure on test."""
    settings = params.train_gan
    device = choose_device(params.compute.model_copy(update={"threads": 1}))  # groups run side by side
    images = read_group(args.images, args.images_table, args.group, settings.pixels)
    train_images, test_images = images.images[Split.TRAIN], images.images[Split.TEST]
    evaluator = GanEvaluator(images, ImageFeatures(device), settings)
    card = gan_card(train_images, settings, args.group)
    known = {**settings.model_dump(), **card, "device": device.describe()}
    state = stage.state_folder(args.out, known, [args.images / "images.npy", args.images_table])
    training = train_generator(train_images, card, settings, device, state / FILE, evaluator.course)
    made_by = {"train_sha256": images.digest(), "compute": device.card(), "step": training.best_step}
    write_checkpoint(args.out / "generator.safetensors", training.weights, card | made_by)
    evaluated = evaluator.evaluate(trained_generator(training, card, device), training)
    real = dict(zip(images.names[Split.TRAIN], train_images, strict=True))
    figures = {
        "curves": plot_course(training.curves, training.best),
        "samples": samples_grid(training.samples, training.curves, training.best, test_images),
        "spread": plot_spread(evaluated.real, evaluated.features, test_images, evaluated.generated),
        "nearest": nearest_grid(evaluated.nearest, evaluated.generated, real, settings.grid_images),
    }
    written = (GAN_CURVES, training.curves), (NEAREST_IMAGES, evaluated.nearest)
    tables.write_results(args.out, written, figures, evaluated.metrics)
    unfinished.remove(state)
    return f"{args.group}: {evaluated.summary}; step {training.best_step} of {settings.steps}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of images",
            "images-table": "table of the images, their groups and splits",
            "out": "folder of the results",
        },
        sections=("compute", "train_gan"),
        names={"group": "which group of the images"},
    )
