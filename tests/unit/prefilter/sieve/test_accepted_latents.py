"""Accepted latents on disk: the rows that were sampled, in row groups of a length, without filling memory."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import sieves

from radsieve import tables
from radsieve.prefilter.sieve.accepted_latents import write_accepted
from radsieve.prefilter.thresholds.tables import accepted

COUNT = 20_000


@pytest.fixture(scope="module")
def sieve():
    return sieves.sieve()


@pytest.mark.parametrize("batch", [1, 700, 100_000])
def test_rows_do_not_depend_on_the_batch(sieve, tmp_path, batch):
    count = 50 if batch == 1 else COUNT
    written = write_accepted(tmp_path / "accepted.parquet", sieve.sample(count, 1), batch, 128)
    found = tables.read(accepted(128), tmp_path / "accepted.parquet")
    generated = list(sieve.sample(count, 1))
    assert written == len(found) == sum(len(block.number) for block in generated)
    np.testing.assert_array_equal(found["number"], np.concatenate([block.number for block in generated]))
    np.testing.assert_array_equal(found["probability"], np.concatenate([block.probability for block in generated]))
    np.testing.assert_array_equal(found.iloc[:, 2:], np.concatenate([block.latents for block in generated]))
    stored = pq.ParquetFile(tmp_path / "accepted.parquet")
    assert {stored.schema_arrow.field(name).type for name in ("probability", "z000", "z127")} == {"float"}
    lengths = [stored.metadata.row_group(place).num_rows for place in range(stored.num_row_groups)]
    assert lengths == [batch] * (written // batch) + [written % batch] * (written % batch > 0)


def test_nothing_accepted_is_an_empty_table(tmp_path):
    path = tmp_path / "accepted.parquet"
    assert write_accepted(path, sieves.sieve(np.inf).sample(COUNT, 1), 100, 128) == 0
    assert len(tables.read(accepted(128), path)) == 0


def test_blocks_are_taken_one_at_a_time(sieve, tmp_path):
    """So that memory use is constant: rows are on their way to disk before the last block is sampled."""
    lengths = []

    def watched():
        for block in sieve.sample(60_000, 1):
            yield block
            lengths.append(max(path.stat().st_size for path in tmp_path.iterdir()))

    write_accepted(tmp_path / "accepted.parquet", watched(), 1000, 128)
    assert lengths[0] > 0
    assert lengths == sorted(set(lengths))


def test_a_broken_run_leaves_nothing(sieve, tmp_path):
    def broken():
        yield next(sieve.sample(COUNT, 1))
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        write_accepted(tmp_path / "accepted.parquet", broken(), 100, 128)
    assert not list(tmp_path.iterdir())
