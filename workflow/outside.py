"""What lies outside of the project and is read by a stage: files and folders that params.yaml names, and a bucket."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from radsieve import files
from radsieve.curation.settings import IngestImages
from radsieve.errors import InputError
from radsieve.imaging import file_structure
from radsieve.settings import SourceSettings
from radsieve.storage.sources import open_source

_START = 4096  # bytes that tell the kind of a file
RACY_NS = 2 * 10**9  # a file written this shortly ago may change again within one tick of its clock


class Digests:
    """SHA-256 of files, remembered with their times and lengths, so that only what changed is read again."""

    def __init__(self) -> None:
        self._place = files.cache_folder() / "outside.json"
        self._known: dict[str, list[object]] = {}
        with suppress(OSError, ValueError):  # none yet, or damaged: everything is read
            self._known = json.loads(self._place.read_text(encoding="utf-8"))
        self._changed = False

    def of(self, path: Path) -> str:
        """The digest of one file."""
        status = path.stat()
        mark = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        known = self._known.get(str(path))
        if known and known[:-1] == mark:
            return str(known[-1])
        digest = files.sha256(path)
        if time.time_ns() - status.st_mtime_ns > RACY_NS:
            self._known[str(path)] = [*mark, digest]
            self._changed = True
        return digest

    def save(self) -> None:
        """Store the digests for the next time."""
        if self._changed:
            files.write_json(self._place, self._known)


def describe(path: Path, digests: Digests) -> str:
    """Describe on one line what a file or folder holds, without its file names, which may identify patients.

    Raises InputError if it is not there or cannot be read.
    """
    try:
        if path.is_file():
            return f"1 file, sha256 {digests.of(path)}"
        if not path.is_dir():
            raise InputError(f"{path}: not found")
        found = [(name.as_posix(), digests.of(path / name)) for name in files_below(path)]
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from None
    return f"{len(found)} files, sha256 {_digest(found)}"


def is_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM does."""
    with path.open("rb") as file:
        return file_structure.is_dicom(file.read(_START))


def files_below(folder: Path) -> Iterator[Path]:
    """The files below a folder, as sorted paths relative to it; hidden ones, which belong to other programs, left
    out."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if not name.startswith(".")]
    return iter(sorted(path.relative_to(folder) for path in found if path.is_file()))


def describe_bucket(source: SourceSettings, ingestion: IngestImages) -> str:
    """Describe what is below the prefix of the bucket that params.yaml names, by its listing alone.

    Raises InputError if the bucket cannot be listed.
    """
    quick = ingestion.model_copy(update={"retries": 1, "timeout_s": min(10, ingestion.timeout_s)})
    with open_source(source, quick, Path()) as opened:
        listed = sorted((stored.key, stored.byte_size, stored.etag) for stored in opened.list())
    return f"{len(listed)} objects, sha256 {_digest(listed)}"


def is_bucket(source: SourceSettings) -> bool:
    """Whether a section `source` names a bucket elsewhere, which neither engine can see."""
    return source.endpoint is not None and "://" in source.endpoint


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
