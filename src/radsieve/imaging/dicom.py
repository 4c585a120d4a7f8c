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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import get_expected_length, pixel_array
from pydicom.uid import JPEG2000TransferSyntaxes

from radsieve.imaging.dicom_transforms import LINEAR, RANGE, STORED, Table, Window, table, windowed
from radsieve.imaging.file_structure import DICOM_MAGIC, DICOM_PREAMBLE, lacks_end, pictures_in
from radsieve.imaging.pixel_shape import SIDES, sides_in, stretch
from radsieve.imaging.unreadable import STORE_ONE, UnreadableImageError

ODD_HEADER = "DICOM whose header is damaged or not as the standard says; export it again"
MAX_HEADER = 50_000_000  # bytes besides the pixels that a deflated file may unpack to

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_OF_JPEG_2000 = ("YBR_ICT", "YBR_RCT")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", *_OF_JPEG_2000)
_REQUIRED = (
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "SamplesPerPixel",
    "PhotometricInterpretation",
)
_IN_GROUPS = {  # where enhanced files say it of their frames
    "PixelValueTransformationSequence": ("RescaleSlope", "RescaleIntercept"),
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "VOILUTFunction"),
}
_WITHOUT_PIXELS = {"SR": "a structured report", "DOC": "a document", "PR": "a presentation state", "KO": "a selection"}

warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")  # they quote values of the header
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class Shown:
    """Pixels (H, W) or (H, W, 3), uint8, or uint16 where more than 8 bits are stored; the steps that led there; the
    header of the file; and what of it is not shown, in words, or ""."""

    pixels: npt.NDArray[Any]
    bits: int
    steps: tuple[str, ...]
    header: pydicom.Dataset
    left_out: str = ""


def shown(content: bytes, max_pixels: int, window: Window = 1) -> Shown:
    """Return the image of the DICOM file `content` as it is shown in a `window`: which of several (the last of fewer),
    STORED for none, or RANGE for what lies between the least and the greatest value of the picture.

    Raises UnreadableImageError for what holds no single image of at most `max_pixels`, or one that no decoder reads.
    """
    try:
        header = checked(content, max_pixels)
        _add_groups(header)
        if header.file_meta.TransferSyntaxUID.is_encapsulated:
            _check_frame(header)
        values = _decoded(header)
        if values.shape[:2] != (header.Rows, header.Columns):
            raise UnreadableImageError("broken image", "the pixels have another size than the header says")
        found = (
            _grey(header, values, window)
            if header.PhotometricInterpretation in _MONOCHROME
            else _colour(header, values)
        )
        return replace(_square(header, found, max_pixels), left_out=_left_out(header))
    except UnreadableImageError:
        raise
    except MemoryError:
        raise UnreadableImageError("broken image", "DICOM for which there was not enough memory; run again") from None
    except Exception:  # hostile bytes make the libraries raise anything; their words may quote the header
        raise UnreadableImageError("broken image", ODD_HEADER) from None


def _check_frame(header: pydicom.Dataset) -> None:
    """Refuse a compressed picture that breaks off, or is another than the header says, before it takes memory."""
    frame = frame_of(header)
    if lacks_end(frame):
        raise UnreadableImageError("broken image", "DICOM: a JPEG that breaks off, which decoders fill up with grey")
    said = int(header.Columns), int(header.Rows), int(header.SamplesPerPixel)
    if any(found != said for found in pictures_in(frame)):
        raise UnreadableImageError("broken image", "the pixels have another size than the header says")


def _add_groups(header: pydicom.Dataset) -> None:
    """Say of the one frame of an enhanced file what stands in its functional groups (PS3.3, C.7.6.16)."""
    for groups in (header.get(f"{whose}FunctionalGroupsSequence") for whose in ("PerFrame", "Shared")):
        for sequence, names in _IN_GROUPS.items():
            for item in (groups[0].get(sequence) or [])[:1] if groups else ():
                for name in names:
                    if name in item and header.get(name) is None:
                        header[name] = item[name]


def _decoded(header: pydicom.Dataset) -> npt.NDArray[Any]:
    if header.SamplesPerPixel > 1 and "PlanarConfiguration" not in header:
        header.PlanarConfiguration = 0  # as almost all are that leave it out
    try:
        return pixel_array(header)
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # RuntimeError of what all decoders said, whatever one alone raises, and panics of Rust
        raise UnreadableImageError(
            "broken image",
            f"DICOM whose pixels are damaged or not as the header says ({_syntax(header)}); export it again, without"
            " compression if that does not help",
        ) from None


def _left_out(header: pydicom.Dataset) -> str:
    """What stands behind the pixels, beyond one byte for an even length: padding, or rows that the header does not tell
    of; and in grey values the bits above those stored: an overlay, or values of more bits than it says."""
    if header.file_meta.TransferSyntaxUID.is_encapsulated:
        return ""
    expected = int(get_expected_length(header, "bytes"))
    more = len(header.PixelData) - expected
    left_out = [f"{more} bytes behind the pixels left out"] if more > 1 else []
    bits, allocated = int(header.BitsStored), int(header.BitsAllocated)
    if bits < allocated and allocated in (8, 16) and not header.PixelRepresentation:
        order = "<" if header.file_meta.TransferSyntaxUID.is_little_endian else ">"
        values = np.frombuffer(header.PixelData[:expected], dtype=f"{order}u{allocated // 8}")
        if (values >> bits).any():
            left_out.append("bits above those stored left out")
    return "; ".join(left_out)


