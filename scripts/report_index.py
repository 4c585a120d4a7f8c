"""Write the page that leads to all others, and the checklists of reporting (stage report_index)."""

import argparse

from radsieve import files, stage
from radsieve.params import Params
from radsieve.reporting import page
from radsieve.reporting.study import index
from radsieve.reporting.study.page_cards import read_cards


def main(args: argparse.Namespace, params: Params) -> str:
    """Read the cards of the pages that there are, and render both pages."""
    cards = read_cards(args.report)
    shown = index.index(cards, params, index.stage_folders(cards))
    files.write_text(args.out, page.render(index.INDEX, shown))
    files.write_text(args.checklists, page.render(index.CHECKLISTS, index.checklist_page(cards, params)))
    return f"{args.out}: {len(cards)} tracks"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "report": "folder of the pages, each with its card (.json)",
            "checklists": "the page of checklists (.html)",
            "out": "the entry page (.html)",
        },
        sections=None,
    )
