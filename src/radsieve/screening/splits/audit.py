"""What the parts of a split that others made have in common, and the same split with what belongs together in one part.

Two images cross if they lie in different parts and have the same bytes or pixels, are nearly alike, or are of one
patient. A held-out part that shares images with the part that a model learnt from flatters the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve.errors import InputError
from radsieve.imaging.decode import UnreadableImageError, load_grayscale
from radsieve.imaging.duplicates.near_duplicates import Tie, ties_between
from radsieve.imaging.facts import facts_of
from radsieve.imaging.image_folders import Rejected, fault, listing, threads
from radsieve.imaging.image_sets import ImageSet, SetListing, choose_images, open_folder
from radsieve.imaging.image_splits import linked, patient_key
from radsieve.imaging.set_splits import Likeness
from radsieve.parallel import ordered
from radsieve.progress import track
from radsieve.screening.settings import AuditSplits
from radsieve.screening.tables import AUDIT_COUNTS, AUDIT_PAIRS, AUDIT_REPAIRED, Crossing
from radsieve.settings import ImageSetSettings
from radsieve.stats.resampling import wilson
from radsieve.storage.keys import escaped
from radsieve.storage.objects import sha256_of

ANY = "any"  # reason


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
    described: dict[str, Any] = {"group": None, "masks": None, "mask": None, "channels": 1}
    described |= settings.model_dump(include={"images", "table", "name", "patient", "patient_pattern"})
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
    table, rejected = _read(images, choice, max_pixels)
    if empty := [part for part in parts if part not in set(table["label"])]:
        raise InputError(f"{images.key}.parts: no readable image in {', '.join(empty)}")
    keys = table["patient"].where(table["patient"] != table["image"], "").map(patient_key)
    table["key"] = keys
    pictures = table.drop_duplicates(["pixel_digest", "label"]).reset_index(drop=True)
    likeness = Likeness(settings.hash_distance, settings.min_similarity)
    ties = _ties(images, pictures, likeness, max_pixels)
    alike = [_pair(pictures, a, b, tie) for (a, b), tie in sorted(ties.items())]
    pairs = pd.DataFrame([*alike, *_of_one_patient(table, ties, pictures)], columns=list(AUDIT_PAIRS.columns))
    return Audit(
        pairs=pairs,
        counts=_counts(table, pairs, parts, settings.confidence),
        repaired=_repaired(table, pairs, parts),
        rejected=[*choice.rejected, *rejected],
        metrics={
            "images": len(table),
            "images_by_part": {part: int((table["label"] == part).sum()) for part in parts},
            "crossing_pairs": len(pairs),
            "crossing_pairs_by_reason": {str(why): int((pairs["reason"] == why).sum()) for why in Crossing},
            "quarantined": len(choice.rejected) + len(rejected),
        },
    )


def _read(images: ImageSet, choice: SetListing, max_pixels: int) -> tuple[pd.DataFrame, list[Rejected]]:
    """The readable images of `choice` with digests and hashes, and the others."""
    source = open_folder(images.images, f"{images.key}.images")
    stored = {one.key: one for one in listing(source)}

    def look(name: str) -> tuple[str, ...] | Rejected:
        if reason := fault(stored[name]):
            return Rejected(name, *reason)
        content = source.read(stored[name])
        try:
            facts = facts_of(content.data, max_pixels)
        except UnreadableImageError as error:
            return Rejected(name, error.reason, escaped(error.detail))
        return sha256_of(content.file_id), facts.pixel_digest, facts.phash, facts.phash_mirrored

    names = choice.images["image"].tolist()
    found = list(track(ordered(look, names, threads()), "reading", total=len(names)))
    readable = [row for row, one in enumerate(found) if not isinstance(one, Rejected)]
    columns = ["sha256", "pixel_digest", "phash", "phash_mirrored"]
    facts = pd.DataFrame([found[row] for row in readable], columns=columns, dtype=object)
    table = pd.concat([choice.images.iloc[readable].reset_index(drop=True), facts], axis=1)
    return table, [one for one in found if isinstance(one, Rejected)]


def _ties(images: ImageSet, pictures: pd.DataFrame, likeness: Likeness, max_pixels: int) -> dict[tuple[int, int], Tie]:
    """Everything in different parts that is alike, by rows of `pictures`."""
    hashes = [[int(one, 16) for one in both] for both in pictures[["phash", "phash_mirrored"]].itertuples(index=False)]
    names = pictures["image"].tolist()

    def load(row: int) -> npt.NDArray[np.float32]:
        return load_grayscale(images.images / names[row], max_pixels)

    parts = pd.factorize(pictures["label"])[0].astype(np.int64)
    array = np.array(hashes, dtype=np.uint64).reshape(-1, 2)
    return ties_between(array, parts, load, likeness.hash_distance, likeness.min_similarity)


def _pair(pictures: pd.DataFrame, a: int, b: int, tie: Tie) -> tuple[object, ...]:
    first, second = pictures.iloc[a], pictures.iloc[b]
    reason = Crossing.NEAR
    if first["pixel_digest"] == second["pixel_digest"]:
        reason = Crossing.BYTES if first["sha256"] == second["sha256"] else Crossing.PIXELS
    ends = first["label"], first["image"], second["label"], second["image"]
    return *ends, reason, tie.distance, tie.similarity, int(tie.mirrored)


def _of_one_patient(
    table: pd.DataFrame, ties: dict[tuple[int, int], Tie], pictures: pd.DataFrame
) -> Iterator[tuple[object, ...]]:
    """Pairs of images of one patient in different parts that are not alike."""
    names = pictures["image"]
    alike = {frozenset((names[a], names[b])) for a, b in ties}
    known = table[table["key"] != ""]
    for _, same in known[known.groupby("key")["label"].transform("nunique") > 1].groupby("key"):
        rows = same[["label", "image"]].to_numpy().tolist()
        for number, (part_a, a) in enumerate(rows):
            for part_b, b in rows[number + 1 :]:
                if part_a != part_b and frozenset((a, b)) not in alike:
                    yield part_a, a, part_b, b, Crossing.PATIENT, np.nan, np.nan, 0


def _counts(table: pd.DataFrame, pairs: pd.DataFrame, parts: Sequence[str], confidence: float) -> pd.DataFrame:
    """How many images of a part have a counterpart in another one, equal pictures of the part counted each."""
    digest_of = dict(zip(table["image"], table["pixel_digest"], strict=True))
    both = [pairs, pairs.rename(columns=_swapped)]
    directed = pd.concat(both)[["part_a", "image_a", "part_b", "reason"]].assign(
        digest=lambda rows: rows["image_a"].map(digest_of)
    )
    rows = []
    for part, other in permutations(parts, 2):
        images = table[table["label"] == part]
        crossing = directed[(directed["part_a"] == part) & (directed["part_b"] == other)]
        for reason in (ANY, *Crossing):
            of_reason = crossing if reason == ANY else crossing[crossing["reason"] == reason]
            pictures = of_reason.loc[of_reason["reason"] != Crossing.PATIENT, "digest"]
            concerned = images["image"].isin(of_reason["image_a"]) | images["pixel_digest"].isin(pictures)
            count = int(concerned.sum())
            share = count / len(images)
            rows.append((part, other, reason, len(images), count, share, *wilson(count, len(images), confidence)))
    return pd.DataFrame(rows, columns=list(AUDIT_COUNTS.columns))


def _swapped(column: str) -> str:
    return {"_a": f"{column[:-2]}_b", "_b": f"{column[:-2]}_a"}.get(column[-2:], column)


def _repaired(table: pd.DataFrame, pairs: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """The split in which a whole unit lies in the part that is held out most of those in which it lay."""
    row_of = dict(zip(table["image"], range(len(table)), strict=True))
    ties = [(row_of[a], row_of[b]) for a, b in zip(pairs["image_a"], pairs["image_b"], strict=True)]
    units = linked(table["key"].tolist(), table["pixel_digest"].tolist(), pairs=ties)
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
