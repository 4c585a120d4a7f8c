"""Measure how well the graders agree, and what the consensus is (stage measure_agreement)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement.rated_items import rated_items
from radsieve.curation.plots.agreement import plot_agreement, plot_disagreements
from radsieve.params import Params

PATHS = {
    "raw-data": "table of the listed images (raw_data.csv)",
    "images-table": "table of the distinct files (images.csv)",
    "pairs": "table of pairs of duplicates (pairs.csv)",
    "images": "folder of the images",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the ratings, the coefficients, the consensus, each rater's skill, and figures of them."""
    chosen = params.measure_agreement
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    pairs = tables.read(curation_tables.DUPLICATE_PAIRS, args.pairs)
    items = rated_items(raw, image_table, pairs, args.images, chosen, params.source)
    rated = items.ratings
    resampling_options = (chosen.bootstrap, chosen.confidence, chosen.seed)
    contingency, cross_check = made.contingency(rated), made.cross_check(rated)
    disputed = cross_check[rated.disagreeing]
    coefficients = made.coefficients(rated, chosen.level, *resampling_options)
    findings = made.finding_coefficients(rated, chosen.level, *resampling_options)
    consensus, confusion, skill, fit = made.consensus(rated, *resampling_options, chosen.smoothing)

    written = (
        (curation_tables.cross_check(rated.raters), cross_check),
        (curation_tables.CONTINGENCY, contingency),
        (curation_tables.DIFFERENT_SEVERITY, made.different_severity(rated, items.listed)),
        (curation_tables.COEFFICIENTS, coefficients),
        (curation_tables.FINDING_COEFFICIENTS, findings),
        (curation_tables.CONSENSUS, consensus),
        (curation_tables.RATER_CONFUSION, confusion),
        (curation_tables.RATER_SKILL, skill),
    )
    figures = {
        "agreement": plot_agreement(contingency, coefficients, findings, confusion, rated.scale.shown, items.origin),
        "disagreements": plot_disagreements(disputed, items.images, rated.raters, chosen.grid_images),
    }
    metrics = made.metrics(rated, coefficients, consensus, fit, chosen.level)
    tables.write_results(args.out, written, figures, metrics)
    for warning in made.warnings(metrics):
        stage.log.warning(warning)
    return made.summary(metrics)


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "measure_agreement"))
