"""Write the page on screening (stage report_screening)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reports import screening, writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = screening.content(args.results, args.published, params)
    return writing.write(screening.TEMPLATE, content, screening.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
