"""Open the store of films that params.yaml names."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from radsieve.errors import InputError
from radsieve.storage.folder import FolderSource
from radsieve.storage.objects import EmptySource, Source


@contextmanager
def open_source(source: Mapping[str, Any], settings: Mapping[str, Any], phantoms: Path) -> Iterator[Source]:
    """Open what the sections `source` and `ingest_images` of params.yaml name, during the block.

    For `embedded` a server is started and filled with ingest_images.fill: the folder `phantoms`, or another one.
    Raises InputError.
    """
    match source["endpoint"]:
        case "none":
            yield EmptySource()
        case "folder":
            yield FolderSource(expanded(source["bucket"], "source.bucket"), source["prefix"])
        case "embedded":
            fill = settings["fill"]
            folder = phantoms if fill == "phantoms" else expanded(fill, "ingest_images.fill")
            with _embedded(source, settings, folder) as opened:
                yield opened
        case endpoint:
            from radsieve.storage.credentials import session
            from radsieve.storage.s3 import S3Source

            yield S3Source(session(), _connection(endpoint, settings), source["bucket"], source["prefix"])


def expanded(path: str, name: str) -> Path:
    """Return `path` with environment variables filled in.

    Raises InputError naming the parameter `name` and the variable if one is not set.
    """
    full = os.path.expandvars(path)
    if left := re.search(r"\$(\w+|\{[^}]*\})", full):
        raise InputError(f"{name} = {path}: the environment variable {left.group(1).strip('{}')} is not set; set it")
    return Path(full)


@contextmanager
def _embedded(source: Mapping[str, Any], settings: Mapping[str, Any], folder: Path) -> Iterator[Source]:
    from radsieve.storage.credentials import session
    from radsieve.storage.s3 import S3Source
    from radsieve.storage.server import embedded_server

    files = _files(FolderSource(folder), source["prefix"])
    with embedded_server() as server:
        keys = session(server.access_key, server.secret_key)
        connection = _connection(server.endpoint, settings)
        bucket = source["bucket"]
        opened = S3Source(keys, connection, bucket, source["prefix"], identity=f"embedded/{bucket}")
        opened.fill(files, connection.concurrency)
        yield opened


def _files(folder: FolderSource, prefix: str) -> list[tuple[str, Path]]:
    """Pairs of key and path for every file of the folder."""
    files = []
    for stored in folder.list():
        if stored.fault:
            raise InputError(
                f"{folder.path(stored)}: {stored.fault}; take it away, or fill the bucket from another folder"
            )
        files.append((prefix + stored.key, folder.path(stored)))
    return sorted(files)


def _connection(endpoint: str, settings: Mapping[str, Any]) -> Any:
    from radsieve.storage.s3 import Connection

    names = ("region", "concurrency", "retries", "timeout_s")
    return Connection(endpoint, **{name: settings[name] for name in names})
