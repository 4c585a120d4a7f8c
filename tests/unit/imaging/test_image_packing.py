"""Sets of images read, checked, split and written: radsieve.imaging.image_packing."""

import hashlib

import numpy as np
import pytest
from defaults import settings
from dicoms import PICTURE, dataset, stored
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.image_batches import BucketOptions, image_batches
from radsieve.imaging.image_folders import threads
from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.packs import read_pack
from radsieve.imaging.pseudonyms import Pseudonyms, with_own_key
from radsieve.imaging.rendering import InputForm, Rendering

KEY = Pseudonyms(b"a key of sixteen characters")
FORM = Form(pixels=16, max_pixels=10_000)


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def image(seed, shape=(24, 20)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def square(shape=(24, 20), high=255):
    mask = np.zeros(shape, dtype=np.uint8)
    mask[6:18, 5:15] = high
    return mask


@pytest.fixture
def folder(tmp_path):
    """Twelve images, three of each patient, six of either label, with masks of half their height and width."""
    for index in range(12):
        name = f"{'ab'[index % 2]}/p{index // 3}_{index}.png"
        write(tmp_path / "images" / name, image(index))
        write(tmp_path / "masks" / name, square(high=255 if index else 1))
    return tmp_path


def pack(folder, form=FORM, pseudonyms=with_own_key, **changes):
    own = {
        "images": str(folder / "images"),
        "table": "none",
        "patient": "none",
        "patient_pattern": r"(p\d+)_",
        "subgroups": [],
        "age": "none",
        "label": "folder",
        "labels": ["a", "b"],
        "masks": str(folder / "masks"),
    }
    images = ImageSet.of(settings("pack_images.chest", **own | changes), "pack_images.own")
    return pack_set(images, choose_images(images), form, folder / "pack", pseudonyms)


def test_a_whole_set(folder):
    packed = pack(folder)
    written = read_pack(folder / "pack")
    assert written.names == packed.files["image"].tolist() == sorted(written.names)
    assert written.images.shape == (12, 1, 16, 16)
    assert written.masks.shape == (12, 1, 16, 16)
    expected = np.zeros((16, 16))
    expected[4:12, 4:12] = 1
    assert (written.masks == expected).all()
    digests = [hashlib.sha256((folder / "images" / name).read_bytes()).hexdigest() for name in written.names]
    assert packed.files["sha256"].tolist() == digests
    assert packed.metrics["images"] == 12 and packed.metrics["patients"] == 4
    assert packed.metrics["images_by_label"] == {"a": 6, "b": 6}
    assert packed.quarantine.empty


def test_a_name_may_hold_what_stands_between_the_patterns_of_masks(folder):
    for kind, pixels in (("images", image(20)), ("masks", square())):
        write(folder / kind / "a/p9_1 + left.png", pixels)
    assert pack(folder).quarantine.empty


def test_it_is_written_alike_each_time_and_an_old_mask_does_not_stay(folder):
    pack(folder)
    first = {path.name: path.read_bytes() for path in (folder / "pack").iterdir()}
    assert sorted(first) == ["images.npy", "index.csv", "masks.npy", "rendering.json"]
    pack(folder)
    assert {path.name: path.read_bytes() for path in (folder / "pack").iterdir()} == first
    pack(folder, masks="none")
    assert read_pack(folder / "pack").masks is None


def test_colours(folder):
    write(folder / "images/a/p0_0.png", np.full((8, 8, 3), (200, 100, 0), dtype=np.uint8))
    pack(folder, channels=3, masks="none")
    assert read_pack(folder / "pack").images[0, :, 0, 0].tolist() == [200, 100, 0]


def test_one_bad_image_is_quarantined_with_its_reason(folder):
    write(folder / "images/a/p9_nomask.png", image(20))
    write(folder / "images/a/p9_scaled.png", image(21))
    write(folder / "masks/a/p9_scaled.png", square((12, 10)))
    write(folder / "images/a/p9_grey.png", image(22))
    write(folder / "masks/a/p9_grey.png", image(22))
    write(folder / "images/a/p9_coloured.png", image(23))
    write(folder / "masks/a/p9_coloured.png", image(23, (24, 20, 3)))
    write(folder / "images/a/p9_large.png", image(24, (101, 100)))
    write(folder / "images/b/p9_brokenmask.png", image(25))
    (folder / "masks/b/p9_brokenmask.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "images/b/p9_cut.png").write_bytes((folder / "images/a/p0_0.png").read_bytes()[:-30])
    packed = pack(folder)
    assert packed.quarantine.set_index("image")["reason"].to_dict() == {
        "a/p9_coloured.png": "mask with other values",
        "a/p9_grey.png": "mask with other values",
        "a/p9_large.png": "too many pixels",
        "a/p9_nomask.png": "no mask",
        "a/p9_scaled.png": "mask of another size",
        "b/p9_brokenmask.png": "broken mask",
        "b/p9_cut.png": "broken image",
    }
    details = packed.quarantine.set_index("image")["detail"]
    assert details["a/p9_scaled.png"] == "a/p9_scaled.png is 10 x 12, the image 20 x 24"
    assert packed.metrics["quarantined_by_reason"]["mask with other values"] == 2
    assert packed.metrics["images"] == 12


def test_one_picture_under_two_labels_is_used_under_none(folder):
    write(folder / "images/b/p8_copy.png", np.stack([image(0)] * 3, axis=-1))  # image 0 stored as colours
    packed = pack(folder, masks="none")
    assert packed.quarantine.to_numpy().tolist() == [
        [name, "two labels", "the same picture: a/p0_0.png (a), b/p8_copy.png (b)"]
        for name in ("a/p0_0.png", "b/p8_copy.png")
    ]
    assert packed.metrics["images"] == 11


def test_equal_pictures_have_one_digest(folder):
    write(folder / "images/a/p3_copy.png", np.stack([image(0)] * 3, axis=-1))  # image 0 stored as colours
    write(folder / "masks/a/p3_copy.png", square())
    digests = pack(folder).files.set_index("image")["pixel_digest"]
    assert digests["a/p3_copy.png"] == digests["a/p0_0.png"]
    assert digests.nunique() == 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ["a", "c"]}, "no usable image of label 'c' in"),
        ({"labels": ["c", "d"]}, "no image in .* can be used .6 of label 'a', which is not in labels, 6 of label 'b'"),
        ({"mask": "{stem}.tif"}, r"no image in .* can be used \(12 no mask\)"),
        ({"masks": "absent"}, "pack_images.own.masks: absent is not a folder"),
    ],
)
def test_too_little_is_an_error_and_writes_nothing(folder, changes, message):
    with pytest.raises(InputError, match=message):
        pack(folder, **changes)
    assert sorted(path.name for path in folder.iterdir()) == ["images", "masks"]


