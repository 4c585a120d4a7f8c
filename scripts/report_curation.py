"""Write the page that a reviewer reads from top to bottom (stage report_curation)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reports import curation, writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = curation.content(args.results, args.published, params)
    return writing.write(curation.TEMPLATE, content, curation.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
