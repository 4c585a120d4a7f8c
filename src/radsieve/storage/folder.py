"""A folder of the same layout as a bucket, as a source of images."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from radsieve.errors import InputError
from radsieve.storage.objects import ARCHIVED, WITHHELD, Content, StoredObject, check_prefix

LINK_OUT = "link out of the folder"
NO_FILE = "no regular file"
FAULTS = (LINK_OUT, NO_FILE, ARCHIVED, WITHHELD)


class FolderSource:
    """The files of `folder` below `prefix`; keys are their paths relative to `folder`, with `/`.

    Links to files inside the folder are followed. Other links, devices and the like are listed with a fault.
    """

    gives_digests = False

    def __init__(self, folder: Path, prefix: str = "") -> None:
        check_prefix(prefix, "source.prefix")
        if not (folder / prefix).is_dir():
            raise InputError(f"{folder / prefix}: no such folder; check source.bucket and source.prefix")
        self._root = folder.resolve()
        self._prefix = prefix
        self.identity = f"folder:{self._root}"

    def list(self) -> Iterator[StoredObject]:
        """Yield every file below the prefix except hidden ones, whose names begin with a dot (files of other programs).

        Raises InputError naming a folder that cannot be read.
        """
        for parent, folders, names in os.walk(self._root / self._prefix, onerror=_refuse):
            folders[:] = [name for name in folders if not name.startswith(".")]
            names[:] = [name for name in names if not name.startswith(".")]
            links = [name for name in folders if (Path(parent) / name).is_symlink()]
            for name in names + links:
                yield self._describe(Path(parent) / name)

    def read(self, stored: StoredObject) -> Content:
        """Return the content of a listed file.

        Raises InputError if it has changed since, or cannot be read.
        """
        path = self.path(stored)
        try:
            with path.open("rb") as file:
                before = _etag(os.fstat(file.fileno()))
                data = file.read(stored.byte_size + 1)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); check the file and run again") from None
        if before != stored.etag or len(data) != stored.byte_size:
            raise InputError(f"{path}: was changed between listing and reading; run again")
        return Content.of(data)

    def path(self, stored: StoredObject) -> Path:
        """Return the path of a listed file."""
        return self._root / stored.key

    def _describe(self, path: Path) -> StoredObject:
        key = path.relative_to(self._root).as_posix()
        try:
            target = path.resolve(strict=True)
            if not target.is_relative_to(self._root):
                return StoredObject(key, 0, "", LINK_OUT)
            status = target.stat()
        except (OSError, RuntimeError):  # a link that leads nowhere or in a circle
            return StoredObject(key, 0, "", NO_FILE)
        if not stat.S_ISREG(status.st_mode):
            return StoredObject(key, 0, "", NO_FILE)
        return StoredObject(key, status.st_size, _etag(status))


def _etag(status: os.stat_result) -> str:
    """What changes when a file is written, replaced or put back."""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be read ({error.strerror}); check its permissions")
