"""What the page says of the columns of a table."""

import pandas as pd

from radsieve.reporting.page import table
from radsieve.tasks.report.profiles import TOLD, _missing, _years

SCALE = ("mean", "lowest", "lower_quartile", "median", "upper_quartile", "highest")


def test_the_figures_of_a_column_of_years_have_no_separators():
    of = {"year": (2021.5, 2019, 2020, 2021, 2023, 2025), "dose": (1990.5, 0, 1000, 2000, 3000, 4000)}
    frame = pd.DataFrame(
        [{"column": name} | dict(zip(SCALE, map(float, row), strict=True)) for name, row in of.items()]
    )
    rows = table(_years(frame), "Columns", "columns.csv").rows
    assert [cell.text for cell in rows[0]] == ["year", "2021.5", "2019", "2020", "2021", "2023", "2025"]
    assert [cell.text for cell in rows[1]][3:5] == ["1,000", "2,000"]
    assert [cell.order for cell in rows[0]][1:3] == ["2021.5", "2019.0"], "sorted as numbers"
    assert _years(frame[frame["column"] == "dose"]).equals(frame[frame["column"] == "dose"])


def test_where_most_is_missing_is_said_in_words():
    row = {"column": "lab", "rows": 9, "missing": 3, "share": 0.333, "lower": 0.1, "upper": 0.6,
           "min": 0.0, "min_in": "0", "max": 0.5, "max_in": "1", "p_value": 0.01, "tells": 1}  # fmt: skip
    shown = table(_missing(pd.DataFrame([row])), "Missing", "missing.csv")
    said = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert not {"min", "min in", "max", "max in", "tells"} & set(shown.columns)
    assert (said["most missing: where the target is"].text, said[TOLD].text) == ("1", "yes")
