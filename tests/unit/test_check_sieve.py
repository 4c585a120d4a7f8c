"""scripts/check_sieve.py on small phantoms, with small networks and a sieve made up."""

import json

import pytest
import scored_films
from defaults import COMPUTE
from PIL import Image
from promising_sieves import make_sieve

from radsieve import tables
from radsieve.prefilter_tables import CHECKED_DIVERSITY, CHECKED_FILMS, CHECKED_PROMISE
from radsieve.screening_tables import SCORES

OPTIONS = {"models": "models", "out": "out"}
OUTPUTS = ["diversity.csv", "films.csv", "metrics.json", "promise.csv", "promise.png", "sieved.png", "unsieved.png"]
GROUPS = [scored_films.GROUP, "18_24f"]
SETTINGS = {"group": "phantoms", "films": 17, "batch": 32, "sheet_films": 4, "bootstrap": 100}


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    generator = {"pixels": scored_films.PIXELS, "groups": GROUPS}
    set_params(tmp_path, generator=generator, compute=COMPUTE, check_sieve=SETTINGS)
    make_sieve(weight=5.0).save(tmp_path / "models/phantoms")
    (tmp_path / "results").symlink_to(scored_phantoms / "results")
    return tmp_path


def test_both_arms_are_drawn_scored_and_held_to_the_promise(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("check_sieve", folder, **OPTIONS | {"results": "results", "out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    films = tables.read(CHECKED_FILMS, folder / "out/films.csv")
    assert films.groupby(["arm", "group"], sort=False).size().tolist() == [9, 8, 9, 8]
    assert films["film"].is_unique
    assert films[list(SCORES)].drop_duplicates().shape[0] == 34
    sieved = films["arm"] == "sieved"
    assert (films["accepted"] == (films["probability"] >= 0.5)).all()
    assert films.loc[sieved, "accepted"].all()
    assert not films.loc[~sieved, "accepted"].all()
    promise = tables.read(CHECKED_PROMISE, folder / "out/promise.csv").set_index(["group", "quantity"])
    assert promise.loc[("all", "precision_sieved"), "came"] == pytest.approx(films.loc[sieved, "valid"].mean())
    one = films[sieved & (films["group"] == "18_24f")]
    assert promise.loc[("18_24f", "precision_sieved"), "came"] == pytest.approx(one["valid"].mean())
    diversity = tables.read(CHECKED_DIVERSITY, folder / "out/diversity.csv")
    assert set(diversity["space"]) == {"lung shapes", "network features"}
    metrics = json.loads((folder / "out/metrics.json").read_text())
    kept = promise.loc["all", "kept"].dropna()
    assert (metrics["promises"], metrics["promises_kept"]) == (len(kept), kept.sum())
    assert f"{metrics['promises_kept']} of {metrics['promises']} promises kept; wall clock: " in done.stderr
    for name in ("sieved.png", "unsieved.png"):
        with Image.open(folder / "out" / name) as sheet:
            assert sheet.width > 500


def test_a_group_without_a_sieve_is_named_before_anything_is_written(folder, run_stage):
    (folder / "models/phantoms/card.json").unlink()
    done = run_stage("check_sieve", folder, **OPTIONS, results="results")
    assert done.returncode == 2
    assert "models/phantoms/card.json: not found" in done.stderr
    assert not (folder / "out").exists()
