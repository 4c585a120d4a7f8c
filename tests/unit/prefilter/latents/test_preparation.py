"""Bringing sources together."""

import latents
import numpy as np
import pyarrow.parquet as pq
import pytest
from defaults import settings

from radsieve.errors import InputError
from radsieve.generators.distributions import UNIFORM
from radsieve.prefilter.latents import latent_table, preparation
from radsieve.prefilter.latents.preparation import Part
from radsieve.prefilter.twin import twin
from radsieve.prefilter.twin.check import Tally

TABLE = latents.latent_table(["b", "a"], 30)


@pytest.fixture
def mixed(tmp_path):
    """A file in which the rows of two groups alternate, `a` first."""
    order = np.arange(60).reshape(2, 30)[::-1].T.ravel()
    latent_table.to_batch(TABLE).to_pandas().iloc[order].to_parquet(tmp_path / "mixed.parquet", index=False)
    return tmp_path / "mixed.parquet"


def parts_of(path, tmp_path, rename=None, groups=("a", "b")):
    return preparation.file_parts(path, "table", groups, UNIFORM, rename, tmp_path)


def test_rows_are_sorted_by_group(mixed, tmp_path):
    groups = preparation.write(parts_of(mixed, tmp_path), tmp_path / "latents.parquet", ["b", "a"], 0.95)
    found = latent_table.read(tmp_path / "latents.parquet")
    assert found.groups == ("a", "b")
    for name in found.groups:
        np.testing.assert_array_equal(found.of(name).latents, TABLE.of(name).latents)
        np.testing.assert_array_equal(found.of(name).scores, TABLE.of(name).scores)
    good = int(TABLE.of("a").valid.sum())
    first = groups.iloc[0]
    assert first[["group", "source", "rows", "valid"]].tolist() == ["a", "table", 30, good]
    assert 0 <= first["lower"] < first["valid_rate"] == good / 30 < first["upper"]
    assert first["components"] == 128
    assert first["mean_square"] == pytest.approx((TABLE.of("a").latents ** 2).mean())


def test_one_name_for_all_rows(mixed, tmp_path):
    groups = preparation.write(parts_of(mixed, tmp_path, "c", ()), tmp_path / "latents.parquet", ["c"], 0.95)
    assert groups["rows"].tolist() == [60]
    assert latent_table.read(tmp_path / "latents.parquet").groups == ("c",)


def test_row_groups_hold_one_group_each(tmp_path, monkeypatch):
    monkeypatch.setattr(preparation, "_ROW_GROUP", 15_000)
    parts = preparation.twin_parts(["18_24f", "58_64m", "mine"], 30_000, 1, Tally())
    preparation.write(parts, tmp_path / "latents.parquet", ["18_24f", "58_64m"], 0.95)
    file = pq.ParquetFile(tmp_path / "latents.parquet")
    found = [set(file.read_row_group(number, ["group"])["group"].to_pylist()) for number in range(file.num_row_groups)]
    assert found == [{"18_24f"}] * 2 + [{"58_64m"}] * 2


def test_a_group_from_two_sources(mixed, tmp_path):
    parts = [*parts_of(mixed, tmp_path), Part("b", "screened", [], 128)]
    with pytest.raises(InputError, match="the sources table and screened both have group b"):
        preparation.write(parts, tmp_path / "latents.parquet", ["a", "b"], 0.95)
    assert not (tmp_path / "latents.parquet").exists()


def test_groups_that_do_not_fit(mixed, tmp_path):
    with pytest.raises(InputError, match=r"group c \(table\) is not one of latents\.groups"):
        preparation.write(parts_of(mixed, tmp_path, "c"), tmp_path / "latents.parquet", ["a"], 0.95)
    with pytest.raises(InputError, match=r"latents\.groups: no source has rows of d"):
        preparation.write(parts_of(mixed, tmp_path), tmp_path / "latents.parquet", ["a", "b", "d"], 0.95)
    with pytest.raises(InputError, match="group b is not among"):
        list(parts_of(mixed, tmp_path, groups=["a"]))
    with pytest.raises(InputError, match="the twin has none of mine, only 18_24m"):
        list(preparation.twin_parts(["mine"], 10, 1, Tally()))
    assert not (tmp_path / "latents.parquet").exists()


