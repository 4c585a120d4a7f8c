"""Images from wherever they lie (a pack, a folder of image files, a bucket), in batches of one form.

One batch is in memory at a time, plus a few decoded images.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from radsieve import settings
from radsieve.errors import InputError
from radsieve.imaging.image_folders import Bytes, FormedImage, Rejected, read_images, read_source
from radsieve.imaging.packs import is_pack, read_pack
from radsieve.imaging.rendering import InputForm, formed
from radsieve.storage.objects import Allowance, Source

_log = logging.getLogger(__name__)
_BUCKET = re.compile(r"(?P<kind>s3|gs|az)://(?P<bucket>[^/]+)/?(?P<prefix>.*)")
_REGION = "us-east-1"  # where the credentials name none
_CONCURRENCY, _RETRIES, _TIMEOUT_S = 32, 4, 30.0


@dataclass(frozen=True)
class ImageBatch:
    """Images one after another: their `names`, `images` (n, channels, p, p), the original (height, width) of each, and
    the square millimetres of each whole image with where these are (see `radsieve.imaging.spacing`), if known."""

    names: list[str]
    images: Bytes
    sizes: list[tuple[int, int]]
    areas: list[tuple[float, str] | None] = field(default_factory=list)


@dataclass(frozen=True)
class BucketOptions:
    """The settings of a `section` of params.yaml that say how a bucket is read: `access` (see
    `radsieve.storage.s3.Connection`) and how many objects it may withhold."""

    section: str
    access: str = "keys"
    max_withheld: int = 100


def image_batches(
    location: str,
    form: InputForm,
    batch: int,
    rejected: list[Rejected],
    source: settings.SourceSettings,
    options: BucketOptions,
) -> Iterator[ImageBatch]:
    """Yield the images of `location` in `form`, `batch` of them at a time.

    `location` is a pack (in the order of its rows), a folder of image files (sorted by path), or `s3://bucket/prefix/`
    (sorted by key) of the service source.endpoint of params.yaml, `gs://` or `az://`, by `options`, with the
    credentials of the environment. Files that cannot be read, and objects that are withheld, are appended to
    `rejected` and skipped.

    Raises InputError if there is no such place, if it withholds too many, or nothing in it is an image.
    """
    images = _images(location, form, source, options)
    waiting, count, little = [], 0, 0
    for image in images:
        if isinstance(image, Rejected):
            rejected.append(image)
            continue
        count, little = count + 1, little + image.little_used
        waiting.append(image)
        if len(waiting) == batch:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)
    if little:
        _log.warning(
            "%d of %d images have 16 bits, nearly all values in a quarter of the scale; the model learnt from images"
            " with %s",
            *(little, count, form.rendering),
        )
    if not count:
        why = f"; the first of {len(rejected)} files: {rejected[0].name} ({rejected[0].reason})" if rejected else ""
        raise InputError(f"{location}: no image in it{why}")


def batches_of(images: str, batch: int) -> int | None:
    """How many batches `image_batches` yields of a pack; None for a folder or a bucket, whose size is not known in
    advance."""
    return -(-len(read_pack(Path(images)).names) // batch) if is_pack(Path(images)) else None


def _images(
    location: str, form: InputForm, source: settings.SourceSettings, options: BucketOptions
) -> Iterator[FormedImage | Rejected]:
    if place := _BUCKET.fullmatch(location):
        prefix = place["prefix"] and place["prefix"].removesuffix("/") + "/"
        opened = _bucket(place["kind"], place["bucket"], prefix, source.endpoint, options)
        allowance = Allowance(options.max_withheld, f"{options.section}.max_withheld")
        return read_source(opened, form, allowance=allowance)
    folder = Path(location)
    if is_pack(folder):
        return _packed(folder, form)
    if not folder.is_dir():
        raise InputError(
            f"{location}: no such folder; name a folder of images, a pack, or s3://bucket/prefix/ (gs://, az://)"
        )
    return read_images(folder, form)


def _packed(folder: Path, form: InputForm) -> Iterator[FormedImage]:
    """The images of a pack; they are copied only if they have another form."""
    pack = read_pack(folder)
    if pack.rendering not in (None, form.rendering):
        _log.warning(
            "%s was packed with %s, and the model learnt from images with %s: what it says may be wrong",
            *(folder, pack.rendering, form.rendering),
        )
    for name, image, spacing in zip(pack.names, pack.images, pack.spacings, strict=True):
        yield FormedImage(name, formed(image, form.pixels, form.channels), image.shape[1:], spacing)


def _batch(images: list[FormedImage]) -> ImageBatch:
    return ImageBatch(
        [image.name for image in images],
        np.stack([image.pixels for image in images]),
        [image.original_size for image in images],
        [(one.spacing.area(one.original_size), one.spacing.plane) if one.spacing else None for one in images],
    )


def _bucket(kind: str, bucket: str, prefix: str, endpoint: str | None, options: BucketOptions) -> Source:
    """Open a bucket. The store's clients are imported here: folders and packs do not need them."""
    from radsieve.storage.clouds import CloudSource, address
    from radsieve.storage.credentials import amazons, load_environment, session
    from radsieve.storage.s3 import Connection, S3Source
    from radsieve.storage.s3_errors import Terms

    load_environment(Path(".env"))
    terms = Terms(
        bucket="--images",
        prefix="prefix of --images",
        region="AWS_DEFAULT_REGION",
        access=f"{options.section}.access",
        slower="",
    )

    def connection(url: str, region: str) -> Connection:
        usual = (_CONCURRENCY, _RETRIES, _TIMEOUT_S)
        return Connection(url, region, *usual, access=options.access, terms=terms)

    if kind != "s3":
        service = f"{kind}://"
        return CloudSource(service, connection(address(service), _REGION), bucket, prefix)
    keys = session()
    if endpoint == "s3://":
        endpoint = amazons(keys, keys.region_name or _REGION)
    if endpoint is None or not endpoint.startswith(("http://", "https://")):
        raise InputError(
            f"source.endpoint = {endpoint or settings.NONE}: s3:// needs the URL of a service; set it in params.yaml"
        )
    return S3Source(keys, connection(endpoint, keys.region_name or _REGION), bucket, prefix)