def test_left_and_right_masks_are_joined(folder):
    for index in range(12):
        name = f"{'ab'[index % 2]}/p{index // 3}_{index}.png"
        for side, columns in (("left", slice(0, 10)), ("right", slice(10, 20))):
            half = np.zeros((24, 20), dtype=np.uint8)
            half[:, columns] = square()[:, columns]
            write(folder / "masks" / side / name, half)
    pack(folder)
    whole = read_pack(folder / "pack").masks.copy()
    pack(folder, mask="left/{name} + right/{name}")
    assert np.array_equal(read_pack(folder / "pack").masks, whole)


def test_masks_that_are_odd_are_counted_and_said(folder, caplog):
    names = sorted(path.relative_to(folder / "masks") for path in (folder / "masks").rglob("*.png"))
    odd = (np.zeros((24, 20), np.uint8), np.full((24, 20), 255, np.uint8), 255 - square())
    for name, mask in zip(names, odd, strict=False):
        write(folder / "masks" / name, mask)
    found = pack(folder).metrics
    assert (found["masks_empty"], found["masks_full"], found["masks_inverted"]) == (1, 1, 1)
    assert "1 of 12 images: the mask has no foreground" in caplog.text


def test_12_bits_in_16_are_said_and_can_be_taken_for_all(folder, caplog):
    for path in (folder / "images").rglob("*.png"):
        write(path, np.asarray(Image.open(path)).astype(np.uint16) * 16)
    found = pack(folder)
    assert found.metrics["little_of_16_bits"] == 12
    assert "`bits: stored`" in caplog.text
    assert read_pack(folder / "pack").images.max() < 17
    filled = pack(folder, bits="stored")
    assert filled.metrics["little_of_16_bits"] == 0
    assert read_pack(folder / "pack").images.max() > 200
    assert filled.files["pixel_digest"].equals(found.files["pixel_digest"])


