"""Train the classifier of normal and abnormal films (stage train_abnormality)."""

import argparse
from typing import Any

from radsieve import files, stage, tables
from radsieve.networks.classifier import classify, save_classifier
from radsieve.networks.device import choose_device
from radsieve.plots.classifiers import draw_roc
from radsieve.screening.held_back import THRESHOLD, held_back_metrics, predictions_table, roc_table
from radsieve.screening.labelled_films import read_labelled
from radsieve.screening.transfer_learning import fit_classifier, frozen_network
from radsieve.screening_tables import HELD_BACK, REGULARIZATION, ROC, Split


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Fit the linear unit on part train, calibrate it on validation, measure it on test, and write all of it."""
    options = params["train_abnormality"]
    films = read_labelled(args.films, args.films_table, options["positive"], "train_abnormality.positive")
    device = choose_device(params["compute"])
    network = frozen_network(options, "train_abnormality", device)
    fitted = fit_classifier(network, films, [Split.TRAIN], device, options, options["folds"])
    test = films.rows(Split.TEST)
    probability, _ = classify(fitted.classifier, films.pack.films[test])

    predictions = predictions_table(films, test, probability)
    roc, metrics = roc_table(predictions), held_back_metrics(predictions, options)
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    tables.write(REGULARIZATION, fitted.path, args.out / "regularization.csv")
    tables.write(HELD_BACK, predictions, args.out / "predictions.csv")
    tables.write(ROC, roc, args.out / "roc.csv")
    figure = draw_roc(roc, metrics, THRESHOLD, f"{films.positive} against {films.negative}")
    files.write_figure(args.out / "roc.png", figure)
    files.write_json(
        args.out / "metrics.json", metrics | {"c": fitted.strength, "training_films": len(films.rows(Split.TRAIN))}
    )
    return (
        f"{len(test)} films held back, ROC-AUC {metrics['roc_auc']['value']:.3f}, "
        f"accuracy {metrics['accuracy']['value']:.3f}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "pack of films",
            "films-table": "table of the films, as pack_films writes it",
            "out": "folder of the results",
        },
        sections=("compute", "train_abnormality"),
    )
