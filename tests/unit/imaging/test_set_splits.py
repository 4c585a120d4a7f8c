"""Several sets divided at once: radsieve.imaging.set_splits."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.imaging.set_splits import ALL_SETS, Likeness, PackedSet, split_sets
from radsieve.phantoms.knees import render_knee
from radsieve.settings import Splits
from radsieve.tables.images import ALIKE, PACKED_FILES, PACKED_IMAGES, SPLIT_COUNTS

SPLITS = Splits(validation_share=0.3, test_share=0.3, seed=1)
KEY = Pseudonyms(b"a key of sixteen characters")
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


def headed(people, start, key=KEY):
    """A set whose headers name `people`: PackedSet of their pseudonyms."""
    rows = [(f"h{number}.dcm", key.of("PatientID", name), start + number) for number, name in enumerate(people)]
    return PackedSet(packed(rows).files, packed(rows).pixels, key.key_digits)


def test_a_patient_of_a_column_and_of_a_header_is_one_patient():
    """No image leaves the test split when the other set is added, and nobody else moves."""
    people = [f"{number:04}" for number in range(60)]
    column = packed([(f"{number}.png", f" {int(name)}.0", number) for number, name in enumerate(people)])
    headers = headed(people[:30], 500)
    alone, by_header = divided(a=column).images["a"], divided(a=headers).images["a"]
    found = split_sets({"a": column, "b": headers}, SPLITS, EQUAL_PIXELS_ALONE, pseudonyms=lambda: KEY)
    a, b = found.images["a"], found.images["b"]
    assert a["unit"].tolist()[:30] == b["unit"].tolist()
    assert a["split"].tolist()[:30] == b["split"].tolist()
    held_out = {"train": 0, "validation": 1, "test": 2}
    both = [max(pair, key=held_out.get) for pair in zip(alone["split"], by_header["split"], strict=False)]
    assert b["split"].tolist() == both
    assert set(alone["split"][:30]) != {"test"} and (alone["split"][:30].to_numpy() != by_header["split"]).any()
    assert a["split"].tolist()[30:] == alone["split"].tolist()[30:]
    assert found.counts.set_index(["set", "split"]).loc[ALL_SETS, "patients"].sum() == 60
    assert found.metrics["pseudonym_key"] == KEY.key_digits
    assert found.metrics["patients_written_in_several_ways"] == 0


def test_a_column_and_headers_of_another_key_are_refused():
    other = Pseudonyms(b"another key of that length")
    with pytest.raises(InputError, match=rf"pack_images\.b.*{other.key_digits}.*{KEY.key_digits}"):
        split_sets(
            {"a": packed(many(30)), "b": headed(["1"], 500, other)}, SPLITS, EQUAL_PIXELS_ALONE, pseudonyms=lambda: KEY
        )


def test_without_headers_nobody_asks_for_a_key_and_splits_are_as_they_were():
    """Of p0 to p29, as drawn before headers counted: tEst, tRain, vAlidation."""
    sets = {"a": packed(many(30)), "b": packed(many(30, 100))}
    found = split_sets(sets, SPLITS, EQUAL_PIXELS_ALONE, pseudonyms=lambda: pytest.fail("asked for a key"))
    drawn = "".join(split[1] for split in found.images["a"]["split"])
    assert drawn == "aaereeeraeaaeararererrrraaeear"
    assert "pseudonym_key" not in found.metrics
    headers = headed(map(str, range(60)), 0)
    alone = split_sets({"b": headers}, SPLITS, EQUAL_PIXELS_ALONE, pseudonyms=lambda: pytest.fail("asked for a key"))
    assert alone.metrics["pseudonym_key"] == KEY.key_digits
