"""Results that DVC still has: fetched from its cache where nothing that the stage reads has changed, and checked."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from asking_dvc import LOCK, DvcError, dvc, dvc_cache, dvc_status
from stages import LOADER, Stage

RESTORABLE = {"missing files", "changed outputs"}


def restore(stage: Stage) -> bool:
    """Fetch the outputs from DVC's cache if dvc.lock has them for just these inputs and parameters."""
    try:
        if not set(dvc_status(stage.name).get(stage.name, ())) <= RESTORABLE:
            return False
        dvc("checkout", "--force", "--quiet", *stage.outs)
    except DvcError:  # not in the cache, for example: then the stage runs
        print(f"{stage.name}: not in DVC's cache", file=sys.stderr)
        return False
    return all(Path(out).exists() for out in stage.outs) and not _damaged(stage)


def _damaged(stage: Stage) -> bool:
    """Whether DVC's cache gave anything else than dvc.lock says; what is damaged there is removed, so that it is made.

    DVC does not look into what it stored once.
    """
    locked = yaml.load(LOCK.read_text(encoding="utf-8"), Loader=LOADER)["stages"][stage.name]["outs"]  # noqa: S506
    objects = dvc_cache() / "files/md5"
    damaged = {digest for out in locked for digest in _unlike(Path(out["path"]), out["md5"], objects)}
    for digest in damaged:
        (objects / digest[:2] / digest[2:]).unlink(missing_ok=True)
        print(f"{stage.name}: {digest} is damaged in DVC's cache and was removed; the stage runs", file=sys.stderr)
    return bool(damaged)


def _unlike(path: Path, digest: str, objects: Path) -> Iterator[str]:
    """Yield the digests of the files at or below an output that have another content; `digest` is the output's own."""
    if not digest.endswith(".dir"):
        if _md5(path) != digest:
            yield digest
        return
    listed = objects / digest[:2] / digest[2:]
    if f"{_md5(listed)}.dir" != digest:
        yield digest
    else:
        files = json.loads(listed.read_text(encoding="utf-8"))
        yield from (file["md5"] for file in files if _md5(path / file["relpath"]) != file["md5"])


def _md5(file: Path) -> str:
    """DVC's digest of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
