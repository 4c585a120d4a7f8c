"""Tables joined by a key."""

import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.tasks.rows.joining import join

FILMS = pd.DataFrame({"film": ["a", "b", "c"], "view": ["AP", "PA", "PA"]})
BOXES = pd.DataFrame({"id": ["a", "a", "b"], "x": ["1", "2", "3"], "found": ["1", "1", "0"], "view": ["?", "?", "?"]})


def test_columns_that_are_the_same_in_all_rows_of_a_key_are_added():
    found = join(FILMS, BOXES, ("film", "id"), "pack_tables.x")
    assert found.to_dict("list") == {"film": ["a", "b", "c"], "view": ["AP", "PA", "PA"], "found": ["1", "0", ""]}


def test_a_key_that_is_missing_joins_nothing():
    films = pd.DataFrame({"film": ["a", "", "NA"]})
    found = join(
        films, pd.DataFrame({"id": ["a", "", "NA"], "what": ["clear", "effusion", "mass"]}), ("film", "id"), "x"
    )
    assert found["what"].tolist() == ["clear", "", ""]


@pytest.mark.parametrize("column", ["film", "id"])
def test_a_key_that_a_spreadsheet_has_shortened_is_refused(column):
    tables = [one.replace({column: {"a": "1.23E+15"}}) for one in (FILMS, BOXES)]
    with pytest.raises(InputError, match=rf"x\.joined_by: column '{column}': 1\.23E\+15"):
        join(*tables, ("film", "id"), "x")


def test_rows_that_find_none_are_counted(caplog):
    join(FILMS, BOXES, ("film", "id"), "pack_tables.x")
    assert "1 of 3 rows" in caplog.text


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (("film",), "two columns"),
        (("name", "id"), "'name'"),
        (("film", "x1"), "'x1'"),
        (("view", "id"), "check"),
    ],
)
def test_keys_that_join_nothing_are_named(by, words):
    with pytest.raises(InputError, match=words):
        join(FILMS, BOXES, by, "pack_tables.x")
