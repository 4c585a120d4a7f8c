"""What was read and computed before: content by its digest, and an index of which object has which content.

The cache lies outside the outputs of the stage, so that an unchanged bucket costs only its listing and an interrupted
run goes on where it stopped. Nothing in it is trusted without its digest; deleting it costs only time.

Originals may say whom they show, in their headers and in their names: only the user who runs the stage can read them.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from radsieve.errors import InputError
from radsieve.files import make_private
from radsieve.progress import track
from radsieve.storage.objects import StoredObject

_LAYOUT = 1  # increase when tables or folders change; another layout is another folder
_ABANDONED = 3600  # seconds after which nobody is still writing a file
_BATCH = 16  # maximum number of index entries that a killed run loses
_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    source TEXT, key TEXT, etag TEXT, byte_size INTEGER, file_id TEXT NOT NULL, PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (
    sha256 TEXT, version TEXT, facts TEXT NOT NULL, PRIMARY KEY (sha256, version)
) WITHOUT ROWID;
"""


class Cache:
    """A cache of contents and facts in `folder`; use it in a `with` block. Raises InputError if it cannot be used.

    The index belongs to the thread that opened it; `holds`, `load` and `store` may be called from any thread.
    """

    def __init__(self, folder: Path) -> None:
        self._objects = folder / f"v{_LAYOUT}" / "objects"
        self._partial = folder / f"v{_LAYOUT}" / "partial"
        path = folder / f"v{_LAYOUT}" / "index.sqlite"
        try:
            make_private(path.parent)
            make_private(self._objects)
            make_private(self._partial)
            _remove_abandoned(self._partial)
            self._index = _open_index(path)
        except (OSError, sqlite3.OperationalError) as error:  # locked, full or read-only: the index itself is intact
            what = "set RADSIEVE_CACHE to a folder of your own"
            raise InputError(f"{folder}: cannot be used as cache ({error}); {what}") from None
        except sqlite3.DatabaseError:
            for damaged in path.parent.glob(f"{path.name}*"):
                damaged.unlink()
            self._index = _open_index(path)
        self._uncommitted = 0

    def __enter__(self) -> "Cache":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.commit()
        self._index.close()

    def known(self, source: str, objects: Sequence[StoredObject]) -> dict[str, str]:
        """Return the file_id by key of those `objects` that were read before with the same ETag and size."""
        if not objects:
            return {}
        keys = sorted(stored.key for stored in objects)
        rows = self._index.execute(
            "SELECT key, etag, byte_size, file_id FROM objects WHERE source = ? AND key BETWEEN ? AND ?",
            (source, keys[0], keys[-1]),
        )
        found = {key: (etag, byte_size, file_id) for key, etag, byte_size, file_id in rows}
        unchanged = {}
        for stored in objects:
            etag, byte_size, file_id = found.get(stored.key, ("", -1, ""))
            if (etag, byte_size) == (stored.etag, stored.byte_size):
                unchanged[stored.key] = file_id
        return unchanged

    def remember(self, source: str, stored: StoredObject, file_id: str) -> None:
        """Record that `stored` has the content with this `file_id`."""
        row = (source, stored.key, stored.etag, stored.byte_size, file_id)
        self._write("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", row)

    def forget(self, source: str, stored: StoredObject) -> None:
        """Let `stored` be read again next time."""
        self._write("DELETE FROM objects WHERE source = ? AND key = ?", (source, stored.key))

    def facts(self, sha256: str, version: str) -> str | None:
        """Return what `remember_facts` recorded of a content under `version`, or None."""
        query = "SELECT facts FROM facts WHERE sha256 = ? AND version = ?"
        row = self._index.execute(query, (sha256, version)).fetchone()
        return None if row is None else str(row[0])

    def remember_facts(self, sha256: str, version: str, facts: str) -> None:
        """Record the `facts` (any text) of a content; `version` stands for everything else that they depend on."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (sha256, version, facts))

    def holds(self, sha256: str) -> bool:
        """Whether the content with this digest is here and intact; a damaged one is deleted."""
        try:
            self.load(sha256)
        except (GoneError, DamagedError):
            return False
        return True

    def load(self, sha256: str) -> bytes:
        """Return the content with this digest.

        Raises GoneError if it is not here, and DamagedError, having deleted it, if it is not intact.
        """
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise GoneError(_gone(path)) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            path.unlink(missing_ok=True)
            raise DamagedError(f"{path}: was damaged and is deleted; run again")
        return content

    def store(self, sha256: str, content: bytes) -> None:
        """Keep `content`, whose digest is `sha256`.

        It is not synced to disk: after a power failure the digest tells whether it is intact.
        """
        path = self._path(sha256)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._partial)  # mode 600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def drop(self, sha256: str) -> None:
        """Keep the content with this digest no longer, if it is here."""
        self._path(sha256).unlink(missing_ok=True)

    def place(self, contents: Mapping[str, str], folder: Path) -> None:
        """Make `folder` hold exactly `contents`: SHA-256 by relative path, and nothing else.

        The folder takes its name only when it is complete. Files are hard links into the cache where the file system
        can make them, else copies; only their owner can read them. Editing a placed file in place damages the cache,
        which its digest then shows.
        """
        if self._has_placed(contents, folder):
            return
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            for parent in {Path(path).parent for path in contents}:
                (partial / parent).mkdir(parents=True, exist_ok=True)
            for path, sha256 in track(contents.items(), "placing", len(contents), "file"):
                _link_or_copy(self._path(sha256), partial / path)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)  # the disk may be full
            raise
        if folder.exists():
            outdated = folder.with_name(f".{folder.name}.outdated")
            shutil.rmtree(outdated, ignore_errors=True)
            folder.rename(outdated)
            partial.rename(folder)
            shutil.rmtree(outdated)
        else:
            partial.rename(folder)

    def _has_placed(self, contents: Mapping[str, str], folder: Path) -> bool:
        """Whether `folder` has every link into the cache that it is to have, and nothing else."""
        inner = [Path(folder) for folder in {path.rpartition("/")[0] for path in contents}]
        folders = {str(one) for folder in inner for one in (folder, *folder.parents)}
        found = 0
        for place, _, names in os.walk(folder):
            inside = os.path.relpath(place, folder)
            if inside not in folders:
                return False
            for name in names:
                sha256 = contents.get(name if inside == "." else f"{inside}/{name}")
                if sha256 is None or not _are_one(f"{place}/{name}", self._name(sha256)):
                    return False
            found += len(names)
        return bool(contents) and found == len(contents)

    def _path(self, sha256: str) -> Path:
        return Path(self._name(sha256))

    def _name(self, sha256: str) -> str:
        return f"{self._objects}/{sha256[:2]}/{sha256}"

    def _write(self, statement: str, row: Iterable[str | int]) -> None:
        self._index.execute(statement, tuple(row))
        self._uncommitted += 1
        if self._uncommitted >= _BATCH:
            self._index.commit()
            self._uncommitted = 0


class DamagedError(InputError):
    """A cached content does not have the digest under which it is stored."""


class GoneError(InputError):
    """A content is not in the cache."""


def _gone(path: Path) -> str:
    return (
        f"{path}: no longer in the cache; another run that shares it has let go of it (ingest_images.kept_side), or"
        " somebody deleted it: run again, one run at a time"
    )


def _remove_abandoned(folder: Path) -> None:
    """Remove what a killed run had begun to write; what is younger may be of a run that goes on."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another run removes it, or has just finished it
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()


def _open_index(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)  # SQLite's further files take the mode of the first
    index = sqlite3.connect(path, timeout=60)
    try:
        index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = NORMAL")
        index.executescript(_TABLES)
        index.execute("SELECT * FROM objects LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        index.close()
        raise
    return index


def _are_one(placed: str, kept: str) -> bool:
    """Whether both names are of one file, which only its owner can read."""
    status = os.lstat(placed)
    try:
        return os.path.samestat(status, os.lstat(kept)) and not status.st_mode & 0o077
    except FileNotFoundError:
        return False


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        target.touch(mode=0o600)  # before there is anything to read in it
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError:
            raise GoneError(_gone(source)) from None
    target.chmod(0o600)  # older caches did not
