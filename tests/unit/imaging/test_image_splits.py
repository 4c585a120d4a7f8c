"""Splits by patient and picture: radsieve.imaging.image_splits."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radsieve.imaging.image_splits import assign_splits, linked

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
patients = st.lists(st.integers(0, 30), min_size=3, max_size=80)


def test_images_are_linked_through_others():
    units = linked(["ann", "ann", "bob", "eve", "dan"], ["1", "2", "2", "3", "4"])
    assert units[0] == units[1] == units[2]
    assert len(set(units)) == 3


def test_a_patient_is_no_digest():
    assert len(set(linked(["1", "2"], ["2", "1"]))) == 2


def splits_of(owners, labels, seed=1):
    names = [f"{image:03}" for image in range(len(owners))]
    return assign_splits(names, linked([str(owner) for owner in owners]), labels, SHARES, seed)


@given(owners=patients, seed=st.integers(0, 5))
def test_no_unit_is_divided_and_order_does_not_matter(owners, seed):
    names = [f"{image:03}" for image in range(len(owners))]
    labels = ["ab"[owner % 2] for owner in owners]
    units = linked([str(owner) for owner in owners])
    splits = assign_splits(names, units, labels, SHARES, seed)
    assert len(set(zip(units, splits, strict=True))) == len(set(units))
    order = np.random.default_rng(seed).permutation(len(owners))
    again = assign_splits(
        [names[i] for i in order], linked([str(owners[i]) for i in order]), [labels[i] for i in order], SHARES, seed
    )
    assert again == [splits[i] for i in order]


@given(count=st.integers(3, 60), share=st.floats(0.1, 0.9), seed=st.integers(0, 9))
def test_single_images_are_divided_by_label_to_the_image(count, share, seed):
    labels = ["a" if image < count * share else "b" for image in range(count)]
    splits = splits_of(range(count), labels, seed)
    for label, total in Counter(labels).items():
        for split, wanted in SHARES.items():
            found = sum(own == label and where == split for own, where in zip(labels, splits, strict=True))
            assert abs(found - wanted * total) <= 1 + 1e-9
        if total >= 3:
            assert {where for own, where in zip(labels, splits, strict=True) if own == label} == set(SHARES)


def test_large_patients_leave_the_shares_as_they_should_be():
    owners = [0] * 30 + [1] * 9 + [2] * 5 + list(range(10, 66))
    counts = Counter(splits_of(owners, [""] * 100))
    assert counts == {"train": 60, "validation": 20, "test": 20}


def test_another_seed_is_another_split():
    labels = [""] * 50
    assert splits_of(range(50), labels, 1) == splits_of(range(50), labels, 1) != splits_of(range(50), labels, 2)
