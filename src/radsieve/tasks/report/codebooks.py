"""How the cells of a table were read, as the page shows it."""

import json

from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Table, table
from radsieve.tasks.tables import CODEBOOK

_LISTS = ("missing", "levels")  # columns of CODEBOOK
_ALLOWED = {"missing": "values_that_mean_missing", "low": "lowest_allowed", "high": "highest_allowed"}


def codebook_of(inputs: Inputs, name: str) -> Table:
    """CODEBOOK of a table of pack_tables, its lists of values in words."""
    source = f"pack_tables/{name}/codebook.csv"
    codes = inputs.table(CODEBOOK, source)
    listed = {key: codes[key].map(lambda text: ", ".join(json.loads(text)) if text else "") for key in _LISTS}
    return table(codes.assign(**listed).rename(columns=_ALLOWED), f"How {name} is read", source)
