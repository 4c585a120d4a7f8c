"""Write the page on what latents reveal about their images (stage report_prefilter)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.prefilter.report import page_content
from radsieve.reporting import writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = page_content.content(args.results, args.published, params)
    return writing.write(page_content.TEMPLATE, content, page_content.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
