"""Tables as users have them: separators, archives, encodings, limits, and what cannot be read."""

import csv
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


def test_no_such_file_is_told_with_the_setting_that_names_it(tmp_path):
    with pytest.raises(InputError, match=r"absent\.csv \(source\.table\.file\): not found"):
        read_cells(tmp_path / "absent.csv", (), "source.table.file")


@pytest.mark.parametrize("kind", ["csv", "tsv", "csv.gz", "zip", "parquet"])
def test_all_forms_of_a_table_are_read_alike(tmp_path, kind):
    table = read_cells(write(tmp_path, kind))
    assert table.to_dict("list") == {"id": ["007", "8"], "name": ["Jäger", ""]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as a table"),
        (b"a,b\n", "no row below its header"),
        (b"a,a\n1,2\n", "several columns are named 'a'"),
        ("a\nä\n".encode("cp1252"), "not encoded as UTF-8"),
        (b"a,b\n1,2\n1,2,3,4\n", "line 3: 4 cells"),
        (b'a,b\n1,"x\n2,y\n3,"z\n4,w\n', "a quote in line 2 is not closed"),
        (b'a,b\n1,"x\n' + b"2,y\n" * 40_000 + b'3,"z\n4,w\n', "a quote in line 2 is not closed"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'\n2,y\n3,"z"\n', "a quote in line 2 is not closed"),
        (b'a,b\n1,"x\n2,y\n3,z\n', "a quote in line 2 is not closed"),
        (b'a,b\n0,"q"\n1,"x\r\n2,y\r\n3,z"w\r\n', "a quote in line 3 is not closed"),
    ],
)
def test_what_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as raised:
        read_cells(path)
    assert str(path) in str(raised.value)


def test_cells_that_are_absent_are_empty_and_blank_lines_keep_the_others_in_place(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1\n\n2,3,4\n", encoding="utf-8")
    assert read_cells(path).to_numpy().tolist() == [["1", "", ""], ["", "", ""], ["2", "3", "4"]]


def test_an_archive_that_was_cut(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        read_cells(path)


def test_an_archive_that_is_none(tmp_path):
    path = tmp_path / "table.zip"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match="cannot be read"):
        read_cells(path)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nitem;grade\nx;1\n",
        "sep=;\r\nitem;grade\r\nx;1\r\n",
        "item;grade\rx;1\r",
        "item,grade,,\nx,1,,\n",
    ],
    ids=["told", "told with CR", "Mac", "empty columns"],
)
def test_what_spreadsheets_add_is_not_taken_for_content(tmp_path, text):
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert read_cells(tmp_path / "a.csv").to_dict("list") == {"item": ["x"], "grade": ["1"]}


def test_a_cell_below_no_name_is_kept(tmp_path):
    (tmp_path / "a.csv").write_text("item,\nx,1\n")
    assert read_cells(tmp_path / "a.csv").columns.tolist() == ["item", ""]


def test_utf_32_is_named(tmp_path):
    (tmp_path / "a.csv").write_bytes("item,grade\nx,1\n".encode("utf-32"))
    with pytest.raises(InputError, match="UTF-32"):
        read_cells(tmp_path / "a.csv")


def test_a_long_cell_of_one_line_is_read_and_the_limit_of_other_readers_stays(tmp_path):
    path, limit = tmp_path / "table.csv", csv.field_size_limit()
    path.write_text(f'a,b\n1,"{"x" * 200_000}"\n2,"y\nz"\n', encoding="utf-8")
    assert read_cells(path)["b"].map(len).tolist() == [200_000, 3]
    assert csv.field_size_limit() == limit


def test_cells_of_several_lines_and_quotes_within_a_line_are_read(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,b\n"two\nlines, ""quoted""",1\n"x" ,5" film\n', encoding="utf-8")
    assert read_cells(path).to_numpy().tolist() == [['two\nlines, "quoted"', "1"], ["x", '5" film']]


@pytest.mark.parametrize(("count", "digits", "read"), [(600, 300, True), (100_000, 6, False)])
def test_a_long_header_is_read_and_too_many_columns_are_not(tmp_path, count, digits, read):
    path = tmp_path / "table.csv"
    names = [f"{number:0{digits}}" for number in range(count)]
    path.write_text(f"{','.join(names)}\n{'1,' * (count - 1)}1\n", encoding="utf-8")
    if read:
        assert list(read_cells(path)) == names
    else:
        with pytest.raises(InputError, match="more than 20,000 columns"):
            read_cells(path)


@pytest.mark.parametrize("name", ["A.CSV", "A.TSV", "A.CSV.GZ", "A.ZIP", "A.PARQUET", "A.Pq"])
def test_an_ending_in_capitals_is_the_same_kind(tmp_path, name):
    table, lower = pd.DataFrame({"item": ["x"], "grade, of Ann": ["1"]}), name.lower()
    path = tmp_path / lower
    if lower.endswith(("parquet", "pq")):
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="\t" if "tsv" in lower else ",")
    path.rename(tmp_path / name)
    assert read_cells(tmp_path / name).equals(table.astype(str))
    with pytest.raises(InputError, match="spreadsheet"):
        read_cells(tmp_path / "A.XLSX")


def test_tables_that_were_joined_are_no_rows_of_their_headers_and_marks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("item,grade\nx,1\n\ufeffy,2\n", encoding="utf-8")
    assert read_cells(path)["item"].tolist() == ["x", "y"]
    path.write_text("\ufeffitem,grade\nx,1\n\ufeffitem, grade\ny,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv: .*row 3 is the header once more"):
        read_cells(path)
    path.write_text("grade\n1\ngrade\n", encoding="utf-8")  # of a single column a word that may be meant
    assert len(read_cells(path)) == 2


def test_marks_that_nobody_sees_make_no_other_name(tmp_path):
    """As copied from a web page: a width of zero, a word joiner, directions; one that joins letters is kept."""
    (tmp_path / "a.csv").write_text(
        "item,rater\nx,Ann\u200b\ny,\u200eAnn\u2060\nz,\u0645\u200c\u0646\n", encoding="utf-8"
    )
    assert read_cells(tmp_path / "a.csv")["rater"].tolist() == ["Ann", "Ann", "\u0645\u200c\u0646"]


@pytest.mark.parametrize("title", ["Ratings 2024,,", "Ratings 2024"])
def test_a_title_above_the_names_is_told(tmp_path, title):
    (tmp_path / "a.csv").write_text(f"{title}\nitem,rater,label\nx,A,1\n")
    with pytest.raises(InputError, match="a title"):
        read_cells(tmp_path / "a.csv")


def test_a_wanted_column_is_found_in_another_form_of_unicode(tmp_path):
    (tmp_path / "a.csv").write_text("Gro\u0308ße,Ort\n1,x\n", encoding="utf-8")
    assert read_cells(tmp_path / "a.csv", ["Gr\u00f6ße"]).columns.tolist() == ["Gr\u00f6ße", "Ort"]
