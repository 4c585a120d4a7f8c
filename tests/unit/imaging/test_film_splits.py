"""Splits by patient and picture: radsieve.imaging.film_splits."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radsieve.imaging.film_splits import linked, split

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
patients = st.lists(st.integers(0, 30), min_size=3, max_size=80)


def test_films_are_linked_through_others():
    units = linked(["ann", "ann", "bob", "eve", "dan"], ["1", "2", "2", "3", "4"])
    assert units[0] == units[1] == units[2]
    assert len(set(units)) == 3


def test_a_patient_is_no_digest():
    assert len(set(linked(["1", "2"], ["2", "1"]))) == 2


def parts_of(owners, labels, seed=1):
    names = [f"{film:03}" for film in range(len(owners))]
    return split(names, linked([str(owner) for owner in owners]), labels, SHARES, seed)


@given(owners=patients, seed=st.integers(0, 5))
def test_no_unit_is_divided_and_order_does_not_matter(owners, seed):
    names = [f"{film:03}" for film in range(len(owners))]
    labels = ["ab"[owner % 2] for owner in owners]
    units = linked([str(owner) for owner in owners])
    parts = split(names, units, labels, SHARES, seed)
    assert len(set(zip(units, parts, strict=True))) == len(set(units))
    order = np.random.default_rng(seed).permutation(len(owners))
    again = split(
        [names[i] for i in order], linked([str(owners[i]) for i in order]), [labels[i] for i in order], SHARES, seed
    )
    assert again == [parts[i] for i in order]


@given(count=st.integers(3, 60), share=st.floats(0.1, 0.9), seed=st.integers(0, 9))
def test_single_films_are_divided_by_label_to_the_film(count, share, seed):
    labels = ["a" if film < count * share else "b" for film in range(count)]
    parts = parts_of(range(count), labels, seed)
    for label, total in Counter(labels).items():
        for part, wanted in SHARES.items():
            found = sum(own == label and where == part for own, where in zip(labels, parts, strict=True))
            assert abs(found - wanted * total) <= 1 + 1e-9
        if total >= 3:
            assert {where for own, where in zip(labels, parts, strict=True) if own == label} == set(SHARES)


def test_large_patients_leave_the_shares_as_they_should_be():
    owners = [0] * 30 + [1] * 9 + [2] * 5 + list(range(10, 66))
    counts = Counter(parts_of(owners, [""] * 100))
    assert counts == {"train": 60, "validation": 20, "test": 20}


def test_another_seed_is_another_split():
    labels = [""] * 50
    assert parts_of(range(50), labels, 1) == parts_of(range(50), labels, 1) != parts_of(range(50), labels, 2)
