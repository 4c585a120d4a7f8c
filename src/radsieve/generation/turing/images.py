"""Which images a visual Turing test shows, in which order, and in which form.

Nothing but what an image shows may help a reader to tell real images from synthetic ones. So images of both kinds have
the same size (that of the smaller kind, the other one being shrunk), the same window of grey values and the same file
form.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.generation.tables import Origin
from radsieve.imaging.packs import Pack
from radsieve.imaging.png import png_of
from radsieve.imaging.rendering import formed
from radsieve.tables.spreadsheets import unguarded_table

_ID_DIGITS = 12

Bytes = NDArray[np.uint8]


def chosen_rows(
    pack: Pack, table: Path, only: Mapping[str, str], count: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Draw `count` different rows of `pack` among those that `table` has with all the values of `only`.

    `table` is a CSV with the column `image`, whose values are names of images of the pack, and the columns named in
    `only`. Raises InputError if it is not such a table or leaves fewer images.
    """
    allowed = _named(table, only)
    rows = np.array([row for row, name in enumerate(pack.names) if name in allowed], dtype=np.int64)
    if len(rows) < count:
        wanted = ", ".join(f"{column} = {value}" for column, value in only.items()) or "any"
        raise InputError(
            f"{table}: {len(rows)} images of the pack ({wanted}), but make_turing_test.images asks for {count};"
            " ask for fewer"
        )
    return np.sort(random.choice(rows, count, replace=False))


def common_pixels(packs: Iterable[Pack], maximum: int) -> int:
    """Return the side in pixels to which all images are brought: the smallest of their sides, at most `maximum`."""
    return min([maximum, *(int(side) for pack in packs for side in pack.images.shape[2:])])


def shown_image(image: Bytes, pixels: int, clip_share: float) -> Bytes:
    """Bring `image` (channels, H, W) to grey, (pixels, pixels), in a window of its own.

    The window leaves `clip_share` of the pixels below black and as many above white. An image of a single grey value is
    black.
    """
    grey = formed(image, pixels, 1)[0].astype(np.float64)
    low, high = np.quantile(grey, [clip_share, 1 - clip_share])
    scaled = np.clip((grey - low) / max(high - low, 1), 0, 1)
    shown: Bytes = np.rint(scaled * 255).astype(np.uint8)
    return shown


def shuffled_kinds(names: Mapping[str, Sequence[str]], random: np.random.Generator) -> pd.DataFrame:
    """Mix the images of both kinds: columns kind, image (its name), row (among the names of its kind), in order shown.

    `names` has the names of the images of each Origin.
    """
    rows = [(kind, name, row) for kind in Origin for row, name in enumerate(names[kind])]
    order = random.permutation(len(rows))
    return pd.DataFrame([rows[one] for one in order], columns=["kind", "image", "row"])


def image_files(images: Iterable[Bytes]) -> tuple[list[bytes], str]:
    """Return each of the grey `images` (H, W) as a PNG, and digits that name a test of just these, in this order."""
    contents = [png_of(image) for image in images]
    digests = b"".join(hashlib.sha256(content).digest() for content in contents)
    return contents, hashlib.sha256(digests).hexdigest()[:_ID_DIGITS]


def _named(table: Path, only: Mapping[str, str]) -> set[str]:
    try:
        images = unguarded_table(pd.read_csv(table, dtype=str, keep_default_na=False))
    except FileNotFoundError:
        raise InputError(f"{table}: not found; run the stage that makes it first") from None
    except ValueError as error:
        raise InputError(f"{table}: cannot be read as a table: {error}") from None
    if missing := [name for name in ("image", *only) if name not in images]:
        raise InputError(f"{table}: no column {', '.join(missing)}; it has {', '.join(map(str, images))}")
    for name, value in only.items():
        images = images[images[name] == value]
    return set(images["image"])
