"""Hold params.yaml to its schema (stage validate_params)."""

import argparse
from typing import Any

from radsieve import files, stage


def main(args: argparse.Namespace, params: dict[str, Any]) -> str:
    """Count what was checked; the check itself comes before every stage."""
    keys = sum(len(section) for section in params.values())
    files.write_json(args.out / "metrics.json", {"sections": len(params), "keys": keys})
    return f"{keys} parameters in {len(params)} sections are valid"


if __name__ == "__main__":
    stage.run(main, __doc__, paths={"out": "folder of the metrics"}, sections=None)
