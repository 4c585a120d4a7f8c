"""Compare what a classifier learns from real, synthetic, screened and augmented images (stage compare_training).

All images are brought to the pixels of the generated ones first: resolution must not tell the domains apart.
"""

import argparse
from typing import Any

import numpy as np

from radsieve import files, stage, tables
from radsieve.generation.generated_groups import read_generated
from radsieve.generation.plots.training_use import plot_comparison, plot_gap, plot_preservation
from radsieve.generation.tables import LABEL_PRESERVATION, TRAINING_COMPARISON, TRAINING_GAP
from radsieve.generation.training_use import study as training_study
from radsieve.generation.training_use.images import choose_pools, label_generated, real_set
from radsieve.networks.classifier import Classifier
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.screening.classifiers.labelled_images import read_labelled
from radsieve.screening.classifiers.transfer_learning import (
    fit_linear,
    frozen_network,
    image_features,
    preprocessing_of,
)
from radsieve.screening.tables import SCORED_IMAGES
from radsieve.stats.paired_tests import holm
from radsieve.tables.images import Split


def main(args: argparse.Namespace, params: Params) -> str:
    """Train and evaluate all arms, check augmentations and domain gap, and write the three tables and figures."""
    options, generation = params.compare_training, params.generation
    settings, pixels = options.classifier, generation.pixels
    packed = read_labelled(args.images, args.images_table, settings.positive, "train_abnormality.positive")
    groups = read_generated(generation.groups, args.samples, args.tables)
    generated = label_generated(groups, generation.diseased, tables.read(SCORED_IMAGES, args.scores), args.scores)
    train, test = (
        real_set(packed.pack.images, rows, packed.truth[rows], packed.patients(rows), pixels, args.images)
        for rows in map(packed.rows, (Split.TRAIN, Split.TEST))
    )
    pools = choose_pools(generated, options.synthetic_images, pixels, train.images.shape[1], options.seed)
    device, preprocessing = choose_device(params.compute), preprocessing_of(settings)
    frozen = Classifier(frozen_network(settings, "train_abnormality", device), preprocessing, device, packed.form())

    def look(classifier: Classifier, images: Any, changes: Any = None, seed: int = 0) -> Any:
        return image_features(classifier.network, preprocessing, device, images, np.arange(len(images)), changes, seed)

    def fit(features: Any, labels: Any) -> Any:
        return fit_linear(features, labels, options.strength).logits

    study = training_study.TrainingStudy(train, test, pools, frozen, look, fit, options)
    arms = training_study.comparison(study)
    arms["holm"] = holm(arms["p_value"])
    kept, gap = training_study.preservation(study), training_study.gap(study)
    for schema, table, figure in (
        (TRAINING_COMPARISON, arms, plot_comparison(arms, options.seeds, options.confidence)),
        (LABEL_PRESERVATION, kept, plot_preservation(kept, options.margin)),
        (TRAINING_GAP, gap, plot_gap(gap, options.confidence)),
    ):
        tables.write(schema, table[list(schema.columns)], args.out / f"{schema.name}.csv")
        files.write_figure(args.out / f"{schema.name}.png", figure)
    files.write_json(args.out / "metrics.json", training_study.metrics(study, arms, kept, gap))
    return training_study.summary(study, arms, gap)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of real images of two labels",
            "images-table": "table of the real images, with their labels and splits (pack_images)",
            "samples": "folder with a pack of generated images for each group (generate_samples)",
            "scores": "table of the scores of the generated images (score_samples)",
            "tables": "folder with a table of these images for each group (generate_samples)",
            "out": "folder of the results",
        },
        sections=("compute", "generation", "compare_training"),
    )
