"""scripts/predict_rows.py with a model that was fitted to rows of the test."""

import numpy as np
import pandas as pd
import pytest
from defaults import COMPUTE, settings

from radsieve import tables
from radsieve.stats.models import write_model
from radsieve.stats.resampling import Estimate
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.reading import Reading
from radsieve.tasks.rows.stored import fit_stored
from radsieve.tasks.tables import NEW_PREDICTIONS, ROW_QUARANTINE, Model

pytestmark = pytest.mark.slow

OPTIONS = {"model": "model.skops", "table": "new.csv", "out": "found/predictions.csv"}


@pytest.fixture
def folder(tmp_path, set_params):
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"_unit": [f"u{n:03d}" for n in range(200)], "age": random.integers(20, 90, 200) * 1.0})
    rows["_target"] = (rows["age"] > 55).astype(int)
    columns = pd.DataFrame(
        [("age", "number", "before", 0, 9)], columns=["column", "kind", "known", "missing", "distinct"]
    )
    how = [Reading("age", "number", limits=(0, 120))]
    chosen = settings("classify_rows.diabetes")
    score = rows["age"].to_numpy() / 90
    data = folded(rows, 1000, 3, 1, "x")
    fit_stored(data, columns, how, chosen, COMPUTE, Model.LOGISTIC, score, Estimate(1.0)).save(tmp_path / "model.skops")
    set_params(tmp_path)
    return tmp_path


def test_new_rows_are_predicted_and_what_cannot_be_read_is_told(folder, run_stage):
    (folder / "new.csv").write_text("name;age\nA;90\nB;200\nC;20\nD;\n")
    done = run_stage("predict_rows", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    found = tables.read(NEW_PREDICTIONS, folder / "found/predictions.csv").set_index("line")
    assert found.index.tolist() == [2, 4, 5]
    assert found.loc[2, "probability"] > 0.9 > 0.1 > found.loc[4, "probability"]
    assert found.loc[[2, 4], "called"].tolist() == [1, 0]
    quarantine = tables.read(ROW_QUARANTINE, folder / "found/quarantine.csv")
    assert quarantine.to_numpy().tolist() == [[3, "age", "outside of 0 to 120", "200"]]
    assert "3 rows" in done.stderr and "1 in quarantine" in done.stderr


@pytest.mark.parametrize("what", ["column", "model"])
def test_a_table_or_a_model_that_does_not_fit(what, folder, run_stage):
    (folder / "new.csv").write_text("years\n90\n" if what == "column" else "age\n90\n")
    if what == "model":
        write_model(folder / "model.skops", {"weights": 1})
    done = run_stage("predict_rows", folder, **OPTIONS)
    assert done.returncode == 2
    assert ("new.csv: no column age" if what == "column" else "model.skops: not a model of rows") in done.stderr
    assert not (folder / "found").exists()


@pytest.mark.parametrize("out", ["quarantine.csv", "new.csv", "model.skops", "./found/../new.csv"])
def test_nothing_that_is_read_is_overwritten(out, folder, run_stage):
    (folder / "new.csv").write_text("age\n90\n")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    done = run_stage("predict_rows", folder, **OPTIONS | {"out": out})
    assert done.returncode == 2
    assert f"--out {out.removeprefix('./')}: it, or" in done.stderr
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
