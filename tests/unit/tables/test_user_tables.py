"""Tables as users have them: limits, archives, and Parquet; what spreadsheets make of a table is in test_reading."""

import gzip
import zipfile

import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.tables import user_tables
from radsieve.tables.user_tables import read_cells


def test_the_separator_is_that_of_the_wanted_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("item;grade, by Ann, Bob and Eve\nx;1\n", encoding="utf-8")
    assert read_cells(path, ["item"]).columns.tolist() == ["item", "grade, by Ann, Bob and Eve"]


def test_numbers_of_parquet_are_written_as_in_csv(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"whole": [1.0, None], "part": [0.5, 2], "flag": [True, False], "7": ["a ", None]}).to_parquet(path)
    found = read_cells(path)
    assert found.to_dict("list") == {
        "whole": ["1", ""],
        "part": ["0.5", "2.0"],
        "flag": ["True", "False"],
        "7": ["a", ""],
    }


def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(user_tables, "MAX_BYTES", 1000)
    text = b"a,b\n" + b"1,2\n" * 1000
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text)
    pd.DataFrame({"a": range(1000)}).to_parquet(tmp_path / "a.parquet")
    for path in tmp_path.iterdir():
        with pytest.raises(InputError, match=r"the limit|can be read"):
            read_cells(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK", "save the sheet as CSV"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16-le"), "save it as UTF-8"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 cells, but the header has 2"),
        ("a.parquet", b"PAR1", "cannot be read as a table"),
    ],
)
def test_what_is_refused_names_the_file_and_what_to_do(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as raised:
        read_cells(tmp_path / name)
    assert name in str(raised.value)


def test_a_zip_of_macos_holds_its_table_alone(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("__MACOSX/._a.csv", "x")
    assert read_cells(tmp_path / "a.zip").to_dict("list") == {"a": ["1"]}
