"""What the scripts of the pages share: their options, and writing a page and the pages of its tables."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from radsieve import files
from radsieve.reporting import page, table_pages
from radsieve.reporting.places import Places
from radsieve.reporting.study.page_cards import write_card

PATHS = {
    "results": "folder with the results of the stages",
    "published": "folder of the published tables",
    "tables": "folder for one page per table",
    "out": "the page (.html)",
}


def write(
    template: page.Template,
    content: Mapping[str, Any],
    stages: Sequence[str],
    args: argparse.Namespace,
    unpublished: Collection[str] = (),
) -> str:
    """Render `content` with `template` and the tables of `stages` one by one to where `args` say; return a summary.

    Beside the page lies its card for the index, with the same name and the ending .json.
    Tables that are `unpublished`, named as in make_turing_test/key.csv, are left out.
    """
    tables = table_pages.write(args.results, stages, args.tables, unpublished)
    places = Places(args.out, args.results, args.published, args.tables)
    html = page.render(template, content, places=places)
    files.write_text(args.out, html)
    write_card(args.out.with_suffix(".json"), content, stages)
    return f"{args.out}: {len(html.encode()) / 1e6:.1f} MB, {len(content['contents'])} sections; {tables} tables"
