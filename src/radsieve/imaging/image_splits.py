"""One split for everything: train, validation and test, so that no unit lies in two of them, now or later.

A unit is what must stay whole: images that share a patient, or pixels, or are nearly the same, directly or through
others. Its atoms are its patients, or its pictures where nobody knows the patient. Each atom has a split of its own,
which follows from the seed and the atom by a keyed hash (HMAC-SHA-256, RFC 2104) and from nothing else; the unit takes
that of its atoms which is held out most. So a split does not depend on which other images there are: the same patient
is in the same split in every set, and whatever is added later, no image leaves the test split, unless a tie of likeness
is no longer found (of many images with one hash few are compared, in the order of their listing) or an image that tied
two patients goes to quarantine.

A patient whom headers of DICOM or a table of grades name is known by a pseudonym alone (`radsieve.imaging.pseudonyms`),
so that this atom, and the split, follow from the key of pseudonyms besides: by another key they are others.
"""

import hmac
import logging
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from radsieve.settings import Splits
from radsieve.tables.images import Split

Integers = npt.NDArray[np.int64]

_HELD_OUT_MOST_FIRST = (Split.TEST, Split.VALIDATION, Split.TRAIN)
_log = logging.getLogger(__name__)
_UNIT_DIGITS = 12  # hexadecimal: two of a million units have the same name once in 500 runs


def patient_key(text: str) -> str:
    """Return what is the same for all ways of writing a patient.

    They are: blanks, capitals, marks that are not seen, ways of encoding a letter or digit (Unicode's form NFKC),
    leading zeros, and `7.0` for `7`.
    """
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    words = " ".join(seen.split()).casefold()
    whole, _, rest = words.partition(".")
    if not whole.isdecimal() or rest.strip("0"):
        return words
    return "".join(str(unicodedata.digit(sign)) for sign in whole).lstrip("0") or "0"


def atom(patient: str, pixel_digest: str) -> str:
    """Return what decides the split of an image: its patient, or its picture if `patient` is empty."""
    return f"patient {patient_key(patient)}" if patient else f"picture {pixel_digest}"


def linked(*keys: Sequence[str], pairs: Collection[tuple[int, int]] = ()) -> Integers:
    """Return a number per image; images that have a key in common, directly or through other images, share it.

    Each of `keys` holds one text per image, for example its patient or the digest of its pixels; an empty one is no
    key. `pairs` are images, by their place, that belong together besides.
    """
    images = len(keys[0])
    edges, nodes = [], images
    for key in keys:
        codes, values = pd.factorize(np.asarray(key, dtype=object))
        known = np.flatnonzero(np.asarray(key, dtype=object) != "")
        edges.append(np.column_stack([known, codes[known] + nodes]))
        nodes += len(values)
    start, end = np.concatenate([*edges, np.asarray(list(pairs), dtype=np.int64).reshape(-1, 2)]).T
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1][:images], dtype=np.int64)


@dataclass(frozen=True)
class Division:
    """The `unit` (a name that follows from the seed) and the `split` of each image."""

    unit: list[str]
    split: list[Split]


def divide(links: Integers, atoms: Sequence[str], splits: Splits) -> Division:
    """Return unit and split of each image: `links` (n,) are the numbers of `linked`, `atoms` those of `atom`.

    `splits` is the section of that name: a share of all atoms, not of these. The order of the images does not matter,
    nor does what other images there are, but that a unit with more atoms can be held out more.
    """
    atom_of, names = pd.factorize(np.asarray(atoms, dtype=object))
    digests = sorted((_digest(one, splits.seed), place) for place, one in enumerate(names))
    order = np.empty(len(names), dtype=np.int64)
    order[[place for _, place in digests]] = np.arange(len(names))
    held_out = [_HELD_OUT_MOST_FIRST.index(_split_of(digest, splits)) for digest, _ in digests]
    rank = order[atom_of]  # a number: the least of texts is slow for many units
    table = pd.DataFrame({"digest": rank, "split": np.array(held_out, dtype=np.int64)[rank]})
    least = table.groupby(np.asarray(links)).transform("min")
    return Division(
        unit=[digests[place][0][:_UNIT_DIGITS] for place in least["digest"].tolist()],
        split=[_HELD_OUT_MOST_FIRST[place] for place in least["split"].tolist()],
    )


def as_given(division: Division, given: Sequence[str]) -> Division:
    """Return `division` with the splits that are `given` (text, empty where none is) to some of its images.

    A unit takes that of its images which is held out most; in how many units they differ the log says.
    """
    of_unit: dict[str, set[Split]] = {}
    for unit, split in zip(division.unit, given, strict=True):
        if split:
            of_unit.setdefault(unit, set()).add(Split(split))
    if torn := sum(len(splits) > 1 for splits in of_unit.values()):
        _log.warning("%d units have images in several of the splits given; each goes to the one held out most", torn)
    most = {unit: held_out_most(splits) for unit, splits in of_unit.items()}
    return Division(division.unit, [most.get(*own) for own in zip(division.unit, division.split, strict=True)])


def held_out_most(splits: Iterable[Split]) -> Split:
    """Return that of several `splits` (one at least) that is held out most."""
    return min(splits, key=_HELD_OUT_MOST_FIRST.index)


def _digest(one: str, seed: int) -> str:
    return hmac.digest(str(seed).encode(), one.encode("utf-8", "surrogatepass"), "sha256").hex()


def _split_of(digest: str, splits: Splits) -> Split:
    place = int(digest[-13:], 16) / 16**13  # in [0, 1); not the digits that name the unit
    if place < splits.test_share:
        return Split.TEST
    return Split.VALIDATION if place < splits.test_share + splits.validation_share else Split.TRAIN
