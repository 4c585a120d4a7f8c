"""Measure how well the graders agree, and what the consensus is (stage measure_agreement)."""

import argparse
from pathlib import Path

from radsieve import files, stage, tables
from radsieve.curation import agreement_tables as made
from radsieve.curation import rating_sources, ratings
from radsieve.params import Params
from radsieve.plots.agreement import draw_agreement, draw_disagreements

PATHS = {
    "raw-data": "table of the listed films (raw_data.csv)",
    "images-table": "table of the distinct files (images.csv)",
    "images": "folder of the films",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Write who said what, the coefficients, the consensus, each rater's skill, and pictures of them."""
    grades, chosen = params.source.grades, params.measure_agreement
    raw = tables.read(tables.RAW_DATA, args.raw_data)
    films: dict[str, Path] = {}
    if chosen.ratings == "films":
        rated = ratings.from_films(raw, grades, params.source.graders)
        images = tables.read(tables.IMAGES, args.images_table)
        films = {name: args.images / path for name, path in zip(images["file_id"], images["image_path"], strict=True)}
        origin = "grades of the films"
    else:
        fields = rating_sources.Fields(chosen.item, chosen.rater, chosen.label, chosen.multiple)
        rated = ratings.from_readings(rating_sources.read(chosen.ratings, fields), grades, chosen.level)
        origin = f"ratings from {Path(chosen.ratings).name}, without films"

    drawing = (chosen.bootstrap, chosen.confidence, chosen.seed)
    cross_check = made.cross_check(rated)
    contingency = made.contingency(rated)
    coefficients = made.coefficients(rated, chosen.level, *drawing)
    findings = made.finding_coefficients(rated, chosen.level, *drawing)
    consensus, confusion, skill, fit = made.consensus(rated, *drawing)

    different = made.different_severity(rated, raw if films else raw.head(0))
    for schema, table, name in (
        (tables.cross_check(rated.raters), cross_check, "cross_check"),
        (tables.CONTINGENCY, contingency, "contingency"),
        (tables.DIFFERENT_SEVERITY, different, "different_severity"),
        (tables.COEFFICIENTS, coefficients, "coefficients"),
        (tables.FINDING_COEFFICIENTS, findings, "findings"),
        (tables.CONSENSUS, consensus, "consensus"),
        (tables.RATER_CONFUSION, confusion, "confusion"),
        (tables.RATER_SKILL, skill, "skill"),
    ):
        tables.write(schema, table, args.out / f"{name}.csv")
    figure = draw_agreement(contingency, coefficients, findings, confusion, rated.scale.shown, origin)
    files.write_figure(args.out / "agreement.png", figure)
    disputed = cross_check[rated.disagreeing]
    sheet = draw_disagreements(disputed, films, rated.raters, chosen.sheet_films)
    files.write_figure(args.out / "disagreements.png", sheet)
    metrics = made.metrics(rated, coefficients, fit, chosen.level)
    files.write_json(args.out / "metrics.json", metrics)
    return (
        f"{metrics['items']} items, {len(rated.raters)} raters, {metrics['disagreements']} disagreements;"
        f" alpha ({chosen.level}) {metrics['alpha']}, kappa {metrics['kappa']}"
    )


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "measure_agreement"))
