"""Images of several groups from one generator, and the pack in which they are stored with their latents."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import files
from radsieve.errors import InputError
from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.interface import LATENT_COMPONENTS, Generator, Latents
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.progress import track

Bytes = npt.NDArray[np.uint8]

LATENTS_FILE = "latents.npy"  # in a pack of generated images, row by row


def image_names(groups: Sequence[str], images_per_group: int) -> pd.DataFrame:
    """Return the columns image and group, group by group."""
    rows = [(f"{group}/{image:05}", group) for group in groups for image in range(images_per_group)]
    return pd.DataFrame(rows, columns=["image", "group"])


def image_addresses(identity: str, latents: Latents) -> list[str]:
    """Return the names of the images of `latents` (n, 128) by the generator of this identity (`loading.identity`).

    A name is the SHA-256, in hexadecimal, of the identity and of the latent as little-endian float32: an image has the
    same name wherever it is generated, and no other image has it.
    """
    rows = np.ascontiguousarray(latents, dtype="<f4")
    return [hashlib.sha256(identity.encode() + row.tobytes()).hexdigest() for row in rows]


def generate(generator: Generator, latents: Mapping[str, Latents], batch: int) -> Iterator[Bytes]:
    """Yield the images (channels, H, W) of all groups one after another, generated `batch` at a time."""
    for group, rows in latents.items():
        for start in range(0, len(rows), batch):
            yield from generator.generate(rows[start : start + batch], group)


def store_generated(
    folder: Path, generator: Generator, names: Sequence[str], images: Iterable[Bytes], latents: Latents
) -> Bytes:
    """Write the images of a stage, in place of those that are there, and return them (n, channels, H, W), mapped.

    `images` of the `generator` are taken one after another as they are generated; `names` and `latents` (n, 128) are
    theirs.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shape = (generator.channels, generator.pixels, generator.pixels)
    write_generated(folder, names, track(images, "generating", total=len(names)), shape, latents)
    return read_pack(folder).images


def write_generated(
    folder: Path,
    names: Sequence[str],
    images: Iterable[Bytes],
    shape: tuple[int, int, int],
    latents: Latents,
) -> None:
    """Write generated images, each of `shape` and taken one after another, as a pack with their `latents` (n, 128)."""
    write_pack(folder, names, images, shape)
    buffer = BytesIO()
    np.save(buffer, latents, allow_pickle=False)
    files.write_bytes(folder / LATENTS_FILE, buffer.getvalue())


def read_latents(folder: Path, images: int) -> Latents:
    """Return the latents (images, 128) of the pack of generated images in `folder`.

    Raises InputError if their file is missing or wrong.
    """
    path, shape = folder / LATENTS_FILE, (images, LATENT_COMPONENTS)
    try:
        latents = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that generates the images first") from None
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path}: not an array of latents: {error}") from None
    if latents.shape != shape or latents.dtype != np.float32 or not np.isfinite(latents).all():
        raise InputError(
            f"{path}: {latents.dtype} of shape {latents.shape}, but finite float32 of shape {shape} is needed, a row "
            "for each generated image"
        )
    return np.asarray(latents)


def truth_rows(
    generator: Generator, latents: Mapping[str, Latents], names: pd.DataFrame
) -> list[tuple[str, float, str, int, int]]:
    """Return image, asymmetry, finding, arm and good of every image, if the generator is the phantom decoder."""
    if not isinstance(generator, PhantomDecoder):
        return []
    decoded = [image for group, rows in latents.items() for image in generator.decode(rows, group)]
    return [
        (name, abs(image.chest.asymmetry), "abnormal" if image.finding else "normal", int(image.arm), int(image.good))
        for name, image in zip(names["image"], decoded, strict=True)
    ]
