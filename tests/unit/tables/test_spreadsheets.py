"""No cell of a table that is written is a formula to a spreadsheet, and what is read back is what was written."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve import tables
from radsieve.errors import InputError
from radsieve.tables.columns import number, schema, text
from radsieve.tables.spreadsheets import guarded, unguarded
from radsieve.tables.user_tables import read_cells

SCHEMA = schema("named", name=text(), value=number(nullable=True))


@pytest.mark.parametrize("formula", ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@x", "\tx", "-x", "--1"])
def test_no_cell_is_a_formula(formula):
    assert guarded(formula) == f"'{formula}"
    assert unguarded(guarded(formula)) == formula


@pytest.mark.parametrize("plain", ["a=1", "'tis", "-1", "+0.5", "-1,5", "-1e-05", "-inf", "-", "+", ""])
def test_other_cells_stay_as_they_are(plain):
    assert guarded(plain) == unguarded(plain) == plain


@given(st.text("'=+-@\t\ra1.", max_size=6))
def test_every_text_comes_back(given_text):
    assert unguarded(guarded(given_text)) == given_text


def test_a_table_is_written_without_formulas_and_read_back_as_it_was(tmp_path):
    names = ["=cmd|' /C calc'!A0", "'=x", "'tis", "-1", 'plain, "quoted"']
    table = pd.DataFrame({"name": names, "value": [-1.5, 2.0, None, 0.0, 1.0]})
    path = tmp_path / "table.csv"
    tables.write(SCHEMA, table, path)
    cells = pd.read_csv(path, dtype=str)
    assert cells["name"].tolist() == ["'=cmd|' /C calc'!A0", "''=x", "'tis", "-1", 'plain, "quoted"']
    assert cells["value"].tolist()[0] == "-1.5"
    assert tables.read(SCHEMA, path).equals(table)


def test_no_name_of_a_column_is_a_formula(tmp_path):
    names = ["=cmd", "'=x", "-1", "plain"]
    named = schema("named", **dict.fromkeys(names, number()))
    table = pd.DataFrame([[1.0, 2.0, 3.0, 4.0]], columns=names)
    path = tmp_path / "table.csv"
    tables.write(named, table, path)
    assert path.read_text().splitlines()[0] == "'=cmd,''=x,-1,plain"
    assert tables.read(named, path).equals(table)
    assert read_cells(path).columns.tolist() == names
    path.write_text("=x,'=x\n1,2\n")
    with pytest.raises(InputError, match="several columns are named '=x'"):
        read_cells(path)


def test_texts_below_a_name_that_is_guarded_stay_texts(tmp_path):
    named = schema("named", **{"+HER2": text(), "=n": number(nullable=True)})
    table = pd.DataFrame({"+HER2": ["007", "1"], "=n": [1.5, None]})
    tables.write(named, table, tmp_path / "table.csv")
    assert tables.read(named, tmp_path / "table.csv").equals(table)


def test_a_table_of_ours_that_a_user_names_as_their_own_is_read_as_it_was(tmp_path):
    names = ["=cmd|' /C calc'!A0", "'=x", "'tis", "-1", "@film.png"]
    for path in (tmp_path / "table.csv", tmp_path / "table.parquet"):  # the latter is unguarded
        tables.write(SCHEMA, pd.DataFrame({"name": names, "value": 1.0}), path)
        assert read_cells(path)["name"].tolist() == names
