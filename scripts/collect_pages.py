"""Collect the pages of one site, as its robots.txt allows, and read the nominees in them (stage collect_pages)."""

import argparse

from radsieve import stage, tables
from radsieve.params import Params
from radsieve.tasks.pages.results import collect, write_answers
from radsieve.tasks.tables import NOMINEES, PAGE_QUARANTINE, REQUESTS


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect, keep every raw answer by its digest, and write what the pages say."""
    found = collect(params.collect_pages, args.site)
    write_answers(found, args.pages)
    written = (REQUESTS, found.requests), (NOMINEES, found.nominees), (PAGE_QUARANTINE, found.quarantine)
    tables.write_results(args.out, written, {}, found.metrics)
    counts = found.metrics
    return (
        f"{counts['requests']} requests, {counts['pages']} pages, {counts['nominees']} nominees;"
        f" {counts['quarantined']} entries in quarantine"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "site": "folder of the simulated site, for the source `embedded`",
            "pages": "folder of the raw answers",
            "out": "folder of the results",
        },
        sections=("collect_pages",),
    )
