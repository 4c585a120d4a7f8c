"""scripts/predict_images.py with a network whose last layer is random, on images written by the test."""

import json

import numpy as np
import pytest
import torch
from dicoms import dataset, stored
from PIL import Image

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.networks.backbones import pretrained_backbone
from radsieve.networks.checkpoints import read_checkpoint, write_checkpoint
from radsieve.networks.classifier import Classifier, Network, Preprocessing, save_classifier
from radsieve.networks.device import Device
from radsieve.screening.tables import PREDICTIONS
from radsieve.tables.images import IMAGE_QUARANTINE

SIDE, IMAGES = 32, 5
POINT = 0.893  # between the images
DEVICE = Device(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (IMAGES, 1, SIDE, SIDE), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path, set_params, images):
    """The images in a folder, one of them below another folder, with two files that are none; and a classifier."""
    set_params(tmp_path, compute={"device": "cpu", "precision": "float32", "instructions": "avx2", "threads": 1})
    (tmp_path / "images/more").mkdir(parents=True)
    for number, image in enumerate(images):
        name = f"more/{number}.png" if number == IMAGES - 1 else f"{number}.png"
        Image.fromarray(image[0]).save(tmp_path / "images" / name)
    (tmp_path / "images/3.png").write_bytes(stored(dataset(images[3, 0], bits=8)))  # of DICOM, whatever its name
    (tmp_path / "images/2b.png").write_bytes(b"\x89PNG\r\n\x1a\n, cut off")
    (tmp_path / "images/notes.txt").write_text("no image")
    torch.manual_seed(0)
    preprocessing = Preprocessing(SIDE, 0.25, "halves", 0.0)
    card = {
        "backbone": "efficientnet_lite0",
        "stride": 16,
        "grid": 1,
        "pixels": SIDE,
        "channels": 1,
        "positive": "F",
        "operating_point": {"probability": POINT},
        "preprocessing": vars(preprocessing),
    }
    network = Network(pretrained_backbone("efficientnet_lite0", 16, None, "weights"), 1)
    save_classifier(tmp_path / "model.safetensors", Classifier(network, preprocessing, DEVICE, card))
    return tmp_path


def test_a_folder_and_a_pack_of_the_same_images_are_classified_alike(folder, run_stage, images):
    options = {"weights": "model.safetensors", "images": "images", "out": "found/predictions.csv"}
    done = run_stage("predict_images", folder, **options)
    assert done.returncode == 0, done.stderr
    predictions = tables.read(PREDICTIONS, folder / "found/predictions.csv")
    assert predictions["file"].tolist() == ["0.png", "1.png", "2.png", "3.png", "more/4.png"]
    assert predictions["probability"].nunique() == IMAGES
    quarantine = tables.read(IMAGE_QUARANTINE, folder / "found/quarantine.csv")
    assert quarantine[["image", "reason"]].to_numpy().tolist() == [
        ["2b.png", "broken image"],
        ["notes.txt", "no image"],
    ]
    metrics = json.loads((folder / "found/metrics.json").read_text())
    assert (metrics["images"], metrics["quarantined"], metrics["positive"]) == (IMAGES, 2, "F")
    called = predictions["probability"] >= POINT  # of the card, not 0.5
    assert 0 < called.sum() < IMAGES
    assert predictions["positive"].tolist() == called.astype(int).tolist()
    assert f"{IMAGES} images, {called.sum()} called F, 2 in quarantine" in done.stderr
    assert (folder / "found/heatmaps.png").stat().st_size > 0

    write_pack(folder / "pack", predictions["file"].tolist(), images, images.shape[1:])
    done = run_stage("predict_images", folder, **options | {"images": "pack", "out": "packed/predictions.csv"})
    assert done.returncode == 0, done.stderr
    for name in ("predictions.csv", "heatmaps.png"):
        assert (folder / "packed" / name).read_bytes() == (folder / "found" / name).read_bytes()
    assert len(tables.read(IMAGE_QUARANTINE, folder / "packed/quarantine.csv")) == 0


def test_12_bits_in_16_are_shown_as_the_images_that_the_classifier_learnt_from(folder, run_stage, images):
    weights, card = read_checkpoint(folder / "model.safetensors", "classifier")
    for bits in ("full", "stored"):
        write_checkpoint(folder / f"{bits}.safetensors", weights, card | {"bits": bits})
    (folder / "dark").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image[0].astype(np.uint16) * 16).save(folder / f"dark/{number}.png")
    write_pack(folder / "pack", list("01234"), np.rint(images * (16 * 255 / 4095)).astype(np.uint8), images.shape[1:])

    def probability(weights, place):
        options = {"weights": f"{weights}.safetensors", "images": place, "out": f"{weights}_{place}/predictions.csv"}
        assert run_stage("predict_images", folder, **options).returncode == 0
        return tables.read(PREDICTIONS, folder / options["out"])["probability"].to_numpy()

    assert np.array_equal(probability("stored", "dark"), probability("stored", "pack"))
    assert not np.allclose(probability("full", "dark"), probability("full", "pack"))


def test_a_checkpoint_of_a_segmenter_is_refused(folder, run_stage):
    write_checkpoint(folder / "unet.safetensors", {"weight": torch.zeros(1)}, {"kind": "segmenter"})
    done = run_stage("predict_images", folder, weights="unet.safetensors", images="images", out="found/p.csv")
    assert done.returncode == 2
    assert "unet.safetensors: its card says 'segmenter', but a checkpoint of a classifier is needed" in done.stderr
    assert not (folder / "found").exists()


def test_results_are_not_written_among_the_images(folder, run_stage):
    done = run_stage("predict_images", folder, weights="model.safetensors", images="images", out="images/p.csv")
    assert done.returncode == 2
    assert "--out images/p.csv lies in --images images" in done.stderr
    assert not (folder / "images/p.csv").exists()
