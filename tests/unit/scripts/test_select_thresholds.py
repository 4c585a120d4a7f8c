"""scripts/select_thresholds.py on a small table of latents."""

import json

import latents as made_up
import pyarrow.parquet as pq
import pytest
from PIL import Image

from radsieve import tables
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.thresholds.tables import (
    COMPOSITE,
    DECISIONS,
    DIVERSITY,
    NESTED,
    PUBLISHED_THRESHOLDS,
    RULES,
    THRESHOLD_CURVES,
)

ROOT_FILES = [
    "composite.csv",
    "curves.csv",
    "curves.png",
    "decisions.csv",
    "decisions.png",
    "diversity.csv",
    "metrics.json",
    "models",
    "nested.csv",
    "published.csv",
    "rules.csv",
]
SCHEMAS = (RULES, NESTED, COMPOSITE, DIVERSITY, DECISIONS, THRESHOLD_CURVES, PUBLISHED_THRESHOLDS)
GROUPS = ["18_24f", "hopeless"]


@pytest.fixture
def folder(tmp_path, set_params, request):
    """Two groups, in the second of which no image is good."""
    table = made_up.latent_table(GROUPS, 400)
    second = table.group == 1
    scores, valid = table.scores.copy(), table.valid.copy()
    scores[second, 0], valid[second] = -abs(scores[second, 0]), 0
    made_up.write(LatentTable(table.groups, table.group, valid, scores, table.latents), tmp_path)
    published = request.config.rootpath / "data/published"
    (tmp_path / "published").symlink_to(published)
    settings = {"bootstrap": 100, "subsets": 20, "min_precision": 0.2, "min_tpr": 0.9}
    set_params(tmp_path, latents={"groups": GROUPS}, select_thresholds=settings)
    return tmp_path


def run(run_stage, folder, out="out"):
    return run_stage(
        "select_thresholds", folder, latents=folder / "latents.parquet", published=folder / "published", out=out
    )


@pytest.mark.slow
def test_tables_figures_and_sieves(folder, run_stage):
    for out in ("out", "again"):
        done = run(run_stage, folder, out)
        assert done.returncode == 0, done.stderr
    assert "2 groups, 1 without a sieve, argmax(2*tpr-fpr): saving " in done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ROOT_FILES
    written = [path.relative_to(folder / "out") for path in (folder / "out").rglob("*") if path.is_file()]
    for name in written:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    for schema in SCHEMAS:
        found = tables.read(schema, folder / f"out/{schema.name}.csv")
        assert len(found)
    assert tables.read(PUBLISHED_THRESHOLDS, folder / "out/published.csv")["equal"].all()
    assert set(tables.read(RULES, folder / "out/rules.csv")["group"]) == {"18_24f"}
    decisions = tables.read(DECISIONS, folder / "out/decisions.csv")
    assert decisions.groupby("group")["reason"].agg(lambda reasons: set(reasons)).to_dict() == {
        "18_24f": {""},
        "hopeless": {"no good images among 400 rows; 5 are needed"},
    }
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["without_sieve"] == {"hopeless": "no good images among 400 rows; 5 are needed"}
    latents = made_up.latent_table(GROUPS, 400).latents
    accepted = {group: Sieve.load(folder / "out/models" / group).accept(latents) for group in GROUPS}
    assert 0.1 < accepted["18_24f"].mean() < 0.95
    assert accepted["hopeless"].all()
    for name in ("decisions.png", "curves.png"):
        with Image.open(folder / "out" / name) as figure:
            assert figure.width > 800
    assert not list((folder / "out/models").rglob("*.pkl"))


def test_a_table_without_one_of_the_components(folder, run_stage):
    table = pq.read_table(folder / "latents.parquet")
    pq.write_table(table.drop_columns(["z064"]), folder / "latents.parquet")
    done = run(run_stage, folder)
    assert done.returncode == 2
    assert "latents.parquet: not a table of latents" in done.stderr
    assert not (folder / "out").exists()


def test_parameters_that_are_refused(folder, run_stage, set_params):
    set_params(folder, select_thresholds={"rule": "argmax(luck)", "model": "kNN1", "min_tpr": 1})
    done = run(run_stage, folder)
    assert done.returncode == 2
    for message in (
        "select_thresholds.rule = 'argmax(luck)': must be one of argmax(tpr-fpr)",
        "select_thresholds.model = 'kNN1': must be one of LogReg.01",
        "select_thresholds.min_tpr = 1: must be a number, > 0 and < 1",
    ):
        assert message in done.stderr
