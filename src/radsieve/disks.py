"""What to do about a disk that is full or may not be written to, which nobody should read out of a traceback."""

import errno
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from radsieve import files
from radsieve.errors import InputError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EROFS}
_LITTLE = 10_000_000  # bytes below which a disk is named as full


def advice(error: BaseException | None) -> str:
    """Say what to do, if `error` or what led to it is of that kind; else nothing."""
    while error is not None:
        text = str(error)
        if isinstance(error, OSError) and error.errno in _FULL | _CLOSED:
            what = "no space left" if error.errno in _FULL else "may not be written to"
            return f"{error.filename2 or error.filename or _where()}: {what}; {_WHAT_TO_DO}"
        if isinstance(error, NotADirectoryError):
            return f"{error.filename2 or error.filename}: lies below a file, not below a folder; name another place"
        if isinstance(error, sqlite3.OperationalError) and ("disk is full" in text or "readonly" in text):
            return f"{files.cache_folder()}: {text}; {_WHAT_TO_DO}"
        error = error.__cause__ or error.__context__
    return ""


def require(folder: Path, count: int) -> None:
    """Raise InputError unless the disk of `folder` has room for `count` bytes."""
    free = shutil.disk_usage(folder).free
    if free < count:
        raise InputError(f"{folder}: {free // 10**6} MB are free and {count // 10**6} MB are needed; {_WHAT_TO_DO}")


_WHAT_TO_DO = (
    "free some, or name another folder by RADSIEVE_CACHE (what was read and computed) or TMPDIR (temporary files), and "
    "run again; nothing that was finished is lost"
)


def _where() -> str:
    """The folders whose disk has little room."""
    return ", ".join(_full()) or "a disk"


def _full() -> Iterator[str]:
    for folder in (Path(), files.cache_folder(), Path(tempfile.gettempdir())):
        if folder.exists() and shutil.disk_usage(folder).free < _LITTLE:
            yield str(folder.resolve())
