"""scripts/measure_loop.py with the phantom decoder, small networks and images that it has not generated before."""

import json

import numpy as np
import pandas as pd
import pytest
import scored_images
from defaults import COMPUTE
from PIL import Image

from radsieve import tables
from radsieve.generation.tables import LOOP, LOOP_DISTANCES, LOOP_DIVERSITY
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import sample_latents
from radsieve.imaging.packs import write_pack
from radsieve.networks.device import choose_device
from radsieve.prefilter.tables import CHECKED_IMAGES, EXPECTED_OBSERVED
from radsieve.screening.scores.image_scorer import load_scorer
from radsieve.screening.scores.score_tables import with_latents
from radsieve.screening.tables import SCORED_LATENTS
from radsieve.tables.images import PACKED_IMAGES, Split

GROUPS = [scored_images.GROUP, "18_24f"]
PIXELS = scored_images.PIXELS
OPTIONS = {
    "scored": "scores.parquet", "weights": "phantoms", "images": "gan", "table": "images.csv", **scored_images.SCORER,
    "out": "out",
}  # fmt: skip
SMALL = {"images": 12, "batch": 8, "grid_images": 4, "bootstrap": 100}
OUTPUTS = [
    "distances.csv", "diversity.csv", "images.csv", "loop.csv", "loop.png", "metrics.json", "expected_observed.csv",
    "sieved.png", "unsieved.png",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    settings = {"compute": COMPUTE, "generation": {"groups": GROUPS, "diseased": [], "pixels": PIXELS}}
    chosen = {"min_accepted": 5, "subsets": 20, "bootstrap": 100}
    set_params(tmp_path, **settings, latents={"folds": 2}, select_thresholds=chosen, measure_loop=SMALL)
    (tmp_path / "results").symlink_to(scored_phantoms / "results")
    scorer, decoder = load_scorer(scored_images.scorer_files(tmp_path), choose_device(COMPUTE)), PhantomDecoder(PIXELS)
    splits, real = [], []
    for group in GROUPS:
        latents = sample_latents(60, 5, group)
        scores = scorer.score(decoder.generate(latents, group)).scores
        splits.append(with_latents(scores.assign(image="", group=group), latents))
        real.append(decoder.generate(sample_latents(9, 6, group) / 3, group))
    tables.write(SCORED_LATENTS, pd.concat(splits, ignore_index=True), tmp_path / "scores.parquet")
    names = [f"{group}-{number}" for group in GROUPS for number in range(9)]
    write_pack(tmp_path / "gan", names, np.concatenate(real), (1, PIXELS, PIXELS))
    table = pd.DataFrame({"image": names, "sha256": "0" * 64, "patient": names, "unit": names, "label": "normal"})
    table["group"], table["split"] = np.repeat(GROUPS, 9), np.tile(list(Split), 6)
    table.insert(6, "subgroups", "")
    tables.write(PACKED_IMAGES, table, tmp_path / "images.csv")
    return tmp_path


@pytest.mark.slow
def test_the_loop_is_closed_for_each_group(folder, run_stage):
    for out in ("out", "again"):
        done = run_stage("measure_loop", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(OUTPUTS)
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    loop = tables.read(LOOP, folder / "out/loop.csv")
    assert loop["group"].tolist() == GROUPS
    assert loop["rows"].tolist() == [60, 60]
    scored = tables.read(SCORED_LATENTS, folder / "scores.parquet")
    assert loop["valid_rate"].tolist() == pytest.approx([scored["valid"][:60].mean(), scored["valid"][60:].mean()])
    images = tables.read(CHECKED_IMAGES, folder / "out/images.csv")
    share = images.groupby(["group", "arm"])["valid"].mean()
    for row in loop.to_dict("records"):
        assert row["precision_before"] == pytest.approx(share[row["group"], "unsieved"])
        assert row["precision_after"] == pytest.approx(share[row["group"], "sieved"])
    expected_observed = tables.read(EXPECTED_OBSERVED, folder / "out/expected_observed.csv")
    assert (
        expected_observed.groupby("group")["quantity"].nunique().tolist()
        == [expected_observed["quantity"].nunique()] * 2
    )
    distances = tables.read(LOOP_DISTANCES, folder / "out/distances.csv")
    assert (
        distances.groupby("group", sort=False)["which"].agg(list).tolist()
        == [["generated", "screened", "sieved", "kept"]] * 2
    )
    assert set(tables.read(LOOP_DIVERSITY, folder / "out/diversity.csv")["group"]) <= set(GROUPS)
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert list(metrics) == GROUPS
    assert "good images without the sieve" in done.stderr
    for name in ("loop.png", "sieved.png", "unsieved.png"):
        with Image.open(folder / "out" / name) as figure:
            assert figure.width > 500


@pytest.mark.slow
def test_a_group_that_was_not_scored_is_named(folder, run_stage):
    table = tables.read(SCORED_LATENTS, folder / "scores.parquet")
    tables.write(SCORED_LATENTS, table[:60], folder / "scores.parquet")
    done = run_stage("measure_loop", folder, **OPTIONS)
    assert done.returncode == 2
    assert "there is no group '18_24f' in the table of latents" in done.stderr
    assert not (folder / "out").exists()
