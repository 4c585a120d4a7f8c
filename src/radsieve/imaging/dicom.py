"""From a DICOM file to the pixels that a workstation shows, and to what was done to get them.

Stored values go through the steps of the standard (DICOM PS3.4, annex N.2, 2025e): modality table or rescale, the
chosen VOI table or else window, or without either the whole range of the stored bits; then black is the least and white
the greatest value, and MONOCHROME1 is inverted. Overlays are left out. Pixels that are not square are made so.
Of the header only what these steps took is written down, never who was examined.
"""

import io
import logging
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array

from radsieve.imaging.decode import RANGE, STORED, UnreadableImageError, Window
from radsieve.imaging.file_structure import DICOM_MAGIC, DICOM_PREAMBLE

MAX_HEADER = 50_000_000  # bytes besides the pixels that a deflated file may unpack to

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
_WITHOUT_PIXELS = {"SR": "a structured report", "DOC": "a document", "PR": "a presentation state", "KO": "a selection"}
_SQUARE = 0.001  # sides of a pixel that differ by no more are equal

warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")  # they quote values of the header
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class Shown:
    """Pixels (H, W) or (H, W, 3), uint8, or uint16 where more than 8 bits are stored; and the steps that led there."""

    pixels: npt.NDArray[Any]
    bits: int
    steps: tuple[str, ...]


def shown(content: bytes, max_pixels: int, window: Window = 1) -> Shown:
    """Return the image of the DICOM file `content` as it is shown in a `window`: which of several (the last of fewer),
    STORED for none, or RANGE for what lies between the least and the greatest value of the picture.

    Raises UnreadableImageError for what holds no single image of at most `max_pixels`, or one that no decoder reads.
    """
    try:
        header = checked(content, max_pixels)
        values = pixel_array(header)
        if values.shape[:2] != (header.Rows, header.Columns):
            raise UnreadableImageError("broken image", "the pixels have another size than the header says")
        found = (
            _grey(header, values, window)
            if header.PhotometricInterpretation in _MONOCHROME
            else _colour(header, values)
        )
        return _square(header, found, max_pixels)
    except UnreadableImageError:
        raise
    except Exception as error:  # hostile bytes make the libraries raise anything; their words may quote the header
        raise UnreadableImageError("broken image", f"DICOM: {type(error).__name__}") from None


def checked(content: bytes, max_pixels: int) -> pydicom.Dataset:
    """Return the data set of the DICOM file `content`; raises as `shown` does, without decoding pixels."""
    found = _header(content, max_pixels)
    _check(found, max_pixels)
    return found


def header(content: bytes, names: list[str]) -> pydicom.Dataset:
    """Return the tags `names` of the DICOM file `content`, which `shown` could read."""
    return pydicom.dcmread(io.BytesIO(content), force=True, stop_before_pixels=True, specific_tags=list(names))


def _header(content: bytes, max_pixels: int) -> pydicom.Dataset:
    place = content.find(_DEFLATED, 0, 4096)
    if place >= 0 and content[DICOM_PREAMBLE : DICOM_PREAMBLE + 4] == DICOM_MAGIC:
        start = DICOM_PREAMBLE + 16 + int.from_bytes(content[DICOM_PREAMBLE + 12 : DICOM_PREAMBLE + 16], "little")
        limit = MAX_HEADER + 8 * max_pixels
        if len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(content[start:], limit + 1)) > limit:
            raise UnreadableImageError("too many pixels", f"unpacks to more than {limit} bytes")
    return pydicom.dcmread(io.BytesIO(content), force=True)


def _check(header: pydicom.Dataset, max_pixels: int) -> None:
    if "PixelData" not in header:
        if {"FloatPixelData", "DoubleFloatPixelData"} & set(header.dir()):
            raise UnreadableImageError("unsupported mode", "DICOM of floating point")
        kind = _WITHOUT_PIXELS.get(str(header.get("Modality", "")), "a file")
        raise UnreadableImageError("no image", f"DICOM without pixels: {kind}")
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        raise UnreadableImageError("unsupported mode", f"DICOM of {frames} frames; store the wanted one alone")
    rows, columns = int(header.Rows), int(header.Columns)
    if rows * columns > max_pixels:
        raise UnreadableImageError("too many pixels", f"{columns} x {rows}, more than {max_pixels}")
    syntax = header.file_meta.get("TransferSyntaxUID") if hasattr(header, "file_meta") else None
    if syntax is None:  # a bare data set is of the one that was the default
        header.file_meta = pydicom.dataset.FileMetaDataset()
        header.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
        if header.original_encoding[0] is False:
            header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    elif syntax.is_compressed and syntax != pydicom.uid.DeflatedExplicitVRLittleEndian and not _decoder(syntax):
        raise UnreadableImageError("unsupported mode", f"DICOM in {syntax.name}")
    if int(header.get("HighBit", header.BitsStored - 1)) != int(header.BitsStored) - 1:
        raise UnreadableImageError("unsupported mode", "DICOM whose high bit is not the last of the stored ones")
    if int(header.BitsAllocated) not in {8, 16}:
        raise UnreadableImageError("unsupported mode", f"DICOM of {int(header.BitsAllocated)} bits")
    photometric = str(header.PhotometricInterpretation)
    if photometric not in (*_MONOCHROME, *_COLOUR, "PALETTE COLOR"):
        raise UnreadableImageError("unsupported mode", "DICOM of unknown photometric interpretation")


