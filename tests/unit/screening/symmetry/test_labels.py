"""Labels and groups of images: what is joined, and every way in which tables fail to fit."""

import numpy as np
import pandas as pd
import pytest

from radsieve import tables
from radsieve.errors import InputError
from radsieve.screening.symmetry.labels import read_features, read_labels, read_truth, with_noise
from radsieve.screening.tables import FEATURES, GENERATED_TRUTH, SYMMETRY_FEATURES

IMAGES = pd.Series(["a.png", "b.png", "c.png"], name="image")


@pytest.fixture
def features(tmp_path):
    table = pd.DataFrame(0.5, index=IMAGES, columns=list(FEATURES)).reset_index()
    tables.write(SYMMETRY_FEATURES, table, tmp_path / "features.csv")
    return tmp_path / "features.csv"


def write(path, text):
    path.write_text(text)
    return path


def test_groups_are_joined_by_image(features, tmp_path):
    listed = write(tmp_path / "images.csv", "image,patient,age\nc.png,P2,7\nb.png,P1,8\na.png,P1,9\nd.png,P3,1\n")
    images = read_features(features, listed, "patient", "image")
    assert images[["image", "group", "unit"]].to_numpy().tolist() == [
        ["a.png", "P1", "a.png"],
        ["b.png", "P1", "b.png"],
        ["c.png", "P2", "c.png"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,group\na.png,G\nb.png,G\n", r"images\.csv: no row for 1 image \(c\.png\)"),
        ("image,group\na.png,G\nb.png,G\nc.png,G\nc.png,H\n", r"1 image \(c\.png\) occur in several rows"),
        ("image,sex\na.png,F\nb.png,F\nc.png,F\n", "'group' fails column_in_dataframe"),
        ("image,group\na.png,\nb.png,G\nc.png,G\n", "column group, row 2"),
    ],
)
def test_tables_of_images_that_do_not_fit(features, tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_features(features, write(tmp_path / "images.csv", text), "group", "image")


@pytest.mark.parametrize("value", ["", "nan", "inf", "1.5", "half"])
def test_features_that_are_no_numbers_are_named(features, tmp_path, value):
    lines = features.read_text().splitlines()
    features.write_text("\n".join([*lines[:2], lines[2].replace("0.5", value, 1), lines[3]]))
    listed = write(tmp_path / "images.csv", "image\na.png\nb.png\nc.png\n")
    with pytest.raises(InputError, match=r"features\.csv is not a valid table[^\n]*\n *column iou, row 3"):
        read_features(features, listed, "image", "image")


def test_labels_are_joined_by_name(tmp_path):
    table = write(tmp_path / "labels.csv", "image,good\nc.png,0\na.png,1\nb.png,0\n")
    assert read_labels(IMAGES, table).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a.png,1\nb.png,0\n", r"labels\.csv: no label for 1 image \(c\.png\); every image needs one"),
        ("a.png,1\nb.png,0\nc.png,0\nd.png,1\ne.png,1\n", r"2 images \(d\.png, e\.png\) not among the images"),
        ("a.png,1\nb.png,0\nb.png,1\nc.png,0\n", r"1 image \(b\.png\) occur in several rows"),
        ("a.png,1\nb.png,2\nc.png,0\n", r"column good, row 3: 2"),
        ("a.png,1\nb.png,\nc.png,0\n", r"good"),
    ],
)
def test_labels_that_do_not_fit(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        read_labels(IMAGES, write(tmp_path / "labels.csv", f"image,good\n{rows}"))


def test_a_generator_without_truth_asks_for_labels(tmp_path):
    tables.write(GENERATED_TRUTH, pd.DataFrame(columns=list(GENERATED_TRUTH.columns)), tmp_path / "truth.csv")
    with pytest.raises(InputError, match=r"no truth is known of these images.*train_symmetry\.labels"):
        read_truth(IMAGES, tmp_path / "truth.csv")


def test_noise_turns_the_share_asked_for_and_is_repeated_by_its_seed():
    labels = pd.Series(np.arange(4000) % 2)
    noisy = with_noise(labels, 0.1, seed=3)
    assert 0.08 < (noisy != labels).mean() < 0.12
    assert noisy.equals(with_noise(labels, 0.1, seed=3))
    assert not noisy.equals(with_noise(labels, 0.1, seed=4))
    assert with_noise(labels, 0, seed=3).equals(labels)
