"""Which films a visual Turing test shows, in which order, and in which form.

A reader must find nothing but what a film shows to tell real films from synthetic ones. So films of both kinds have the
same size (that of the smaller kind, the other one being shrunk), the same window of grey values and the same file form.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.errors import InputError
from radsieve.generation_tables import Origin
from radsieve.imaging.film_folders import formed
from radsieve.imaging.packs import Pack
from radsieve.imaging.png import png_of

_ID_DIGITS = 12

Bytes = NDArray[np.uint8]


def chosen_rows(
    pack: Pack, table: Path, only: Mapping[str, str], count: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Draw `count` different rows of `pack` among those that `table` has with all the values of `only`.

    `table` is a CSV with the column `film`, whose values are names of films of the pack, and the columns named in
    `only`. Raises InputError if it is no such table or leaves fewer films.
    """
    allowed = _named(table, only)
    rows = np.array([row for row, name in enumerate(pack.names) if name in allowed], dtype=np.int64)
    if len(rows) < count:
        wanted = ", ".join(f"{column} = {value}" for column, value in only.items()) or "any"
        raise InputError(
            f"{table}: {len(rows)} films of the pack ({wanted}), but draw_turing_test.films asks for {count};"
            " ask for fewer"
        )
    return np.sort(random.choice(rows, count, replace=False))


def common_pixels(packs: Iterable[Pack], most: int) -> int:
    """Return the side in pixels that all films are brought to: the least of their sides, at most `most`."""
    return min([most, *(int(side) for pack in packs for side in pack.films.shape[2:])])


def shown_film(film: Bytes, pixels: int, clip_share: float) -> Bytes:
    """Bring `film` (channels, H, W) to grey, (pixels, pixels), in a window of its own.

    The window leaves `clip_share` of the pixels below black and as many above white. A film of one grey is black.
    """
    grey = formed(film, pixels, 1)[0].astype(np.float64)
    low, high = np.quantile(grey, [clip_share, 1 - clip_share])
    scaled = np.clip((grey - low) / max(high - low, 1), 0, 1)
    shown: Bytes = np.rint(scaled * 255).astype(np.uint8)
    return shown


def shuffled_kinds(names: Mapping[str, Sequence[str]], random: np.random.Generator) -> pd.DataFrame:
    """Mix the films of both kinds: columns kind, film (its name), row (among the names of its kind), in order shown.

    `names` has the names of the films of each Origin.
    """
    rows = [(kind, name, row) for kind in Origin for row, name in enumerate(names[kind])]
    order = random.permutation(len(rows))
    return pd.DataFrame([rows[one] for one in order], columns=["kind", "film", "row"])


def film_files(films: Iterable[Bytes]) -> tuple[list[bytes], str]:
    """Return each of the grey `films` (H, W) as a PNG, and the digits that name a test of just these, in this order."""
    contents = [png_of(film) for film in films]
    digests = b"".join(hashlib.sha256(content).digest() for content in contents)
    return contents, hashlib.sha256(digests).hexdigest()[:_ID_DIGITS]


def _named(table: Path, only: Mapping[str, str]) -> set[str]:
    try:
        films = pd.read_csv(table, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{table}: not found; run the stage that makes it first") from None
    except ValueError as error:
        raise InputError(f"{table}: cannot be read as a table: {error}") from None
    if missing := [name for name in ("film", *only) if name not in films]:
        raise InputError(f"{table}: no column {', '.join(missing)}; it has {', '.join(map(str, films))}")
    for name, value in only.items():
        films = films[films[name] == value]
    return set(films["film"])