def _decoder(syntax: pydicom.uid.UID) -> bool:
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False


def _grey(header: pydicom.Dataset, values: npt.NDArray[Any], window: Window) -> Shown:
    bits = int(header.BitsStored)
    steps = [_syntax(header)]
    values = _stored(header, values)
    low, high = _stored_range(header)
    if "ModalityLUTSequence" in header:
        values = apply_modality_lut(values, header)
        low, high = 0.0, 2.0 ** int(header.ModalityLUTSequence[0].LUTDescriptor[2]) - 1
        steps.append("modality table")
    elif header.get("RescaleSlope") is not None and header.get("RescaleIntercept") is not None:
        values = apply_modality_lut(values, header)
        slope, intercept = float(header.RescaleSlope), float(header.RescaleIntercept)
        low, high = sorted((low * slope + intercept, high * slope + intercept))
        steps.append(f"rescale {slope:g} {intercept:g}")
    if window == RANGE:
        low, high = float(values.min()), max(float(values.max()), float(values.min()) + 1)
        steps.append(f"range {low:g} to {high:g}")
    elif window == STORED or not (header.get("VOILUTSequence") or _has_window(header)):
        steps.append("all stored bits")
    elif header.get("VOILUTSequence"):
        place = min(int(window), len(header.VOILUTSequence)) - 1
        values = apply_voi_lut(values, header, index=place, prefer_lut=True)
        low, high = 0.0, 2.0 ** int(header.VOILUTSequence[place].LUTDescriptor[2]) - 1
        steps.append(f"VOI table {place + 1}")
    else:
        centers, widths = (np.atleast_1d(header[name].value) for name in ("WindowCenter", "WindowWidth"))
        place = min(int(window), len(centers), len(widths)) - 1
        values = apply_voi_lut(values, header, index=place, prefer_lut=False)
        function = header.get("VOILUTFunction", "LINEAR")
        steps.append(f"window {float(centers[place]):g} {float(widths[place]):g} {function}")
    share = np.clip((np.asarray(values, dtype=np.float64) - low) / (high - low), 0, 1)
    if header.PhotometricInterpretation == "MONOCHROME1" or header.get("PresentationLUTShape") == "INVERSE":
        share = 1 - share
        steps.append("inverted")
    depth = np.uint8 if bits <= 8 else np.uint16
    return Shown(np.rint(share * np.iinfo(depth).max).astype(depth), bits, tuple(steps))


def _has_window(header: pydicom.Dataset) -> bool:
    return header.get("WindowCenter") is not None and header.get("WindowWidth") is not None


def _colour(header: pydicom.Dataset, values: npt.NDArray[Any]) -> Shown:
    steps = [_syntax(header), str(header.PhotometricInterpretation)]
    bits = int(header.BitsStored)
    if header.PhotometricInterpretation == "PALETTE COLOR":
        values = apply_color_lut(values, header)
        bits = 8 * values.dtype.itemsize
    if values.dtype.itemsize > 1:
        values = (values.astype(np.uint32) * 255 // (2 ** min(bits, 16) - 1)).astype(np.uint8)
        steps.append("8 bits kept")
    return Shown(np.ascontiguousarray(values[..., :3], dtype=np.uint8), bits, tuple(steps))


def _syntax(header: pydicom.Dataset) -> str:
    return str(header.file_meta.TransferSyntaxUID.name)


def _stored(header: pydicom.Dataset, values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """The stored bits of each value, without what else (an overlay) the allocated ones hold."""
    bits = int(header.BitsStored)
    kept = values.astype(np.int64) & ((1 << bits) - 1)
    if header.PixelRepresentation:
        kept = np.where(kept >= 1 << (bits - 1), kept - (1 << bits), kept)
    return np.asarray(kept, dtype=np.int32)


def _stored_range(header: pydicom.Dataset) -> tuple[float, float]:
    bits = int(header.BitsStored)
    if header.PixelRepresentation:
        return -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    return 0.0, 2.0**bits - 1


def _square(header: pydicom.Dataset, found: Shown, max_pixels: int) -> Shown:
    """The image with square pixels: the side that is too short is stretched."""
    ratio = header.get("PixelAspectRatio") or header.get("PixelSpacing") or header.get("ImagerPixelSpacing")
    if ratio is None or len(ratio) != 2:
        return found
    vertical, horizontal = map(float, ratio)
    if not (vertical > 0 and horizontal > 0) or abs(vertical / horizontal - 1) <= _SQUARE:
        return found
    height, width = found.pixels.shape[:2]
    stretch = vertical / horizontal
    size = (width, round(height * stretch)) if stretch > 1 else (round(width / stretch), height)
    if size[0] * size[1] > max_pixels:
        raise UnreadableImageError(
            "too many pixels", f"{size[0]} x {size[1]} with square pixels, more than {max_pixels}"
        )
    depth = found.pixels.dtype
    image = Image.fromarray(found.pixels if depth == np.uint8 else found.pixels.astype(np.float32))
    pixels = np.rint(np.asarray(image.resize(size, Image.Resampling.BILINEAR))).astype(depth)
    return Shown(pixels, found.bits, (*found.steps, f"pixels {vertical:g} x {horizontal:g} made square"))
