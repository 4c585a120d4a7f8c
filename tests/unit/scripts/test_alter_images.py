"""scripts/alter_images.py, in this process with a segmenter that takes what is dark for lungs."""

import json

import main_here
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from radsieve import tables
from radsieve.errors import InputError
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.segmenter import save_segmenter
from radsieve.networks.unets import build_network
from radsieve.screening.tables import REFERENCE_IMAGES
from radsieve.tables.images import PACKED_IMAGES

PIXELS = 32
CARD = {"encoder": "none", "width": 4, "depth": 1, "channels": 1, "pixels": PIXELS, "threshold": 0.5, "mirrored": False}
OPTIONS = {
    "images": "images",
    "images_table": "images.csv",
    "segmenter": "segmenter.safetensors",
    "reference": "reference",
    "out": "out",
}
SETTINGS = {"images": 6, "altered": 6, "label": "normal", "grid_images": 1}


def generate(seed, lungs=2):
    """Bright tissue with dark lungs."""
    rng = np.random.default_rng(seed)
    image = rng.integers(170, 190, (1, PIXELS, PIXELS), dtype=np.uint8)
    for left in (5, 18)[:lungs]:
        image[0, 7 + seed % 3 : 25, left : left + 9] = rng.integers(30, 50)
    return image


@pytest.fixture
def folder(tmp_path, set_params):
    """Six normal images of the validation split, six of the test split, of which one has a single lung, and an abnormal
    one.
    """
    names = [f"{index:02}.png" for index in range(13)]
    images = pd.DataFrame(
        {"image": names, "sha256": "0" * 64, "patient": names, "unit": names, "group": "", "subgroups": ""}
    )
    images["label"] = ["normal"] * 12 + ["abnormal"]
    images["split"] = ["validation"] * 6 + ["test"] * 7
    tables.write(PACKED_IMAGES, images[list(PACKED_IMAGES.columns)], tmp_path / "images.csv")
    generated = [generate(index, lungs=1 if index == 6 else 2) for index in range(13)]
    write_pack(tmp_path / "images", names, generated, (1, PIXELS, PIXELS))
    torch.manual_seed(0)
    save_segmenter(tmp_path / "segmenter.safetensors", build_network(CARD).state_dict(), CARD)
    set_params(
        tmp_path,
        alter_images=SETTINGS,
        compute={"device": "cpu", "precision": "float32", "instructions": "avx2", "threads": 1},
    )
    return tmp_path


@pytest.fixture
def run_here(folder, monkeypatch):
    """Runs the script's main in this process, which has torch already, with settings changed."""
    monkeypatch.setattr("radsieve.networks.segmenter.segment", lambda _, images: (images < 100).astype(np.float32))

    def run(out="out", **changes):
        options = OPTIONS | {"out": out, "reference": f"{out}/reference"}
        return main_here.run("alter_images", folder, options, **changes)

    return run


@pytest.mark.slow
def test_the_script_runs_with_weights_that_find_nothing_of_use(folder, run_stage):
    done = run_stage("alter_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "alter_images: 12 true images, 11 altered copies of each of " in done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["grid.png", "images.csv", "metrics.json"]
    assert sorted(path.name for path in (folder / "reference").iterdir()) == ["images.npy", "index.csv"]


def test_true_images_and_their_copies_are_written_alike_each_time(folder, run_here):
    assert run_here() == "12 true images, 11 altered copies of each of 5 of them"  # one has a single lung
    table = tables.read(REFERENCE_IMAGES, folder / "out/images.csv")
    pack, images = read_pack(folder / "out/reference"), read_pack(folder / "images")
    assert pack.names == table["image"].tolist() and table["image"].is_unique
    assert table["split"].tolist() == ["validation"] * 6 + ["test"] * (6 + 5 * 11)
    assert (table["alteration"][:12] == "none").all() and (table["alteration"][12:] != "none").all()
    assert "12.png" not in set(table["original"])
    for row, (original, alteration) in enumerate(table[["original", "alteration"]].itertuples(index=False)):
        image = images.images[images.names.index(original)]
        if alteration == "none":
            np.testing.assert_array_equal(pack.images[row], image)
        elif alteration == "patient's right lung (image left) painted over":
            assert pack.images[row, 0, 12:22, 6:13].min() > 150 and pack.images[row, 0, 12:22, 19:26].max() < 60
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics == {
        "true_validation": 6,
        "true_test": 6,
        "altered_images": 5,
        "alterations": 11,
        "without_two_lungs": 1,
    }
    with Image.open(folder / "out/grid.png") as grid:
        assert grid.width > 0.9 * grid.height  # four columns: large images, of one original
    run_here("again")
    for name in ("images.csv", "metrics.json", "grid.png"):
        assert (folder / "again" / name).read_bytes() == (folder / "out" / name).read_bytes()
    assert (folder / "again/reference/images.npy").read_bytes() == (folder / "out/reference/images.npy").read_bytes()


def test_nothing_to_alter(folder, run_here):
    assert run_here(images=5, altered=0) == "10 true images, 11 altered copies of each of 0 of them"
    assert read_pack(folder / "out/reference").images.shape == (10, 1, PIXELS, PIXELS)
    assert (folder / "out/grid.png").is_file()


def test_images_and_table_that_do_not_belong_together_are_an_error(folder, run_here):
    table = tables.read(PACKED_IMAGES, folder / "images.csv")
    tables.write(PACKED_IMAGES, table[::-1], folder / "images.csv")
    with pytest.raises(
        InputError, match=r"images.csv: its images are not those of .*images, row by row; run pack_images and"
    ):
        run_here()
    assert not (folder / "out").exists()
