"""scripts/compare_sieving.py with small networks and planted generators."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import planted_films
import pytest
import scored_films
from PIL import Image

from radsieve import tables
from radsieve.generation_tables import SIEVED_FILMS, SIEVING_DEPTHS, SIEVING_WAYS
from radsieve.generators.interface import draw_latents
from radsieve.imaging.packs import write_pack
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.screening.score_tables import with_latents
from radsieve.screening_tables import FILMS, SCORED_LATENTS, SCORES, Split

GROUPS = ["a", "b"]  # of b no film was good
PIXELS, ROWS = scored_films.PIXELS, 60
OUTPUTS = ["depths.csv", "depths.png", "films.csv", "metrics.json", "moved.png", "ways.csv", "ways.png"]
OPTIONS = {
    "scored": "scores.parquet", "drawn": "drawn", "weights": "gan/{group}.safetensors", "films": "gan_films",
    "table": "films.csv", "results": "results", "published": Path(__file__).parents[2] / "data/published", "out": "out",
}  # fmt: skip
SMALL = {
    "films": 20, "moved_films": 6, "unseen_latents": 40, "batch": 8, "sheet_films": 2, "bootstrap": 100,
    "moving": {"steps": 4, "stride": 0.3, "pull": 0.1, "targets": [0]},
    "reweighting": planted_films.SETTINGS["reweighting"] | {"films": 12},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, set_params, scored_phantoms):
    chosen = {"least_accepted": 5, "subsets": 20, "bootstrap": 100}
    set_params(
        tmp_path,
        compute=scored_films.COMPUTE,
        generation={"groups": GROUPS, "diseased": ["b"], "pixels": PIXELS},
        latents={"folds": 2},
        select_thresholds=chosen,
        compare_sieving=SMALL,
    )
    (tmp_path / "results").symlink_to(scored_phantoms / "results")
    parts, random = [], np.random.default_rng(0)
    card = {"kind": "generator", "architecture": "residual", "pixels": 16, "channels": 1, "width": 2}
    for group in GROUPS:
        latents = draw_latents(ROWS, 5, group)
        good = (np.abs(latents[:, 0]) > planted_films.FAR) & (group == "a")
        scores = pd.DataFrame({name: np.where(good, 0.5, -0.5) for name in SCORES}).assign(valid=good.astype(int))
        parts.append(with_latents(scores.assign(film="", group=group), latents))
        drawn = random.integers(0, 256, (ROWS, 1, PIXELS, PIXELS), np.uint8)
        write_pack(tmp_path / f"drawn/{group}", [f"{film}" for film in range(ROWS)], drawn, drawn.shape[1:])
        write_checkpoint(tmp_path / f"gan/{group}.safetensors", planted_films.network().state_dict(), card)
    tables.write(SCORED_LATENTS, pd.concat(parts, ignore_index=True), tmp_path / "scores.parquet")
    names = [f"{group}-{number}" for group in GROUPS for number in range(12)]
    films = random.integers(0, 256, (len(names), 1, PIXELS, PIXELS), np.uint8)
    write_pack(tmp_path / "gan_films", names, films, films.shape[1:])
    table = pd.DataFrame({"film": names, "sha256": "0" * 64, "patient": names, "label": "normal"})
    table["group"], table["part"] = np.repeat(GROUPS, 12), np.tile(list(Split), 8)
    tables.write(FILMS, table, tmp_path / "films.csv")
    return tmp_path


def test_ways_are_compared_for_each_group(folder, run_stage):
    done = run_stage("compare_sieving", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    ways = tables.read(SIEVING_WAYS, folder / "out/ways.csv")
    depths = tables.read(SIEVING_DEPTHS, folder / "out/depths.csv")
    films = tables.read(SIEVED_FILMS, folder / "out/films.csv")
    assert ways["group"].drop_duplicates().tolist() == GROUPS
    assert ways[ways["group"] == "a"]["reason"].isna().all()
    assert set(depths[depths["group"] == "b"]["reason"]) == {"no good films among 60 rows; 4 are needed"}
    assert depths.groupby("group")["depth"].agg(list).tolist() == [[0, 1, 2, 3, 4]] * 2
    assert (depths["film_share"] < depths["generator_share"])[depths["depth"] > 0].all()  # scoring has a share too
    assert (films["way"] == "pool").sum() == 40
    assert list(json.loads((folder / "out/metrics.json").read_text())) == GROUPS
    assert "a: saving" in done.stderr
    for name in ("ways.png", "depths.png", "moved.png"):
        with Image.open(folder / "out" / name) as figure:
            assert figure.width > 500
