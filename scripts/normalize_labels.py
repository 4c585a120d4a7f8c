"""Drop duplicates, settle disagreements, and find what besides the picture reveals the grade (normalize_labels)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import normalization
from radsieve.curation import tables as curation_tables
from radsieve.curation.data_flow import data_flow
from radsieve.curation.leakage import find_leakage
from radsieve.curation.plots.leakage import plot_leakage
from radsieve.curation.review.decisions import read_decisions
from radsieve.figures.flow_diagram import FLOW, plot_flow
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
    exclusions = normalization.all_exclusions(quarantine, source.prefix, result)
    kept = normalization.divided(result.kept, image_table, pairs, params.splits, decisions)
    found = find_leakage(kept, image_table, chosen.leakage_permutations, chosen.leakage_min_gain, chosen.seed)
    counts = normalization.metrics(len(raw) + len(quarantine), result, exclusions)
    written = (
        (curation_tables.NORMALIZED_DATA, kept),
        (curation_tables.EXCLUSIONS, exclusions),
        (curation_tables.CHANGED_GRADES, result.changed),
        (curation_tables.REVIEWED, decisions.table),
        (curation_tables.GRADES, normalization.count_grades(kept, source.graders, source.grades)),
        (curation_tables.LEAKAGE, found.scores),
        (curation_tables.LEAKAGE_VALUES, found.by_value),
        (FLOW, flow := data_flow(raw, exclusions, kept)),
    )
    leaks = plot_leakage(found.scores, found.by_value, source.grades)
    figures = {"leakage": leaks, "flow": plot_flow(flow, "From the objects received to the data set")}
    tables.write_results(args.out, written, figures, counts | decisions.metrics() | found.metrics)
    fate = f"{len(kept)} of {counts['listed']} objects kept, {len(exclusions)} left out"
    return f"{fate}, {len(result.changed)} grades changed; {decisions.summary()}{found.summary()}"


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "splits", "normalize_labels"))
