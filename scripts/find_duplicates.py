"""Find exact and near duplicates and conflicts of grade among them (stage find_duplicates)."""

import argparse

from radsieve import files, stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.duplicate_groups import find_duplicates
from radsieve.curation.plots.duplicates import duplicate_grid
from radsieve.errors import InputError
from radsieve.imaging.decode import load_grayscale
from radsieve.imaging.duplicates.image_similarity import Gray
from radsieve.params import Params
from radsieve.reporting.page import count_of

MAX_PIXELS = 1_000_000_000  # ingestion has already checked every image against its own limit


def main(args: argparse.Namespace, params: Params) -> str:
    """Compare the ingested images and write pairs, groups, conflicts, redundant paths and a figure of the groups."""
    options = params.find_duplicates
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    image_paths = dict(zip(image_table["file_id"], image_table["image_path"], strict=True))

    def load(image_path: str) -> Gray:
        try:
            return load_grayscale(args.images / image_path, MAX_PIXELS)
        except FileNotFoundError:
            raise InputError(f"{args.images / image_path}: not found; run ingest_images again") from None

    found = find_duplicates(raw, image_table, load, options.hash_distance, options.min_similarity)
    tables.write(curation_tables.DUPLICATE_PAIRS, found.pairs, args.out / "pairs.csv")
    tables.write(curation_tables.DUPLICATE_GROUPS, found.groups, args.out / "groups.csv")
    tables.write(curation_tables.DUPLICATE_CONFLICTS, found.conflicts, args.out / "conflicts.csv")
    tables.write(curation_tables.DELETED_PATHS, found.deleted_paths, args.out / "deleted_paths.csv")
    grid = duplicate_grid(
        found.groups, found.conflicts, lambda file_id: load(image_paths[file_id]), options.grid_groups
    )
    files.write_figure(args.out / "groups.png", grid)
    files.write_json(args.out / "metrics.json", found.metrics)
    groups, conflicts = found.groups["group"].nunique(), len(found.conflicts)
    return (
        f"{count_of(groups, 'group')} of duplicates, {count_of(conflicts, 'conflict')} of grade, "
        f"{count_of(len(found.deleted_paths), 'deleted path')}"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "raw-data": "table of graded images",
            "images-table": "table of their files",
            "images": "folder of the images",
            "out": "folder of the results",
        },
        sections=("source", "find_duplicates"),
    )
