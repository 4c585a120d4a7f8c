"""The results of check_sieve where no sieve can be checked: tables without rows, and figures that say so."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from radsieve import tables
from radsieve.prefilter.tables import CHECKED_DIVERSITY, CHECKED_IMAGES, EXPECTED_OBSERVED, Arm

UNCHECKED = "not checked: check_sieve.group is none"


def write_unchecked(folder: Path) -> None:
    """Write every result of the stage into `folder`, without an image or a comparison in it."""
    schemas = CHECKED_IMAGES, EXPECTED_OBSERVED, CHECKED_DIVERSITY
    empty = [(schema, pd.DataFrame(columns=list(schema.columns))) for schema in schemas]
    figures = {name: _said() for name in ("expected_observed", *map(str, Arm))}
    tables.write_results(folder, empty, figures, {"expectations": 0, "within_expected": 0})


def _said() -> Figure:
    figure = Figure(figsize=(6, 1))
    figure.text(0.5, 0.5, UNCHECKED, ha="center", va="center")
    return figure
