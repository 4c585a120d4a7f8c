import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.image_batches import ImageBatch
from radsieve.screening.segmentation.segmented_images import Findings, at_size, mean_entropy, write_mask_files

IMAGE = np.zeros((1, 8, 8), dtype=np.uint8)


def add(findings, name, probability, whole=(64.0, "detector")):
    findings.add(name, IMAGE, (probability >= 0.5).astype(np.uint8), probability, whole)


def test_a_row_for_each_image():
    probability = np.zeros((1, 8, 8), dtype=np.float32)
    probability[0, :2, :2] = probability[0, 2, 2] = 1  # they touch at a corner: one part
    probability[0, 6:, 6:] = 1
    findings = Findings(4)
    add(findings, "a.png", probability)
    assert findings.rows == [("a.png", 9 / 64, 2, pytest.approx(0, abs=1e-9), 9.0, "detector")]
    assert findings.metrics(3) == {
        "images": 1,
        "quarantined": 3,
        "empty_masks": 0,
        "mean_area_share": 0.140625,
        "mean_parts": 2.0,
        "median_entropy": 0.0,
        "known_in_mm": 1,
        "mean_area_mm2": 9.0,
    }


def test_no_images():
    metrics = Findings(4).metrics(0)
    assert (metrics["images"], metrics["empty_masks"], metrics["mean_area_share"]) == (0, 0, None)
    assert Findings(4).table.empty


def test_the_first_images_and_those_of_greatest_doubt_are_kept():
    findings = Findings(4)
    for image, value in enumerate([0.5, 0.0, 0.1, 0.4, 0.2, 0.3, 0.4]):
        add(findings, f"{image}.png", np.full((1, 8, 8), value, dtype=np.float32))
    names = [[caption.split("\n")[0] for _, _, caption in shown] for shown in (findings.first, findings.doubtful)]
    assert names == [["0.png", "1.png"], ["3.png", "6.png"]]


def test_entropy_in_bits():
    assert mean_entropy(np.full((1, 4, 4), 0.5, dtype=np.float32)) == 1
    quarter = -0.25 * np.log2(0.25) - 0.75 * np.log2(0.75)
    assert mean_entropy(np.array([[[0.25, 1.0]]], dtype=np.float32)) == pytest.approx(quarter / 2)


def test_size_and_range_of_probabilities():
    probability = np.array([[0.0, 1.0], [0.0, 1.0]], dtype=np.float32)
    wide = at_size(probability, (3, 8))
    assert wide.shape == (3, 8)
    assert wide.min() >= 0 and wide.max() <= 1
    assert np.all(np.diff(wide, axis=1) >= 0)
    assert np.array_equal(at_size(probability, (2, 2)), probability)


def test_no_image_takes_the_place_of_another(tmp_path):
    names = ["a.jpg", "a.png", "a.png.tif", "b/a.jpg"]
    probability = np.linspace(0, 1, 4, dtype=np.float32)[:, None, None, None] * np.ones((4, 1, 8, 8), dtype=np.float32)
    batch = ImageBatch(names, np.zeros((4, 1, 8, 8), dtype=np.uint8), [(8, 8), (9, 7), (6, 5), (4, 3)])
    write_mask_files(tmp_path, [(batch, probability, (probability >= 0.5).astype(np.uint8))], 0.5)
    expected = {"a.png": (8, 8), "a.png.png": (7, 9), "a.png.tif.png": (5, 6), "b/a.png": (3, 4)}
    for value, (name, size) in zip([0, 85, 170, 255], expected.items(), strict=True):
        with Image.open(tmp_path / "probabilities" / name) as image:
            assert image.size == size
            assert image.getextrema() == (value, value)
        with Image.open(tmp_path / "masks" / name) as image:
            assert image.getextrema() == (255 * (value > 127),) * 2