@pytest.mark.parametrize(("bits", "window"), [("full", 1), ("stored", 1), ("stored", "range")])
def test_a_network_that_learnt_from_a_pack_is_shown_files_as_the_pack_has_them(folder, caplog, bits, window):
    """12 bits in 16, some of them DICOM with a window."""
    for number, path in enumerate(sorted((folder / "images").rglob("*.png"))):
        pixels = np.asarray(Image.open(path)).astype(np.uint16) * 16
        found = dataset(pixels, bits=12)
        found.WindowCenter, found.WindowWidth = 2000, 1000
        write(path, pixels) if number % 2 else path.write_bytes(stored(found))
    pack(folder, bits=bits, window=window)
    packed = read_pack(folder / "pack")
    assert packed.rendering == Rendering(bits, window)

    def shown(where, rendering):
        form = InputForm(FORM.pixels, 1, rendering)
        (batch,) = image_batches(str(folder / where), form, 99, [], settings("source"), BucketOptions("x"))
        return dict(zip(batch.names, batch.images, strict=True))

    filed, again = shown("images", packed.rendering), shown("pack", packed.rendering)
    assert all(np.array_equal(filed[name], image) for name, image in again.items()) and len(again) == 12
    assert "was packed with" not in caplog.text
    shown("pack", Rendering("full", "stored"))
    assert f"bits: {bits}, window: {window}, and the model learnt from images with bits: full" in caplog.text


