"""From the listing of a store to tables: graded images, facts of each distinct image, and what is not an image."""

import functools
import gc
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

import radsieve.imaging
from radsieve.curation import stored_images
from radsieve.curation.layouts import REASONS as LAYOUT_REASONS
from radsieve.curation.layouts import Graded, Labels, Rejection
from radsieve.curation.received_tables import Described, distinct_rows, graded_rows, rejected_rows
from radsieve.errors import InputError
from radsieve.imaging import tags
from radsieve.imaging.cost import room
from radsieve.imaging.decode import DICOM
from radsieve.imaging.dicom_transforms import Window
from radsieve.imaging.facts import ImageFacts, facts_and_pixels
from radsieve.imaging.png import quick_png_of
from radsieve.imaging.pseudonyms import KEY, Pseudonyms, with_own_key
from radsieve.imaging.unreadable import REASONS as UNREADABLE
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.parallel import ordered, usable_cores
from radsieve.progress import track, working
from radsieve.storage.cache import Cache
from radsieve.storage.folder import FAULTS
from radsieve.storage.objects import ARCHIVED, Allowance, Source, StoredObject, WithheldError, md5_of, sha256_of
from radsieve.storage.reading import LeaveOut, read_objects, see_digests
from radsieve.tables import subgroups

REASONS = tuple(dict.fromkeys((*LAYOUT_REASONS, *FAULTS, *UNREADABLE)))

_Objects = Sequence[StoredObject]
_Asked = Callable[[], Pseudonyms]
_log = logging.getLogger(__name__)
_DECODING_THREADS = 8  # at most: each holds a decoded image several times over
_CODECS = ("pylibjpeg-libjpeg", "pylibjpeg-openjpeg", "pylibjpeg-rle")
# packages that the facts of an image depend on
_DECODERS = ("pillow", "isal", "pydicom", *_CODECS, "numpy", "scipy")
_AT_A_TIME = 1000  # files in the cache, if they are not kept


@dataclass(frozen=True)
class ReadLimits:
    """Objects read at a time, bytes of the largest object read, pixels of the largest picture decoded, in which window
    DICOM is shown, the longest side in pixels of what is kept of an image, None to keep the file itself, and how many
    objects may be archived, or withheld by the source."""

    concurrency: int
    max_bytes: int
    max_pixels: int
    window: Window = 1
    kept_side: int | None = None
    max_withheld: int = 100


@dataclass(frozen=True)
class Ingestion:
    """What was received.

    `raw_data`, `images`, `quarantine` as in `tables`; `contents` the SHA-256 by path below data/images; `metrics`
    counts that depend on the store alone; `fetched` the number of objects that were not in the cache.
    """

    raw_data: pd.DataFrame
    images: pd.DataFrame
    quarantine: pd.DataFrame
    contents: dict[str, str]
    metrics: dict[str, int | dict[str, int] | str]
    fetched: int


@dataclass
class _Received:
    """The file_id by key, facts by SHA-256, doubtful objects, and the number of objects read."""

    id_of: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Described | Rejection] = field(default_factory=dict)
    doubtful: list[StoredObject] = field(default_factory=list)
    fetched: int = 0

    def add(self, more: "_Received") -> None:
        self.id_of |= more.id_of
        self.facts |= more.facts
        self.doubtful += more.doubtful
        self.fetched += more.fetched


@dataclass(frozen=True)
class _Work:
    """What objects are read from, and how; `leave_out` is told of those that the source withholds."""

    source: Source
    cache: Cache
    limits: ReadLimits
    asked: _Asked
    leave_out: LeaveOut


