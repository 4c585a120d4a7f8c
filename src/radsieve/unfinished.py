"""Unfinished work: where its state is stored, and whether a later run may resume it.

A state is valid only for the work to which it belongs: beside it lies a key, which names everything on which the work
depends, code included. The state of other work is removed, and the log says so and why.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from radsieve import files
from radsieve.errors import InputError

_KEY = "key.json"
_CONTENTS = ("input", "code", "data")  # things of which the key has the digest, which says nothing to a reader
_NAMED = 4  # differences that the log names

log = logging.getLogger(__name__)


def folder_of(stage: str, out: Path) -> Path:
    """Return the folder, below the cache, for the state of the work of `stage` whose results go to `out`.

    Projects that share a cache have folders of their own, and a project that is moved with its cache keeps its own.
    """
    place = os.path.relpath(out.resolve(), files.cache_folder().resolve())
    return files.cache_folder() / stage / f"{out.name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def key_of(settings: Mapping[str, Any], sources: Sequence[Path], code: str) -> dict[str, str]:
    """Return the key of the work that reads the files `sources` by `settings` (JSON) and runs `code`.

    `code` is what `radsieve.tracing.code_trace` returns: lines of a name and a digest or version. The key maps the name
    of each of these to a text that changes with it. Raises OSError if a file cannot be read.
    """
    key = {f"parameter {name}": json.dumps(value, sort_keys=True) for name, value in _flat(settings)}
    key |= {f"input {path}": files.sha256(path) for path in sources}
    lines = (line.rpartition(" ") for line in code.splitlines())
    return key | {name: value for name, _, value in lines}


def reopen(folder: Path, key: Mapping[str, str]) -> Path:
    """Return `folder` with what was stored there under the same `key`, or else empty; the log says why it was
    emptied."""
    reason = _why_not(folder / _KEY, key)
    if reason and any(path.name != _KEY and not path.name.startswith(".") for path in folder.glob("*")):
        log.warning(
            "what an earlier run left in %s is removed, and the work starts from the beginning: %s",
            folder,
            reason,
        )
    if reason:
        remove(folder)
        files.write_json(folder / _KEY, dict(sorted(key.items())))
    return folder


def remove(folder: Path) -> None:
    """Delete the state of work that is done, or that will not be resumed. Raises InputError if it cannot be deleted."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{folder}: an old state that cannot be deleted ({error}); delete it by hand") from None


def _why_not(path: Path, key: Mapping[str, str]) -> str:
    """In words, why work of `key` cannot resume from a state whose key is in the file `path`; empty if it can."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"{path} is missing"
    except (OSError, ValueError) as error:
        return f"{path} is damaged ({error})"
    if not isinstance(found, dict):
        return f"{path} is damaged"
    names = sorted(name for name in found.keys() | key.keys() if found.get(name) != key.get(name))
    more = f", and {len(names) - _NAMED} other things" if len(names) > _NAMED else ""
    return ", ".join(_difference(name, found.get(name), key.get(name)) for name in names[:_NAMED]) + more


def _difference(name: str, old: object, new: object) -> str:
    if old is None or new is None:
        return f"{name} is {'new' if old is None else 'gone'}"
    return f"{name} has changed" if name.startswith(_CONTENTS) else f"{name} was {old} and is {new}"


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with the keys that lead to it: `moving.steps`."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
