"""Images with a heat map laid over them, or with the outlines of masks."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from scipy.ndimage import binary_erosion

Picture = NDArray[np.floating]

_COLOURS = colormaps["inferno"]
_OUTLINE = (0.25, 0.85, 1.0)
_MINIMUM, _OPACITY = 0.3, 0.75  # of the colours: the dark end of the map would not be told from the image


def heat_overlay(image: Picture, heat: Picture, maximum: float, mask: NDArray[np.bool_] | None = None) -> Picture:
    """Return `image` (H, W) in [0, 1] as colours (H, W, 3), the more covered the more `heat` (H, W) there is.

    Heat of `maximum` and more has full colour; where there is none the image is as it was. `mask` (H, W) is outlined.
    """
    share = np.clip(heat / maximum, 0, 1) if maximum > 0 else np.zeros_like(heat)
    colours = _COLOURS(_MINIMUM + (1 - _MINIMUM) * share)[..., :3]
    opacity = (_OPACITY * np.sqrt(share))[..., None]
    picture = image[..., None] * (1 - opacity) + colours * opacity
    if mask is not None:
        picture[mask & ~binary_erosion(mask)] = _OUTLINE
    return np.asarray(picture, dtype=np.float32)


FOUND, TRUE = "#ff9f1c", "#2ec4ff"  # orange and blue stay apart for colour-blind eyes, and from grey images
_WIDTH = 512  # pixels of the picture: the outline of a small mask stays a thin line


def outlined(
    image: NDArray[np.uint8], outlines: Sequence[tuple[NDArray[np.bool_], str]], width: int = _WIDTH
) -> NDArray[np.float32]:
    """Return `image` (channels, H, W) as a picture (height, width, 3) in [0, 1] with the outlines of masks.

    `outlines` are masks (H, W) and their colours, like `#ff9f1c`; later ones lie over earlier ones.
    """
    height = max(round(width * image.shape[1] / image.shape[2]), 1)
    pil_image = Image.fromarray(image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)))
    picture = np.asarray(
        pil_image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32
    ) / np.float32(255)
    for mask, colour in outlines:
        grown = Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).resize((width, height), Image.Resampling.BICUBIC)
        inside = np.asarray(grown) >= 128
        line = inside & ~ndimage.binary_erosion(inside, iterations=2)  # the edge of the image bounds a mask, too
        picture[line] = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return picture


def with_side(image: NDArray[np.uint8], mirrored: bool = False, width: int = _WIDTH) -> NDArray[np.float32]:
    """Return `image` (channels, H, W) as a picture (height, width, 3) in [0, 1] with the side marker R.

    It stands at image left, where the patient's right is on a radiograph as usually displayed; on a `mirrored` one it
    stands, mirrored, at image right, as a marker of lead would.
    """
    plain = image[:, :, ::-1] if mirrored else image
    marked = Image.fromarray((outlined(plain, (), width) * 255).round().astype(np.uint8))
    size = max(width // 9, 8)
    place, font = (size // 3, size // 4), ImageFont.load_default(size)
    ImageDraw.Draw(marked).text(
        place, "R", fill="white", font=font, stroke_width=max(size // 20, 1), stroke_fill="black"
    )
    picture = np.asarray(marked, dtype=np.float32) / np.float32(255)
    return np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
