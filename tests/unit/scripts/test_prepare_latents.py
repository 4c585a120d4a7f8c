"""scripts/prepare_latents.py on a small twin and on files written by the test."""

import json
from pathlib import Path

import latents
import pandas as pd
import pytest

from radsieve import tables
from radsieve.prefilter.latents import latent_table
from radsieve.prefilter.tables import LATENT_GROUPS, TWIN

OPTIONS = {
    "scored": "scores.parquet",
    "published": Path(__file__).parents[3] / "data" / "published",
    "out": "out",
}
OUTPUTS = ["groups.csv", "latents.parquet", "metrics.json", "twin.csv"]
MINE = latents.latent_table(["mine", "theirs"], 50)


@pytest.fixture
def folder(tmp_path):
    screened = latent_table.to_batch(latents.latent_table(["18_24m", "18_24f"], 20)).to_pandas()
    screened.astype({"valid": int}).to_parquet(tmp_path / "scores.parquet", index=False)
    latent_table.to_batch(MINE).to_pandas().to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path


def test_twin_and_screened_images(folder, run_stage, set_params):
    set_params(folder, latents={"groups": ["18_24m", "58_64f", "phantoms"]}, prepare_latents={"twin_rows": 500})
    for out in ("out", "again"):
        done = run_stage("prepare_latents", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name
    table = latent_table.read(folder / "out/latents.parquet")
    groups = tables.read(LATENT_GROUPS, folder / "out/groups.csv")
    assert table.groups == tuple(groups["group"]) == ("18_24m", "58_64f", "phantoms")
    assert groups["source"].tolist() == ["twin", "twin", "screened"]
    assert groups["rows"].tolist() == [500, 500, 40]
    twin = tables.read(TWIN, folder / "out/twin.csv")
    assert twin["of"].tolist() == ["18_24m", "58_64f"]  # without all groups nothing is published of them together
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["rows"] == 1040
    assert metrics["valid"] == table.valid.sum()
    assert metrics["twin_compared"] == 2


def test_a_table_of_the_user(folder, run_stage, set_params, monkeypatch):
    monkeypatch.setenv("MINE", str(folder))
    options = {"sources": ["table"], "table": "$MINE/mine.csv"}
    set_params(folder, latents={"groups": ["mine", "theirs"]}, prepare_latents=options)
    done = run_stage("prepare_latents", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    table = latent_table.read(folder / "out/latents.parquet", ["theirs"])
    assert table.latents == pytest.approx(MINE.of("theirs").latents)
    assert tables.read(TWIN, folder / "out/twin.csv").empty


def test_a_wrong_row_is_named(folder, run_stage, set_params):
    table = pd.read_csv(folder / "mine.csv")
    table.loc[41, "z011"] = float("nan")
    table.to_csv(folder / "mine.csv", index=False)
    options = {"sources": ["table"], "table": "mine.csv"}
    set_params(folder, latents={"groups": ["mine", "theirs"]}, prepare_latents=options)
    done = run_stage("prepare_latents", folder, **OPTIONS)
    assert done.returncode == 2
    assert "mine.csv: line 43: z011 is empty" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((folder / "out").iterdir())
