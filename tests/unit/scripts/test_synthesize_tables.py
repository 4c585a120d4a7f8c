"""scripts/synthesize_tables.py on a small simulated table: what it writes, twice the same."""

import pandas as pd
import pytest
from defaults import content

from radsieve import tables
from radsieve.tasks.cases import diabetes
from radsieve.tasks.synthesis.tables import CONCLUSIONS, synthetic
from radsieve.tasks.tables import COLUMNS

OPTIONS = {"set": "diabetes", "rows": "rows.parquet", "columns": "packed/columns.csv", "synthetic": "new.parquet",
           "out": "out"}  # fmt: skip


@pytest.mark.slow
def test_it_writes_the_same_bytes_twice(tmp_path, run_stage, set_params):
    diabetes.simulate(300, seed=3)[0].to_csv(tmp_path / "diabetes.csv", index=False)
    sections = content()
    small = {"repeats": 1, "fewer_rows": [], "compared_rows": 60}
    set_params(
        tmp_path,
        pack_tables={"diabetes": sections["pack_tables"]["diabetes"] | {"table": "diabetes.csv"}},
        synthesize_tables={"diabetes": sections["synthesize_tables"]["diabetes"] | small},
    )
    for stage, options in (
        ("pack_tables", {"set": "diabetes", "rows": "rows.parquet", "out": "packed"}),
        ("synthesize_tables", OPTIONS),
        ("synthesize_tables", OPTIONS | {"out": "again", "synthetic": "again.parquet"}),
    ):
        done = run_stage(stage, tmp_path, **options)
        assert done.returncode == 0, done.stderr
    assert "diabetes: 100 rows to learn from; overlap of intervals: marginals" in done.stderr
    assert (tmp_path / "new.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()
    for path in sorted((tmp_path / "out").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    columns = tables.read(COLUMNS, tmp_path / "packed/columns.csv")
    rows = synthetic(columns).validate(pd.read_parquet(tmp_path / "new.parquet"))
    assert rows["generator"].value_counts().to_dict() == {"marginals": 100, "copula": 100, "trees": 100}
    assert set(tables.read(CONCLUSIONS, tmp_path / "out/conclusions.csv")["generator"]) >= {"again", "trees"}
