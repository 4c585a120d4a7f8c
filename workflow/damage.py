"""Damage that neither engine looks for: DVC's lock files cut short, results in its cache that have changed, outputs
that have become links. Told, and mended where nothing can be lost by it.
"""

import configparser
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import yaml
from stages import LOADER, Stage

from radsieve import files
from radsieve.errors import InputError

LOCKS = (Path("dvc.lock"), Path("workflow/dvc.lock"))
KEPT = Path(".dvc/tmp/radsieve")  # copies of the lock files, as they were when they were last whole
OBJECTS = Path(".dvc/cache/files/md5")
RWLOCK = Path(".dvc/tmp/rwlock")

_RACY_NS = 2 * 10**9  # a file changed this shortly ago may change again within one tick of its clock
_MARKS = (b"<<<<<<< ", b">>>>>>> ")


def require_git() -> None:
    """Raise InputError if the project is not in a git repository, as one from a ZIP, and DVC is not told to go without:
    it would refuse to record what was run."""
    here = Path.cwd()
    if any((folder / ".git").exists() for folder in (here, *here.parents)):
        return
    config = configparser.ConfigParser()
    config.read([".dvc/config", ".dvc/config.local"], encoding="utf-8")
    if not config.getboolean("core", "no_scm", fallback=False):
        raise InputError(
            f"{here}: no git repository, in which DVC records results; first of all: git init (or, to go without git:"
            " dvc config --local core.no_scm true)"
        )


def check_locks() -> None:
    """Keep a copy of each lock file that is whole; put the copy in the place of one that was cut while DVC wrote it.

    Raises InputError for one that git could not merge, for one of which there is no copy, and for DVC's list of running
    processes if it was cut.
    """
    for lock in LOCKS:
        if not lock.exists():
            continue
        content, kept = lock.read_bytes(), KEPT / lock.as_posix().replace("/", "-")
        if kept.exists() and kept.read_bytes() == content:
            continue
        if all(mark in content for mark in _MARKS):
            raise InputError(
                f"{lock} holds marks of a merge that git left open; take one side (git checkout --ours {lock}, or "
                f"--theirs) and run again: what is then out of date comes from DVC's cache or is made; nothing is lost"
            )
        if _is_whole(content):
            _keep(lock, content, kept)
        elif kept.exists():
            shutil.copyfile(kept, lock)
            print(f"{lock} was cut while DVC wrote it: the last whole one takes its place", file=sys.stderr)
        else:
            raise InputError(
                f"{lock} is empty or cut: DVC was stopped while it wrote it; git checkout {lock}, or remove it: "
                "results then come from DVC's cache or are made again; nothing is lost"
            )
    if RWLOCK.exists() and not _is_json(RWLOCK):
        raise InputError(f"{RWLOCK} is cut: DVC was stopped while it wrote it; if no DVC is running, rm {RWLOCK}")


def _is_whole(content: bytes) -> bool:
    try:
        found = yaml.load(content, LOADER)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"schema", "stages"} <= found.keys() and content.endswith(b"\n")


def _keep(lock: Path, content: bytes, kept: Path) -> None:
    """Keep a copy of a lock file, and the one before it if that has stages more.

    A file cut at the end of a line is still YAML; but stages also vanish where an older commit was checked out.
    """
    fewer = sorted(_stages(kept.read_bytes()) - _stages(content)) if kept.exists() else []
    if fewer:
        before = kept.with_name(f"{kept.name}.before")
        shutil.copyfile(kept, before)
        print(
            f"{lock} no longer names {', '.join(fewer)}; if it was cut while DVC wrote it: cp {before} {lock}",
            file=sys.stderr,
        )
    files.write_bytes(kept, content)


def _stages(content: bytes) -> set[str]:
    return set(yaml.load(content, LOADER)["stages"] or ())  # noqa: S506 (a safe loader; only what is whole is read)


def _is_json(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (OSError, ValueError, RecursionError):
        return False


def refuse_links(known: Mapping[str, Stage]) -> None:
    """Raise InputError if an output has become a link to anything but DVC's cache: a stage would write there."""
    for stage in known.values():
        for out in map(Path, stage.outs):
            if out.is_symlink() and "files/md5" not in (target := out.resolve().as_posix()):
                raise InputError(
                    f"{out} is a link to {target}, but {stage.name} makes it; remove the link (rm {out}) and run again"
                )


def remove_damaged() -> list[str]:
    """Remove from DVC's cache what no longer has the content after which it is named, and return the names.

    DVC restores it unseen. Only what has changed since the last time is read: by length, times (that of the inode, too)
    and number of the inode.
    """
    place = files.cache_folder() / "dvc_cache.json"
    known: dict[str, list[int]] = {}
    with suppress(OSError, ValueError):
        known = dict(json.loads(place.read_text(encoding="utf-8"))) if place.exists() else {}
    sound, damaged = {}, []
    for path, name, mark in _objects():
        if known.get(name) != mark and _md5(path) != name.removesuffix(".dir"):
            path.unlink()
            damaged.append(name)
            print(f"{name} is damaged in DVC's cache and was removed; the stage that made it runs", file=sys.stderr)
        elif time.time_ns() - mark[2] > _RACY_NS:
            sound[name] = mark
    if sound != known:
        files.write_text(place, json.dumps(sound))
    return damaged


def _objects() -> Iterator[tuple[Path, str, list[int]]]:
    for path in sorted(OBJECTS.glob("??/*")):
        name = path.parent.name + path.name
        if len(name.removesuffix(".dir")) == 32:
            status = path.stat()
            yield path, name, [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _md5(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
