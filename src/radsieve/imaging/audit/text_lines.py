"""Lines of text that are burned into a picture: where they stand, how long they are, and how surely they were read.

A detector marks what looks like a line of letters (DB: Liao et al. 2020, doi 10.1609/aaai.v34i07.6812), a recogniser
reads it (CTC: Graves et al. 2006, doi 10.1145/1143844.1143891); both are PP-OCRv4 (Apache 2.0), from the files of the
package rapidocr-onnxruntime, of which no code is run. What was read may name a patient and is never put together: a
character becomes "a letter or digit" or "another" as soon as it is told from the rest.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from radsieve.errors import InputError

Gray = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_PACKAGE, _RUNTIME = "rapidocr_onnxruntime", "onnxruntime"
_MODELS = {  # and their SHA-256: another model would find other lines
    "ch_PP-OCRv4_det_infer.onnx": "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
    "ch_PP-OCRv4_rec_infer.onnx": "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
}
_INSTALL = "install them (pip install -e '.[text]') or set audit_images.text: false"

_SHORT, _LONG = 736, 1600  # pixels: small pictures are enlarged towards the first, large ones reduced to the second
_ENLARGED = 3.0  # times at most
_STEP = 32  # the sides of what the detector sees are multiples of it
_SURE, _LINE_SURE = 0.3, 0.5  # probability of a pixel, and the mean of a line
_GROWTH = 1.6  # the detector marks the cores of lines: they grow by that times area / perimeter
_LEAST = 3  # pixels of the core of a line
_MOST = 64  # lines of a picture that are read: the surest
_HEIGHT, _WIDEST = 48, 1600  # pixels of what the recogniser sees
_PADDED = 320  # pixels of width at least, the rest being grey, as it was trained
_UPRIGHT = 1.5  # lines so many times taller than wide run up or down, all others may stand on their heads
_DIGITS = 3


@dataclass(frozen=True)
class Line:
    """A line that was read: `box` holds its top, left, bottom and right as shares of the picture's height and width.

    `letters` counts its letters and digits, `in_a_row` the most of them with nothing between; `confidence`, 0 to 1, is
    the mean of its characters.
    """

    box: tuple[float, float, float, float]
    letters: int
    in_a_row: int
    confidence: float


class TextReader:
    """Detector and recogniser, each in the thread that asks; several threads may ask at a time."""

    def __init__(self) -> None:
        """Load both models. Raises InputError if a package is missing, or a model is not the one that was tested."""
        self._detector, self._recogniser = (_session(content) for content in _models())
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._letter = np.array([False, *(one.isalnum() for one in characters), False])  # nothing, ..., a blank

    def lines(self, gray: Gray) -> list[Line] | None:
        """Return the lines of `gray` (H, W), the surest of the detector first; None if it is too small or narrow."""
        shown = _sized(gray)
        if shown is None:
            return None
        height, width = shown.shape
        found = []
        for top, left, bottom, right in self._boxes(shown):
            part = shown[top:bottom, left:right]
            turns = (1, 3) if part.shape[0] >= _UPRIGHT * part.shape[1] else (0, 2)
            read = max((self._read(np.rot90(part, turn)) for turn in turns), key=lambda one: (one[1] * one[2], one))
            found.append(Line((top / height, left / width, bottom / height, right / width), *read))
        return found

    def _boxes(self, shown: Bytes) -> Iterator[tuple[int, int, int, int]]:
        height, width = shown.shape
        chance = self._detector.run(None, {"x": _as_input(shown)})[0][0, 0]
        marked, count = ndimage.label(ndimage.binary_dilation(chance > _SURE, np.ones((2, 2))), np.ones((3, 3)))
        if not count:
            return
        sure = ndimage.mean(chance, marked, np.arange(1, count + 1))
        places = ndimage.find_objects(marked)
        for one in np.argsort(-sure, kind="stable")[:_MOST]:
            (top, bottom), (left, right) = ((side.start, side.stop) for side in places[one])
            tall, wide = bottom - top, right - left
            if sure[one] >= _LINE_SURE and min(tall, wide) >= _LEAST:
                more = round(_GROWTH * tall * wide / (2 * (tall + wide)))
                yield max(0, top - more), max(0, left - more), min(height, bottom + more), min(width, right + more)

    def _read(self, part: Bytes) -> tuple[int, int, float]:
        """Letters and digits, the most of them in a row, and the mean confidence."""
        tall, wide = part.shape
        width = min(max(_HEIGHT // 2, round(wide * _HEIGHT / tall)), _WIDEST)
        seen = np.full((_HEIGHT, max(width, _PADDED)), 127, dtype=np.uint8)
        straight = Image.fromarray(np.ascontiguousarray(part))
        seen[:, :width] = np.asarray(straight.resize((width, _HEIGHT), Image.Resampling.BILINEAR))
        steps = self._recogniser.run(None, {"x": _as_input(seen)})[0][0]
        characters = steps.argmax(axis=1)
        kept = np.flatnonzero((characters != 0) & (np.diff(characters, prepend=0) != 0))
        letters = self._letter[characters[kept]]
        if not letters.any():
            return 0, 0, 0.0
        in_a_row = max(int(row.sum()) for row in np.split(letters, np.flatnonzero(~letters)))
        return int(letters.sum()), in_a_row, round(float(steps.max(axis=1)[kept].mean()), _DIGITS)


def _models() -> Iterator[bytes]:
    """The contents of the two models. No code of their package is run, which would load OpenCV."""
    missing = [name for name in (_RUNTIME, _PACKAGE) if find_spec(name) is None]
    if missing:
        raise InputError(f"audit_images.text: packages are not installed: {', '.join(missing)}; {_INSTALL}")
    spec = find_spec(_PACKAGE)
    folder = Path((spec.submodule_search_locations or [""])[0] if spec else "", "models")
    for name, digest in _MODELS.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            raise InputError(f"audit_images.text: {folder / name}: not found; {_INSTALL}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise InputError(f"audit_images.text: {folder / name} is not the model of version 1.4.4; {_INSTALL}")
        yield content


def _session(model: bytes) -> Any:
    import onnxruntime  # of the extra `text` in pyproject.toml

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # which would keep the memory of the largest picture
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _sized(gray: Gray) -> Bytes | None:
    """The picture in 8 bits by its own range, at the size at which lines are sought."""
    height, width = gray.shape
    factor = min(max(1.0, min(_ENLARGED, _SHORT / min(height, width))), _LONG / max(height, width))
    size = (round(width * factor / _STEP) * _STEP, round(height * factor / _STEP) * _STEP)
    if min(size) < _STEP:
        return None
    low, high = float(gray.min()), float(gray.max())
    shown = Image.fromarray(np.rint((gray - low) * (255 / max(high - low, 1e-6))).astype(np.uint8))
    return np.asarray(shown.resize(size, Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC))


def _as_input(shown: Bytes) -> NDArray[np.float32]:
    """(1, 3, H, W) from -1 to 1."""
    scaled = shown.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(np.broadcast_to(scaled, (1, 3, *shown.shape)))
