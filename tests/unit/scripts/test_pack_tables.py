"""scripts/pack_tables.py on a table written by hand."""

import json

import pandas as pd

OPTIONS = {"set": "diabetes", "rows": "rows.parquet", "out": "out"}
SETTINGS = {
    "target": "Outcome",
    "numbers": ["Age"],
    "codes": ["Site"],
    "missing_numbers": [{"columns": ["Age"], "numbers": [0]}],
}


def test_a_table_is_typed_and_its_faults_are_told(tmp_path, run_stage, set_params):
    rows = "".join(f"{20 + n},{'AB'[n % 2]},{n % 2}\n" for n in range(40))
    (tmp_path / "table.csv").write_text("Age,Site,Outcome\n0,A,0\nold,A,1\n" + rows)
    set_params(tmp_path, pack_tables={"diabetes": _of("table.csv")})
    done = run_stage("pack_tables", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    packed = pd.read_parquet(tmp_path / "rows.parquet")
    assert packed.columns.tolist() == ["_row", "_unit", "_split", "_target", "Age", "Site"]
    assert packed["_row"].tolist() == [2, *range(4, 44)]
    assert packed["Age"].isna().tolist() == [True] + [False] * 40
    assert pd.read_csv(tmp_path / "out/quarantine.csv").to_numpy().tolist() == [[3, "Age", "not a number", "old"]]
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert (metrics["rows"], metrics["positive"], metrics["quarantined"]) == (41, 20, 1)


def test_a_table_that_is_not_there(tmp_path, run_stage, set_params):
    set_params(tmp_path, pack_tables={"diabetes": _of("nothing.csv")})
    done = run_stage("pack_tables", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert all(part in done.stderr for part in ("nothing.csv", "pack_tables.diabetes.table", "not found"))
    assert not (tmp_path / "rows.parquet").exists()


def _of(table):
    from defaults import content

    return content()["pack_tables"]["diabetes"] | SETTINGS | {"table": table}