def test_the_twin_is_counted(tmp_path):
    tally = Tally()
    rows = twin.BLOCK + 10
    parts = preparation.twin_parts(["18_24m"], rows, 3, tally)
    groups = preparation.write(parts, tmp_path / "latents.parquet", ["18_24m"], 0.95)
    assert tally.rows == {"18_24m": rows}
    assert tally.valid == {"18_24m": groups["valid"].item()}


def options(**changed):
    return settings("prepare_latents", **{"sources": ["twin"], "screened_group": "none", "twin_rows": 100} | changed)


def groups_of(path, tmp_path, allowed, **changed):
    found = preparation.parts(path, options(**changed), settings("latents", groups=allowed), Tally(), tmp_path)
    return [(part.group, part.source, sum(map(len, part.batches))) for part in found]


def test_sources_in_their_order(mixed, tmp_path, monkeypatch):
    monkeypatch.setenv("MINE", str(tmp_path))
    allowed = ["18_24m", "a", "b", "images"]
    both = {"sources": ["table", "screened", "twin"], "table": "$MINE/mixed.parquet", "screened_group": "images"}
    assert groups_of(mixed, tmp_path, allowed, **both) == [
        ("a", "table", 30),
        ("b", "table", 30),
        ("images", "screened", 60),
        ("18_24m", "twin", 100),
    ]
    own = groups_of(mixed, tmp_path, allowed, sources=["screened"])
    assert own == [("a", "screened", 30), ("b", "screened", 30)]


def test_generated_images_keep_their_groups_and_stand_for_the_screened_ones(mixed, tmp_path):
    own = groups_of(mixed, tmp_path, ["a", "b"], sources=["generated"], screened_group="images")
    assert own == [("a", "generated", 30), ("b", "generated", 30)]
    with pytest.raises(InputError, match=r"screened and generated both read prepare_latents\.scored"):
        groups_of(mixed, tmp_path, ["a", "b"], sources=["screened", "twin", "generated"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("none", r"prepare_latents\.table = none, but `table` is one of prepare_latents\.sources"),
        ("$NOWHERE/a.csv", "the environment variable NOWHERE is not set"),
        ("absent.csv", r"absent\.csv: not found"),
    ],
)
def test_a_source_that_cannot_be_read(mixed, tmp_path, table, message):
    with pytest.raises(InputError, match=message):
        groups_of(mixed, tmp_path, ["a"], sources=["table"], table=table)


def test_groups_with_latents_of_different_lengths(mixed, tmp_path):
    short, scratch = latent_table.to_batch(latents.latent_table(["c"], 5, components=64)), tmp_path / "c"
    scratch.mkdir()
    short.to_pandas().to_csv(tmp_path / "c.csv", index=False)
    parts = [*parts_of(mixed, tmp_path), *parts_of(tmp_path / "c.csv", scratch, groups=("c",))]
    with pytest.raises(InputError, match=r"group c \(table\) has latents of 64 components, a of 128"):
        preparation.write(parts, tmp_path / "latents.parquet", ["a", "b", "c"], 0.95)


@pytest.mark.parametrize("source", ["twin", "screened", "generated"])
def test_what_the_generators_here_take_is_uniform(mixed, tmp_path, source):
    normal = settings("latents", groups=["a", "b"], distribution="normal")
    with pytest.raises(InputError, match=rf"latents\.distribution = normal, but the latents of {source} are uniform"):
        list(preparation.parts(mixed, options(sources=["table", source]), normal, Tally(), tmp_path))
