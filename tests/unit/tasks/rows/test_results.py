"""Everything of a table at once: which columns are known when, and settings that its rows do not allow."""

import numpy as np
import pandas as pd
import pytest
from defaults import COMPUTE, settings

from radsieve.errors import InputError
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.results import row_results

SMALL = {"models": ["logistic"], "trees": 10, "folds": 2, "explained_rows": 20, "resamples": 100, "single_splits": 0,
         "age": "none",
         "protocol_models": ["logistic"]}  # fmt: skip


def results(truth, known, **options):
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"_row": np.arange(2, len(truth) + 2), "_unit": [f"u{n:03d}" for n in range(len(truth))]})
    rows = rows.assign(_target=truth, x=truth + random.normal(size=len(truth)))
    columns = pd.DataFrame([("x", "number", known, 0, 9)], columns=["column", "kind", "known", "missing", "distinct"])
    chosen = settings("classify_rows.diabetes", **SMALL | options)
    return row_results(folded(rows, 1000, chosen.folds, 1, "x"), columns, chosen, COMPUTE, "x")


def test_no_column_is_known_before_the_visit():
    found = results(np.arange(60) % 2, "at", resampled=[], protocols=["honest"])
    comparison = {schema.name: table for schema, table in found.tables}["comparison"]
    assert comparison["columns"].tolist() == ["at"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"resampled": ["logistic"], "protocols": ["honest"]}, "resampled"),
        ({"resampled": [], "protocols": ["honest", "smote_first"]}, "protocols"),
    ],
)
def test_fewer_rows_than_neighbours_of_smote(options, named):
    truth = np.array([1] * 10 + [0] * 50)
    with pytest.raises(InputError, match=rf"x\.{named}: SMOTE needs 6 rows of each outcome to fit to, .* only 5"):
        results(truth, "before", **options)
