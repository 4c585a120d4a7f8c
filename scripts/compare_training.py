"""Compare what a classifier learns from real, synthetic, screened and augmented films (stage compare_training).

All films are brought to the pixels of the drawn ones first: resolution must not tell the domains apart.
"""

import argparse
from typing import Any

import numpy as np

from radsieve import files, stage, tables
from radsieve.generation import training_study
from radsieve.generation.drawn_groups import read_drawn
from radsieve.generation.training_films import choose_pools, label_drawn, real_pictures
from radsieve.generation_tables import LABEL_PRESERVATION, TRAINING_COMPARISON, TRAINING_GAP
from radsieve.networks.classifier import Classifier
from radsieve.networks.device import choose_device
from radsieve.plots.training_use import draw_comparison, draw_gap, draw_preservation
from radsieve.prefilter.paired_tests import holm
from radsieve.screening.film_scores import read_latents
from radsieve.screening.labelled_films import read_labelled
from radsieve.screening.transfer_learning import film_features, fit_linear, frozen_network, preprocessing_of
from radsieve.screening_tables import SCORED_FILMS, Split


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Train and judge all arms, check augmentations and domain gap, and write the three tables and figures."""
    options, generation = params["compare_training"], params["generation"]
    settings, pixels = options["classifier"], generation["pixels"]
    packed = read_labelled(args.films, args.films_table, settings["positive"], "train_abnormality.positive")
    where = [(name, args.drawn / name, args.results / "draw_images" / name) for name in generation["groups"]]
    groups = [read_drawn(name, folder, results / "films.csv", read_latents) for name, folder, results in where]
    drawn = label_drawn(groups, generation["diseased"], tables.read(SCORED_FILMS, args.scores), args.scores)
    train, test = (
        real_pictures(packed.pack.films, rows, packed.truth[rows], packed.patients(rows), pixels, args.films)
        for rows in map(packed.rows, (Split.TRAIN, Split.TEST))
    )
    pools = choose_pools(drawn, options["synthetic_films"], pixels, train.films.shape[1], options["seed"])
    device, preprocessing = choose_device(params["compute"]), preprocessing_of(settings)
    frozen = Classifier(frozen_network(settings, "train_abnormality", device), preprocessing, device, packed.form())

    def look(classifier: Classifier, films: Any, changes: Any = None, seed: int = 0) -> Any:
        return film_features(classifier.network, preprocessing, device, films, np.arange(len(films)), changes, seed)

    def fit(features: Any, labels: Any) -> Any:
        return fit_linear(features, labels, options["strength"]).logits

    study = training_study.TrainingStudy(train, test, pools, frozen, look, fit, options)
    arms = training_study.comparison(study)
    arms["holm"] = holm(arms["p_value"])
    kept, gap = training_study.preservation(study), training_study.gap(study)
    for schema, table, draw in (
        (TRAINING_COMPARISON, arms, draw_comparison),
        (LABEL_PRESERVATION, kept, draw_preservation),
        (TRAINING_GAP, gap, draw_gap),
    ):
        tables.write(schema, table[list(schema.columns)], args.out / f"{schema.name}.csv")
        files.write_figure(args.out / f"{schema.name}.png", draw(table, options))
    files.write_json(args.out / "metrics.json", training_study.metrics(study, arms, kept, gap))
    return training_study.summary(study, arms, gap)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "films": "pack of real films of two labels",
            "films-table": "table of the real films, with their labels and parts (pack_films)",
            "drawn": "folder with a pack of drawn films for each group (draw_images)",
            "scores": "table of the scores of the drawn films (score_drawn)",
            "results": "folder with the results of draw_images",
            "out": "folder of the results",
        },
        sections=("compute", "generation", "compare_training"),
    )
