"""A verdict of DVC stands until something changes that it looks at; asking again takes seconds.

A mark is a digest over all of that: settings and lock files by their content; inputs, outputs and DVC's cache by the
stat of every file, in more detail than DVC itself compares (time of change and of the inode, length, number of the
inode).
"""

import hashlib
import json
import os
import time
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path

CACHE = ".dvc/cache"
SETTINGS = ("dvc.yaml", "dvc.lock", "workflow/dvc.yaml", "workflow/dvc.lock", "params.yaml", ".dvc/config")
RACY_NS = 2 * 10**9  # a file changed this shortly ago may change again within one tick of its clock

Entry = tuple[str, int, int, int, int]  # path, length, modification and change in nanoseconds, inode


def mark(paths: Collection[str]) -> str | None:
    """The mark of a project whose stages read and write `paths`; None if it would not be safe to go by it.

    It is not if a file has just changed, or if DVC keeps its cache elsewhere, where a loss would not be seen.
    """
    used = list(_entries(paths))
    newest = max((changed for _, _, _, changed, _ in used), default=0)
    if time.time_ns() - newest < RACY_NS or not Path(CACHE).is_dir():
        return None
    ignored = {str(parent / ".dvcignore") for path in paths for parent in Path(path).parents}
    texts = {name: _text(name) for name in sorted({*SETTINGS, ".dvc/config.local", *ignored})}
    content = [version("dvc"), texts, used, list(_entries([CACHE]))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _entries(paths: Collection[str]) -> Iterator[Entry]:
    """Each file at or below `paths`, in a fixed order; a path that is not there by zeros."""
    for path in sorted(map(Path, set(paths))):
        if path.is_dir():
            yield from map(_entry, sorted(Path(folder, name) for folder, _, names in os.walk(path) for name in names))
        else:
            yield _entry(path)


def _entry(path: Path) -> Entry:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0, 0, 0
    return str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _text(name: str) -> str | None:
    path = Path(name)
    return path.read_bytes().hex() if path.exists() else None
