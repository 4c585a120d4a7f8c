"""Train a network to write as an author does, and measure it on works that it has not seen (stage train_writer)."""

import argparse

from radsieve import stage, tables, unfinished
from radsieve.networks.device import choose_device
from radsieve.networks.training_state import FILE
from radsieve.params import Params
from radsieve.tables.images import Split
from radsieve.tasks.plots.texts import plot_writer
from radsieve.tasks.texts.tables import WORKS
from radsieve.tasks.texts.training import train
from radsieve.tasks.texts.writer_results import signs_of, texts_of, writer_metrics, writer_tables


def main(args: argparse.Namespace, params: Params) -> str:
    """Train on the author's training works, choose the epoch on validation works, measure on test works, and draw."""
    settings = params.train_writer
    works = tables.read(WORKS, args.works)
    device = choose_device(params.compute)
    texts, signs = texts_of(works, args.author), signs_of(works, args.author, settings)
    told = {**settings.model_dump(), "author": args.author, "device": device.describe()}
    state = stage.state_folder(args.out, told, [args.works])
    training = train(texts[Split.TRAIN], texts[Split.VALIDATION], signs, settings, device, state / FILE)
    written = writer_tables(texts, training, settings, device)
    (_, curves), (_, entropy), *_ = written
    metrics = writer_metrics(texts, training, entropy)
    card = {"author": args.author, "training": metrics, "seed": settings.seed, **device.card()}
    training.writer.save(args.out / "best.safetensors", card)
    tables.write_results(args.out, written, {"entropy": plot_writer(entropy, curves)}, metrics)
    unfinished.remove(state)
    bits = entropy.set_index("model")["bits"]
    return (
        f"{args.author}: {bits.iloc[-1]:.4f} bits per character ({training.writer.name}), {settings.order}-gram"
        f" {bits.get(f'{settings.order}-gram', bits.iloc[1]):.4f}, {metrics['works']['test']} unseen works; epoch"
        f" {training.best_epoch} of {len(curves)}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"works": "the packed works (.parquet)", "out": "folder of the results"},
        sections=("compute", "train_writer"),
        names={"author": "which of the authors of pack_texts"},
    )
