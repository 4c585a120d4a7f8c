"""What the parts of a split that others made have in common, and the same split with what belongs together in one part.

Two images cross if they lie in different parts and have the same bytes or pixels, are nearly alike, or are of one
patient. A held-out part that shares images with the part that a model learnt from flatters the model.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.decode import load_grayscale
from radsieve.imaging.duplicates.near_duplicates import Tie, connecting_ties, ties_between
from radsieve.imaging.facts import facts_of
from radsieve.imaging.image_folders import Rejected, fault, threads
from radsieve.imaging.image_sets import DISAGREEING_ROWS, ImageSet, SetListing, choose_images, open_folder
from radsieve.imaging.image_splits import Integers, linked, patient_key
from radsieve.imaging.pseudonyms import with_own_key
from radsieve.imaging.set_splits import Likeness
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.parallel import ordered
from radsieve.progress import track
from radsieve.screening.settings import AuditSplits
from radsieve.screening.tables import AUDIT_COUNTS, AUDIT_PAIRS, AUDIT_REPAIRED, Crossing
from radsieve.settings import ImageSetSettings
from radsieve.stats.resampling import wilson
from radsieve.storage.keys import escaped
from radsieve.storage.objects import sha256_of

ANY = "any"  # reason
CHANCE = "chance"  # audit_splits.split
_MANY_PAIRS = 100_000  # of one patient or picture in two parts; beyond, every image is named with one of the other part

Rows = tuple[int, int]


@dataclass(frozen=True)
class Audit:
    """AUDIT_PAIRS, AUDIT_COUNTS and AUDIT_REPAIRED of a split, what could not be read, and `metrics`."""

    pairs: pd.DataFrame
    counts: pd.DataFrame
    repaired: pd.DataFrame
    rejected: list[Rejected]
    metrics: dict[str, Any]


def audited_set(settings: AuditSplits) -> ImageSet | None:
    """Return the set that section audit_splits describes, its parts as labels; None if there is none to audit."""
    if settings.images is None:
        return None
    described: dict[str, Any] = dict.fromkeys(("group", "age", "masks", "mask", "foreground"))
    described |= {"subgroups": (), "age_bands": (), "bits": "full", "window": 1, "channels": 1}
    described |= settings.model_dump(include={"images", "table", "name", "patient", "patient_pattern"})
    if settings.split == CHANCE:
        described |= {"label": None, "labels": ()}
    else:
        described |= {"label": settings.split, "labels": settings.parts}
    return ImageSet.of(ImageSetSettings.model_construct(**described), "audit_splits")


def audit(settings: AuditSplits) -> Audit:
    """Audit the split that section audit_splits describes.

    Raises InputError if there are fewer than two parts, or a part has no readable image.
    """
    images, parts = audited_set(settings), settings.parts
    if images is None:
        pairs, counts, repaired = (
            pd.DataFrame(columns=list(schema.columns)) for schema in (AUDIT_PAIRS, AUDIT_COUNTS, AUDIT_REPAIRED)
        )
        return Audit(pairs, counts, repaired, [], {"images": 0, "crossing_pairs": 0})
    if len(parts) < 2:
        raise InputError("audit_splits.parts: name two parts at least, the one that is held out most last")
    choice, max_pixels = choose_images(images), int(settings.max_megapixels * 1e6)
    if settings.split == CHANCE:
        drawn = _drawn(choice.images["image"], parts, settings.shares, settings.seed)
        choice = replace(choice, images=choice.images.assign(label=drawn))
    table, rejected = _read(images, choice, max_pixels)
    if empty := [part for part in parts if part not in set(table["label"])]:
        raise InputError(f"{images.key}.parts: no readable image in {', '.join(empty)}")
    known = settings.patient or settings.patient_pattern
    table["key"] = table["patient"].map(patient_key) if known else table["PatientID"]
    pairs, units = _crossing(images, table, Likeness(settings.hash_distance, settings.min_similarity), max_pixels)
    rejected = [*choice.rejected, *rejected]
    return Audit(
        pairs=pairs,
        counts=_counts(table, pairs, parts, settings.confidence),
        repaired=_repaired(table, units, parts),
        rejected=rejected,
        metrics={
            "images": len(table),
            "images_by_part": {part: int((table["label"] == part).sum()) for part in parts},
            "crossing_pairs": len(pairs),
            "crossing_pairs_by_reason": {str(why): int((pairs["reason"] == why).sum()) for why in Crossing},
            "listed_in_two_parts": sum(one.reason == DISAGREEING_ROWS and "label" in one.detail for one in rejected),
            "left_out_by_part": choice.left_out,
            "quarantined": len(rejected),
        },
    )


def _drawn(names: pd.Series, parts: Sequence[str], shares: Sequence[float], seed: int) -> list[str]:
    """The part of each image, drawn file by file: whole numbers of images nearest to the shares.

    Raises InputError if there is not one share for each part, or they do not sum to 1.
    """
    if len(shares) != len(parts) or not np.isclose(sum(shares), 1):
        raise InputError(f"audit_splits.shares = {list(shares)}: give one share for each of {list(parts)}, 1 together")
    ends = np.rint(np.cumsum(shares) * len(names)).astype(int)
    place = np.random.default_rng(seed).permutation(len(names))
    return [parts[int(number)] for number in np.searchsorted(ends, place, side="right")]


def _read(images: ImageSet, choice: SetListing, max_pixels: int) -> tuple[pd.DataFrame, list[Rejected]]:
    """The readable images of `choice` with digests, hashes and patients (of DICOM, as pseudonyms), and the others."""
    source, own = open_folder(images.images, f"{images.key}.images"), functools.cache(with_own_key)

    def look(name: str) -> tuple[str, ...] | Rejected:
        if reason := fault(choice.stored[name]):
            return Rejected(name, *reason)
        content = source.read(choice.stored[name])
        try:
            facts = facts_of(content.data, max_pixels, own)
        except UnreadableImageError as error:
            return Rejected(name, error.reason, escaped(error.detail))
        patient = str(facts.tags["PatientID"] or facts.tags["StudyInstanceUID"])
        return sha256_of(content.file_id), facts.pixel_digest, facts.phash, facts.phash_mirrored, patient

    names = choice.images["image"].tolist()
    found = list(track(ordered(look, names, threads()), "reading", total=len(names)))
    readable = [row for row, one in enumerate(found) if not isinstance(one, Rejected)]
    columns = ["sha256", "pixel_digest", "phash", "phash_mirrored", "PatientID"]
    facts = pd.DataFrame([found[row] for row in readable], columns=columns, dtype=object)
    table = pd.concat([choice.images.iloc[readable].reset_index(drop=True), facts], axis=1)
    return table, [one for one in found if isinstance(one, Rejected)]


def _crossing(
    images: ImageSet, table: pd.DataFrame, likeness: Likeness, max_pixels: int
) -> tuple[pd.DataFrame, Integers]:
    """AUDIT_PAIRS of `table`, and the unit of each of its rows."""
    hashes = [[int(one, 16) for one in both] for both in table[["phash", "phash_mirrored"]].itertuples(index=False)]
    array = np.array(hashes, dtype=np.uint64).reshape(-1, 2)
    parts = pd.factorize(table["label"])[0].astype(np.int64)
    names, digests = table["image"].tolist(), table["pixel_digest"].tolist()

    def load(row: int) -> npt.NDArray[np.float32]:
        return load_grayscale(images.images / names[row], max_pixels)

    chosen = np.flatnonzero(~table.duplicated(["pixel_digest", "label"]))
    limits = likeness.hash_distance, likeness.min_similarity
    between = ties_between(array[chosen], parts[chosen], lambda place: load(chosen[place]), *limits)
    ties = {(int(chosen[a]), int(chosen[b])): tie for (a, b), tie in between.items()}
    near = {rows: tie for rows, tie in ties.items() if digests[rows[0]] != digests[rows[1]]}
    alike = {frozenset((digests[a], digests[b])) for a, b in near}
    pairs = _pairs(table, list(_of_equal_pixels(table)), near, list(_of_one_patient(table, alike)))
    first = np.flatnonzero(~table.duplicated("pixel_digest"))
    links = linked(table["key"].tolist(), digests, pairs=list(near))
    within = connecting_ties(array[first], links[first], lambda place: load(first[place]), *limits)
    closed = linked(links.astype(str).tolist(), pairs=[(int(first[a]), int(first[b])) for a, b in within])
    return pairs, closed


def _pairs(
    table: pd.DataFrame, equal: list[Rows], near: Mapping[Rows, Tie], of_one_patient: list[Rows]
) -> pd.DataFrame:
    """AUDIT_PAIRS of pairs of rows of `table`, by what they have in common."""
    tied = sorted(near.items())
    rows = np.array([*equal, *(rows for rows, _ in tied), *of_one_patient], dtype=np.int64).reshape(-1, 2)
    labels, names, files = (table[column].to_numpy() for column in ("label", "image", "sha256"))
    same_file = files[rows[: len(equal), 0]] == files[rows[: len(equal), 1]]
    without = [np.nan] * len(of_one_patient)
    return pd.DataFrame(
        {
            "part_a": labels[rows[:, 0]],
            "image_a": names[rows[:, 0]],
            "part_b": labels[rows[:, 1]],
            "image_b": names[rows[:, 1]],
            "reason": [
                *np.where(same_file, Crossing.BYTES, Crossing.PIXELS),
                *[Crossing.NEAR] * len(tied),
                *[Crossing.PATIENT] * len(of_one_patient),
            ],
            "distance": [*[0.0] * len(equal), *(float(tie.distance) for _, tie in tied), *without],
            "similarity": [*[1.0] * len(equal), *(tie.similarity for _, tie in tied), *without],
            **{
                kind: [*[0] * len(equal), *(int(getattr(tie, kind)) for _, tie in tied), *[0] * len(of_one_patient)]
                for kind in ("mirrored", "negative")
            },
        }
    )[list(AUDIT_PAIRS.columns)]


def _of_equal_pixels(table: pd.DataFrame) -> Iterator[Rows]:
    """Files of equal pixels in different parts, by their rows; of equal files in one part the first stands for all."""
    return across_parts(table[~table.duplicated(["sha256", "label"])], "pixel_digest")


def _of_one_patient(table: pd.DataFrame, alike: set[frozenset[str]]) -> Iterator[Rows]:
    """Pairs of images of one patient in different parts, by their rows, of pictures neither equal nor `alike`."""
    digests = table["pixel_digest"].tolist()
    for a, b in across_parts(table[table["key"] != ""], "key"):
        if digests[a] != digests[b] and (not alike or frozenset((digests[a], digests[b])) not in alike):
            yield a, b


def across_parts(table: pd.DataFrame, column: str) -> Iterator[Rows]:
    """Pairs of rows, by their index, of one value of `column` and different labels: all, or one for every row."""
    several = table[table.groupby(column)["label"].transform("nunique") > 1]
    for _, same in several.groupby(column):
        by_part = [rows.tolist() for rows in same.groupby("label").groups.values()]
        for one, other in combinations(by_part, 2):
            if len(one) * len(other) > _MANY_PAIRS:
                one, other = (rows + rows[:1] * (max(map(len, (one, other))) - len(rows)) for rows in (one, other))
                yield from ((min(pair), max(pair)) for pair in zip(one, other, strict=True))
                continue
            yield from ((min(pair), max(pair)) for pair in product(one, other))


def _counts(table: pd.DataFrame, pairs: pd.DataFrame, parts: Sequence[str], confidence: float) -> pd.DataFrame:
    """How many images of a part have a counterpart in another one; an image counts as its equals do."""
    facts = table.set_index("image")[["sha256", "pixel_digest"]]
    columns = ["part_a", "image_a", "part_b", "reason"]
    both = [one[columns].drop_duplicates() for one in (pairs, pairs.rename(columns=_swapped))]
    known = pd.concat(both).join(facts, on="image_a")
    rows = []
    for part, other in permutations(parts, 2):
        images = table[table["label"] == part]
        crossing = known[(known["part_a"] == part) & (known["part_b"] == other)]
        concerned: dict[str, pd.Series] = {
            why: images[column].isin(crossing.loc[crossing["reason"] == why, source])
            for why, column, source in (
                (Crossing.BYTES, "sha256", "sha256"),
                (Crossing.PIXELS, "sha256", "sha256"),
                (Crossing.NEAR, "pixel_digest", "pixel_digest"),
                (Crossing.PATIENT, "image", "image_a"),
            )
            if why is not Crossing.PATIENT or (table["key"] != "").any()  # who they are of may not be known
        }
        concerned = {ANY: np.logical_or.reduce(list(concerned.values())), **concerned}
        for why, flags in concerned.items():
            count, share = int(flags.sum()), float(flags.mean())
            rows.append((part, other, why, len(images), count, share, *wilson(count, len(images), confidence)))
    return pd.DataFrame(rows, columns=list(AUDIT_COUNTS.columns))


def _swapped(column: str) -> str:
    return {"_a": f"{column[:-2]}_b", "_b": f"{column[:-2]}_a"}.get(column[-2:], column)


def _repaired(table: pd.DataFrame, units: Integers, parts: Sequence[str]) -> pd.DataFrame:
    """The split in which a whole unit lies in the part that is held out most of those in which it lay."""
    place = table["label"].map({part: number for number, part in enumerate(parts)})
    held_out_most = place.groupby(units).transform("max")
    return pd.DataFrame(
        {
            "image": table["image"],
            "part": table["label"],
            "unit": pd.factorize(units)[0] + 1,
            "repaired": [parts[int(number)] for number in held_out_most],
        }
    )[list(AUDIT_REPAIRED.columns)]
