"""Write the page on screening (stage report_screening)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reporting import writing
from radsieve.screening.report import page_content


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = page_content.content(args.results, args.published, params)
    return writing.write(page_content.TEMPLATE, content, page_content.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
