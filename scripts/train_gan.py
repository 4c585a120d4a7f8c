"""Train a generator of images, and measure how realistic, diverse and novel its images are (stage train_gan)."""

import argparse

from radsieve import files, stage, tables, unfinished
from radsieve.generation.gan.evaluation import GanEvaluator
from radsieve.generation.gan.training import NetworkGenerator, gan_card, train_generator
from radsieve.generation.grouped_images import read_group
from radsieve.generation.plots.gan import nearest_grid, plot_course, samples_grid
from radsieve.generation.tables import GAN_CURVES, NEAREST_IMAGES
from radsieve.generators.residual import generator_of
from radsieve.networks.checkpoints import load_weights, write_checkpoint
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
    step = int(training.curves["step"].iloc[training.best])
    path, made_by = args.out / "generator.safetensors", {"train_sha256": images.digest(), "compute": device.card()}
    write_checkpoint(path, training.weights, card | made_by | {"step": step})
    generator = generator_of(card)
    load_weights(generator, training.weights, path)
    evaluated = evaluator.evaluate(NetworkGenerator(device.place(generator), device), training)
    tables.write(GAN_CURVES, training.curves, args.out / "curves.csv")
    tables.write(NEAREST_IMAGES, evaluated.nearest, args.out / "nearest.csv")
    files.write_figure(args.out / "curves.png", plot_course(training.curves, training.best))
    files.write_figure(
        args.out / "samples.png", samples_grid(training.samples, training.curves, training.best, test_images)
    )
    real = dict(zip(images.names[Split.TRAIN], train_images, strict=True))
    grid = nearest_grid(evaluated.nearest, evaluated.generated, real, settings.grid_images)
    files.write_figure(args.out / "nearest.png", grid)
    files.write_json(args.out / "metrics.json", evaluated.metrics)
    unfinished.remove(state)
    found = evaluated.metrics
    return (
        f"{args.group}: FID {found['fid']:,.5g} ({found['fid_real']:,.5g} for real images), KID {found['kid']:,.5g} "
        f"({found['kid_lower']:,.5g} to {found['kid_upper']:,.5g}), coverage {found['coverage']:.2f}; step {step} of "
        f"{settings.steps}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "folder of the packed images",
            "images-table": "table of the images, their groups and splits",
            "out": "folder of the results",
        },
        sections=("compute", "train_gan"),
        names={"group": "which group of the images"},
    )