def ingest(
    source: Source,
    cache: Cache,
    layout: Labels,
    limits: ReadLimits,
    pseudonyms: Callable[[], Pseudonyms] = with_own_key,
) -> Ingestion:
    """Read every image of `source` and describe it; what `cache` has is neither read nor decoded again. `pseudonyms` is
    asked if an image says whom it shows.

    Rows are in the order of an S3 listing, by the bytes of the key in UTF-8, whatever the order of the source.
    Raises InputError if the source cannot be listed or an object cannot be read.
    """
    pseudonyms = functools.cache(pseudonyms)
    with working("listing the bucket"), _garbage_collection_paused():
        listing = sorted(source.list(), key=lambda stored: stored.key)
        objects = [stored for stored in listing if not is_folder_marker(stored)]
        checked = layout.verdicts(objects, limits.max_bytes)
    graded = [verdict for _, verdict in checked if isinstance(verdict, Graded)]
    allowance = Allowance(limits.max_withheld, "ingest_images.max_withheld")
    allowance.archived({stored.key for stored, verdict in checked if verdict == Rejection(ARCHIVED)})
    wanted = list({entry.stored.key: entry.stored for entry in graded}.values())
    withheld: dict[str, Rejection] = {}

    def leave_out(stored: StoredObject, error: WithheldError) -> None:
        allowance.withheld(stored.key, error)
        withheld[stored.key] = Rejection(error.fault, error.detail)

    read_files = _keep if limits.kept_side is None else _let_go
    received = read_files(_Work(source, cache, limits, pseudonyms, leave_out), wanted)
    if withheld:
        _log.warning("%d objects are not given by the service and are in quarantine", len(withheld))
    graded = [entry for entry in graded if entry.stored.key not in withheld]
    file_ids = [received.id_of[entry.stored.key] for entry in graded]
    facts = [received.facts[sha256_of(file_id)] for file_id in file_ids]
    read = list(zip(graded, file_ids, facts, strict=True))

    unread = {entry.stored.key: (entry.stored, known) for entry, _, known in read if isinstance(known, Rejection)}
    for stored, _ in unread.values():
        if stored.etag.strip('"') != md5_of(received.id_of[stored.key]):
            cache.forget(source.identity, stored)  # nothing tells whether it is broken there or was on its way
    quarantine = [(stored, verdict) for stored, verdict in checked if isinstance(verdict, Rejection)]
    quarantine += [(stored, withheld[stored.key]) for stored in wanted if stored.key in withheld]
    quarantine = sorted([*quarantine, *unread.values()], key=lambda entry: entry[0].key)
    good = [(entry, file_id, known) for entry, file_id, known in read if isinstance(known, Described)]
    with _garbage_collection_paused():
        images = distinct_rows(good)
    placed = {file_id: known.placed for _, file_id, known in good}
    metrics: dict[str, int | dict[str, int] | str] = {
        "objects_listed": len(listing),
        "folder_markers": len(listing) - len(objects),
        "objects_read": len(received.id_of),
        "bytes_read": sum(stored.byte_size for stored in wanted if stored.key in received.id_of),
        "images": len(good),
        "distinct_images": len(images),
        "quarantined": len(quarantine),
        "quarantined_by_reason": _by_reason(rejection for _, rejection in quarantine),
    }
    if (images[list(tags.IDENTIFIERS)] != "").any(axis=None):
        metrics[KEY] = pseudonyms().key_digits
    return Ingestion(
        raw_data=graded_rows(good),
        images=images,
        quarantine=rejected_rows(quarantine),
        contents=dict(zip(images.image_path, map(placed.__getitem__, images.file_id), strict=True)),
        metrics=metrics,
        fetched=received.fetched - len(withheld),
    )


def refuse_nothing(found: Ingestion, prefix: str) -> None:
    """Raise InputError if no image was found, saying what was found instead."""
    if len(found.images):
        return
    if found.quarantine.empty:
        raise InputError(f"source.prefix = {prefix!r}: nothing lies below it; check the prefix, and source.bucket")
    first = found.quarantine.drop_duplicates("reason")
    said = "; ".join(
        f"{(found.quarantine['reason'] == row.reason).sum()} {row.reason}, for example {row.key!r}: {row.detail}"
        for row in first.head(3).itertuples()
    )
    raise InputError(f"none of {len(found.quarantine)} objects of the source is a graded image: {said}")


def is_folder_marker(stored: StoredObject) -> bool:
    """Whether the object only stands for a folder, as consoles of S3 services make them."""
    return stored.byte_size == 0 and stored.key.endswith("/")


