"""A stage's `main` called in this process, where a test can put something else in place of what takes long."""

import argparse
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radsieve.params import load

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(stage: str, folder: Path, options: Mapping[str, Any], **changes: Any) -> str:
    """Run scripts/<stage>.py on the paths `options` in `folder`, with its settings changed; return its summary."""
    params = load(folder / "params.yaml", {stage: changes})
    paths = {name: folder / path for name, path in options.items()}
    summary: str = runpy.run_path(str(SCRIPTS / f"{stage}.py"))["main"](argparse.Namespace(**paths), params)
    return summary
