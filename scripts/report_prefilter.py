"""Write the page on what the latents tell (stage report_prefilter)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reports import prefilter, writing


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = prefilter.content(args.results, args.published, params)
    return writing.write(prefilter.TEMPLATE, content, prefilter.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
