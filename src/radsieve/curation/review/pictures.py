"""Pictures as the review page shows them: losslessly, with all their grey levels.

A browser draws 8 bits per channel. A grey image of 16 bits is therefore stored with its high bytes in the red channel
and its low bytes in the green one, and put together again by the page.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from radsieve.imaging.decode import Pixels
from radsieve.imaging.png import png_of


class Shown(NamedTuple):
    """A picture as a data: URI of a PNG, and how its grey levels are stored: `8`, `16` (high and low bytes), or
    `8 of 16` for colours of 16 bits, of which the high bytes are shown.
    """

    uri: str
    depth: str


def shown_picture(pixels: Pixels) -> Shown:
    """Bring canonical `pixels`, (H, W) or (H, W, 3) of 8 or 16 bits, into a form that a page can hold."""
    depth = "8"
    if pixels.dtype != np.uint8:
        high, low = (pixels >> 8).astype(np.uint8), (pixels & 0xFF).astype(np.uint8)
        grey = pixels.ndim == 2
        stored, depth = (np.dstack([high, low, np.zeros_like(low)]), "16") if grey else (high, "8 of 16")
    else:
        stored = pixels.astype(np.uint8, copy=False)
    return Shown(f"data:image/png;base64,{b64encode(png_of(stored)).decode()}", depth)


def pictures_that_fit(
    cases: Iterable[Sequence[str]], load: Callable[[str], Shown], max_bytes: float
) -> tuple[int, dict[str, Shown]]:
    """Return how many of the first `cases`, each the names of its pictures, fit into `max_bytes`, and their pictures.

    `load` returns a picture by its name. The first case is always taken.
    """
    taken: dict[str, Shown] = {}
    fitting = length = 0
    for names in cases:
        new = {name: load(name) for name in names if name not in taken}
        length += sum(len(one.uri) for one in new.values())
        if fitting and length > max_bytes:
            break
        taken |= new
        fitting += 1
    return fitting, taken
