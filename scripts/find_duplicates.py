"""Find exact and near duplicates and conflicts of grade among them (stage find_duplicates)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement.self_consistency import graded_twice
from radsieve.curation.duplicate_groups import find_duplicates
from radsieve.curation.plots.consistency import plot_consistency
from radsieve.curation.plots.duplicates import duplicate_grid
from radsieve.curation.plots.similarity import plot_similarity
from radsieve.curation.stored_images import gray_loader
from radsieve.numbers import count_of
from radsieve.params import Params


def main(args: argparse.Namespace, params: Params) -> str:
    """Compare the ingested images and write pairs, groups, conflicts, redundant paths and a figure of the groups."""
    options = params.find_duplicates
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    image_paths = image_table.set_index("file_id")["image_path"]
    load = gray_loader(args.images)
    found = find_duplicates(raw, image_table, load, options.hash_distance, options.min_similarity, options.borderline)
    twice = graded_twice(raw, found.pairs, options.confidence)
    written = (
        (curation_tables.DUPLICATE_PAIRS, found.pairs),
        (curation_tables.BORDERLINE_PAIRS, found.borderline),
        (curation_tables.DUPLICATE_GROUPS, found.groups),
        (curation_tables.DUPLICATE_CONFLICTS, found.conflicts),
        (curation_tables.DELETED_PATHS, found.deleted_paths),
        (curation_tables.SELF_CONSISTENCY, twice.consistency),
        (curation_tables.CONTRADICTIONS, twice.contradictions),
    )
    shown = duplicate_grid(found.groups, found.conflicts, lambda file: load(image_paths[file]), options.grid_groups)
    limits = {"min_similarity": options.min_similarity, "borderline": options.borderline}
    figures = {
        "groups": shown,
        "similarity": plot_similarity(found.pairs, found.borderline, options.min_similarity),
        "consistency": plot_consistency(twice.consistency, twice.metrics),
    }
    tables.write_results(args.out, written, figures, found.metrics | limits | twice.metrics)
    groups, deleted = count_of(found.groups["group"].nunique(), "group"), len(found.deleted_paths)
    conflicts = f"{count_of(len(found.conflicts), 'conflict')} of grade"
    return f"{groups} of duplicates, {conflicts}, {count_of(deleted, 'deleted path')}"


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
