"""Measure the six features of symmetry of each mask (stage measure_symmetry).

`--masks` is what segment_images has written, or a folder of mask images (0 and 255) of any sizes; of such a folder the
files that are not masks are listed in quarantine.csv.
"""

import argparse

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.screening.plots.symmetry import plot_features
from radsieve.screening.symmetry.symmetry_tables import features_metrics, features_of_batch, features_of_folder
from radsieve.screening.tables import SYMMETRY_FEATURES
from radsieve.tables.images import IMAGE_QUARANTINE


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the features of every mask, their distributions, and counts."""
    options = params.measure_symmetry
    shape = (options.dilation_pixels, options.element)
    quarantined = 0
    if (args.masks / "masks.npy").is_file():
        features = features_of_batch(args.masks, *shape)
    else:
        features, quarantine = features_of_folder(args.masks, *shape)
        quarantined = len(quarantine)
        tables.write(IMAGE_QUARANTINE, quarantine, args.out / "quarantine.csv")
    metrics = features_metrics(features) | {"quarantined": quarantined}
    tables.write(SYMMETRY_FEATURES, features, args.out / "features.csv")
    files.write_figure(args.out / "features.png", plot_features(features))
    files.write_json(args.out / "metrics.json", metrics)
    return (
        f"{len(features)} masks, {metrics['images_with_an_empty_half']} with an empty half, {quarantined} quarantined"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "masks": "folder with masks.npy and segmented.csv, or a folder of mask images",
            "out": "folder of the results",
        },
        sections=("measure_symmetry",),
    )
