"""Find exact and near duplicates and conflicts of grade among them (stage find_duplicates)."""

import argparse

from radsieve import files, stage, tables
from radsieve.curation.duplicates import find_duplicates
from radsieve.curation.film_similarity import Gray
from radsieve.errors import InputError
from radsieve.imaging.decode import load_grayscale
from radsieve.params import Params
from radsieve.plots.duplicates import duplicate_sheet

MAX_PIXELS = 1_000_000_000  # ingestion has held every film to its own limit already


def main(args: argparse.Namespace, params: Params) -> str:
    """Compare the ingested films and write pairs, groups, conflicts, superfluous paths and a picture of the groups."""
    options = params.find_duplicates
    raw = tables.read(tables.RAW_DATA, args.raw_data)
    images = tables.read(tables.IMAGES, args.images_table)
    image_paths = dict(zip(images["file_id"], images["image_path"], strict=True))

    def load(image_path: str) -> Gray:
        try:
            return load_grayscale(args.images / image_path, MAX_PIXELS)
        except FileNotFoundError:
            raise InputError(f"{args.images / image_path}: not found; run ingest_images again") from None

    found = find_duplicates(raw, images, load, options.hash_distance, options.min_similarity)
    tables.write(tables.DUPLICATE_PAIRS, found.pairs, args.out / "pairs.csv")
    tables.write(tables.DUPLICATE_GROUPS, found.groups, args.out / "groups.csv")
    tables.write(tables.DUPLICATE_CONFLICTS, found.conflicts, args.out / "conflicts.csv")
    tables.write(tables.DELETED_PATHS, found.deleted_paths, args.out / "deleted_paths.csv")
    sheet = duplicate_sheet(
        found.groups, found.conflicts, lambda file_id: load(image_paths[file_id]), options.sheet_groups
    )
    files.write_figure(args.out / "groups.png", sheet)
    files.write_json(args.out / "metrics.json", found.metrics)
    groups, conflicts = found.groups["group"].nunique(), len(found.conflicts)
    return f"{groups} groups of duplicates, {conflicts} conflicts of grade, {len(found.deleted_paths)} deleted paths"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "raw-data": "table of graded films",
            "images-table": "table of their files",
            "images": "folder of the images",
            "out": "folder of the results",
        },
        sections=("source", "find_duplicates"),
    )
