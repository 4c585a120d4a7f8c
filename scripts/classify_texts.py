"""Name the authors of chunks of works, and evaluate what the writers wrote (stage classify_texts)."""

import argparse

from radsieve import stage, tables
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.tasks.texts.classification import classify
from radsieve.tasks.texts.tables import DRAWN, WORKS
from radsieve.tasks.texts.writer import read_writer


def main(args: argparse.Namespace, params: Params) -> str:
    """Evaluate models by folds of works and on test works, the honest way and by mistakes; evaluate the writers."""
    works = tables.read(WORKS, args.works)
    device = choose_device(params.compute)
    authors = list(dict.fromkeys(works["author"]))
    writers = {author: read_writer(args.writers / author / "best.safetensors") for author in authors}
    drawn = {author: tables.read(DRAWN, args.writers / author / "samples.csv") for author in authors}
    found = classify(works, writers, drawn, params.classify_texts, device)
    tables.write_results(args.out, found.tables, found.figures, found.metrics)
    return found.summary


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "works": "the packed works (.parquet)",
            "writers": "folder of the results of train_writer",
            "out": "folder of the results",
        },
        sections=("compute", "classify_texts"),
    )
