"""Units and their splits: radsieve.imaging.image_splits."""

import hashlib
import hmac
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsieve.imaging.image_splits import atom, divide, linked, patient_key
from radsieve.settings import Splits

SPLITS = Splits(validation_share=0.2, test_share=0.3, seed=1)
HELD_OUT = {"train": 0, "validation": 1, "test": 2}


def test_images_are_linked_through_others():
    units = linked(["ann", "ann", "bob", "eve", "dan"], ["1", "2", "2", "3", "4"])
    assert units[0] == units[1] == units[2]
    assert len(set(units)) == 3


def test_a_patient_is_no_digest_and_an_empty_text_no_key():
    assert len(set(linked(["1", "2"], ["2", "1"]))) == 2
    assert len(set(linked(["", "", "a"], ["1", "2", "3"]))) == 3


def test_pairs_link_too():
    units = linked(["a", "b", "c", "d"], pairs=[(0, 2), (2, 3)])
    assert units[0] == units[2] == units[3] != units[1]


@pytest.mark.parametrize(
    "ways",
    [
        ["7", "7.0", " 7", "007", "7. ", "７", "\u200b7", "٧"],
        ["Person 12", "person  12", "PERSON 12\t"],
        ["0", "00", "0.0"],
        ["M\u00fcller", "Mu\u0308ller", "\ufeffM\u00dcLLER"],
    ],
)
def test_ways_of_writing_one_patient(ways):
    assert len({patient_key(way) for way in ways}) == 1


@pytest.mark.parametrize("others", [["7", "70"], ["7", "7.5"], ["p7", "p07"], ["1e3", "1000"], ["a b", "ab"]])
def test_patients_that_stay_apart(others):
    assert len({patient_key(one) for one in others}) == len(others)


def test_the_split_is_that_of_a_keyed_hash():
    """HMAC-SHA-256 of the atom with the seed as key; the last 52 bits are a number in [0, 1)."""
    atoms = [atom(f"P {number}", "") for number in range(50)]
    expected = []
    for number in range(50):
        digest = hmac.new(b"1", f"patient p {number}".encode(), hashlib.sha256).digest()
        place = (int.from_bytes(digest, "big") % 2**52) / 2**52
        expected.append("test" if place < 0.3 else "validation" if place < 0.5 else "train")
    assert divide(np.arange(50), atoms, SPLITS).split == expected


def test_a_unit_takes_the_split_that_is_held_out_most():
    atoms = [atom(str(number), "") for number in range(40)]
    alone = divide(np.arange(40), atoms, SPLITS).split
    together = divide(np.arange(40) // 2, atoms, SPLITS)
    for first in range(0, 40, 2):
        expected = max(alone[first : first + 2], key=lambda split: HELD_OUT[split])
        assert together.split[first] == together.split[first + 1] == expected
        assert together.unit[first] == together.unit[first + 1]
    assert len(set(together.unit)) == 20


owners = st.lists(st.integers(0, 40), min_size=1, max_size=60)


@given(old=owners, new=owners, pictures=st.integers(1, 30), seed=st.integers(0, 5), rng=st.randoms())
def test_whatever_is_added_no_image_leaves_test(old, new, pictures, seed, rng):
    """New patients, new images of old ones, and pictures that old and new patients share."""
    splits = SPLITS.model_copy(update={"seed": seed})
    patients = [str(one) for one in (*old, *new)]
    digests = [str(rng.randrange(pictures)) for _ in patients]
    atoms = [atom(*known) for known in zip(patients, digests, strict=True)]
    count = len(old)
    before = divide(linked(patients[:count], digests[:count]), atoms[:count], splits)
    after = divide(linked(patients, digests), atoms, splits)
    for earlier, later in zip(before.split, after.split[:count], strict=True):
        assert HELD_OUT[later] >= HELD_OUT[earlier]


@given(patients=owners, seed=st.integers(0, 5))
def test_no_unit_is_divided_and_order_does_not_matter(patients, seed):
    names = [str(one) for one in patients]
    splits = SPLITS.model_copy(update={"seed": seed})
    found = divide(linked(names), [atom(name, "") for name in names], splits)
    assert len(set(zip(found.unit, found.split, strict=True))) == len(set(names)) == len(set(found.unit))
    backwards = names[::-1]
    again = divide(linked(backwards), [atom(name, "") for name in backwards], splits)
    assert (again.unit[::-1], again.split[::-1]) == (found.unit, found.split)


def test_shares_are_met_within_sampling_error():
    """Of 10,000 patients: four standard deviations of a share are 0.016 and 0.018."""
    found = Counter(divide(np.arange(10_000), [atom(str(n), "") for n in range(10_000)], SPLITS).split)
    assert found["validation"] / 10_000 == pytest.approx(0.2, abs=0.016)
    assert found["test"] / 10_000 == pytest.approx(0.3, abs=0.018)


def test_another_seed_is_another_split():
    atoms = [atom(str(number), "") for number in range(50)]
    other = SPLITS.model_copy(update={"seed": 2})
    assert divide(np.arange(50), atoms, SPLITS).split != divide(np.arange(50), atoms, other).split
