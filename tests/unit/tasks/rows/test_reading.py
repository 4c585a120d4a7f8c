"""Tables as they come: separators, archives, encodings, and what cannot be read."""

import gzip
import zipfile

import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.tasks.rows.reading import read_table

TEXT = "\ufeffid, name\n007, Jäger \n8,\n"


def write(folder, kind):
    path = folder / f"table.{kind}"
    match kind:
        case "csv":
            path.write_text(TEXT, encoding="utf-8")
        case "tsv":
            path.write_text(TEXT.replace(", ", "\t").replace(",", "\t"), encoding="utf-8")
        case "csv.gz":
            path.write_bytes(gzip.compress(TEXT.encode()))
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("inner.csv", TEXT)
        case "parquet":
            pd.DataFrame({"id": ["007", "8"], "name": ["Jäger", None]}).to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "csv.gz", "zip", "parquet"])
def test_all_forms_of_a_table_are_read_alike(tmp_path, kind):
    table = read_table(write(tmp_path, kind))
    assert table.to_dict("list") == {"id": ["007", "8"], "name": ["Jäger", ""]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as a table"),
        (b"a,b\n", "no row below its header"),
        (b"a,a\n1,2\n", "several columns are named a"),
        ("a\nä\n".encode("cp1252"), "not encoded as UTF-8"),
        (b"a,b\n1,2\n1,2,3,4\n", "cannot be read as a table"),
    ],
)
def test_what_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as raised:
        read_table(path)
    assert str(path) in str(raised.value)


def test_cells_that_are_absent_are_empty_and_blank_lines_keep_the_others_in_place(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1\n\n2,3,4\n", encoding="utf-8")
    assert read_table(path).to_numpy().tolist() == [["1", "", ""], ["", "", ""], ["2", "3", "4"]]


def test_an_archive_that_was_cut(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        read_table(path)


def test_an_archive_that_is_none(tmp_path):
    path = tmp_path / "table.zip"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match="cannot be read"):
        read_table(path)
