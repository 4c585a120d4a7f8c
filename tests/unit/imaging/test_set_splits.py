"""Several sets divided at once: radsieve.imaging.set_splits."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.imaging.set_splits import ALL_SETS, Likeness, PackedSet, split_sets
from radsieve.phantoms.knees import render_knee
from radsieve.settings import Splits
from radsieve.tables.images import ALIKE, PACKED_FILES, PACKED_IMAGES, SPLIT_COUNTS

SPLITS = Splits(validation_share=0.3, test_share=0.3, seed=1)
EQUAL_PIXELS_ALONE = Likeness(hash_distance=0, min_similarity=1)


def noise(number, pixels=32):
    return np.random.default_rng(number).integers(0, 256, (1, pixels, pixels), dtype=np.uint8)


def knees(numbers):
    """Drawn knees, alike in kind and different in detail."""
    drawn = [render_knee(np.random.default_rng(number), 4.0, 128) for number in numbers]
    return np.stack([(255 * image[:, :128]).astype(np.uint8) for image in drawn])[:, None]


def packed(rows, pixels=None, label="", images=None):
    """A set of `rows` (image, patient, picture): equal pictures have equal pixels."""
    table = pd.DataFrame(rows, columns=["image", "patient", "picture"])
    digests = [hashlib.sha256(str(picture).encode()).hexdigest() for picture in table["picture"]]
    files = table.assign(sha256=digests, pixel_digest=digests, label=label, group="", subgroups="")[
        list(PACKED_FILES.columns)
    ]
    return PackedSet(files, images if images is not None else np.stack([noise(one) for one in table["picture"]]))


def many(count, first=0):
    return [(f"{number}.png", f"p{number}", number) for number in range(first, first + count)]


def divided(likeness=EQUAL_PIXELS_ALONE, **sets):
    return split_sets(sets, SPLITS, likeness)


def test_a_patient_has_one_unit_and_one_split_in_all_sets():
    """The same patients, written otherwise, with other pictures."""
    others = [(f"x{number}.png", f" P{number} ", 100 + number) for number in range(30)]
    found = divided(chest=packed(many(30)), sex=packed(others))
    chest, sex = found.images["chest"], found.images["sex"]
    assert chest["unit"].tolist() == sex["unit"].tolist()
    assert chest["split"].tolist() == sex["split"].tolist()
    assert found.metrics["units"] == 30
    assert found.metrics["patients_written_in_several_ways"] == 30
    assert found.metrics["in_two_splits"] == 0
    for images in found.images.values():
        PACKED_IMAGES.validate(images)
    assert chest["image"].tolist() == [name for name, _, _ in many(30)]


def test_equal_pictures_of_two_patients_are_one_unit_across_sets():
    rows = [(f"x{number}.png", f"q{number}", number) for number in range(30)]
    found = divided(chest=packed(many(30)), sex=packed(rows))
    assert found.images["chest"]["unit"].tolist() == found.images["sex"]["unit"].tolist()
    assert found.metrics["units_of_several_patients"] == 30
    counts = found.counts.set_index(["set", "split"])
    assert counts.loc[ALL_SETS, "images"].sum() == 30 == counts.loc["chest", "images"].sum()
    assert counts.loc[ALL_SETS, "patients"].sum() == 60
    SPLIT_COUNTS.validate(found.counts)


def test_without_patients_a_picture_is_its_own_unit_wherever_it_lies():
    rows = [(f"{number}.png", f"{number}.png", number) for number in range(30)]
    elsewhere = [(f"other/{number}.png", f"other/{number}.png", number) for number in range(30)]
    found = divided(a=packed(rows), b=packed(elsewhere))
    assert found.metrics["units"] == 30
    assert found.images["a"]["split"].tolist() == found.images["b"]["split"].tolist()


def test_what_is_nearly_alike_is_one_unit_and_is_shown():
    """Drawn knees of thirty patients; the last image of the other set is the first knee, darker."""
    drawn = knees(range(30))
    copy = (drawn[:1].astype(float) * 0.8).astype(np.uint8)
    first = packed(many(30), images=drawn)
    second = packed([*many(30, 100), ("copy.png", "p-copy", 999)], images=np.concatenate([noises(30), copy]))
    found = divided(Likeness(hash_distance=4, min_similarity=0.9), a=first, b=second)
    assert found.alike[["set_a", "image_a", "set_b", "image_b", "mirrored"]].to_numpy().tolist() == [
        ["a", "0.png", "b", "copy.png", 0]
    ]
    ALIKE.validate(found.alike)
    a, b = found.images["a"], found.images["b"]
    assert (a["unit"].iloc[0], a["split"].iloc[0]) == (b["unit"].iloc[-1], b["split"].iloc[-1])


def test_a_negative_and_a_mirror_image_are_told_apart():
    drawn = knees(range(30))
    others = np.stack([255 - drawn[0], drawn[1][..., ::-1]])
    rows = [("negative.png", "p-n", 998), ("turned.png", "p-t", 999)]
    second = packed([*many(30, 100), *rows], images=np.concatenate([noises(30), others]))
    alike = divided(Likeness(hash_distance=4, min_similarity=0.9), a=packed(many(30), images=drawn), b=second).alike
    kinds = alike.set_index("image_b")[["mirrored", "negative"]]
    assert kinds.loc["negative.png"].tolist() == [0, 1]
    assert kinds.loc["turned.png"].tolist() == [1, 0]


def test_images_of_one_patient_are_not_compared():
    rows = [("a.png", "p0", 500), *many(30)]
    found = divided(Likeness(hash_distance=4, min_similarity=0.9), a=packed(rows, images=knees([0, *range(30)])))
    assert found.alike.empty
    assert found.metrics["units"] == 30


def test_a_label_that_a_split_lacks_is_an_error():
    files = packed(many(30)).files.assign(label=["rare"] + ["often"] * 29)
    with pytest.raises(InputError, match=r"pack_images\.a: no image labelled 'rare' in the .* split.*1 units"):
        divided(a=PackedSet(files, np.stack([noise(n) for n in range(30)])))
    with pytest.raises(InputError, match=r"pack_images\.a: no image in the .* set another splits\.seed"):
        divided(a=packed(many(2)))


def noises(count):
    return np.stack([noise(1000 + number, 128) for number in range(count)])


def test_a_patient_who_is_named_after_an_image_is_known_all_the_same():
    """Patients of two images each, named after the first of them."""
    rows = [(f"{number}.png", f"{number - number % 2}.png", number) for number in range(40)]
    found = divided(a=packed(rows)).images["a"]
    assert found["unit"].nunique() == 20
    assert found.groupby("patient")["split"].nunique().eq(1).all()
