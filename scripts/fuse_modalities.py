"""Predict a class from image and table, each alone and both together (stage fuse_modalities)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.settings import expand
from radsieve.tasks.images.data import read_data
from radsieve.tasks.images.fusion_pairs import Pairs, folds_of, labelled, read_rows
from radsieve.tasks.images.fusion_results import fusion_results
from radsieve.tasks.images.learners import neighbour
from radsieve.tasks.images.training import FrozenBackbone


def main(args: argparse.Namespace, params: Params) -> str:
    """Join images with their rows, and write how well each and both tell the class, out of fold."""
    settings, where = params.fuse_modalities, "params.yaml, fuse_modalities"
    device = choose_device(params.compute)
    data = read_data(args.images, args.tables, where)
    labels = labelled(data.inside.truth, data.classes, settings.uncertain_label, where)
    rows, places = read_rows(expand(settings.table, f"{where}.table"), data.inside.table, settings, where)
    truth, units = labels[places], data.inside.units[places]
    features = FrozenBackbone(settings.pixels, neighbour, device).inputs(data.inside.images[places])
    pairs = Pairs(
        names=data.inside.table["image"].iloc[places].tolist(),
        features=features.astype("float64"),
        rows=rows,
        truth=truth,
        units=units,
        fold=folds_of(truth, units, settings.folds, settings.seed, where),
    )
    found = fusion_results(pairs, settings)
    without = len(labels) - len(places)
    tables.write_results(args.out, found.tables, found.figures, found.metrics | {"without_row": without})
    return found.summary


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "folder of the packs that prepare_images wrote",
            "tables": "folder of its tables",
            "out": "folder of the results",
        },
        sections=("compute", "fuse_modalities"),
    )
