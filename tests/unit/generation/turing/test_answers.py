"""Tables of answers to a visual Turing test."""

import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.generation.turing.answers import answer_codes, image_answers, read_answers, readings

TEST = "0123456789ab"
HEADING = "test,reader,place,answer,seconds\n"


@pytest.fixture
def key():
    return pd.DataFrame(
        {
            "test": TEST,
            "place": [1, 2, 3],
            "kind": ["real", "synthetic", "synthetic"],
            "image": ["a", "b", "c"],
        }
    )


def write(path, *rows, test=TEST):
    path.write_text(HEADING + "".join(f"{test},{row},1.5\n" for row in rows))
    return path


def test_answers_of_several_readers(tmp_path, key):
    write(tmp_path / "1.csv", "Zoe,2,synthetic", "Zoe,1,real")
    write(tmp_path / "2.csv", "Ada,1,synthetic", "Ada,2,real", "Ada,3,real")
    answers = read_answers(tmp_path, key)
    assert list(zip(answers["reader"], answers["place"], strict=True)) == [
        ("Ada", 1),
        ("Ada", 2),
        ("Ada", 3),
        ("Zoe", 1),
        ("Zoe", 2),
    ]
    codes, readers = answer_codes(answers, key)
    assert readers == ["Ada", "Zoe"]
    assert codes.tolist() == [[1, 0], [0, 1], [0, -1]]
    images = image_answers(codes, key)
    assert images["answers"].tolist() == [2, 2, 1]
    assert images["taken_for_real"].tolist() == [1, 1, 1]
    assert set(readings(answers)["finding"]) == {""}
    assert readings(answers)["label"].tolist() == answers["answer"].tolist()


def test_one_table_and_no_answer(tmp_path, key):
    answers = read_answers(write(tmp_path / "1.csv", "Ada,3,real"), key)
    assert answer_codes(answers, key)[0].tolist() == [[-1], [-1], [0]]
    codes, readers = answer_codes(answers.head(0), key)
    assert codes.shape == (3, 0)
    assert readers == []
    assert image_answers(codes, key)["answers"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Ada,4,real", "1.csv, row 3: names an image that the test does not have"),
        ("all readers,2,real", "1.csv, row 3: names the reader 'all readers'"),
        (" all  readers ,2,real", "1.csv, row 3: names the reader 'all readers'"),
        ("  ,2,real", "column reader, row 3"),
        ("Ada,1,real", "two answers of reader 'Ada' to image 1"),
        ("Ada,2,fake", "column answer, row 3: 'fake'"),
        (",2,real", "column reader, row 3"),
    ],
)
def test_answers_that_do_not_serve(tmp_path, key, row, message):
    write(tmp_path / "1.csv", "Ada,1,real", row)
    with pytest.raises(InputError, match=message):
        read_answers(tmp_path, key)


def test_answers_to_another_test(tmp_path, key):
    write(tmp_path / "1.csv", "Ada,1,real", test="0" * 12)
    with pytest.raises(InputError, match=f"row 2: answers another test than {TEST}"):
        read_answers(tmp_path, key)


def test_no_answers_where_some_should_be(tmp_path, key):
    with pytest.raises(InputError, match=r"no table of answers \(\*.csv\) in it"):
        read_answers(tmp_path, key)
    with pytest.raises(InputError, match="not found"):
        read_answers(tmp_path / "none.csv", key)


def test_a_reader_is_one_however_blanks_and_letters_are_stored(tmp_path, key):
    write(tmp_path / "1.csv", "Zo\u00e9 B,1,real")
    write(tmp_path / "2.csv", " Zoe\u0301  B ,2,real")
    assert set(read_answers(tmp_path, key)["reader"]) == {"Zo\u00e9 B"}


@pytest.mark.parametrize("rows", [("Ada,1.5,real",), ('"Ada,1,real', '"Zoe,1,real')])
def test_rows_that_would_be_read_as_others(tmp_path, key, rows):
    with pytest.raises(InputError, match=r"(row|line) 2"):
        read_answers(write(tmp_path / "1.csv", *rows), key)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_make_of_a_table(tmp_path, key, encoding):
    rows = [f"{TEST};Ada;1;Real;1,5", ";;;;", f"{TEST};Ada;2;synthetic;2", ";;;;"]
    text = "\r\n".join([HEADING.strip().replace(",", ";"), *rows])
    (tmp_path / "1.csv").write_bytes(text.encode(encoding))
    found = read_answers(tmp_path, key)
    assert found[["place", "answer", "seconds"]].to_numpy().tolist() == [[1, "real", 1.5], [2, "synthetic", 2.0]]
    (tmp_path / "1.csv").write_bytes(text.replace("synthetic", "perhaps").encode(encoding))
    with pytest.raises(InputError, match=r"column answer, row 4: 'perhaps'"):
        read_answers(tmp_path, key)


def test_every_table_of_a_folder_is_read_but_hidden_ones(tmp_path, key, caplog):
    write(tmp_path / "1.csv", "Ada,1,real")
    write(tmp_path / "2.CSV", "Zoe,1,real")
    (tmp_path / "._1.csv").write_bytes(b"\0\5\x16\7Mac OS X\xff")
    (tmp_path / "3.xlsx").write_bytes(b"PK")
    assert read_answers(tmp_path, key)["reader"].tolist() == ["Ada", "Zoe"]
    assert "CSV UTF-8: 3.xlsx" in caplog.text
