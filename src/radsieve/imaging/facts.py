"""What is known of an image from its file alone: size, storage, brightness, digest, perceptual hashes, and tags."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, TiffImageFile
from scipy.fft import dct

from radsieve.imaging import plain_png
from radsieve.imaging import tags as header_tags
from radsieve.imaging.decode import DICOM, MAX_SIDE, Pixels, blocks_of_rows, canonical, decode, grayscale, pixel_digest
from radsieve.imaging.dicom_transforms import Window
from radsieve.imaging.pseudonyms import Pseudonyms, with_own_key
from radsieve.imaging.rendering import uses_little
from radsieve.imaging.thumbnail import thumbnail

LITTLE = "a quarter of 16 bits used at most"

_FREQUENCIES = 8  # in each direction that it holds
_MIDDLE = slice(31, 33)  # of 64
_GRAY_OF_LEVEL = grayscale(np.arange(256, dtype=np.uint8)[np.newaxis])[0].astype(np.float64)
_EXACT = 1 << 22  # pixels of which grey values, multiples of 2 ** -31 below 1, have the same sum in any order
_PNG_BIT_DEPTH = 24  # offset of the bit depth in the IHDR chunk, which is always the first one


@dataclass(frozen=True)
class ImageFacts:
    """Facts of one image; the columns of the same names in `curation.tables.IMAGES`.

    `format` and `mode` as Pillow names them; `width` and `height` in pixels; `bit_depth` in bits per channel
    as stored; `mean_brightness` in [0, 1] of full scale; `pixel_digest` as the function of that name; `phash`
    and `phash_mirrored` as `perceptual_hashes`. `decoding`: the steps from stored to shown values of a DICOM file,
    what was left out of a file beside its image, and `LITTLE` of an image of which `uses_little` is true, else empty;
    `tags` those of its header, as `tags_of`.
    """

    format: str
    width: int
    height: int
    mode: str
    bit_depth: int
    mean_brightness: float
    pixel_digest: str
    phash: str
    phash_mirrored: str
    decoding: str
    tags: Mapping[str, header_tags.Value]

    def row(self) -> dict[str, header_tags.Value]:
        """The facts by column, tags among them."""
        return {name: value for name, value in vars(self).items() if name != "tags"} | dict(self.tags)


def facts_of(content: bytes, max_pixels: int, pseudonyms: Callable[[], Pseudonyms] = with_own_key) -> ImageFacts:
    """Return the facts of the image whose file has the bytes `content`; `pseudonyms` is asked if it is known whom it
    shows.

    A colour image of 16 bits per channel is reported with `bit_depth` 16, but Pillow reads the upper 8 bits of
    each value only: brightness, digest and hashes are those of that 8-bit image. Grey images keep all 16 bits.

    Raises UnreadableImageError, see `decode`.
    """
    return facts_and_pixels(content, max_pixels, pseudonyms)[0]


def facts_and_pixels(
    content: bytes,
    max_pixels: int,
    pseudonyms: Callable[[], Pseudonyms] = with_own_key,
    window: Window = 1,
) -> tuple[ImageFacts, Pixels]:
    """Return `facts_of` and the pixels in canonical form, of DICOM as they are shown in `window`."""
    plain = plain_png.read(content, max_pixels, MAX_SIDE)
    image, mode = plain or _decoded(content, max_pixels, window)
    pixels = canonical(image)
    (phash, phash_mirrored), brightness = _hashes_and_brightness(pixels)
    steps = ["" if plain else str(image.info["decoding"]), LITTLE if uses_little(pixels) else ""]
    found = ImageFacts(
        format=PngImageFile.format if plain else str(image.format),
        width=image.width,
        height=image.height,
        mode=mode,
        bit_depth=content[_PNG_BIT_DEPTH] if plain else bit_depth(image, content),
        mean_brightness=brightness,
        pixel_digest=pixel_digest(pixels),
        phash=phash,
        phash_mirrored=phash_mirrored,
        decoding="; ".join(filter(None, steps)),
        tags=header_tags.tags_in(image.info["header"], pseudonyms) if image.format == DICOM else header_tags.NONE,
    )
    return found, pixels


def _decoded(content: bytes, max_pixels: int, window: Window) -> tuple[Image.Image, str]:
    image = decode(content, max_pixels, window)
    return image, image.mode


def bit_depth(image: Image.Image, content: bytes) -> int:
    """Return the bits per channel of the file `content` that holds `image`; 8 if it has a palette."""
    if image.format == DICOM:
        return int(image.info["bits_stored"])
    if image.mode == "P":
        return 8
    if image.format == PngImageFile.format:
        return content[_PNG_BIT_DEPTH]
    if isinstance(image, TiffImageFile):
        return int(max(image.tag_v2.get(BITSPERSAMPLE, (1,))))
    return 1 if image.mode == "1" else 8


def perceptual_hashes(gray: npt.NDArray[np.float32]) -> tuple[str, str]:
    """Return the 64-bit hashes of the lowest 8 x 8 frequencies (imagehash.phash), 16 hex digits, of the image `gray`
    (H, W), of any range, and of its left-right mirror image."""
    return _hashes_of(_stretched(gray))


def _hashes_and_brightness(pixels: Pixels) -> tuple[tuple[str, str], float]:
    """`perceptual_hashes` and mean grey value of canonical `pixels`; of 8-bit grey, level by level."""
    if pixels.dtype != np.uint8 or pixels.ndim == 3:
        gray = grayscale(pixels)
        return perceptual_hashes(gray), float(gray.mean(dtype=np.float64))
    counts = np.array(Image.fromarray(pixels).histogram())
    low, high = np.flatnonzero(counts)[[0, -1]].tolist()
    stretched = pixels.tobytes().translate(_stretched_levels(low, high))
    hashes = _hashes_of(np.frombuffer(stretched, dtype=np.uint8).reshape(pixels.shape))
    if pixels.size > _EXACT:
        return hashes, float(grayscale(pixels).mean(dtype=np.float64))
    return hashes, float(counts @ _GRAY_OF_LEVEL / pixels.size)


@functools.lru_cache(maxsize=1024)
def _stretched_levels(low: int, high: int) -> bytes:
    """What becomes of each of 256 grey levels in a picture of those from `low` to `high`."""
    levels = np.zeros(256, dtype=np.uint8)
    levels[low : high + 1] = _stretched(grayscale(np.arange(low, high + 1, dtype=np.uint8)[np.newaxis]))[0]
    return levels.tobytes()


def _hashes_of(levels: npt.NDArray[np.uint8]) -> tuple[str, str]:
    """As imagehash.phash, which shrinks to 32 x 32 pixels, but for the mirror image, too, at once."""
    small = thumbnail(levels)
    both = np.stack([small, small[:, ::-1]]).astype(np.float64)
    low = dct(dct(both, axis=1)[:, :_FREQUENCIES], axis=2)[:, :, :_FREQUENCIES].reshape(2, -1)
    middle = np.sort(low, axis=1)[:, _MIDDLE]
    straight, mirrored = np.packbits(low > (middle[:, :1] + middle[:, 1:]) / 2, axis=1)
    return straight.tobytes().hex(), mirrored.tobytes().hex()


def _stretched(gray: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Grey levels over the full range of 8 bits, so that exposure and bit depth do not change the hash."""
    low, high = gray.min(), gray.max()
    scale = np.float32(255 / (high - low) if high > low else 0)
    levels = np.empty(gray.shape, dtype=np.uint8)
    for rows in blocks_of_rows(gray):
        levels[rows] = ((gray[rows] - low) * scale + np.float32(0.5)).astype(np.uint8)
    return levels
