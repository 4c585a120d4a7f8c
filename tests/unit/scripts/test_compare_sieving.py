"""scripts/compare_sieving.py with small networks and planted generators."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import planted_images
import pytest
import scored_images
from defaults import COMPUTE, changed
from PIL import Image

from radsieve import tables
from radsieve.generation.tables import SIEVED_IMAGES, SIEVING_DEPTHS, SIEVING_METHODS
from radsieve.generators.interface import sample_latents
from radsieve.imaging.packs import write_pack
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.screening.scores.score_tables import with_latents
from radsieve.screening.tables import SCORED_LATENTS, SCORES
from radsieve.tables.images import PACKED_IMAGES, Split

GROUPS = ["a", "b"]  # of b no image was good
PIXELS, ROWS = scored_images.PIXELS, 60
OUTPUTS = ["depths.csv", "depths.png", "images.csv", "methods.csv", "methods.png", "metrics.json", "moved.png"]
OPTIONS = {
    "scored": "scores.parquet", "samples": "generated", "weights": "gan/{group}.safetensors", "images": "gan_images",
    "table": "images.csv", **scored_images.SCORER, "published": Path(__file__).parents[3] / "data/published",
    "out": "out",
}  # fmt: skip
SMALL = {
    "images": 20, "moved_images": 6, "unseen_latents": 40, "batch": 8, "grid_images": 2, "bootstrap": 100,
    "moving": {"steps": 4, "stride": 0.3, "pull": 0.1, "targets": [0]},
    "reweighting": changed(planted_images.SETTINGS.reweighting, images=12),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    chosen = {"min_accepted": 5, "subsets": 20, "bootstrap": 100}
    set_params(
        tmp_path,
        compute=COMPUTE,
        generation={"groups": GROUPS, "diseased": ["b"], "pixels": PIXELS},
        latents={"folds": 2},
        select_thresholds=chosen,
        compare_sieving=SMALL,
    )
    (tmp_path / "results").symlink_to(scored_phantoms / "results")
    splits, random = [], np.random.default_rng(0)
    card = {"kind": "generator", "architecture": "residual", "pixels": 16, "channels": 1, "width": 2}
    for group in GROUPS:
        latents = sample_latents(ROWS, 5, group)
        good = (np.abs(latents[:, 0]) > planted_images.FAR) & (group == "a")
        scores = pd.DataFrame({name: np.where(good, 0.5, -0.5) for name in SCORES}).assign(valid=good.astype(int))
        splits.append(with_latents(scores.assign(image="", group=group), latents))
        generated = random.integers(0, 256, (ROWS, 1, PIXELS, PIXELS), np.uint8)
        write_pack(
            tmp_path / f"generated/{group}", [f"{image}" for image in range(ROWS)], generated, generated.shape[1:]
        )
        write_checkpoint(tmp_path / f"gan/{group}.safetensors", planted_images.network().state_dict(), card)
    tables.write(SCORED_LATENTS, pd.concat(splits, ignore_index=True), tmp_path / "scores.parquet")
    names = [f"{group}-{number}" for group in GROUPS for number in range(12)]
    images = random.integers(0, 256, (len(names), 1, PIXELS, PIXELS), np.uint8)
    write_pack(tmp_path / "gan_images", names, images, images.shape[1:])
    table = pd.DataFrame({"image": names, "sha256": "0" * 64, "patient": names, "unit": names, "label": "normal"})
    table["group"], table["split"] = np.repeat(GROUPS, 12), np.tile(list(Split), 8)
    table.insert(6, "subgroups", "")
    tables.write(PACKED_IMAGES, table, tmp_path / "images.csv")
    return tmp_path


@pytest.mark.slow
def test_methods_are_compared_for_each_group(folder, run_stage):
    done = run_stage("compare_sieving", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    methods = tables.read(SIEVING_METHODS, folder / "out/methods.csv")
    depths = tables.read(SIEVING_DEPTHS, folder / "out/depths.csv")
    images = tables.read(SIEVED_IMAGES, folder / "out/images.csv")
    assert methods["group"].drop_duplicates().tolist() == GROUPS
    assert methods[methods["group"] == "a"]["reason"].isna().all()
    assert set(depths[depths["group"] == "b"]["reason"]) == {"no good images among 60 rows; 4 are needed"}
    assert depths.groupby("group")["depth"].agg(list).tolist() == [[0, 1, 2, 3, 4]] * 2
    assert (depths["image_share"] < depths["generator_share"])[depths["depth"] > 0].all()  # scoring has a share too
    assert (images["method"] == "pool").sum() == 40
    assert list(json.loads((folder / "out/metrics.json").read_text())) == GROUPS
    assert "compare_sieving: a: " in done.stderr and "nan" not in done.stderr
    for name in ("methods.png", "depths.png", "moved.png"):
        with Image.open(folder / "out" / name) as figure:
            assert figure.width > 500
