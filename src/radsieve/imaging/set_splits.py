"""The split of several sets of packed images at once: what belongs together in any of them, and where it goes."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.decode import grayscale
from radsieve.imaging.duplicates.near_duplicates import Tie, connecting_ties
from radsieve.imaging.facts import perceptual_hashes
from radsieve.imaging.image_splits import Integers, atom, divide, linked, patient_key
from radsieve.imaging.pseudonyms import KEY, VARIABLE, Pseudonyms, with_own_key
from radsieve.imaging.set_crossings import check_crossings, set_crossings
from radsieve.settings import Splits
from radsieve.storage.keys import escaped
from radsieve.tables.images import ALIKE, PACKED_IMAGES, Split

ALL_SETS = "all sets"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PackedSet:
    """A set as it was packed: `files` (PACKED_FILES) and its `pixels` (n, channels, H, W), row by row.

    `key`: the `key_digits` of the pseudonyms that its patients are, by headers of DICOM; empty if they are not.
    """

    files: pd.DataFrame
    pixels: npt.NDArray[np.uint8]
    key: str = ""


@dataclass(frozen=True)
class Likeness:
    """What counts as nearly alike: distance of hashes in bits up to which, and correlation from which."""

    hash_distance: int
    min_similarity: float


@dataclass(frozen=True)
class SetSplits:
    """PACKED_IMAGES of each set, and ALIKE, SPLIT_COUNTS, SET_CROSSINGS and `metrics` of all of them."""

    images: dict[str, pd.DataFrame]
    alike: pd.DataFrame
    counts: pd.DataFrame
    crossings: pd.DataFrame
    metrics: dict[str, Any]


def split_sets(
    sets: Mapping[str, PackedSet],
    splits: Splits,
    likeness: Likeness,
    section: str = "pack_images",
    anywhere: Collection[str] = (),
    pseudonyms: Callable[[], Pseudonyms] = with_own_key,
) -> SetSplits:
    """Divide the images of `sets` by `splits` (section of that name), so that no unit lies in two splits of any sets.

    A patient whom one set names and another one has as a pseudonym, which `pseudonyms` tell, is one patient: the unit
    has both atoms, so that no image leaves the test split when the other set is added.

    Raises InputError, which names the `section` of the sets, if pseudonyms are of another key, or a split of a set has
    no image, or none of one of its labels; those of `anywhere` may be in any splits.
    """
    table = pd.concat([packed.files.assign(set=name) for name, packed in sets.items()], ignore_index=True)
    patient = known_patients(table, table["set"])
    table["key"] = _keys(table, patient, sets, section, pseudonyms)
    links = linked(table["key"].tolist(), table["pixel_digest"].tolist())
    ties = _ties(table, links, sets, likeness)
    atoms = [atom(*known) for known in zip(patient, table["pixel_digest"], strict=True)]
    division = divide(linked(links.astype(str).tolist(), pairs=list(ties)), atoms, splits)
    table = table.assign(unit=division.unit, split=division.split)
    _check(table[~table["set"].isin(list(anywhere))], section)
    crossings = set_crossings(table)
    key = ", ".join(sorted({one.key for one in sets.values() if one.key}))
    check_crossings(crossings)
    alike = [_pair(table, a, b, tie) for (a, b), tie in sorted(ties.items())]
    return SetSplits(
        images={name: table.loc[table["set"] == name, list(PACKED_IMAGES.columns)] for name in sets},
        alike=pd.DataFrame(alike, columns=list(ALIKE.columns)),
        counts=pd.concat([_counts(table), _counts(table.assign(set=ALL_SETS))], ignore_index=True),
        crossings=crossings,
        metrics=_metrics(table, patient, len(ties)) | ({KEY: key} if key else {}),
    )


def known_patients(table: pd.DataFrame, sets: pd.Series) -> pd.Series:
    """Return the patients of `table`, empty in those of the `sets` in which each image stands for its own patient."""
    own = table["patient"] == table["image"].map(escaped)
    return table["patient"].where(~own.groupby(sets).transform("all"), "")


def _keys(
    table: pd.DataFrame,
    patient: pd.Series,
    sets: Mapping[str, PackedSet],
    section: str,
    pseudonyms: Callable[[], Pseudonyms],
) -> pd.Series:
    """What each `patient` shares with the same one of other sets: where some are pseudonyms, that of all."""
    keys = {name: one.key for name, one in sets.items() if one.key}
    written, plain = patient.map(patient_key), ~table["set"].isin(list(keys)) & (patient != "")
    if not keys or not plain.any():
        return written
    own = pseudonyms()
    if strange := [name for name, key in keys.items() if key != own.key_digits]:
        raise InputError(
            f"{section}.{strange[0]}: its patients are pseudonyms by key {keys[strange[0]]}, and the key in use is "
            f"{own.key_digits}; run {section} again, or bring that key back (see {VARIABLE})"
        )
    names = {one: patient_key(own.of("PatientID", one)) or patient_key(one) for one in patient[plain].unique()}
    found = written.where(~plain, patient.map(names))
    shared = len(set(found[plain]) & set(found[~plain]))
    log.info("%d patients are named in some sets and pseudonyms in others; each is one patient", shared)
    return found


def in_two_splits(table: pd.DataFrame, column: str) -> int:
    """Return how many values of a `column` of `table` lie in more than one `split`."""
    once = table.drop_duplicates([column, "split"])
    return len(set(once.loc[once.duplicated(column), column]))


def gray_of(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the grey values in [0, 1], (H, W), of a packed image (channels, H, W)."""
    return grayscale(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))


