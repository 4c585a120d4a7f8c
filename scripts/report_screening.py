"""Write the page on screening (stage report_screening)."""

import argparse
from typing import Any

from radsieve import stage
from radsieve.reports import screening, writing


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Collect the results and render the page."""
    content = screening.content(args.results, args.published, params)
    return writing.write(screening.TEMPLATE, content, screening.STAGES, args)


if __name__ == "__main__":
    stage.run(main, __doc__, writing.PATHS, sections=None)
