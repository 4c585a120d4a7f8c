"""Drop duplicates, settle disagreements, and find what besides the picture reveals the grade (normalize_labels)."""

import argparse

import pandas as pd

from radsieve import stage, tables
from radsieve.curation import leakage, normalization
from radsieve.curation import tables as curation_tables
from radsieve.curation.plots.leakage import plot_leakage
from radsieve.params import Params

PATHS = {
    "raw-data": "table of the listed images (raw_data.csv)",
    "images-table": "table of the distinct files (images.csv)",
    "quarantine": "table of the objects that are not images",
    "groups": "table of duplicates",
    "pairs": "table of pairs of duplicates",
    "consensus": "table of Dawid-Skene grades",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the kept images, what was left out and why, and the scores of leakage."""
    source, chosen = params.source, params.normalize_labels
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    groups = tables.read(curation_tables.DUPLICATE_GROUPS, args.groups)
    consensus = tables.read(curation_tables.CONSENSUS, args.consensus)
    quarantine = tables.read(curation_tables.QUARANTINE, args.quarantine)
    pairs = tables.read(curation_tables.DUPLICATE_PAIRS, args.pairs)
    rules = normalization.Rules(source.grades, chosen.duplicates, chosen.disagreements, source.same_picture)
    result = normalization.normalize(raw, image_table, groups, consensus, rules)
    unread = normalization.quarantined(quarantine, source.prefix)
    exclusions = pd.concat([unread, result.exclusions], ignore_index=True)
    pictures = leakage.attributes_of_images(result.kept, image_table)
    scores = leakage.score_attributes(pictures, chosen.leakage_permutations, chosen.leakage_min_gain, chosen.seed)
    values = leakage.value_counts(pictures)
    grades = normalization.count_grades(result.kept, source.graders, source.grades)
    leaking = leakage.leaking(scores)
    metrics = normalization.metrics(len(raw) + len(quarantine), result, exclusions) | leakage.metrics(scores)
    written = (
        (curation_tables.NORMALIZED_DATA, normalization.divided(result.kept, image_table, pairs, params.splits)),
        (curation_tables.EXCLUSIONS, exclusions),
        (curation_tables.CHANGED_GRADES, result.changed),
        (curation_tables.GRADES, grades),
        (curation_tables.LEAKAGE, scores),
        (curation_tables.LEAKAGE_VALUES, values),
    )
    tables.write_results(args.out, written, {"leakage": plot_leakage(scores, values, source.grades)}, metrics)
    return (
        f"{len(result.kept)} of {metrics['listed']} objects kept, {len(exclusions)} left out,"
        f" {len(result.changed)} grades changed; the grade leaks through: {', '.join(leaking) or 'nothing found'}"
    )


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "splits", "normalize_labels"))
