"""Find what belongs together in all sets, and divide it into train, validation and test (stage assign_splits)."""

import argparse

from radsieve import stage, tables
from radsieve.figures.flow_diagram import FLOW, plot_flow
from radsieve.imaging.packs import read_packed
from radsieve.imaging.set_splits import Likeness, PackedSet, split_sets
from radsieve.params import Params
from radsieve.screening.plots.split_images import alike_grid
from radsieve.screening.settings import IMAGE_SETS
from radsieve.screening.splits.set_flow import read_omitted, set_flow
from radsieve.tables.images import ALIKE, PACKED_FILES, PACKED_IMAGES, SET_CROSSINGS, SPLIT_COUNTS


def main(args: argparse.Namespace, params: Params) -> str:
    """Write unit and split of every image of every set, what is nearly alike, and a figure of that."""
    settings = params.assign_splits
    sets, omitted = {}, {}
    for name in sorted(IMAGE_SETS):
        pack, files = read_packed(args.packs / name, args.tables / name / "files.csv", PACKED_FILES)
        omitted[name] = read_omitted(args.tables / name)
        sets[name] = PackedSet(files, pack.images, omitted[name].key)
    found = split_sets(sets, params.splits, Likeness(settings.hash_distance, settings.min_similarity))
    for name, images in found.images.items():
        tables.write(PACKED_IMAGES, images, args.out / name / "images.csv")
    flow = set_flow({name: len(packed.files) for name, packed in sets.items()}, omitted, found.counts)
    figures = {
        "alike": alike_grid(found.alike, sets, settings.grid_pairs),
        "flow": plot_flow(flow, "Images: read, left out, divided"),
    }
    written = (ALIKE, found.alike), (SPLIT_COUNTS, found.counts), (SET_CROSSINGS, found.crossings), (FLOW, flow)
    tables.write_results(args.out, written, figures, found.metrics)
    shares = ", ".join(f"{units} {split}" for split, units in found.metrics["splits"].items())
    return (
        f"{found.metrics['images']} images of {len(sets)} sets are {found.metrics['units']} units ({shares}); "
        f"{found.metrics['nearly_alike_pairs']} pairs of other patients are nearly alike"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "packs": "folder of the packs, one for each set",
            "tables": "folder of their tables, as pack_images writes them",
            "out": "folder of the results",
        },
        sections=("splits", "assign_splits"),
    )
