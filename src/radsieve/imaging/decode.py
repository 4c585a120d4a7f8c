"""From the bytes of an untrusted object to the pixels of an image, or to a reason why there is none.

Read are PNG, JPEG, TIFF, BMP, WebP and DICOM, of one image each: a file of several frames (pages of a TIFF, an
animation, a series) is refused, since none of them stands for the others. A JPEG that others follow (MPO) is its first
one, which the format makes the primary image; pages of a TIFF that say that they are a smaller copy (TIFF 6.0, tags 254
and 255) are left out.
"""

import hashlib
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from radsieve.imaging import cost, file_structure, plain_png, png
from radsieve.imaging.dicom_transforms import Window
from radsieve.imaging.unreadable import STORE_ONE, UnreadableImageError

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

DICOM = "DICOM"
_PLUGINS = (PngImageFile, JpegImageFile, TiffImageFile, BmpImageFile, WebPImageFile)
PILLOW_FORMATS = tuple(plugin.format for plugin in _PLUGINS)
FORMATS = (*PILLOW_FORMATS, DICOM)
MAX_PIXELS = 100_000_000
MAX_SIDE = 65_535  # that of a JPEG

_SIGNATURES = (file_structure.PNG, file_structure.JPEG, b"II*\0", b"MM\0*", b"BM", b"RIFF")
_MODES_8_BIT = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"}
MODES_16_BIT = {"I", "I;16", "I;16L", "I;16B"}
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
_GRAY_OF_LEVEL = np.multiply(np.arange(256, dtype=np.uint8), 1 / 255, dtype=np.float32)
_BLOCK = 1 << 20  # pixels
_WHITE_IS_ZERO = 0
_NEW_SUBFILE, _SUBFILE = 254, 255  # tags of a page of a TIFF: bits, 1 for a smaller copy; a number, 2 for one
_SMALLER_BIT, _SMALLER = 1, 2
_MOST_COPIES = 32  # a pyramid halves each page
_MPO = "MPO"  # Pillow's name for a JPEG that is followed by further JPEGs
_TURNED = range(2, 9)
_FEW_OF_16 = range(9, 16)  # bits of a TIFF that says so, of whose scale white is the end

# Set once for the process, because neither can be changed safely while threads decode. `decode` checks every header
# against its caller's limit; behind it stands Pillow's, the largest that params allow.
_PILLOW_LIMIT = Image.MAX_IMAGE_PIXELS = 1_000_000_000
# Pillow only warns of headers and metadata that it could read in part; such an image is refused here.
warnings.filterwarnings("error", module=r"PIL\.(Image|\w+ImagePlugin)$")


def decode(content: bytes, max_pixels: int, window: Window = 1) -> Image.Image:
    """Return the decoded image of the file `content`, in Pillow's mode for it, the right way up; a DICOM file as it is
    shown in `window` (see `radsieve.imaging.dicom.shown`).

    Its size is checked in the header, before any pixel is decoded; at most `max_pixels` are allowed, and `MAX_SIDE` to
    a side. Truncated data, missing rows, wrong checksums of pixels and several frames are refused; damaged metadata of
    a JPEG or PNG, on which no pixel depends, are left out. An orientation that the metadata give is applied, whatever
    the format.
    `format` of the result is one of `FORMATS`; its `info` has as `decoding` what was done, or left out of the file, on
    the way, empty if nothing. Safe to call from several threads.

    Raises UnreadableImageError.
    """
    if not content:
        raise UnreadableImageError("empty object", "0 bytes")
    if file_structure.is_dicom(content):
        return _dicom(content, max_pixels, window)
    if fault := file_structure.fault(content):
        raise UnreadableImageError("broken image", fault)
    try:
        return _by_pillow(content, max_pixels)
    except UnreadableImageError as error:
        bare = png.without_metadata(content) if content.startswith(file_structure.PNG) else content
        if error.reason != "broken image" or bare == content:
            raise
        return _by_pillow(bare, max_pixels)