def checked(content: bytes, max_pixels: int) -> pydicom.Dataset:
    """Return the data set of the DICOM file `content`; raises as `shown` does, without decoding pixels."""
    found = _header(content, max_pixels)
    _check(found, max_pixels)
    return found


def header(content: bytes, names: list[str]) -> pydicom.Dataset:
    """Return the tags `names` of the DICOM file `content`, which `shown` could read."""
    return pydicom.dcmread(io.BytesIO(content), force=True, stop_before_pixels=True, specific_tags=list(names))


def frame_of(header: pydicom.Dataset) -> bytes:
    """Return the compressed picture of a data set of one frame, whose pixels are encapsulated."""
    return b"".join(generate_frames(header.PixelData, number_of_frames=1))


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
        if kind := _WITHOUT_PIXELS.get(str(header.get("Modality", ""))):
            raise UnreadableImageError("no image", f"DICOM without pixels: {kind}")
        if "Rows" in header:
            raise UnreadableImageError(
                "broken image", "DICOM that breaks off before its pixels, or was stripped of them"
            )
        raise UnreadableImageError("no image", "DICOM without pixels")
    refuse_without(header, _REQUIRED)
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        raise UnreadableImageError("unsupported mode", f"DICOM of {frames} frames; {STORE_ONE}")
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
    if photometric in _OF_JPEG_2000 and header.file_meta.TransferSyntaxUID not in JPEG2000TransferSyntaxes:
        raise UnreadableImageError("unsupported mode", f"DICOM in {photometric} without JPEG 2000")
    if int(header.SamplesPerPixel) != (3 if photometric in _COLOUR else 1):
        raise UnreadableImageError("unsupported mode", f"DICOM in {photometric} with another number of samples")


def refuse_without(header: pydicom.Dataset, names: Sequence[str]) -> None:
    """Raise UnreadableImageError for a data set that lacks elements, or their values, of these keywords."""
    if lacking := [name for name in names if header.get(name) in (None, "")]:
        raise UnreadableImageError("broken image", f"DICOM without {', '.join(lacking)}; export it again")


def _decoder(syntax: pydicom.uid.UID) -> bool:
    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:  # what pydicom raises for a transfer syntax that none of its decoders reads
        return False


def _grey(header: pydicom.Dataset, values: npt.NDArray[Any], window: Window) -> Shown:
    if str(header.get("PixelPresentation") or "MONOCHROME") in {"COLOR", "MIXED"}:
        raise UnreadableImageError("unsupported mode", "DICOM with colours beside grey values")
    bits, steps = int(header.BitsStored), [_syntax(header)]
    kept = stored(header, values)
    modal, low, high = _modality(header, kept, steps)
    tables = header.get("VOILUTSequence")
    if window == RANGE:
        picture = _without_padding(header, kept, modal)
        low, high = float(picture.min()), float(picture.max())
        steps.append(f"range {low:g} to {high:g}")
        share = _between(modal, low, high if high > low else low + 1)
    elif window == STORED or not (tables or _has_window(header)):
        steps.append("all stored bits")
        share = _between(modal, low, high)
    elif tables:
        place = min(int(window), len(tables)) - 1
        voi = _table(header, tables[place], high)
        share = voi.of(modal) / voi.highest
        steps.append(f"VOI table {place + 1}")
    else:
        centers, widths = (_numbers(header[name].value) for name in ("WindowCenter", "WindowWidth"))
        place = min(int(window), len(centers), len(widths)) - 1
        function = str(header.get("VOILUTFunction") or LINEAR).strip().upper()
        share = windowed(modal, centers[place], widths[place], function)
        steps.append(f"window {centers[place]:g} {widths[place]:g} {function}")
    if header.PhotometricInterpretation == "MONOCHROME1" or header.get("PresentationLUTShape") == "INVERSE":
        share = 1 - share
        steps.append("inverted")
    depth = np.uint8 if bits <= 8 else np.uint16
    return Shown(np.rint(share * np.iinfo(depth).max).astype(depth), bits, tuple(steps), header)


def _modality(
    header: pydicom.Dataset, kept: npt.NDArray[np.int32], steps: list[str]
) -> tuple[npt.NDArray[Any], float, float]:
    """The values that the machine meant, and the least and the greatest that they may be."""
    low, high = _stored_range(header)
    if header.get("ModalityLUTSequence"):
        modality = _table(header, header.ModalityLUTSequence[0], high)
        steps.append("modality table")
        return modality.of(kept), 0.0, float(modality.highest)
    if header.get("RescaleSlope") is None or header.get("RescaleIntercept") is None:
        return kept, low, high
    slope, intercept = float(header.RescaleSlope), float(header.RescaleIntercept)
    low, high = sorted((low * slope + intercept, high * slope + intercept))
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise UnreadableImageError("broken image", f"DICOM with a rescale slope of {slope:g}")
    steps.append(f"rescale {slope:g} {intercept:g}")
    return kept * slope + intercept, low, high


