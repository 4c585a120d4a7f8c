"""Measure how well the graders agree, and what the consensus is (stage measure_agreement)."""

import argparse
from pathlib import Path

from radsieve import stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement import rating_sources, ratings
from radsieve.curation.plots.agreement import plot_agreement, plot_disagreements
from radsieve.params import Params

PATHS = {
    "raw-data": "table of the listed images (raw_data.csv)",
    "images-table": "table of the distinct files (images.csv)",
    "images": "folder of the images",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the ratings, the coefficients, the consensus, each rater's skill, and figures of them."""
    grades, chosen = params.source.grades, params.measure_agreement
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    images: dict[str, Path] = {}
    if chosen.ratings == "images":
        rated = ratings.from_images(raw, grades, params.source.graders)
        image_table = tables.read(curation_tables.IMAGES, args.images_table)
        images = {
            name: args.images / path
            for name, path in zip(image_table["file_id"], image_table["image_path"], strict=True)
        }
        origin = "grades of the images"
    else:
        fields = rating_sources.Fields(chosen.item, chosen.rater, chosen.label, chosen.multiple)
        rated = ratings.from_readings(rating_sources.read(chosen.ratings, fields), grades, chosen.level)
        origin = f"ratings from {Path(chosen.ratings).name}, without images"

    resampling_options = (chosen.bootstrap, chosen.confidence, chosen.seed)
    cross_check = made.cross_check(rated)
    contingency = made.contingency(rated)
    coefficients = made.coefficients(rated, chosen.level, *resampling_options)
    findings = made.finding_coefficients(rated, chosen.level, *resampling_options)
    consensus, confusion, skill, fit = made.consensus(rated, *resampling_options)

    different = made.different_severity(rated, raw if images else raw.head(0))
    disputed = cross_check[rated.disagreeing]
    written = (
        (curation_tables.cross_check(rated.raters), cross_check),
        (curation_tables.CONTINGENCY, contingency),
        (curation_tables.DIFFERENT_SEVERITY, different),
        (curation_tables.COEFFICIENTS, coefficients),
        (curation_tables.FINDING_COEFFICIENTS, findings),
        (curation_tables.CONSENSUS, consensus),
        (curation_tables.RATER_CONFUSION, confusion),
        (curation_tables.RATER_SKILL, skill),
    )
    figures = {
        "agreement": plot_agreement(contingency, coefficients, findings, confusion, rated.scale.shown, origin),
        "disagreements": plot_disagreements(disputed, images, rated.raters, chosen.grid_images),
    }
    metrics = made.metrics(rated, coefficients, fit, chosen.level)
    tables.write_results(args.out, written, figures, metrics)
    return (
        f"{metrics['items']} items, {len(rated.raters)} raters, {metrics['disagreements']} disagreements;"
        f" alpha ({chosen.level}) {metrics['alpha']}, kappa {metrics['kappa']}"
    )


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "measure_agreement"))
