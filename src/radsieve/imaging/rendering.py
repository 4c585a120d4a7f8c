"""How the stored values of an image become the grey that is shown, and images the form that networks take.

Training and use go the same way: a network's card says how the images were rendered that it learnt from.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging.decode import Pixels, canonical, decode
from radsieve.imaging.dicom_transforms import RANGE, STORED, Window

FILTER = Image.Resampling.BILINEAR  # widened by the scale when shrinking, so that no pixel is skipped
FULL = "full"
BITS = (FULL, STORED)
_WHITE = 65535
_LAST_WINDOW = 99
_QUARTER, _ENDS = 64, 0.01  # of 256 steps of the scale; share of the pixels

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Rendering:
    """What is white in an image of 16 bits: the full scale, or the greatest value of those `bits` that it uses
    (`stored`, see `fill_scale`); and the `window` in which DICOM is shown. See a set of `pack_images`."""

    bits: str = FULL
    window: Window = 1

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> "Rendering":
        """That which the card of a network or a pack names; the default where an older one does not. Raises
        ValueError."""
        bits, window = card.get("bits", FULL), card.get("window", 1)
        known = window in (RANGE, STORED) or (type(window) is int and 1 <= window <= _LAST_WINDOW)
        if bits not in BITS or not known:
            raise ValueError(f"bits = {str(bits)[:40]}, window = {str(window)[:40]}: no such rendering")
        return cls(bits, cast(Window, window))

    def card(self) -> dict[str, Any]:
        """What a card says of it."""
        return asdict(self)

    def __str__(self) -> str:
        return f"bits: {self.bits}, window: {self.window}"

    def decoded(self, content: bytes, max_pixels: int) -> Pixels:
        """The pixels of the file `content` in canonical form. Raises UnreadableImageError, see `decode`."""
        return canonical(decode(content, max_pixels, self.window))

    def scaled(self, image: Pixels) -> Pixels:
        """`image` with white as `bits` says."""
        return fill_scale(image) if self.bits == STORED else image


AS_IT_IS = Rendering()


@dataclass(frozen=True)
class InputForm:
    """Images (channels, pixels, pixels), channels 1 or 3, rendered alike."""

    pixels: int
    channels: int
    rendering: Rendering = AS_IT_IS

    @classmethod
    def of(cls, card: Mapping[str, Any], source: Path) -> "InputForm":
        """The form that the card of the network in the file `source` names, which is square. Raises InputError."""
        try:
            return cls(int(card["pixels"]), int(card["channels"]), Rendering.of(card))
        except (KeyError, TypeError, ValueError) as error:
            what = f"its card does not say what images it takes ({error}); train it again"
            raise InputError(f"{source}: {what}") from None

    def image(self, image: Pixels) -> Bytes:
        """The decoded `image` in this form."""
        return to_image(self.rendering.scaled(image), self.pixels, self.channels)


def to_image(image: Pixels, pixels: int, channels: int) -> Bytes:
    """Return `image`, (H, W) or (H, W, 3) as `canonical` gives it, as bytes (channels, pixels, pixels).

    Black is 0 and the full scale of the type 255. An image that is not square is squashed. `channels` is 1 (colours
    become grey, weighted by ITU-R BT.601) or 3 (grey becomes three equal channels).
    """
    if image.dtype == np.uint16:  # Pillow shrinks 16-bit images without antialiasing, 32-bit floats with it
        pil_image = Image.fromarray(image.astype(np.float32) / np.float32(257)).resize((pixels, pixels), FILTER)
        resized = np.rint(np.asarray(pil_image)).astype(np.uint8)
    else:
        pil_image = Image.fromarray(image)
        resized = np.asarray((pil_image.convert("L") if channels == 1 else pil_image).resize((pixels, pixels), FILTER))
    if resized.ndim == 3:
        return np.ascontiguousarray(resized.transpose(2, 0, 1))
    return np.repeat(resized[None], channels, axis=0)


def fill_scale(image: Pixels) -> Pixels:
    """Return an image of 16 bits as if the bits that it uses were all: the fewest (8 at least) that hold its brightest
    value become the full scale, so that one of 12 bits in 16 is not black; in one that is only bright, as 12 bits with
    white as 0 are, those that hold the distance of its darkest value from white. Others are returned as they are."""
    if image.dtype != np.uint16:
        return image
    if image.min() > _WHITE // 2:
        return np.invert(fill_scale(np.invert(image)))
    bits = max(int(image.max()).bit_length(), 8)
    return np.asarray(np.rint(image * (_WHITE / (2**bits - 1))), dtype=np.uint16)


def uses_little(image: Pixels) -> bool:
    """Whether the values of an image of 16 bits lie within a quarter of its scale, but for a hundredth at each end:
    letters and broken pixels may be brighter than the picture."""
    if image.dtype != np.uint16:
        return False
    below = np.cumsum(np.bincount((image >> 8).ravel(), minlength=256))
    low, high = np.searchsorted(below, [_ENDS * image.size, (1 - _ENDS) * image.size], side="right")
    return bool(high - low < _QUARTER)


def formed(image: Bytes, pixels: int, channels: int) -> Bytes:
    """Return `image` (1 or 3, H, W) as (channels, pixels, pixels), by `to_image`; itself if it has that form."""
    if image.shape == (channels, pixels, pixels):
        return image
    pixels_last = image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))
    return to_image(pixels_last, pixels, channels)