def _table(header: pydicom.Dataset, item: pydicom.Dataset, greatest: float) -> Table:
    return table(item.LUTDescriptor, item.LUTData, header.file_meta.TransferSyntaxUID.is_little_endian, greatest)


def _between(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.clip((np.asarray(values, dtype=np.float64) - low) / (high - low), 0, 1))


def _without_padding(header: pydicom.Dataset, kept: npt.NDArray[np.int32], modal: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values of `modal` but for those that fill the picture up to a rectangle (PS3.3, C.7.5.1.1.2)."""
    value = header.get("PixelPaddingValue")
    if value is None:
        return modal
    limit = header.get("PixelPaddingRangeLimit")
    low, high = sorted(stored(header, np.array([value, value if limit is None else limit])))
    picture = modal[(kept < low) | (kept > high)]
    return picture if picture.size else modal


def _numbers(given: Any) -> list[float]:
    """The numbers of an element of one or several values, up to the first that is empty."""
    found = []
    for value in given if isinstance(given, pydicom.multival.MultiValue) else [given]:
        if value is None or value == "":
            break
        found.append(float(value))
    return found


def _has_window(header: pydicom.Dataset) -> bool:
    return header.get("WindowCenter") is not None and header.get("WindowWidth") is not None


def _colour(header: pydicom.Dataset, values: npt.NDArray[Any]) -> Shown:
    steps = [_syntax(header), str(header.PhotometricInterpretation)]
    bits = int(header.BitsStored)
    if header.PhotometricInterpretation == "PALETTE COLOR":
        values, bits = _palette(header, stored(header, values))
        values = values >> (bits - 8)
    elif header.PixelRepresentation:
        raise UnreadableImageError("unsupported mode", "DICOM of colours with a sign")
    elif bits != 8 or values.dtype.itemsize > 1:
        values = stored(header, values) * 255 // (2**bits - 1)
    if bits > 8:
        steps.append("8 bits kept")
    return Shown(np.ascontiguousarray(values[..., :3], dtype=np.uint8), bits, tuple(steps), header)


def _palette(header: pydicom.Dataset, kept: npt.NDArray[np.int32]) -> tuple[npt.NDArray[Any], int]:
    """The colours (H, W, 3) of the values (H, W), and their bits."""
    names = [f"{colour}PaletteColorLookupTable" for colour in ("Red", "Green", "Blue")]
    descriptor = header[f"{names[0]}Descriptor"].value
    if f"{names[0]}Data" not in header:  # in segments, which pydicom unfolds
        if int(descriptor[2]) == 8 and not 0 < int(descriptor[0]) <= 2**8:
            raise UnreadableImageError("unsupported mode", "DICOM with a palette in segments of more than 256 colours")
        return apply_color_lut(kept, header)[..., :3], int(descriptor[2])
    little, (_, high) = header.file_meta.TransferSyntaxUID.is_little_endian, _stored_range(header)
    tables = [table(header[f"{name}Descriptor"].value, header[f"{name}Data"].value, little, high) for name in names]
    if len({each.depth for each in tables}) > 1:
        raise UnreadableImageError("unsupported mode", "DICOM with a palette of several depths")
    return np.stack([each.of(kept) for each in tables], axis=-1), tables[0].depth


def _syntax(header: pydicom.Dataset) -> str:
    return str(header.file_meta.TransferSyntaxUID.name)


def stored(header: pydicom.Dataset, values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Return the stored bits of each of `values`, without what else (an overlay) the allocated ones hold."""
    bits = int(header.BitsStored)
    kept = values.astype(np.int32) & np.int32((1 << bits) - 1)
    if header.PixelRepresentation:
        kept[kept >= 1 << (bits - 1)] -= 1 << bits
    return np.asarray(kept, dtype=np.int32)


def _stored_range(header: pydicom.Dataset) -> tuple[float, float]:
    bits = int(header.BitsStored)
    if header.PixelRepresentation:
        return -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    return 0.0, 2.0**bits - 1


def _square(header: pydicom.Dataset, found: Shown, max_pixels: int) -> Shown:
    """The image with square pixels: the side that is too short is stretched."""
    stretched = stretch(*(sides_in(header, name) for name in SIDES))
    if stretched == 1:
        return found
    height, width = found.pixels.shape[:2]
    size = (width, round(height * stretched)) if stretched > 1 else (round(width / stretched), height)
    if size[0] * size[1] > max_pixels:
        raise UnreadableImageError(
            "too many pixels", f"{size[0]} x {size[1]} with square pixels, more than {max_pixels}"
        )
    depth = found.pixels.dtype
    image = Image.fromarray(found.pixels if depth == np.uint8 else found.pixels.astype(np.float32))
    pixels = np.rint(np.asarray(image.resize(size, Image.Resampling.BILINEAR))).astype(depth)
    steps = (*found.steps, f"pixels {stretched:g} times as high as wide made square")
    return Shown(pixels, found.bits, steps, header)
