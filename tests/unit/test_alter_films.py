"""scripts/alter_films.py, in this process with a segmenter that takes what is dark for lungs."""

import argparse
import json
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.segmenter import save_segmenter
from radsieve.networks.unets import build_network
from radsieve.screening_tables import FILMS, REFERENCE_FILMS

SCRIPT = Path(__file__).parents[2] / "scripts/alter_films.py"
PIXELS = 32
CARD = {"encoder": "none", "width": 4, "depth": 1, "channels": 1, "pixels": PIXELS, "threshold": 0.5, "mirrored": False}
OPTIONS = {
    "films": "films",
    "films_table": "films.csv",
    "segmenter": "segmenter.safetensors",
    "reference": "reference",
    "out": "out",
}
SETTINGS = {"films": 6, "altered": 6, "label": "normal", "sheet_films": 1}


def draw(seed, lungs=2):
    """Bright tissue with dark lungs."""
    rng = np.random.default_rng(seed)
    film = rng.integers(170, 190, (1, PIXELS, PIXELS), dtype=np.uint8)
    for left in (5, 18)[:lungs]:
        film[0, 7 + seed % 3 : 25, left : left + 9] = rng.integers(30, 50)
    return film


@pytest.fixture
def folder(tmp_path, set_params):
    """Six normal films of part validation, six of part test, of which one has a single lung, and an abnormal one."""
    names = [f"{index:02}.png" for index in range(13)]
    films = pd.DataFrame({"film": names, "sha256": "0" * 64, "patient": names, "group": ""})
    films["label"] = ["normal"] * 12 + ["abnormal"]
    films["part"] = ["validation"] * 6 + ["test"] * 7
    tables.write(FILMS, films[list(FILMS.columns)], tmp_path / "films.csv")
    drawn = [draw(index, lungs=1 if index == 6 else 2) for index in range(13)]
    write_pack(tmp_path / "films", names, drawn, (1, PIXELS, PIXELS))
    torch.manual_seed(0)
    save_segmenter(tmp_path / "segmenter.safetensors", build_network(CARD).state_dict(), CARD)
    set_params(
        tmp_path,
        alter_films=SETTINGS,
        compute={"device": "cpu", "precision": "float32", "instructions": "avx2", "threads": 1},
    )
    return tmp_path


@pytest.fixture
def run_here(folder, monkeypatch):
    """Runs the script's main in this process, which has torch already, with settings changed."""
    monkeypatch.setattr("radsieve.networks.segmenter.segment", lambda _, films: (films < 100).astype(np.float32))

    def run(out="out", **changes):
        params = yaml.safe_load((folder / "params.yaml").read_text())
        params["alter_films"] |= changes
        paths = {name: folder / path for name, path in OPTIONS.items()}
        paths |= {"out": folder / out, "reference": folder / out / "reference"}
        return runpy.run_path(str(SCRIPT))["main"](argparse.Namespace(**paths), params)

    return run


def test_the_script_runs_with_weights_that_find_nothing_of_use(folder, run_stage):
    done = run_stage("alter_films", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "alter_films: 12 true films, 11 altered copies of each of " in done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["films.csv", "metrics.json", "sheet.png"]
    assert sorted(path.name for path in (folder / "reference").iterdir()) == ["films.npy", "index.csv"]


def test_true_films_and_their_copies_are_written_alike_each_time(folder, run_here):
    assert run_here() == "12 true films, 11 altered copies of each of 5 of them"  # one has a single lung
    table = tables.read(REFERENCE_FILMS, folder / "out/films.csv")
    pack, films = read_pack(folder / "out/reference"), read_pack(folder / "films")
    assert pack.names == table["film"].tolist() and table["film"].is_unique
    assert table["part"].tolist() == ["validation"] * 6 + ["test"] * (6 + 5 * 11)
    assert (table["alteration"][:12] == "none").all() and (table["alteration"][12:] != "none").all()
    assert "12.png" not in set(table["original"])
    for row, (original, alteration) in enumerate(table[["original", "alteration"]].itertuples(index=False)):
        film = films.films[films.names.index(original)]
        if alteration == "none":
            np.testing.assert_array_equal(pack.films[row], film)
        elif alteration == "left lung painted over":
            assert pack.films[row, 0, 12:22, 6:13].min() > 150 and pack.films[row, 0, 12:22, 19:26].max() < 60
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics == {
        "true_validation": 6,
        "true_test": 6,
        "altered_films": 5,
        "alterations": 11,
        "without_two_lungs": 1,
    }
    with Image.open(folder / "out/sheet.png") as sheet:
        assert sheet.width > 5 * sheet.height
    run_here("again")
    for name in ("films.csv", "metrics.json", "sheet.png"):
        assert (folder / "again" / name).read_bytes() == (folder / "out" / name).read_bytes()
    assert (folder / "again/reference/films.npy").read_bytes() == (folder / "out/reference/films.npy").read_bytes()


def test_nothing_to_alter(folder, run_here):
    assert run_here(films=5, altered=0) == "10 true films, 11 altered copies of each of 0 of them"
    assert read_pack(folder / "out/reference").films.shape == (10, 1, PIXELS, PIXELS)
    assert (folder / "out/sheet.png").is_file()


def test_films_and_table_that_do_not_belong_together_are_an_error(folder, run_here):
    table = tables.read(FILMS, folder / "films.csv")
    tables.write(FILMS, table[::-1], folder / "films.csv")
    with pytest.raises(InputError, match=r"films.csv: not the films of .*films in their order; run pack_films again"):
        run_here()
    assert not (folder / "out").exists()