def _ties(
    table: pd.DataFrame, links: Integers, sets: Mapping[str, PackedSet], likeness: Likeness
) -> dict[tuple[int, int], Tie]:
    """What is nearly alike and not linked yet, by rows of `table`: of equal pictures the first one stands for all."""
    first = np.flatnonzero(~table.duplicated("pixel_digest"))
    row_in_set = table.groupby("set").cumcount().to_numpy()

    def load(picture: int) -> npt.NDArray[np.float32]:
        row = first[picture]
        return gray_of(sets[table["set"][row]].pixels[row_in_set[row]])

    hashes = [[int(one, 16) for one in perceptual_hashes(load(picture))] for picture in range(len(first))]
    found = connecting_ties(
        np.array(hashes, dtype=np.uint64).reshape(-1, 2),
        links[first],
        load,
        likeness.hash_distance,
        likeness.min_similarity,
    )
    return {(int(first[a]), int(first[b])): tie for (a, b), tie in found.items()}


def _pair(table: pd.DataFrame, a: int, b: int, tie: Tie) -> tuple[object, ...]:
    ends = [table[column][row] for row in (a, b) for column in ("set", "image")]
    return *ends, tie.distance, tie.similarity, int(tie.mirrored), int(tie.negative)


def _check(table: pd.DataFrame, section: str) -> None:
    """Raise InputError if a split of a set has no image, or none of one of its labels."""
    for (name, label), images in table.groupby(["set", "label"], sort=False):
        if missing := [split for split in Split if split not in set(images["split"])]:
            of_label = f" labelled {label!r}" if label else ""
            raise InputError(
                f"{section}.{name}: no image{of_label} in the {' and the '.join(missing)} split, which a unit is "
                f"drawn for by chance; its {images['unit'].nunique()} units{of_label} are too few: add patients, raise "
                "splits.test_share or splits.validation_share, or set another splits.seed"
            )


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    """SPLIT_COUNTS: of equal pictures in one set one is counted, and patients however they are written."""
    by_split = table.assign(patient=table["key"].where(table["key"] != "", table["pixel_digest"])).groupby(
        ["set", "split"], sort=False
    )
    counts = by_split.agg(
        images=("pixel_digest", "nunique"), patients=("patient", "nunique"), units=("unit", "nunique")
    )
    order = [(name, split) for name in dict.fromkeys(table["set"]) for split in Split]
    return counts.reindex(pd.MultiIndex.from_tuples(order, names=["set", "split"]), fill_value=0).reset_index()


def _metrics(table: pd.DataFrame, patient: pd.Series, ties: int) -> dict[str, Any]:
    written = pd.DataFrame({"key": patient.map(patient_key), "patient": patient})[patient != ""].drop_duplicates()
    several = int((written.groupby("key").size() > 1).sum())
    if several:
        log.warning(
            "%d patients are written in several ways (blanks, capitals, leading zeros, 7.0 for 7): taken for one each",
            several,
        )
    of_unit = table[table["key"] != ""].groupby("unit")["key"].nunique()
    return {
        "images": int(table["pixel_digest"].nunique()),
        "units": int(table["unit"].nunique()),
        "units_of_several_patients": int((of_unit > 1).sum()),
        "patients_written_in_several_ways": several,
        "nearly_alike_pairs": ties,
        "in_two_splits": sum(in_two_splits(table[table[column] != ""], column) for column in ("key", "pixel_digest")),
        "splits": {str(split): int(n) for split, n in table.groupby("split")["unit"].nunique().items()},
    }