def _by_pillow(content: bytes, max_pixels: int) -> Image.Image:
    """See `decode`; of a JPEG, damaged metadata are left out."""
    try:
        with Image.open(BytesIO(content), formats=PILLOW_FORMATS) as header:
            _check_header(header, max_pixels)
            if work := cost.refused(content, header, max_pixels):
                raise UnreadableImageError("too many pixels", work)
            left_out = _left_out(header)
            header.verify()  # checks those of PNG, which decoding ignores; it leaves the image closed
        deep = png.is_deep_grey_alpha(content)
        image = Image.open(BytesIO(png.as_bytes(content) if deep else content), formats=PILLOW_FORMATS)
        image.load()
        if image.format == PngImageFile.format and png.lacks_rows(content, image):
            raise UnreadableImageError("broken image", "the pixels end before the last row")
    except UnreadableImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableImageError("too many pixels", f"more than {min(max_pixels, _PILLOW_LIMIT)}") from None
    except UnidentifiedImageError:
        if kind := file_structure.unread_kind(content):
            raise UnreadableImageError("unsupported mode", kind) from None
        if content.startswith(_SIGNATURES):
            raise UnreadableImageError("broken image", "the header cannot be read") from None
        kind = file_structure.other_kind(content)
        raise UnreadableImageError("no image", f"{kind and kind + '; '}none of {', '.join(FORMATS)}") from None
    except Warning as error:
        if not content.startswith(file_structure.JPEG) or (bare := file_structure.without_metadata(content)) == content:
            raise UnreadableImageError("broken image", f"{type(error).__name__}: {error}") from None
        return _by_pillow(bare, max_pixels)
    except Exception as error:  # hostile bytes make decoders raise anything, from struct.error to MemoryError
        raise UnreadableImageError("broken image", f"{type(error).__name__}: {error}") from None
    image.info["decoding"] = left_out  # whatever a text of that name in the file says
    if image.format == _MPO:
        image.format = "JPEG"
    if deep:
        return _upright(_deep_over_black(image))
    return image if image.format == TiffImageFile.format else _upright(image)  # Pillow turns those itself


def canonical(image: Image.Image) -> Pixels:
    """Return the pixels of a decoded image in a canonical form, which is the same however a picture is stored.

    The result is C-contiguous, (H, W) for grey and (H, W, 3) for coloured images, uint8 or uint16; black is 0.
    Palettes are expanded, other colour spaces become RGB, three equal channels become one. Opaque alpha is
    dropped; an image with transparent parts is laid over black. A 16-bit image of which every value is a
    multiple 257 v becomes the 8-bit image of v.

    Raises UnreadableImageError for modes that are not supported (floating point, 32-bit values), and for a palette that
    lacks a colour in use.
    """
    if image.mode in MODES_16_BIT:
        return _canonical_16_bit(image)
    if image.mode not in _MODES_8_BIT:
        raise UnreadableImageError("unsupported mode", image.mode)
    _check_palette(image)
    try:
        image = _grey_or_rgb(image)
    except (ValueError, IndexError, OSError) as error:
        raise UnreadableImageError("broken image", f"{type(error).__name__}: {error}") from None
    pixels = np.asarray(image)
    if image.mode == "L":
        return pixels
    first = np.ascontiguousarray(pixels[..., 0])
    if np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2]):
        return first
    return pixels


def read_pixels(content: bytes, max_pixels: int) -> Pixels:
    """Return the pixels of the file `content` in canonical form. Raises UnreadableImageError."""
    plain = plain_png.read(content, max_pixels, MAX_SIDE)
    return canonical(plain[0] if plain else decode(content, max_pixels))


