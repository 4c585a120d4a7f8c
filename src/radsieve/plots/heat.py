"""Films with a heat map laid over them."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

Picture = NDArray[np.floating]

_COLOURS = colormaps["inferno"]
_OUTLINE = (0.25, 0.85, 1.0)
_LEAST, _OPACITY = 0.3, 0.75  # of the colours: the dark end of the map would not be told from the film


def heat_overlay(film: Picture, heat: Picture, most: float, mask: NDArray[np.bool_] | None = None) -> Picture:
    """Return `film` (H, W) in [0, 1] as colours (H, W, 3), the more covered the more `heat` (H, W) there is.

    Heat of `most` and more has full colour; where there is none the film is as it was. `mask` (H, W) is outlined.
    """
    share = np.clip(heat / most, 0, 1) if most > 0 else np.zeros_like(heat)
    colours = _COLOURS(_LEAST + (1 - _LEAST) * share)[..., :3]
    opacity = (_OPACITY * np.sqrt(share))[..., None]
    picture = film[..., None] * (1 - opacity) + colours * opacity
    if mask is not None:
        picture[mask & ~binary_erosion(mask)] = _OUTLINE
    return np.asarray(picture, dtype=np.float32)
