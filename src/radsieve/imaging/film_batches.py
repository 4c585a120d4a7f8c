"""Films from wherever they lie (a pack, a folder of image files, a bucket), in batches of one form.

One batch is in memory at a time, and a few decoded films besides.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radsieve.errors import InputError
from radsieve.imaging.film_folders import Bytes, FormedImage, Rejected, formed, read_films, read_source
from radsieve.imaging.packs import Pack, is_pack, read_pack
from radsieve.storage.objects import Source

_S3 = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<prefix>.*)")
_REGION = "us-east-1"  # where the credentials name none
_CONCURRENCY, _RETRIES, _TIMEOUT_S = 32, 4, 30.0


@dataclass(frozen=True)
class FilmBatch:
    """Films one after another: their `names`, `films` (n, channels, p, p), and (height, width) of each as it lies."""

    names: list[str]
    films: Bytes
    sizes: list[tuple[int, int]]


def film_batches(
    images: str, pixels: int, channels: int, batch: int, rejected: list[Rejected], source: Mapping[str, Any]
) -> Iterator[FilmBatch]:
    """Yield the films of `images` as `pixels` x `pixels` with `channels`, `batch` of them at a time.

    `images` is a pack (in the order of its rows), a folder of image files (sorted by path), or `s3://bucket/prefix/`
    (sorted by key) of the service source.endpoint of params.yaml, with the credentials of the environment. What
    cannot be read is appended to `rejected` and passed over.

    Raises InputError if there is no such place, or nothing in it is a film.
    """
    films = _films(images, pixels, channels, source)
    empty, waiting = True, []
    for film in films:
        if isinstance(film, Rejected):
            rejected.append(film)
            continue
        empty = False
        waiting.append(film)
        if len(waiting) == batch:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)
    if empty:
        why = f"; the first of {len(rejected)} files: {rejected[0].name} ({rejected[0].reason})" if rejected else ""
        raise InputError(f"{images}: no film in it{why}")


def _films(images: str, pixels: int, channels: int, source: Mapping[str, Any]) -> Iterator[FormedImage | Rejected]:
    if place := _S3.fullmatch(images):
        return read_source(_bucket(place["bucket"], place["prefix"], source["endpoint"]), pixels, channels)
    folder = Path(images)
    if is_pack(folder):
        return _packed(read_pack(folder), pixels, channels)
    if not folder.is_dir():
        raise InputError(f"{images}: no such folder; name a folder of images, a pack, or s3://bucket/prefix/")
    return read_films(folder, pixels, channels)


def _packed(pack: Pack, pixels: int, channels: int) -> Iterator[FormedImage]:
    """The films of a pack; they are copied only if they are of another form."""
    for name, film in zip(pack.names, pack.films, strict=True):
        yield FormedImage(name, formed(film, pixels, channels), film.shape[1:])


def _batch(films: list[FormedImage]) -> FilmBatch:
    return FilmBatch(
        [film.name for film in films],
        np.stack([film.pixels for film in films]),
        [film.original_size for film in films],
    )


def _bucket(bucket: str, prefix: str, endpoint: str) -> Source:
    """Open a bucket. The store's clients are imported here: folders and packs do without them."""
    from radsieve.storage.credentials import load_environment, session
    from radsieve.storage.s3 import Connection, S3Source

    if not endpoint.startswith(("http://", "https://")):
        raise InputError(f"source.endpoint = {endpoint}: s3:// needs the URL of a service; set it in params.yaml")
    load_environment(Path(".env"))
    keys = session()
    connection = Connection(endpoint, keys.region_name or _REGION, _CONCURRENCY, _RETRIES, _TIMEOUT_S)
    return S3Source(keys, connection, bucket, prefix if not prefix or prefix.endswith("/") else f"{prefix}/")
