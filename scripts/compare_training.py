"""Compare what a classifier learns from real, synthetic, screened and augmented images (stage compare_training).

All images are brought to the pixels of the generated ones first: resolution must not tell the domains apart.
"""

import argparse

from radsieve import stage, tables
from radsieve.generation.generated_groups import read_generated
from radsieve.generation.plots.training_use import plot_comparison, plot_gap, plot_preservation
from radsieve.generation.training_use.images import choose_pools, label_generated, real_sets
from radsieve.generation.training_use.study import TrainingStudy, metrics, run_study, summary
from radsieve.networks.device import choose_device
from radsieve.params import Params
from radsieve.screening.classifiers.labelled_images import read_labelled
from radsieve.screening.tables import SCORED_IMAGES


def main(args: argparse.Namespace, params: Params) -> str:
    """Train and evaluate all arms, check augmentations and domain gap, and write the three tables and figures."""
    options, generation = params.compare_training, params.generation
    packed = read_labelled(args.images, args.images_table, options.classifier.positive, "train_abnormality.positive")
    groups = read_generated(generation.groups, args.samples, args.tables)
    generated = label_generated(groups, generation.diseased, tables.read(SCORED_IMAGES, args.scores), args.scores)
    train, test = real_sets(packed, generation.pixels, args.images)
    pools = choose_pools(generated, options.synthetic_images, generation.pixels, train.images.shape[1], options.seed)
    study = TrainingStudy.of(train, test, pools, packed.form(), choose_device(params.compute), options)
    found = run_study(study)
    figures = {
        "comparison": plot_comparison(found.arms, options.seeds, options.confidence),
        "preservation": plot_preservation(found.preservation, options.margin),
        "domain_gap": plot_gap(found.gap, options.confidence),
    }
    tables.write_results(args.out, found.tables, figures, metrics(study, found))
    return summary(study, found)


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "images": "pack of real images of two labels",
            "images-table": "table of the real images, with their labels and splits (assign_splits)",
            "samples": "folder with a pack of generated images for each group (generate_samples)",
            "scores": "table of the scores of the generated images (score_samples)",
            "tables": "folder with a table of these images for each group (generate_samples)",
            "out": "folder of the results",
        },
        sections=("compute", "generation", "compare_training"),
    )
