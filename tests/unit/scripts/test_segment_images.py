"""scripts/segment_images.py on a pack and on a folder."""

import json

import numpy as np
import pytest
import torch
from defaults import COMPUTE
from dicoms import dataset, stored
from ellipses import PIXELS, ellipses, write_ellipses
from PIL import Image

from radsieve import tables
from radsieve.networks.device import choose_device
from radsieve.networks.segmenter import load_segmenter, save_segmenter, segment
from radsieve.networks.unets import build_network
from radsieve.screening.tables import SEGMENTED
from radsieve.tables.images import IMAGE_QUARANTINE

CARD = {"encoder": "none", "width": 4, "depth": 2, "channels": 1, "pixels": PIXELS, "threshold": 0.5, "mirrored": False}
OPTIONS = {"weights": "best.safetensors", "images": "images", "out": "out"}


@pytest.fixture
def folder(tmp_path, set_params):
    set_params(tmp_path, compute=COMPUTE, segment_images={"batch": 5, "overlays": 6})
    torch.manual_seed(0)
    save_segmenter(tmp_path / "best.safetensors", build_network(CARD).state_dict(), CARD)
    return tmp_path


def test_a_pack(folder, run_stage):
    write_ellipses(folder / "images", images=12)
    done = run_stage("segment_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "12 images, " in done.stderr
    masks = np.load(folder / "out/masks.npy")
    segmenter = load_segmenter(folder / "best.safetensors", choose_device(COMPUTE))
    probabilities = segment(segmenter, ellipses(12)[0])
    assert (masks == (probabilities >= 0.5)).mean() > 0.999  # sums of other batches are rounded otherwise
    found = tables.read(SEGMENTED, folder / "out/segmented.csv")
    assert found["image"].tolist() == [f"{image:03}.png" for image in range(12)]
    assert np.allclose(found["area_share"], masks.mean(axis=(1, 2, 3)))
    assert tables.read(IMAGE_QUARANTINE, folder / "out/quarantine.csv").empty
    assert json.loads((folder / "out/metrics.json").read_text())["images"] == 12
    names = ["masks.npy", "metrics.json", "overlays.png", "quarantine.csv", "segmented.csv"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == names
    assert run_stage("segment_images", folder, **OPTIONS | {"out": "again"}).returncode == 0
    for name in names:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()


def test_a_folder_of_mixed_and_broken_files(folder, run_stage):
    images, _ = ellipses(4, pixels=48)
    (folder / "images/ward").mkdir(parents=True)
    wide = Image.fromarray(images[0, 0]).resize((80, 60))
    wide.save(folder / "images/a.jpg")
    wide.convert("RGBA").save(folder / "images/a.png")
    Image.fromarray(images[1, 0].astype(np.uint16) * 200).save(folder / "images/ward/deep.tif")
    (folder / "images/ward/film.dcm").write_bytes(stored(dataset(images[2, 0].astype(np.uint16) * 16)))
    (folder / "images/broken.png").write_bytes((folder / "images/a.png").read_bytes()[:200])
    (folder / "images/notes.txt").write_text("no image")
    done = run_stage("segment_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "4 images, " in done.stderr and "2 in quarantine" in done.stderr
    quarantine = tables.read(IMAGE_QUARANTINE, folder / "out/quarantine.csv")
    assert quarantine["image"].tolist() == ["broken.png", "notes.txt"]
    assert tables.read(SEGMENTED, folder / "out/segmented.csv")["image"].tolist() == [
        "a.jpg", "a.png", "ward/deep.tif", "ward/film.dcm"
    ]  # fmt: skip
    sizes = {"a.png": (80, 60), "a.png.png": (80, 60), "ward/deep.png": (48, 48), "ward/film.png": (48, 48)}
    for kind in ("masks", "probabilities"):
        files = [path for path in (folder / "out" / kind).rglob("*") if path.is_file()]
        assert {path.relative_to(folder / "out" / kind).as_posix() for path in files} == set(sizes)
        for name, size in sizes.items():
            with Image.open(folder / "out" / kind / name) as image:
                assert (image.mode, image.size) == ("L", size)
    for name in sizes:
        mask = np.asarray(Image.open(folder / "out/masks" / name))
        probability = np.asarray(Image.open(folder / "out/probabilities" / name))
        assert set(np.unique(mask)) <= {0, 255}
        assert np.array_equal(mask[probability != 128] == 255, probability[probability != 128] > 128)


def test_masks_of_an_earlier_run_do_not_stay(folder, run_stage):
    for number, image in enumerate(ellipses(3)[0]):
        (folder / "images").mkdir(exist_ok=True)
        Image.fromarray(image[0]).save(folder / f"images/{number}.png")
    assert run_stage("segment_images", folder, **OPTIONS).returncode == 0
    for number in (0, 2):
        (folder / f"images/{number}.png").unlink()
    assert run_stage("segment_images", folder, **OPTIONS).returncode == 0
    for kind in ("masks", "probabilities"):
        assert [path.name for path in (folder / "out" / kind).iterdir()] == ["1.png"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"out": "images/out"}, "its masks would be taken for images"),
        ({"weights": "images/000.png"}, "000.png: not found"),
    ],
)
def test_what_a_user_gets_wrong(folder, run_stage, options, message):
    write_ellipses(folder / "images", images=2)
    done = run_stage("segment_images", folder, **OPTIONS | options)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "out").exists()
