"""Train classifiers of images, choose one on validation, and evaluate it by protocols (stage train_classifier)."""

import argparse

from radsieve import stage, tables, unfinished
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.settings import settings_of_set
from radsieve.tasks.images.data import read_data
from radsieve.tasks.images.results import image_results
from radsieve.tasks.images.settings import ClassifierSettings
from radsieve.tasks.images.training import Training


def main(args: argparse.Namespace, params: Params) -> str:
    """Fit every variant, the honest way and by mistakes, and write what is found inside and outside."""
    settings = settings_of_set(params.train_classifier, args.set, ClassifierSettings, "train_classifier")
    where = f"params.yaml, train_classifier.{args.set}"
    device = choose_device(params.compute)
    data = read_data(args.images, args.tables, where)
    sources = [args.images / "inside" / "images.npy", args.tables / "images.csv"]
    state = stage.state_folder(args.out, {**settings.model_dump(), "device": device.describe()}, sources)
    found = image_results(data, Training(settings, device, state), where)
    write_checkpoint(args.out / "best.safetensors", found.weights, found.card)
    tables.write_results(args.out, found.tables, found.figures, found.metrics)
    unfinished.remove(state)
    return f"{args.set}: {found.summary}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "folder of the packs that prepare_images wrote",
            "tables": "folder of its tables",
            "out": "folder of the results",
        },
        sections=("compute", "train_classifier"),
        names={"set": "which set of train_classifier"},
    )
