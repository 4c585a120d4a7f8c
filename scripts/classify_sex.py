"""Tell the sex from the film by transfer learning, and measure where the net looks (stage classify_sex)."""

import argparse
from typing import Any

from radsieve import files, stage, tables
from radsieve.networks.classifier import classify, save_classifier
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, segment
from radsieve.plots.classifiers import draw_roc
from radsieve.plots.sex_heat import sex_heat_sheet
from radsieve.screening.ablation import ablate, ablation_metrics
from radsieve.screening.held_back import THRESHOLD, held_back_metrics, predictions_table, roc_table
from radsieve.screening.labelled_films import read_labelled
from radsieve.screening.shortcut import shortcut_metrics, shortcut_table
from radsieve.screening.transfer_learning import fit_classifier, frozen_network
from radsieve.screening_tables import ABLATION, HELD_BACK, ROC, SHORTCUT, Split


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Compare what the net may see, fit it on train and validation, measure it on test, and write all of it."""
    options = params["classify_sex"]
    films = read_labelled(args.films, args.films_table, options["positive"], "classify_sex.positive")
    labels = (films.negative, films.positive)
    device = choose_device(params["compute"])
    segmenter = load_segmenter(args.segmenter, device)
    network = frozen_network(options, "classify_sex", device)
    test = films.rows(Split.TEST)

    ablation = ablate(network, films, device, options)
    fitted = fit_classifier(network, films, [Split.TRAIN, Split.VALIDATION], device, options, options["inner_folds"])
    pixels = films.pack.films[test]
    probability, heat = classify(fitted.classifier, pixels)
    lungs = segment(segmenter, pixels)[:, 0] >= segmenter.threshold

    predictions = predictions_table(films, test, probability)
    shortcut = shortcut_table(predictions, heat, lungs)
    roc, metrics = roc_table(predictions), held_back_metrics(predictions, options)
    metrics |= {
        "c": fitted.strength,
        "cross_validated": ablation_metrics(ablation),
        "where_it_looks": shortcut_metrics(shortcut, labels, options),
    }
    save_classifier(args.out / "model.safetensors", fitted.classifier)
    for schema, table in ((ABLATION, ablation), (HELD_BACK, predictions), (ROC, roc), (SHORTCUT, shortcut)):
        tables.write(schema, table, args.out / f"{schema.name}.csv")
    figure = draw_roc(roc, metrics, THRESHOLD, f"{films.positive} against {films.negative}")
    files.write_figure(args.out / "roc.png", figure)
    sheet = sex_heat_sheet(shortcut, pixels, heat, lungs, labels, THRESHOLD, options["sheet_films"])
    files.write_figure(args.out / "heatmaps.png", sheet)
    files.write_json(args.out / "metrics.json", metrics)
    return (
        f"{len(test)} films held back, accuracy {metrics['accuracy']['value']:.3f}, "
        f"ROC-AUC {metrics['roc_auc']['value']:.3f}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "pack of films",
            "films-table": "table of the films, as pack_films writes it",
            "segmenter": "checkpoint of the segmenter of lungs",
            "out": "folder of the results",
        },
        sections=("compute", "classify_sex"),
    )
