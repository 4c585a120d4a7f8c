"""Write the page on the tasks and on what mistakes of evaluation are worth (stage report_tasks)."""

import argparse

from radsieve import stage
from radsieve.params import Params
from radsieve.reporting import writing
from radsieve.tasks.report import page_content


def main(args: argparse.Namespace, params: Params) -> str:
    """Collect the results and render the page."""
    content = page_content.content(args.results, args.published, params)
    return writing.write(page_content.TEMPLATE, content, page_content.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
