"""scripts/explore_latents.py on a small table of latents; two components stand for UMAP's plane in the fast tests."""

import json
import os
import subprocess
import sys

import latents
import main_here
import pandas as pd
import pytest
from PIL import Image

from radsieve import tables
from radsieve.prefilter.latents import exploration
from radsieve.prefilter.tables import (
    COMPONENTS,
    EMBEDDING,
    LATENT_STATISTICS,
    MIXING,
    NEIGHBOURS,
    SCORE_CORRELATIONS,
    VALID_RATES,
)

OPTIONS = {"latents": "latents.parquet", "groups": "groups.csv", "out": "out"}
OUTPUTS = [
    "components.csv",
    "components.png",
    "correlations.csv",
    "correlations.png",
    "embedding.csv",
    "embedding.png",
    "metrics.json",
    "mixing.csv",
    "neighbours.csv",
    "statistics.csv",
    "valid_rates.csv",
    "valid_rates.png",
]
SMALL = {"extremes": 40, "neighbors": 8, "permutations": 50}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    folder = tmp_path_factory.mktemp("explore")
    latents.write(latents.latent_table(["18_24m", "phantoms"], 300), folder)
    set_params(folder, latents={"groups": ["18_24m", "phantoms"]}, explore_latents=SMALL)
    return folder


def check(out, summary):
    """Every table and figure is there, and has what it should have."""
    assert sorted(path.name for path in out.iterdir()) == OUTPUTS
    assert "600 rows; the best told from the worst with a median ROC-AUC of" in summary
    for schema in (
        COMPONENTS, EMBEDDING, LATENT_STATISTICS, MIXING, NEIGHBOURS, SCORE_CORRELATIONS, VALID_RATES
    ):  # fmt: skip
        found = tables.read(schema, out / f"{schema.name}.csv")
        assert set(found["group"]) >= {"18_24m", "phantoms"}
    assert len(tables.read(COMPONENTS, out / "components.csv")) == 2 * 6 * 128
    assert json.loads((out / "metrics.json").read_text())["maps"] == 12
    for name in OUTPUTS:
        if name.endswith(".png"):
            with Image.open(out / name) as picture:
                assert picture.width > 500


def test_every_table_and_figure(folder, monkeypatch):
    monkeypatch.setattr(exploration, "embed", lambda latents, *_: latents[:, :2].astype(float))
    check(folder / "quick", main_here.run("explore_latents", folder, OPTIONS | {"out": "quick"}))


@pytest.mark.slow  # UMAP is compiled first
def test_the_same_bytes_with_other_numbers_of_threads(folder, run_stage, monkeypatch):
    done = run_stage("explore_latents", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    check(folder / "out", done.stderr)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    done = run_stage("explore_latents", folder, **OPTIONS | {"out": "again"})
    assert done.returncode == 0, done.stderr
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name


def test_a_group_that_the_table_lacks(folder, run_stage, set_params, tmp_path):
    set_params(tmp_path, latents={"groups": ["18_24m", "elsewhere"]}, explore_latents=SMALL)
    options = {name: folder / path for name, path in OPTIONS.items()} | {"out": "out"}
    done = run_stage("explore_latents", tmp_path, **options)
    assert done.returncode == 2
    assert "no rows of elsewhere of latents.groups" in done.stderr
    assert not (tmp_path / "out").exists()


def test_groups_of_another_table(folder, run_stage, tmp_path):
    listed = pd.read_csv(folder / "groups.csv")
    listed.head(1).to_csv(tmp_path / "groups.csv", index=False)
    done = run_stage("explore_latents", folder, **OPTIONS | {"groups": tmp_path / "groups.csv", "out": "none"})
    assert done.returncode == 2
    assert "it lacks the group 'phantoms'" in done.stderr
    assert not (folder / "none").exists()


@pytest.mark.slow
def test_the_stage_asks_for_no_deep_learning():
    code = "import sys, umap, radsieve.prefilter.latents.exploration; print({'torch', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
