"""Drop duplicates, settle disagreements, and find what besides the picture reveals the grade (normalize_labels)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import normalization
from radsieve.curation import tables as schemas
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
    "faulty": "table of pictures with faults",
    "consensus": "table of Dawid-Skene grades",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the kept images, what was left out and why, and the scores of leakage."""
    source, chosen = params.source, params.normalize_labels
    read = tables.read
    raw, image_table = read(schemas.RAW_DATA, args.raw_data), read(schemas.IMAGES, args.images_table)
    groups, pairs = read(schemas.DUPLICATE_GROUPS, args.groups), read(schemas.DUPLICATE_PAIRS, args.pairs)
    consensus, quarantine = read(schemas.CONSENSUS, args.consensus), read(schemas.QUARANTINE, args.quarantine)
    faults = normalization.faults_in_words(read(schemas.FAULTY_IMAGES, args.faulty), chosen.faults)
    rules = normalization.Rules(source.grades, chosen.duplicates, chosen.disagreements, source.same_picture)
    decisions = read_decisions(chosen.reviewed, "normalize_labels.reviewed", source.grades, raw, image_table)
    result = normalization.normalize(raw, image_table, groups, consensus, rules, decisions, faults)
    exclusions = normalization.all_exclusions(quarantine, source.prefix, result)
    kept = normalization.divided(result.kept, image_table, pairs, params.splits, decisions)
    found = find_leakage(kept, image_table, chosen.leakage_permutations, chosen.leakage_min_gain, chosen.seed)
    counts = normalization.metrics(len(raw) + len(quarantine), result, exclusions)
    written = (
        (schemas.NORMALIZED_DATA, kept),
        (schemas.EXCLUSIONS, exclusions),
        (schemas.CHANGED_GRADES, result.changed),
        (schemas.REVIEWED, decisions.table),
        (schemas.GRADES, normalization.count_grades(kept, source.graders, source.grades)),
        (schemas.LEAKAGE, found.scores),
        (schemas.LEAKAGE_VALUES, found.by_value),
        (FLOW, flow := data_flow(raw, exclusions, kept)),
    )
    leaks = plot_leakage(found.scores, found.by_value, source.grades)
    figures = {"leakage": leaks, "flow": plot_flow(flow, "From the objects received to the data set")}
    tables.write_results(args.out, written, figures, counts | decisions.metrics() | found.metrics)
    fate = f"{len(kept)} of {counts['listed']} objects kept, {len(exclusions)} left out"
    return f"{fate}, {len(result.changed)} grades changed; {decisions.summary()}{found.summary()}"


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "splits", "normalize_labels"))