def test_dicom_is_packed_as_its_twin_and_names_its_patient(folder):
    """Where neither a column nor a pattern does; other files stand for patients of their own."""
    own = folder / "own/images"
    for index in range(4):
        path = own / f"{'ab'[index % 2]}/{index}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored(dataset(image(index), bits=8, PatientID=f"P{index // 3}")))
    write(own / "a/twin.png", image(0))
    packed = pack(folder / "own", patient_pattern="none", masks="none")
    assert packed.quarantine.empty
    files = packed.files.set_index("image")
    assert files.loc["a/0.dcm", "pixel_digest"] == files.loc["a/twin.png", "pixel_digest"]
    pixels = dict(zip(packed.files["image"], read_pack(folder / "own/pack").images, strict=True))
    assert np.array_equal(pixels["a/0.dcm"], pixels["a/twin.png"])
    patients = files.loc[[f"{'ab'[index % 2]}/{index}.dcm" for index in range(4)], "patient"]
    assert [patients.iloc[0] == other for other in patients] == [True, True, True, False]
    assert files.loc["a/twin.png", "patient"] == "a/twin.png"
    assert not any("P0" in patient for patient in patients)


def test_dicom_is_packed_in_the_window_that_is_chosen(folder):
    own = folder / "own/images/a"
    own.mkdir(parents=True)
    windows = {"WindowCenter": ["128", "64"], "WindowWidth": ["256", "32"]}
    (own / "film").write_bytes(stored(dataset(image(0) // 2 + 20, bits=8, **windows)))
    alone = {"patient_pattern": "none", "masks": "none", "labels": [], "label": "none"}
    packed = [
        pack(folder / "own", window=window, **alone).files["pixel_digest"][0] for window in (1, "stored", 2, "range")
    ]
    assert len(set(packed[1:])) == 3


def test_headers_are_read_by_one_key_which_the_metrics_tell(folder):
    """Where a column or a pattern names the patients, nobody asks for a key."""
    films = folder / "films"
    films.mkdir()
    for number in range(6):
        content = stored(dataset(np.roll(PICTURE, 9 * number, axis=1), PatientID=f"p{number // 2}"))
        (films / f"q{number}_film.dcm").write_bytes(content)
    asked = []
    own = {"images": str(films), "label": "none", "labels": [], "masks": "none", "patient_pattern": "none"}
    found = pack(folder, pseudonyms=lambda: asked.append(KEY) or KEY, **own)
    assert found.files["patient"].tolist() == [KEY.of("PatientID", f"p{number // 2}") for number in range(6)]
    assert found.metrics["pseudonym_key"] == KEY.key_digits
    assert len(asked) <= threads()  # each thread may be the first
    named = pack(folder, pseudonyms=lambda: pytest.fail("asked for a key"), **own | {"patient_pattern": r"(q\d)_"})
    assert named.files["patient"].tolist() == [f"q{number}" for number in range(6)]
    assert "pseudonym_key" not in named.metrics


def test_one_patient_is_counted_once_however_written(folder):
    rows = [
        f"{path.relative_to(folder / 'images')},{n % 3}{'.0' * (n % 2)}"
        for n, path in enumerate(sorted((folder / "images").rglob("*.png")))
    ]
    (folder / "table.csv").write_text("image,who\n" + "\n".join(rows))
    named = {"table": str(folder / "table.csv"), "name": "image", "patient": "who", "patient_pattern": "none"}
    assert pack(folder, **named).metrics["patients"] == 3


def painted(kind: str) -> Image.Image:
    """The square in class 1 of a palette (red), with a frame of class 2 (blue), or in grey or colour."""
    classes = square(high=1)
    classes[0] = 2
    if kind == "grey":
        return Image.fromarray((classes * 60).astype(np.uint8))
    if kind == "16 bits":  # all multiples of 257, as if it were one of 8 bits
        return Image.fromarray(classes.astype(np.uint16) * np.uint16(32639))
    if kind == "1 bit":
        return Image.fromarray(classes == 1)
    image = Image.fromarray(classes, "P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])
    return image if kind == "palette" else image.convert(kind)


@pytest.mark.parametrize(
    ("kind", "foreground", "with_frame"),
    [
        ("palette", "1", False),
        ("palette", "1 2", True),
        ("palette", "#FF0000", False),
        ("RGB", "#ff0000", False),
        ("RGBA", "#ff0000 #0000ff", True),
        ("grey", "60", False),
        ("grey", "60 120", True),
        ("grey", ">0", True),
        ("grey", ">60", None),
        ("grey", "#3c3c3c", False),
        ("16 bits", "32639", False),
        ("16 bits", ">1000", True),
        ("16 bits", ">40000", None),
        ("1 bit", "1", False),
        ("1 bit", "255", False),
    ],
)
def test_the_foreground_of_a_mask_may_be_chosen(folder, kind, foreground, with_frame):
    for path in (folder / "masks").rglob("*.png"):
        painted(kind).save(path)
    form = Form(pixels=24, max_pixels=10_000)
    assert pack(folder, form, foreground=foreground).quarantine.empty
    mask = read_pack(folder / "pack").masks[0, 0]
    assert mask[12, 12] == (with_frame is not None)
    assert mask[0].all() == (with_frame is not False)
    assert mask[3, 3] == 0


@pytest.mark.parametrize(("kind", "foreground"), [("RGB", "1"), ("RGB", ">3"), ("palette", "none"), ("grey", "none")])
def test_a_foreground_that_cannot_be_told_is_refused_with_what_to_do(folder, kind, foreground):
    painted(kind).save(folder / "masks/a/p0_0.png")
    found = pack(folder, foreground=foreground).quarantine.set_index("image") if foreground == "none" else None
    if found is None:  # the other masks are grey
        for path in (folder / "masks").rglob("*.png"):
            painted(kind).save(path)
        with pytest.raises(InputError, match=r"mask with other values.*the first is 'a/p0_0\.png': .*foreground"):
            pack(folder, foreground=foreground)
    else:
        assert "foreground" in found.loc["a/p0_0.png", "detail"]


def test_a_mask_of_several_pages_is_refused(folder):
    pages = [Image.fromarray(square()), Image.fromarray(255 - square())]
    pages[0].save(folder / "masks/a/p0_0.png", "TIFF", save_all=True, append_images=pages[1:])
    found = pack(folder).quarantine
    assert found[["image", "reason"]].to_numpy().tolist() == [["a/p0_0.png", "broken mask"]]
    assert "several frames" in found["detail"][0]
