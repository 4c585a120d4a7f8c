"""scripts/check_sieve.py on small phantoms, with small networks and a sieve made up."""

import json

import pytest
import scored_images
from defaults import COMPUTE
from example_sieves import make_sieve
from PIL import Image

from radsieve import tables
from radsieve.prefilter.sieve.expected_observed import INDEPENDENT
from radsieve.prefilter.tables import CHECKED_DIVERSITY, CHECKED_IMAGES, EXPECTED_OBSERVED
from radsieve.screening.tables import SCORES

OPTIONS = {"models": "models", **scored_images.SCORER, "out": "out"}
OUTPUTS = [
    "diversity.csv",
    "images.csv",
    "metrics.json",
    "expected_observed.csv",
    "expected_observed.png",
    "sieved.png",
    "unsieved.png",
]
GROUPS = [scored_images.GROUP, "18_24f"]
SETTINGS = {"group": "phantoms", "images": 17, "batch": 32, "grid_images": 4, "bootstrap": 100}


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    generator = {"pixels": scored_images.PIXELS, "groups": GROUPS}
    set_params(tmp_path, generator=generator, compute=COMPUTE, check_sieve=SETTINGS)
    make_sieve(weight=5.0).save(tmp_path / "models/phantoms")
    (tmp_path / "results").symlink_to(scored_phantoms / "results")
    return tmp_path


@pytest.mark.slow
def test_both_arms_are_generated_scored_and_compared_with_the_expected_values(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("check_sieve", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(OUTPUTS)
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    images = tables.read(CHECKED_IMAGES, folder / "out/images.csv")
    assert images.groupby(["arm", "group"], sort=False).size().tolist() == [9, 8, 9, 8]
    assert images["image"].is_unique
    assert images[list(SCORES)].drop_duplicates().shape[0] == 34
    sieved = images["arm"] == "sieved"
    assert (images["accepted"] == (images["probability"] >= 0.5)).all()
    assert images.loc[sieved, "accepted"].all()
    assert not images.loc[~sieved, "accepted"].all()
    expected_observed = tables.read(EXPECTED_OBSERVED, folder / "out/expected_observed.csv").set_index(
        ["group", "quantity"]
    )
    assert expected_observed.loc[("all", "precision_sieved"), "observed"] == pytest.approx(
        images.loc[sieved, "valid"].mean()
    )
    one = images[sieved & (images["group"] == "18_24f")]
    assert expected_observed.loc[("18_24f", "precision_sieved"), "observed"] == pytest.approx(one["valid"].mean())
    diversity = tables.read(CHECKED_DIVERSITY, folder / "out/diversity.csv")
    assert set(diversity["space"]) == {"lung shapes", "network features"}
    metrics = json.loads((folder / "out/metrics.json").read_text())
    within = expected_observed.loc["all", "within"].reindex(list(INDEPENDENT)).dropna()
    assert metrics["two_arms"]["images"] > 0
    assert (metrics["expectations"], metrics["within_expected"]) == (len(within), within.sum())
    said = f"{metrics['within_expected']} of {metrics['expectations']} independent quantities as expected; wall clock: "
    assert said in done.stderr
    for name in ("sieved.png", "unsieved.png"):
        with Image.open(folder / "out" / name) as grid:
            assert grid.width > 500


def test_a_group_without_a_sieve_is_named_before_anything_is_written(folder, run_stage):
    (folder / "models/phantoms/card.json").unlink()
    done = run_stage("check_sieve", folder, **OPTIONS)
    assert done.returncode == 2
    assert "models/phantoms/card.json: not found" in done.stderr
    assert not (folder / "out").exists()
