"""Drop duplicates, settle disagreements, and find what besides the picture reveals the grade (normalize_labels)."""

import argparse

import pandas as pd

from radsieve import stage, tables
from radsieve.curation import leakage, normalization
from radsieve.curation import tables as curation_tables
from radsieve.curation.plots.leakage import plot_leakage
from radsieve.curation.review.decisions import read_decisions
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
    decisions = read_decisions(chosen.reviewed, "normalize_labels.reviewed", source.grades, raw, image_table)
    result = normalization.normalize(raw, image_table, groups, consensus, rules, decisions)
    exclusions = pd.concat([normalization.quarantined(quarantine, source.prefix), result.exclusions], ignore_index=True)
    pictures = leakage.attributes_of_images(result.kept, image_table)
    scores = leakage.score_attributes(pictures, chosen.leakage_permutations, chosen.leakage_min_gain, chosen.seed)
    values = leakage.value_counts(pictures)
    leaking = ", ".join(leakage.leaking(scores)) or "nothing found"
    counts = normalization.metrics(len(raw) + len(quarantine), result, exclusions)
    metrics = counts | decisions.metrics() | leakage.metrics(scores)
    kept = normalization.divided(result.kept, image_table, pairs, params.splits, decisions)
    written = (
        (curation_tables.NORMALIZED_DATA, kept),
        (curation_tables.EXCLUSIONS, exclusions),
        (curation_tables.CHANGED_GRADES, result.changed),
        (curation_tables.REVIEWED, decisions.table),
        (curation_tables.GRADES, normalization.count_grades(kept, source.graders, source.grades)),
        (curation_tables.LEAKAGE, scores),
        (curation_tables.LEAKAGE_VALUES, values),
    )
    tables.write_results(args.out, written, {"leakage": plot_leakage(scores, values, source.grades)}, metrics)
    fate = f"{len(kept)} of {metrics['listed']} objects kept, {len(exclusions)} left out"
    return f"{fate}, {len(result.changed)} grades changed; {decisions.summary()}the grade leaks through: {leaking}"


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "splits", "normalize_labels"))
