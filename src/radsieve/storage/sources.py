"""Open the store of images that params.yaml names."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from radsieve import disks, settings
from radsieve.errors import InputError
from radsieve.settings import expand
from radsieve.storage.folder import FolderSource
from radsieve.storage.objects import EmptySource, Source

_FREE = 50_000_000  # bytes that the embedded server needs besides the images


@contextmanager
def open_source(source: settings.SourceSettings, ingestion: settings.Storage, phantoms: Path) -> Iterator[Source]:
    """Open what the sections `source` and `ingest_images` of params.yaml name, during the block.

    For `embedded` a server is started and filled with ingest_images.fill: the folder `phantoms`, or another one.
    Raises InputError.
    """
    match source.endpoint:
        case None:
            yield EmptySource()
        case "folder":
            yield FolderSource(expand(source.bucket, "source.bucket"), source.prefix)
        case "embedded":
            fill = ingestion.fill
            folder = phantoms if fill == "phantoms" else expand(fill, "ingest_images.fill")
            with _embedded(source, ingestion, folder) as opened:
                yield opened
        case "gs://" | "az://" as kind:
            from radsieve.storage.clouds import CloudSource, address

            yield CloudSource(kind, _connection(address(kind), ingestion), source.bucket, source.prefix)
        case endpoint:
            from radsieve.storage.credentials import amazons, session
            from radsieve.storage.s3 import S3Source

            keys = session()
            url = amazons(keys, ingestion.region) if endpoint == "s3://" else endpoint
            yield S3Source(keys, _connection(url, ingestion), source.bucket, source.prefix)


@contextmanager
def _embedded(source: settings.SourceSettings, ingestion: settings.Storage, folder: Path) -> Iterator[Source]:
    from radsieve.storage.credentials import session
    from radsieve.storage.s3 import S3Source
    from radsieve.storage.server import embedded_server

    files = _files(FolderSource(folder), source.prefix)
    disks.require(Path(tempfile.gettempdir()), _FREE + sum(path.stat().st_size for _, path in files))
    with embedded_server() as server:
        keys = session(server.access_key, server.secret_key)
        connection = replace(_connection(server.endpoint, ingestion), access="keys", addressing="path")
        bucket = source.bucket
        opened = S3Source(keys, connection, bucket, source.prefix, identity=f"embedded/{bucket}")
        opened.fill(files, connection.concurrency)
        yield opened


def _files(folder: FolderSource, prefix: str) -> list[tuple[str, Path]]:
    """Pairs of key and path for every file of the folder."""
    files = []
    for stored in folder.list():
        if stored.fault:
            raise InputError(
                f"{folder.path(stored)}: {stored.fault}; remove it, or fill the bucket from another folder"
            )
        files.append((prefix + stored.key, folder.path(stored)))
    return sorted(files)


def _connection(endpoint: str, ingestion: settings.Storage) -> Any:
    from radsieve.storage.s3 import Connection

    return Connection(
        endpoint,
        ingestion.region,
        ingestion.concurrency,
        ingestion.retries,
        ingestion.timeout_s,
        ingestion.access,
        ingestion.addressing,
    )
