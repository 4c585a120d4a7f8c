"""Write the page that a reviewer reads from top to bottom (stage report_curation)."""

import argparse
from typing import Any

from radsieve import files, stage
from radsieve.reports import curation, page, table_pages

PATHS = {
    "results": "folder with the results of the stages",
    "published": "folder of the published tables",
    "tables": "folder for one page per table",
    "out": "the page (.html)",
}


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Collect the results and render the page."""
    content = curation.content(args.results, args.published, params)
    html = page.render("curation.html", content)
    files.write_text(args.out, html)
    tables = table_pages.write(args.results, curation.STAGES, args.tables)
    return f"{args.out}: {len(html.encode()) / 1e6:.1f} MB, {len(content['contents'])} sections; {tables} tables"


if __name__ == "__main__":
    stage.run(main, __doc__, PATHS, sections=None)
