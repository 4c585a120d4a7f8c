"""write_results: each table and figure lies where its name says, and a table that fits no schema is refused."""

import json

import pandas as pd
import pytest
from matplotlib.figure import Figure

from radsieve import tables
from radsieve.errors import InputError
from radsieve.tables.images import INDEX

TABLE = pd.DataFrame({"image": ["a.png", "b.png"]})


def test_tables_figures_and_metrics_lie_in_the_folder(tmp_path):
    tables.write_results(tmp_path / "out", [(INDEX, TABLE)], {"grid": Figure(figsize=(1, 1))}, {"images": 2})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["grid.png", "index.csv", "metrics.json"]
    assert tables.read(INDEX, tmp_path / "out/index.csv").equals(TABLE)
    assert json.loads((tmp_path / "out/metrics.json").read_text()) == {"images": 2}
    assert (tmp_path / "out/grid.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_that_does_not_fit_its_schema_is_refused(tmp_path):
    with pytest.raises(InputError, match="index is not a valid table"):
        tables.write_results(tmp_path, [(INDEX, TABLE.rename(columns={"image": "name"}))], {}, {})
    assert list(tmp_path.iterdir()) == []
