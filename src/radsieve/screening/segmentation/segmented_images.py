"""Segmentation of any number of images, a batch at a time: masks, probabilities, and measures of each image."""

import hashlib
import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from scipy import ndimage

from radsieve import files
from radsieve.imaging.image_batches import ImageBatch
from radsieve.imaging.spacing import in_one_plane
from radsieve.networks.segmenter import Segmenter, segment
from radsieve.screening.tables import SEGMENTED
from radsieve.text_files import composed

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Shown = tuple[Bytes, Bytes, str]  # image (channels, H, W), mask (1, H, W), caption

_MAX_NAME = 240  # bytes; most file systems take 255, of which an ending needs some
_KINDS = ("masks", "probabilities")
_CONNECTED = np.ones((3, 3))  # pixels of a part touch at least at a corner


@dataclass
class Findings:
    """The results of all images: a row for each, and at most `maximum` images to show.

    Half of them are the first ones, half the others with the highest mean entropy.
    """

    maximum: int
    rows: list[tuple[str, float, int, float, float, str]] = field(default_factory=list)
    first: list[Shown] = field(default_factory=list)
    _doubtful: list[tuple[float, int, Shown]] = field(default_factory=list)

    def add(
        self, name: str, image: Bytes, mask: Bytes, probability: Floats, whole: tuple[float, str] | None = None
    ) -> None:
        """Record an image (channels, H, W), its mask (1, H, W), the probabilities of its pixels (1, H, W), and how many
        square millimetres the `whole` image is, where (see `radsieve.imaging.spacing`)."""
        area, parts = float(mask.mean()), int(ndimage.label(mask[0], _CONNECTED)[1])
        doubt = mean_entropy(probability)
        caption = (
            f"{name}\n{area:.1%} of the image, {parts} {'part' if parts == 1 else 'parts'}\nentropy {doubt:.4f} bits"
        )
        shown = image.copy(), mask, caption
        millimetres, plane = whole or (float("nan"), "")
        self.rows.append((name, area, parts, doubt, area * millimetres, plane))
        if len(self.first) < self.maximum // 2:
            self.first.append(shown)
            return
        heapq.heappush(self._doubtful, (doubt, -len(self.rows), shown))
        if len(self._doubtful) > self.maximum - self.maximum // 2:
            heapq.heappop(self._doubtful)

    @property
    def doubtful(self) -> list[Shown]:
        """The images with the highest mean entropy, the highest first."""
        return [shown for _, _, shown in sorted(self._doubtful, key=lambda one: one[:2], reverse=True)]

    @property
    def table(self) -> pd.DataFrame:
        """screening.tables.SEGMENTED."""
        return pd.DataFrame(self.rows, columns=list(SEGMENTED.columns))

    def metrics(self, quarantined: int) -> dict[str, Any]:
        """Return numbers of images, and means, that of areas in square millimetres of those `in_one_plane`; None where
        there are no images."""
        table = self.table
        areas = in_one_plane(table, "area_mm2")["area_mm2"]
        return {
            "images": len(table),
            "quarantined": quarantined,
            "empty_masks": int((table["area_share"] == 0).sum()),
            "mean_area_share": round(float(table["area_share"].mean()), 6) if len(table) else None,
            "mean_parts": round(float(table["parts"].mean()), 6) if len(table) else None,
            "median_entropy": round(float(table["entropy"].median()), 6) if len(table) else None,
            "known_in_mm": int(table["area_mm2"].notna().sum()),
            "mean_area_mm2": round(float(areas.mean()), 6) if len(areas) else None,
        }


def segment_images(
    segmenter: Segmenter, batches: Iterable[ImageBatch], findings: Findings
) -> Iterator[tuple[ImageBatch, Floats, Bytes]]:
    """Yield every batch with the probabilities and masks (n, 1, H, W) of its images, which are added to `findings`."""
    for batch in batches:
        probabilities = segment(segmenter, batch.images)
        masks = (probabilities >= segmenter.threshold).astype(np.uint8)
        for row, name in enumerate(batch.names):
            whole = batch.areas[row] if batch.areas else None
            findings.add(name, batch.images[row], masks[row], probabilities[row], whole)
        yield batch, probabilities, masks


def write_mask_files(folder: Path, found: Iterable[tuple[ImageBatch, Floats, Bytes]], threshold: float) -> None:
    """Write masks/<name>.png (0 and 255) and probabilities/<name>.png (255 is 1), each of its image's own size.

    <name> is the image's path without its extension; where two images share it, the second one keeps its extension.
    Where a file and a folder would have one name, or a name is longer than file systems take, it is changed. Files of
    an earlier run, which has left its segmented.csv, are removed at the end.
    """
    places = [folder / kind for kind in _KINDS if (folder / "segmented.csv").exists()]
    earlier = {path for place in places for path in place.rglob("*.png")}
    taken = _Names()
    for batch, probabilities, _ in found:
        for name, probability, original in zip(batch.names, probabilities, batch.sizes, strict=True):
            target = taken.free(name)
            resized = at_size(probability[0], original)
            mask = (resized >= threshold).astype(np.uint8) * np.uint8(255)
            for kind, pixels in zip(_KINDS, (mask, np.rint(resized * 255).astype(np.uint8)), strict=True):
                _write_png(folder / kind / target, pixels)
                earlier.discard(folder / kind / target)
    for path in earlier:
        path.unlink()


def at_size(probability: Floats, size: tuple[int, int]) -> Floats:
    """Return the probabilities (H, W) interpolated to `size` (height, width)."""
    image = Image.fromarray(probability).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    resized: Floats = np.clip(np.asarray(image), 0, 1)
    return resized


def mean_entropy(probability: Floats) -> float:
    """Return the mean entropy of the pixels' probabilities in bits: 0 where all are certain, 1 where all are 0.5."""
    p = np.clip(probability.astype(np.float64), 1e-12, 1 - 1e-12)
    return float(np.clip(np.mean(-p * np.log2(p) - (1 - p) * np.log2(1 - p)), 0, 1))


class _Names:
    """Paths of files, no two of them the same, none of them a folder of another, on disks, too, for which capital and
    small letters, or two encodings of a letter, are the same."""

    def __init__(self) -> None:
        self._files: set[str] = set()  # as `_folded`, and so the folders
        self._folders: set[str] = set()

    def free(self, name: str) -> str:
        """Return the path of an image's mask that no earlier image has, and take it."""
        folder, _, last = name.rpartition("/")
        above = "/".join(map(_short, folder.split("/"))) if folder else ""
        while self._files & _and_above(_folded(above)):
            above += "_"
        numbered = (f"{last}.{number}" for number in itertools.count(2))
        stems = itertools.chain([PurePosixPath(last).stem, last], numbered)
        paths = ("/".join(filter(None, (above, f"{_short(stem)}.png"))) for stem in stems)
        path = next(path for path in paths if _folded(path) not in self._files | self._folders)
        self._files.add(_folded(path))
        self._folders |= _and_above(_folded(above))
        return path


def _folded(path: str) -> str:
    return composed(composed(path).casefold())


def _and_above(folder: str) -> set[str]:
    parts = folder.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts) + 1)} - {""}


def _short(name: str) -> str:
    """A name that leaves room for an ending, for a digest instead of what is too much."""
    if len(name.encode()) <= _MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name.encode()[: _MAX_NAME - 17].decode(errors='ignore')}.{digest}"


def _write_png(path: Path, pixels: Bytes) -> None:
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    files.write_bytes(path, content.getvalue())
