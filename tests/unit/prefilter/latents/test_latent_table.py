"""The table of latents in memory and as Parquet."""

from dataclasses import replace

import latents
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from radsieve.errors import InputError
from radsieve.prefilter.latents import latent_table
from radsieve.screening.tables import SCORES

TABLE = latents.latent_table(["b", "a"], 40)


@pytest.fixture
def path(tmp_path):
    latents.write(TABLE, tmp_path)
    return tmp_path / "latents.parquet"


def test_reads_what_was_written(path):
    found = latent_table.read(path)
    assert found.groups == ("b", "a")
    assert len(found) == 80
    for name in ("group", "valid", "scores", "latents"):
        np.testing.assert_array_equal(getattr(found, name), getattr(TABLE, name), err_msg=name)
    assert found.latents.dtype == np.float32
    assert found.valid.dtype == np.int8


def test_one_group(path):
    found = latent_table.read(path, ["a"])
    expected = TABLE.of("a")
    assert found.groups == expected.groups == ("a",)
    np.testing.assert_array_equal(found.latents, TABLE.latents[40:])
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(expected.group, np.zeros(40))


def test_a_group_that_is_not_there(path):
    with pytest.raises(InputError, match=r"no rows of c of latents\.groups"):
        latent_table.read(path, ["a", "c"])
    with pytest.raises(InputError, match=r"no group 'c'.*there are b, a"):
        TABLE.of("c")


def test_targets():
    table = latents.latent_table(["a"], 3)
    scores = np.array([[0.1] * 5, [0.0] * 5, [0.5, -0.1, 0.2, 0.3, 0.4]])
    table = replace(table, scores=scores, valid=np.array([1, 0, 0], dtype=np.int8))
    assert table.target("valid").tolist() == [1, 0, 0]
    assert table.target(SCORES[0]).tolist() == [1, 0, 1]  # 0 does not pass
    assert table.target(SCORES[1]).tolist() == [1, 0, 0]


def test_a_batch_and_back():
    batch = latent_table.to_batch(TABLE)
    assert batch.schema == latent_table.schema_of(128)
    assert batch.column("group").to_pylist() == ["b"] * 40 + ["a"] * 40
    into = np.empty((80, 5))
    latent_table.fill(batch, SCORES, into)
    np.testing.assert_array_equal(into, TABLE.scores)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match=r"latents\.parquet: not found; run prepare_latents first"):
        latent_table.read(tmp_path / "latents.parquet")


def test_no_rows(tmp_path):
    pq.write_table(latent_table.schema_of(128).empty_table(), tmp_path / "latents.parquet")
    with pytest.raises(InputError, match="no rows; run prepare_latents first"):
        latent_table.read(tmp_path / "latents.parquet")


def test_no_table_of_latents(tmp_path):
    path = tmp_path / "latents.parquet"
    path.write_text("group,valid")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        latent_table.read(path)
    pq.write_table(pa.table({"group": ["a"]}), path)
    with pytest.raises(InputError, match="not a table of latents"):
        latent_table.read(path)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("z004", np.nan, "row 8: z004 is not a finite number"),
        ("z127", -np.inf, "row 8: z127 is not a finite number"),
        ("z000", 1.5, r"row 8: latents lie outside of \[-1, 1\]"),
        ("score_symmetry", np.inf, "row 8: score_symmetry is not a finite number"),
        ("score_shape", None, "row 8: score_shape is empty"),
        ("valid", 2, "row 8: valid must be 0 or 1"),
    ],
)
def test_an_impossible_value(column, value, message):
    batch = latent_table.to_batch(TABLE)
    values = batch.column(column).to_pylist()
    values[5] = value
    place = batch.schema.get_field_index(column)
    wrong = batch.set_column(place, batch.schema.field(place), pa.array(values, batch.schema.field(place).type))
    with pytest.raises(InputError, match=message):
        latent_table.check_rows(wrong, "images.csv", 3)


def test_valid_against_the_scores():
    valid = 1 - TABLE.valid
    with pytest.raises(InputError, match=r"t: row 1, 2, 3, 4, 5, \.\.\. \(80 in all\): valid contradicts the scores"):
        latent_table.check_rows(latent_table.to_batch(replace(TABLE, valid=valid)), "t", 1)


def test_a_score_of_zero_does_not_pass():
    table = replace(latents.latent_table(["a"], 1), scores=np.array([[1, 1, 1, 1, 0.0]]))
    latent_table.check_rows(latent_table.to_batch(replace(table, valid=np.zeros(1, np.int8))), "t", 1)
    with pytest.raises(InputError, match="t: row 1: valid contradicts"):
        latent_table.check_rows(latent_table.to_batch(replace(table, valid=np.ones(1, np.int8))), "t", 1)
