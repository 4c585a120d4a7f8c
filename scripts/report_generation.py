"""Write the page on generators, the loop, and the use of generated images (stage report_generation)."""

import argparse

from radsieve import stage
from radsieve.generation.report import page_content, turing
from radsieve.params import Params
from radsieve.reporting import writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = page_content.content(args.results, args.published, params)
    return writing.write(page_content.TEMPLATE, content, page_content.STAGES, args, turing.UNPUBLISHED)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