def decoder_version(max_pixels: int, window: Window = 1, kept_side: int | None = None) -> str:
    """Return a digest of everything but its bytes that the facts of an image depend on: code, libraries, settings."""
    folder = Path(radsieve.imaging.__path__[0])
    digest = hashlib.sha256()
    for module in (*sorted(folder.glob("*.py")), Path(stored_images.__file__), Path(subgroups.__file__)):
        digest.update(module.read_bytes())
    versions = [f"{name} {metadata.version(name)}" for name in _DECODERS]
    digest.update(f"{versions} {max_pixels} {window} {kept_side}".encode())
    return digest.hexdigest()


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """For work that makes many lasting small objects, among which Python would search for garbage in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _keep(work: _Work, wanted: _Objects) -> _Received:
    """What was received; the cache has every file."""
    found = _read(work, wanted)
    for stored in found.doubtful:
        work.cache.remember(work.source.identity, stored, found.id_of[stored.key])
    return found


def _let_go(work: _Work, wanted: _Objects) -> _Received:
    """As `_keep`, but the cache has `_AT_A_TIME` files at most, until they are described.

    What is doubtful is read once more if an ETag was found to be a digest meanwhile; until then it is not remembered.
    """
    source, cache = work.source, work.cache
    known = cache.known(source.identity, wanted)
    see_digests(source, wanted, known)
    limits = work.limits
    version = decoder_version(limits.max_pixels, limits.window, limits.kept_side)
    facts = _recalled_facts(set(map(sha256_of, known.values())), cache, limits, version, work.asked)
    _drop(facts, cache)  # what a run that was killed had described, and not let go
    id_of = {key: file_id for key, file_id in known.items() if sha256_of(file_id) in facts}
    found = _in_parts(work, [stored for stored in wanted if stored.key not in id_of])
    found.add(_Received(id_of, facts))
    if source.gives_digests and found.doubtful:  # which the first parts could not know
        doubtful, found.doubtful = found.doubtful, []
        for stored in doubtful:
            del found.id_of[stored.key]
        found.add(replace(_in_parts(work, doubtful), fetched=0))
        placed = {sha256: one.placed for sha256, one in found.facts.items() if isinstance(one, Described)}
        for content in {*placed.values()} - {placed.get(sha256_of(file_id)) for file_id in found.id_of.values()}:
            cache.drop(content)  # of what turned out to be of no object
    for stored in found.doubtful:
        cache.remember(source.identity, stored, found.id_of[stored.key])
    return found


def _in_parts(work: _Work, wanted: _Objects) -> _Received:
    """What was received; no file is kept."""
    found = _Received()
    for start in range(0, len(wanted), _AT_A_TIME):
        received = _read(work, wanted[start : start + _AT_A_TIME])
        _drop(received.facts, work.cache)
        found.add(received)
    return found


def _read(work: _Work, wanted: _Objects) -> _Received:
    id_of, fetched, doubtful = read_objects(work.source, wanted, work.cache, work.limits.concurrency, work.leave_out)
    facts = _facts(set(map(sha256_of, id_of.values())), work.cache, work.limits, work.asked)
    return _Received(id_of, facts, doubtful, fetched)


def _drop(facts: Mapping[str, Described | Rejection], cache: Cache) -> None:
    """Let go of the files of these `facts` but for those that are placed as they are."""
    for sha256, known in facts.items():
        if isinstance(known, Rejection) or known.placed != sha256:
            cache.drop(sha256)


def _recalled_facts(
    contents: Iterable[str], cache: Cache, limits: ReadLimits, version: str, pseudonyms: Callable[[], Pseudonyms]
) -> dict[str, Described | Rejection]:
    """Those facts by SHA-256 that the cache has of a `decoder_version`, together with what is placed."""
    known: dict[str, Described | Rejection] = {}
    with _garbage_collection_paused():
        for sha256 in sorted(contents):
            cached = _recalled(cache.facts(sha256, version), sha256, pseudonyms)
            kept = limits.kept_side is None and cached is not None and cached.placed == sha256
            if cached is not None and (kept or cache.holds(cached.placed)):
                known[sha256] = cached
    return known


def _facts(
    contents: Iterable[str], cache: Cache, limits: ReadLimits, pseudonyms: Callable[[], Pseudonyms]
) -> dict[str, Described | Rejection]:
    """Facts by SHA-256, from the cache or by decoding. Failures are not cached: memory may have been short."""
    version = decoder_version(limits.max_pixels, limits.window, limits.kept_side)
    known = _recalled_facts(contents, cache, limits, version, pseudonyms)
    unknown = sorted(set(contents) - known.keys())

    def decode(sha256: str) -> Described | Rejection:
        try:
            content = cache.load(sha256)
            with room(content):
                facts, pixels = facts_and_pixels(content, limits.max_pixels, pseudonyms, limits.window)
                if limits.kept_side is not None:
                    pixels = stored_images.reduced(pixels, limits.kept_side)
        except UnreadableImageError as error:
            return Rejection(error.reason, error.detail)
        if facts.format != DICOM and limits.kept_side is None:
            return Described(facts, sha256)
        content = quick_png_of(pixels)
        placed = hashlib.sha256(content).hexdigest()
        cache.store(placed, content)
        return Described(facts, placed)

    results = ordered(decode, unknown, min(usable_cores(), _DECODING_THREADS))
    with threadpool_limits(1):  # of each of the threads, which else make more than there are cores
        for sha256, found in zip(unknown, track(results, "decoding", total=len(unknown)), strict=True):
            known[sha256] = found
            if isinstance(found, Described):
                key = pseudonyms().fingerprint if _has_pseudonym(found.facts) else ""
                facts = vars(found.facts) | {"tags": dict(found.facts.tags)}
                record = {"facts": facts, "placed": found.placed, "key": key}
                cache.remember_facts(sha256, version, json.dumps(record))
    return known


def _recalled(record: str | None, sha256: str, pseudonyms: Callable[[], Pseudonyms]) -> Described | None:
    """What the cache knows, unless its pseudonyms are of another key."""
    known = json.loads(record) if record is not None else {}
    if not known or (known["key"] and known["key"] != pseudonyms().fingerprint):
        return None
    return Described(ImageFacts(**known["facts"]), known["placed"])


def _has_pseudonym(facts: ImageFacts) -> bool:
    return any(facts.tags[name] for name in tags.IDENTIFIERS)


def _by_reason(rejections: Iterable[Rejection]) -> dict[str, int]:
    """How many there are of each reason, in the order of REASONS."""
    counts = Counter(rejection.reason for rejection in rejections)
    return {reason: counts[reason] for reason in REASONS if counts[reason]}
