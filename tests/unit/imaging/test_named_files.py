"""Which file a name in a table means."""

import pytest

from radsieve.imaging.named_files import files_named


def meant(names, files, bare=False):
    return files_named(names, files, "table.csv", bare)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("A1", "a1.png"),
        ("a1.dcm", "a1.png"),
        (r"x\A1.PNG", "x/a1.png"),
        ("10.1148rg", "10.1148rg.jpg"),
        ("1.2.8", "1.2.8.dcm"),
    ],
)
def test_one_file_is_meant(name, file):
    assert meant([name], [file, "other.png"]) == {name: file}


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["1.2.840.7.1", "1.2.840.7.2"], ["1.2.840.7.1"]),
        (["patient.12", "patient.13"], ["patient.png"]),
        (["a.png", "a.jpg"], ["a.png"]),
        (["a.jpg", "a.tif"], ["a.png"]),
        (["scan_1"], ["scan_1.png", "scan_1.jpg"]),
    ],
)
def test_where_it_cannot_be_told_no_file_is_meant(names, files):
    assert meant(names, files) == {}


def test_the_ways_of_two_readers_mean_the_same_file():
    assert meant(["IMG1", "img1.PNG"], ["img1.png"]) == {"IMG1": "img1.png", "img1.PNG": "img1.png"}


def test_names_that_lost_their_zeros_are_told_and_not_taken(caplog):
    assert meant(["7", "12", "x"], ["a/007.png", "012.png", "x1.png"], bare=True) == {}
    assert "2 names" in caplog.text
    assert "'7'" in caplog.text
    assert "'a/007.png'" in caplog.text


def test_other_names_lost_no_zeros(caplog):
    assert meant(["007", "8", "scan_7"], ["007.png", "scan_007.png"]) == {"007": "007.png"}
    assert "zeros" not in caplog.text
