"""Make a page on which readers decide what the rules cannot (stage make_review)."""

import argparse
import json

from radsieve import files, stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.review import label_studio
from radsieve.curation.review.cases import limits_of, queue
from radsieve.curation.review.decisions import open_cases, read_decisions
from radsieve.curation.review.page import page_of, review_page
from radsieve.curation.stored_images import picture_loader
from radsieve.params import Params

PATHS = {
    "raw-data": "table of the listed images (raw_data.csv)",
    "images-table": "table of the distinct files (images.csv)",
    "images": "folder of the images",
    "duplicates": "folder of the tables of duplicates",
    "consensus": "table of Dawid-Skene grades",
    "out": "folder of the results",
}


def main(args: argparse.Namespace, params: Params) -> str:
    """Order the cases, and write the page, the queue, and the same cases for Label Studio."""
    options, grades = params.make_review, params.source.grades
    raw = tables.read(curation_tables.RAW_DATA, args.raw_data)
    image_table = tables.read(curation_tables.IMAGES, args.images_table)
    pairs = tables.read(curation_tables.DUPLICATE_PAIRS, args.duplicates / "pairs.csv")
    borderline = tables.read(curation_tables.BORDERLINE_PAIRS, args.duplicates / "borderline.csv")
    consensus = tables.read(curation_tables.CONSENSUS, args.consensus)
    limits = limits_of(args.duplicates / "metrics.json")
    decisions = read_decisions(options.answered, "make_review.answered", grades, raw, image_table)
    found = open_cases(queue(raw, image_table, pairs, borderline, consensus, limits), decisions)
    shown = page_of(found, grades, options, picture_loader(args.images, image_table))
    html, version = review_page(shown)
    tables.write(curation_tables.REVIEW_QUEUE, shown.queue, args.out / "queue.csv")
    files.write_text(args.out / "review.html", html)
    tasks = label_studio.tasks(shown.cases, shown.pictures)
    files.write_text(args.out / "label_studio_tasks.json", json.dumps(tasks, ensure_ascii=False))
    files.write_text(args.out / "label_studio_config.xml", label_studio.CONFIG)
    files.write_json(args.out / "metrics.json", {"page": version, **shown.counts()} | decisions.metrics())
    return f"{args.out / 'review.html'}: {len(shown.cases)} of {len(found)} cases, {len(html) / 1e6:.1f} MB"


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=("source", "make_review"))
