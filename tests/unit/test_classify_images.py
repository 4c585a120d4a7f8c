"""scripts/classify_images.py with a network whose last layer is random, on films written by the test."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from radsieve import tables
from radsieve.imaging.packs import write_pack
from radsieve.networks.backbones import pretrained_backbone
from radsieve.networks.checkpoints import write_checkpoint
from radsieve.networks.classifier import Classifier, Network, Preprocessing, save_classifier
from radsieve.networks.device import Device
from radsieve.screening_tables import FILM_QUARANTINE, PREDICTIONS

SIDE, FILMS = 32, 5
DEVICE = Device(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def films():
    return np.random.default_rng(1).integers(0, 256, (FILMS, 1, SIDE, SIDE), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path, set_params, films):
    """The films in a folder, one of them below another folder, with two files that are none; and a classifier."""
    set_params(tmp_path, compute={"device": "cpu", "precision": "float32", "threads": 1})
    (tmp_path / "images/more").mkdir(parents=True)
    for number, film in enumerate(films):
        name = f"more/{number}.png" if number == FILMS - 1 else f"{number}.png"
        Image.fromarray(film[0]).save(tmp_path / "images" / name)
    (tmp_path / "images/2b.png").write_bytes(b"\x89PNG\r\n\x1a\n, cut off")
    (tmp_path / "images/notes.txt").write_text("no film")
    torch.manual_seed(0)
    preprocessing = Preprocessing(SIDE, 0.25, "halves", 0.0)
    card = {
        "backbone": "efficientnet_lite0",
        "stride": 16,
        "grid": 1,
        "pixels": SIDE,
        "channels": 1,
        "positive": "F",
        "preprocessing": vars(preprocessing),
    }
    network = Network(pretrained_backbone("efficientnet_lite0", 16, None, "weights"), 1)
    save_classifier(tmp_path / "model.safetensors", Classifier(network, preprocessing, DEVICE, card))
    return tmp_path


def test_a_folder_and_a_pack_of_the_same_films_are_classified_alike(folder, run_stage, films):
    options = {"weights": "model.safetensors", "images": "images", "out": "found/predictions.csv"}
    done = run_stage("classify_images", folder, **options)
    assert done.returncode == 0, done.stderr
    predictions = tables.read(PREDICTIONS, folder / "found/predictions.csv")
    assert predictions["file"].tolist() == ["0.png", "1.png", "2.png", "3.png", "more/4.png"]
    assert predictions["probability"].nunique() == FILMS
    quarantine = tables.read(FILM_QUARANTINE, folder / "found/quarantine.csv")
    assert quarantine[["film", "reason"]].to_numpy().tolist() == [["2b.png", "broken image"], ["notes.txt", "no image"]]
    metrics = json.loads((folder / "found/metrics.json").read_text())
    assert (metrics["films"], metrics["quarantined"], metrics["positive"]) == (FILMS, 2, "F")
    taken = (predictions["probability"] >= 0.5).sum()
    assert f"{FILMS} films, {taken} taken for F, 2 in quarantine" in done.stderr
    assert (folder / "found/heatmaps.png").stat().st_size > 0

    write_pack(folder / "pack", predictions["file"].tolist(), films, films.shape[1:])
    done = run_stage("classify_images", folder, **options | {"images": "pack", "out": "packed/predictions.csv"})
    assert done.returncode == 0, done.stderr
    for name in ("predictions.csv", "heatmaps.png"):
        assert (folder / "packed" / name).read_bytes() == (folder / "found" / name).read_bytes()
    assert len(tables.read(FILM_QUARANTINE, folder / "packed/quarantine.csv")) == 0


def test_a_checkpoint_of_a_segmenter_is_refused(folder, run_stage):
    write_checkpoint(folder / "unet.safetensors", {"weight": torch.zeros(1)}, {"kind": "segmenter"})
    done = run_stage("classify_images", folder, weights="unet.safetensors", images="images", out="found/p.csv")
    assert done.returncode == 2
    assert "unet.safetensors: its card says 'segmenter', but a checkpoint of a classifier is needed" in done.stderr
    assert not (folder / "found").exists()


def test_results_are_not_written_among_the_films(folder, run_stage):
    done = run_stage("classify_images", folder, weights="model.safetensors", images="images", out="images/p.csv")
    assert done.returncode == 2
    assert "--out images/p.csv lies in --images images" in done.stderr
    assert not (folder / "images/p.csv").exists()
