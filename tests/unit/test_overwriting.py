"""Nothing that a script reads is overwritten by what it writes."""

from pathlib import Path

import pytest

from radsieve.errors import InputError
from radsieve.overwriting import check_outside, check_overwritten


@pytest.mark.parametrize("out", ["model", "found/../model", "metrics.json", "link", "in/new.csv", "in"])
def test_what_is_read_or_written_beside_is_not_overwritten(out, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "model")
    read = [tmp_path / "model", tmp_path / "in/metrics.json"]
    with pytest.raises(InputError, match="--out"):
        check_overwritten(tmp_path / out, ["metrics.json"], read)


@pytest.mark.parametrize("out", ["new.xlsx", "new", "new.csv.gz"])
def test_a_table_has_an_ending_that_says_how_it_is_written(out):
    with pytest.raises(InputError, match=f"--out {out}: a table is written as .csv or .parquet"):
        check_overwritten(Path(out), ["metrics.json"], [])


def test_other_places_are_free():
    check_overwritten(Path("found/new.csv"), ["metrics.json"], [Path("model"), Path("in/metrics.json")])


def test_nothing_is_written_among_the_images(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "images")
    for out in ("images/found.csv", "images", "link/found.csv", "found/../images/found.csv"):
        with pytest.raises(InputError, match="--images"):
            check_outside(tmp_path / out, tmp_path / "images")
    check_outside(tmp_path / "images.csv", tmp_path / "images")
