"""Published figures beside the profile of a table."""

from pathlib import Path

import pandas as pd
import pytest

from radsieve.reporting.inputs import Inputs
from radsieve.tasks.report.profiles import _published

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("name", "column", "shown"),
    [
        ("findings", "Edema", True),
        ("findings", "PatientAge", False),
        ("games", "genres", True),
        ("survey", "Sex", False),
    ],
)
def test_they_stand_beside_the_table_that_they_are_of(name, column, shown, tmp_path):
    """Another table may have its name: preset `headers` has headers of DICOM in place of findings."""
    missing = pd.DataFrame({"column": ["other", column], "missing": [1, 437]})
    found = _published(Inputs(tmp_path, ROOT / "data/published"), name, missing)
    assert (found is not None) == shown
    if found:
        assert [row[3].text for row in found.rows if row[1].text == column] == ["437"]
        assert len(found.rows) > 20
