"""Nothing that a script reads is overwritten by what it writes."""

from pathlib import Path

import pytest

from radsieve.errors import InputError
from radsieve.overwriting import check_overwritten


@pytest.mark.parametrize("out", ["model", "found/../model", "metrics.json", "link", "in/new.csv", "in"])
def test_what_is_read_or_written_beside_is_not_overwritten(out, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "model")
    read = [tmp_path / "model", tmp_path / "in/metrics.json"]
    with pytest.raises(InputError, match="--out"):
        check_overwritten(tmp_path / out, ["metrics.json"], read)


def test_other_places_are_free():
    check_overwritten(Path("found/new.csv"), ["metrics.json"], [Path("model"), Path("in/metrics.json")])
