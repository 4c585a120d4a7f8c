"""scripts/profile_tables.py on a small packed table."""

import json

import pandas as pd
import pytest

from radsieve import tables
from radsieve.tasks.tables import COLUMNS, MISSING, PROFILE_COLUMNS, packed

FILES = ("columns", "missing", "duplicates", "counts", "associations", "leakage", "leaks")
OPTIONS = {"set": "games", "rows": "rows.parquet", "columns": "columns.csv"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    found = tmp_path_factory.mktemp("profile")
    from defaults import content

    changed = content()["profile_tables"]["games"] | {"permutations": 100, "keys": [], "correlated": ["price", "score"]}
    set_params(found, profile_tables={"games": changed})
    columns = pd.DataFrame(
        [(name, kind, "before", 0, 2) for name, kind in (("price", "number"), ("score", "number"), ("genres", "list"))],
        columns=list(COLUMNS.columns),
    )
    rows = pd.DataFrame({"_row": range(2, 42), "_unit": [f"u{n // 2}" for n in range(40)], "_split": "train"})
    rows["_target"] = [n % 2 for n in range(40)]
    rows["price"] = [None if n // 2 % 5 == 0 else float(n // 2) for n in range(40)]
    rows["score"] = [float(n // 2 * 7 % 20) for n in range(40)]
    rows["genres"] = ['["RPG", "$x$ <b>"]' if n // 2 % 2 else "" for n in range(40)]
    tables.write(COLUMNS, columns, found / "columns.csv")
    tables.write(packed(columns), rows, found / "rows.parquet")
    return found


def test_a_profile_is_written(folder, run_stage):
    done = run_stage("profile_tables", folder, out="out", **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "games: 40 rows of 20 units; 0 equal an earlier one" in done.stderr
    names = [*(f"{name}.csv" for name in FILES), "profile.png", "missing.png", "associations.png", "metrics.json"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(names)
    found = tables.read(PROFILE_COLUMNS, folder / "out/columns.csv").set_index("column")
    assert found["differing_units"].to_dict() == {"_target": 20, "price": 0, "score": 0, "genres": 0}
    assert tables.read(MISSING, folder / "out/missing.csv")["missing"].tolist() == [8, 0, 20]
    assert json.loads((folder / "out/metrics.json").read_text())["units"] == 20


def test_a_table_that_is_not_there(folder, run_stage):
    done = run_stage("profile_tables", folder, out="none", **OPTIONS | {"set": "people"})
    assert done.returncode == 2
    assert "no such set in profile_tables" in done.stderr
