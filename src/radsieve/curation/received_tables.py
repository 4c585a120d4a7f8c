"""The tables of what was received: graded images, distinct images with their facts, and what is none."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from radsieve.curation.layouts import Graded, Rejection
from radsieve.imaging import tags
from radsieve.imaging.facts import LITTLE, ImageFacts
from radsieve.imaging.image_splits import held_out_most
from radsieve.storage.keys import escaped
from radsieve.storage.objects import StoredObject, sha256_of
from radsieve.tables.images import Split

_log = logging.getLogger(__name__)
_FACTS = [one.name for one in fields(ImageFacts) if one.name != "tags"]


@dataclass(frozen=True, slots=True)
class Described:
    """Facts of a content, and the SHA-256 under which the cache has what is placed for it: the content itself, or its
    pixels as a PNG if it is a DICOM file, whose header says who was examined, or if no file is kept as it is.
    """

    facts: ImageFacts
    placed: str


Row = tuple[Graded, str, Described]  # of a graded image: its file_id and facts


def graded_rows(images: Sequence[Row]) -> pd.DataFrame:
    """`raw_data` of `curation.tables`."""
    rows = [(entry.expert, image, entry.severity, entry.path) for entry, image, _ in images]
    return pd.DataFrame(rows, columns=["expert", "file_id", "severity", "relative_path"])


def distinct_rows(images: Sequence[Row]) -> pd.DataFrame:
    """`images` of `curation.tables`: one row per distinct file, in order of first listing."""
    rows: dict[str, dict[str, object]] = {}
    said: dict[str, dict[str, tags.Value]] = {}  # the table's word counts more, and of several rows the first
    header: dict[str, Mapping[str, tags.Value]] = {}
    splits: dict[str, set[Split]] = {}
    for entry, image, known in images:
        if image not in rows:
            as_it_is = known.placed == sha256_of(image)
            ending = known.facts.format.lower().replace("jpeg", "jpg") if as_it_is else "png"
            own = {
                "file_id": image,
                "image_path": f"{known.placed[:2]}/{known.placed}.{ending}",
                "byte_size": entry.stored.byte_size,
            }
            rows[image] = own | known.facts.row()
            said[image], header[image] = dict(tags.NONE), known.facts.tags
        if entry.known:
            tags.add(said[image], entry.known)
        if split := str(entry.known.get(tags.GIVEN_SPLIT, "")):
            splits.setdefault(image, set()).add(Split(split))
    if little := sum(LITTLE in str(row["decoding"]) for row in rows.values()):
        _log.warning(
            "files of 16 bits nearly all of whose values lie in a quarter of the scale, so that they look dark or pale:"
            " %d; they may hold fewer bits than they say, or need another ingest_images.window",
            little,
        )
    of_table = {image: _patients(known) for image, known in said.items()}
    for image, known_tags in said.items():
        if any(header[image].values()):
            tags.add(known_tags, header[image])
        rows[image] |= known_tags
    if torn := sum(len(patients) > 1 for patients in of_table.values()):
        _log.warning("files of several patients by the table, all of whom are one unit: %d", torn)
    both = [(patients, _patients(said[image])) for image, patients in of_table.items() if patients]
    if other := sum(patients != every for patients, every in both):
        _log.warning(
            "files whose header names another patient than the table: %d; each is of both, who are one unit"
            " (other_patients in images.csv)",
            other,
        )
    for image, given in splits.items():
        rows[image][tags.GIVEN_SPLIT] = held_out_most(given)
    if torn := sum(len(given) > 1 for given in splits.values()):
        _log.warning(
            "files with copies in other splits by the table, all of which are in the one held out most: %d", torn
        )
    columns = ["file_id", "image_path", "byte_size", *_FACTS, *tags.NAMES]
    return pd.DataFrame(list(rows.values()), columns=columns)


def _patients(known: Mapping[str, tags.Value]) -> list[str]:
    return f"{known['PatientID'] or ''} {known[tags.FURTHER['PatientID']]}".split()


def rejected_rows(rejections: Sequence[tuple[StoredObject, Rejection]]) -> pd.DataFrame:
    """`quarantine` of `curation.tables`."""
    rows = [
        (escaped(stored.key), stored.byte_size, rejection.reason, escaped(rejection.detail))
        for stored, rejection in rejections
    ]
    return pd.DataFrame(rows, columns=["key", "byte_size", "reason", "detail"])
