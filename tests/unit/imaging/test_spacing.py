"""Millimetres by hand, from the header of a film to the pixels of a pack."""

import numpy as np
import pandas as pd
import pytest
from defaults import settings
from dicoms import PICTURE, dataset, stored
from PIL import Image

from radsieve.curation.sizes import in_millimetres
from radsieve.errors import InputError
from radsieve.imaging.decode import decode
from radsieve.imaging.image_batches import BucketOptions, image_batches
from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.imaging.rendering import InputForm
from radsieve.imaging.spacing import DETECTOR, NOT_KNOWN, NOT_SAID, PATIENT, Spacing, spacing_in, spacing_of


@pytest.mark.parametrize(
    ("pixel", "imager", "expected"),
    [
        ("", "0.2 0.2", Spacing(0.2, 0.2, DETECTOR)),
        ("0.2 0.2", "0.2 0.2", Spacing(0.2, 0.2, DETECTOR)),  # equal: nobody has calibrated
        ("0.15 0.15", "0.2 0.2", Spacing(0.15, 0.15, PATIENT)),
        ("0.15 0.15", "", Spacing(0.15, 0.15, NOT_SAID)),
        ("", "0.2 0.1", Spacing(0.1, 0.1, DETECTOR)),  # shown with square pixels: the long side was stretched
        ("", "0.1 0.2", Spacing(0.1, 0.1, DETECTOR)),
        ("", "", None),
        (None, None, None),
        ("0 0.2", "", None),
        ("0.2", "wide", None),
        ("inf inf", "", None),
        ("inf inf", "0.2 0.2", Spacing(0.2, 0.2, DETECTOR)),
    ],
)
def test_where_the_millimetres_are(pixel, imager, expected):
    assert spacing_of({"PixelSpacing": pixel, "ImagerPixelSpacing": imager}) == expected


def test_smaller_images_have_larger_pixels_and_the_same_area():
    packed = Spacing(0.2, 0.2, DETECTOR).resampled((200, 100), (50, 50))
    assert (packed.down, packed.across) == (pytest.approx(0.8), pytest.approx(0.4))
    assert packed.area((50, 50)) == pytest.approx(40 * 20) == Spacing(0.2, 0.2, DETECTOR).area((200, 100))


def film(path, **tags):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stored(dataset(**tags)))


def test_of_a_file():
    assert spacing_in(stored(dataset(ImagerPixelSpacing=[0.3, 0.3]))) == Spacing(0.3, 0.3, DETECTOR)
    assert spacing_in(stored(dataset())) is None


@pytest.mark.parametrize(
    ("aspect", "down", "across"),
    [((1, 1), 0.2, 0.1), ((2, 1), 0.1, 0.1), ((4, 1), 0.05, 0.1), ((1, 2), 0.2, 0.05), ((0, 0), 0.1, 0.1)],
)
def test_the_shape_of_pixels_by_which_an_image_is_shown_counts(aspect, down, across):
    content = stored(dataset(ImagerPixelSpacing=[0.2, 0.1], PixelAspectRatio=list(aspect)))
    found = spacing_in(content)
    assert (found.down, found.across) == (pytest.approx(down), pytest.approx(across))
    size = decode(content, 10**6).size[::-1]
    assert found.area(size) == pytest.approx(PICTURE.size * 0.2 * 0.1), "the film is as large as ever"


def test_of_what_is_no_dicom():
    assert spacing_in(b"\x89PNG") is None


@pytest.fixture
def folder(tmp_path):
    """A film of 60 x 80 pixels of 0.3 mm, one of pixels 0.2 mm high and 0.1 mm wide, and a PNG."""
    film(tmp_path / "images/a.dcm", ImagerPixelSpacing=[0.3, 0.3])
    film(tmp_path / "images/b.dcm", values=PICTURE[::-1].copy(), ImagerPixelSpacing=[0.2, 0.1])
    Image.fromarray(np.arange(4800, dtype=np.uint8).reshape(60, 80)).save(tmp_path / "images/c.png")
    return tmp_path


def packed(folder):
    own = {"images": str(folder / "images"), "table": "none", "patient": "none", "patient_pattern": "none"}
    own |= {"subgroups": [], "age": "none", "label": "none", "labels": [], "masks": "none"}
    images = ImageSet.of(settings("pack_images.chest", **own), "pack_images.own")
    pack_set(images, choose_images(images), Form(pixels=40, max_pixels=100_000), folder / "pack")
    return read_pack(folder / "pack")


def test_a_pack_has_the_spacing_of_its_own_pixels(folder):
    a, b, c = packed(folder).spacings
    assert (a.down, a.across, a.plane) == (pytest.approx(0.3 * 60 / 40), pytest.approx(0.3 * 80 / 40), DETECTOR)
    assert (b.down, b.across) == (pytest.approx(0.2 * 60 / 40), pytest.approx(0.1 * 80 / 40))
    assert c is None


def test_a_pack_without_any_has_no_file_of_them(folder):
    packed(folder)
    assert (folder / "pack/spacing.csv").is_file()
    write_pack(folder / "pack", ["a"], [np.zeros((1, 4, 4), dtype=np.uint8)], (1, 4, 4))
    assert not (folder / "pack/spacing.csv").exists()
    assert read_pack(folder / "pack").spacings == [None]


def test_spacings_of_another_pack_are_refused(folder):
    packed(folder)
    pd.DataFrame({"image": ["x"], "mm_down": 1.0, "mm_across": 1.0, "mm_at": DETECTOR}).to_csv(
        folder / "pack/spacing.csv", index=False
    )
    with pytest.raises(InputError, match=r"spacing\.csv: x"):
        read_pack(folder / "pack")


@pytest.mark.parametrize("of", ["images", "pack"])
def test_whole_images_have_the_same_area_from_files_and_from_a_pack(folder, of):
    packed(folder)
    (batch,) = image_batches(
        str(folder / of), InputForm(32, 1), 8, [], settings("source"), BucketOptions("predict_images")
    )
    (a, where), (b, _), c = batch.areas
    assert (a, b, where, c) == (pytest.approx(18 * 24), pytest.approx(12 * 8), DETECTOR, None)


def test_sizes_of_ingested_images():
    columns = ["width", "height", "PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"]
    rows = [(2000, 2500, "", "0.15 0.15", ""), (300, 162, "", "", "")]
    found = in_millimetres(pd.DataFrame(rows, columns=columns, index=[3, 7]))
    assert found[["width_mm", "height_mm", "mm_at"]].to_numpy().tolist() == [
        ["300", "375", DETECTOR],
        [NOT_KNOWN, NOT_KNOWN, NOT_KNOWN],
    ]