def grayscale(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Return `pixels`, (H, W) or (H, W, 3), as grey values (H, W) in [0, 1] of the full scale of their type.

    Colours are weighted by ITU-R BT.601 luma.
    """
    if pixels.dtype == np.uint8 and pixels.ndim == 2:
        return _GRAY_OF_LEVEL[pixels]
    gray = np.empty(pixels.shape[:2], dtype=np.float32)
    for rows in blocks_of_rows(pixels):
        scale = 1 / np.iinfo(pixels.dtype).max
        if pixels.ndim == 2:
            np.multiply(pixels[rows], scale, out=gray[rows], dtype=np.float32)
        else:
            np.matmul(np.multiply(pixels[rows], scale, dtype=np.float32), _LUMA, out=gray[rows])
    return gray


def blocks_of_rows(pixels: npt.NDArray[Any]) -> Iterator[slice]:
    """Rows of an image (H, W, ...), some at a time, so that what is made of them on the way takes little memory."""
    count = max(1, _BLOCK // max(1, pixels.shape[1]))
    return (slice(start, start + count) for start in range(0, len(pixels), count))


def pixel_digest(pixels: Pixels) -> str:
    """Return the hexadecimal SHA-256 of shape, type and values of canonical `pixels`."""
    digest = hashlib.sha256(f"{pixels.shape} {pixels.dtype.str}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def load_grayscale(path: Path, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.float32]:
    """Return the image stored at `path` as grey values (H, W) in [0, 1]. Raises UnreadableImageError."""
    return grayscale(read_pixels(path.read_bytes(), max_pixels))


def _dicom(content: bytes, max_pixels: int, window: Window) -> Image.Image:
    """The image of a DICOM file; `info` has `bits_stored`, as `decoding` the steps from stored to shown values, and as
    `header` a pydicom Dataset, which says who was examined, without pixels."""
    from radsieve.imaging import dicom  # takes a second, which who has no DICOM need not wait

    found = dicom.shown(content, min(max_pixels, _PILLOW_LIMIT), window)
    image = Image.fromarray(found.pixels)
    image.format = DICOM
    del found.header.PixelData
    image.info |= {
        "bits_stored": found.bits,
        "decoding": "; ".join(filter(None, (*found.steps, found.left_out))),
        "header": found.header,
    }
    return image


def _upright(image: Image.Image) -> Image.Image:
    """The image as its metadata say that it is to be shown; as it is stored if they cannot be read."""
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in _TURNED and ImageOps.exif_transpose(image)
    except Exception:  # hostile bytes make the reader of metadata raise anything
        return image
    if not turned:
        return image
    turned.format = image.format
    return turned


def _deep_over_black(image: Image.Image) -> Image.Image:
    """The 16-bit grey image whose grey and alpha, two bytes each, stand in the channels of `image`, laid over black."""
    pair = np.asarray(image).view(">u2")  # (H, W, 2)
    grey, alpha = pair[..., 0].astype(np.uint32), pair[..., 1].astype(np.uint32)
    found = Image.fromarray(((grey * alpha + 32767) // 65535).astype(np.uint16))
    found.format, found.info = image.format, image.info
    return found


def _check_header(header: Image.Image, max_pixels: int) -> None:
    width, height = header.size
    if width * height > max_pixels:
        raise UnreadableImageError("too many pixels", f"{width} x {height}, more than {max_pixels}")
    if max(width, height) > MAX_SIDE:
        raise UnreadableImageError("too many pixels", f"{width} x {height}, more than {MAX_SIDE} to a side")
    if header.mode not in _MODES_8_BIT | MODES_16_BIT:
        raise UnreadableImageError("unsupported mode", header.mode)


def _left_out(header: Image.Image) -> str:
    """What a file has besides its image, in words, or "" if nothing. Raises UnreadableImageError for several images."""
    if not getattr(header, "is_animated", False):
        return ""
    if header.format == _MPO:
        return "first of several pictures (MPO)"
    if isinstance(header, TiffImageFile) and (copies := _smaller_copies(header)):
        return f"{copies} reduced-resolution page{'s' if copies > 1 else ''} left out"
    raise UnreadableImageError("unsupported mode", f"{header.format} of several frames; {STORE_ONE}")


def _smaller_copies(header: TiffImageFile) -> int:
    """How many pages follow the first one of a TIFF, if all of them say that they are smaller copies and it does not;
    else 0."""
    for number in range(_MOST_COPIES + 2):
        try:
            header.seek(number)
        except EOFError:
            return number - 1
        kind = header.tag_v2.get(_NEW_SUBFILE)
        is_copy = (isinstance(kind, int) and kind & _SMALLER_BIT) or header.tag_v2.get(_SUBFILE) == _SMALLER
        if bool(is_copy) != (number > 0):
            return 0
    return 0


def _canonical_16_bit(image: Image.Image) -> Pixels:
    values = np.asarray(image)
    if values.dtype.itemsize > 2 and (values.min() < 0 or values.max() > 65535):
        raise UnreadableImageError("unsupported mode", f"{image.mode} with values outside of 16 bits")
    pixels = np.ascontiguousarray(values, dtype="<u2")
    if isinstance(image, TiffImageFile) and (bits := int(max(image.tag_v2.get(BITSPERSAMPLE, (16,))))) in _FEW_OF_16:
        pixels = np.rint(np.minimum(pixels, 2**bits - 1) * (65535 / (2**bits - 1))).astype("<u2")
    if isinstance(image, TiffImageFile) and image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO:
        pixels = 65535 - pixels  # Pillow inverts such images of 8 bits only
    if any((pixels[rows] & 0xFF != pixels[rows] >> 8).any() for rows in blocks_of_rows(pixels)):
        return pixels
    return (pixels & 0xFF).astype(np.uint8)


def _check_palette(image: Image.Image) -> None:
    """Refuse a palette that lacks a colour in use: Pillow shows black."""
    if image.mode == "P" and image.palette:
        colours = len(image.palette.palette) // len(image.palette.mode)
        highest = cast(tuple[int, int], image.getextrema())[1]
        if highest >= colours:
            raise UnreadableImageError("broken image", f"a palette of {colours} colours lacks colour {highest}")


def _grey_or_rgb(image: Image.Image) -> Image.Image:
    """An image of 8 bits at most in mode L or RGB."""
    if image.mode in {"LA", "PA", "RGBA"} or (image.mode == "P" and "transparency" in image.info):
        image = _over_black(image.convert("RGBA"))
    if image.mode == "1":
        image = image.convert("L")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _over_black(image: Image.Image) -> Image.Image:
    if image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB")
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, image).convert("RGB")
