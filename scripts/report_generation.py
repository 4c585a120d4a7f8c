"""Write the page on generators, the loop, and the use of drawn films (stage report_generation)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reports import generation, writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = generation.content(args.results, args.published, params)
    return writing.write(generation.TEMPLATE, content, generation.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
