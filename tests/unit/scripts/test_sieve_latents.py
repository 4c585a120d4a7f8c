"""scripts/sieve_latents.py with a sieve of random weights."""

import json

import numpy as np
import pytest
import sieves

from radsieve import tables
from radsieve.prefilter.thresholds.tables import accepted

FIGURES = {"count": 30_000, "batch": 5000, "threads": 1, "seed": 3}


@pytest.fixture
def folder(tmp_path, set_params):
    sieves.sieve().save(tmp_path / "18_24f")
    set_params(tmp_path, sieve_latents=FIGURES)
    return tmp_path


def test_accepted_latents_and_what_is_expected_of_them(folder, run_stage):
    done = run_stage("sieve_latents", folder, model="18_24f", out="out/accepted.parquet")
    assert done.returncode == 0, done.stderr
    found = tables.read(accepted(128), folder / "out/accepted.parquet")
    blocks = list(sieves.sieve().sample(30_000, seed=3))
    np.testing.assert_array_equal(found["number"], np.concatenate([block.number for block in blocks]))
    np.testing.assert_array_equal(found.iloc[:, 2:], np.concatenate([block.latents for block in blocks]))
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert (metrics["group"], metrics["sampled"], metrics["accepted"]) == ("18_24f", 30_000, len(found))
    assert metrics["acceptance_rate"] == len(found) / 30_000
    expected = sieves.sieve().card["expected"]
    assert metrics["expected_precision"] == expected["precision"]
    rate = f"{len(found):,} of 30,000 latents accepted ({len(found) / 30_000:.1%})"
    assert f"18_24f: {rate}; expected precision 28.6% (" in done.stderr
    assert ", without the sieve 10.0%" in done.stderr


def test_options_take_the_place_of_parameters(folder, run_stage, set_params):
    """And neither threads nor the length of a batch change a row."""
    done = run_stage("sieve_latents", folder, model="18_24f", out="out/accepted.parquet")
    assert done.returncode == 0, done.stderr
    set_params(folder, sieve_latents={"count": 1, "batch": 100, "threads": 2, "seed": 9})
    done = run_stage("sieve_latents", folder, model="18_24f", count=30_000, seed=3, out="again/accepted.parquet")
    assert done.returncode == 0, done.stderr
    once, again = (tables.read(accepted(128), folder / out / "accepted.parquet") for out in ("out", "again"))
    assert once.equals(again)


def test_options_are_checked_as_parameters_are(folder, run_stage):
    done = run_stage("sieve_latents", folder, model="18_24f", out="out/accepted.parquet", count=0, seed=-1)
    assert done.returncode == 2
    for name, minimum in (("count", 1), ("seed", 0)):
        assert f"sieve_latents.{name} = {minimum - 1}: must be an integer, >= {minimum}" in done.stderr
    assert not (folder / "out").exists()


def test_the_card_of_another_model(folder, run_stage):
    sieves.sieve(group="18_24m", seed=5).save(folder / "18_24m")
    (folder / "18_24f/card.json").write_bytes((folder / "18_24m/card.json").read_bytes())
    done = run_stage("sieve_latents", folder, model="18_24f", out="out/accepted.parquet")
    assert done.returncode == 2
    assert "not the weights that card.json beside it describes" in done.stderr
    assert not (folder / "out").exists()
