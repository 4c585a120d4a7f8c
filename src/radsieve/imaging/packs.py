"""Packs: many images of one form in one folder, read row by row without decoding and without filling memory.

A pack is a folder with `images.npy` (uint8, (n, channels, height, width)), `index.csv` (the name of each row) and,
where there are masks, `masks.npy` (uint8, 0 or 1, (n, 1, height, width)). Where the millimetres of a pixel are known of
some images, `spacing.csv` has them; where the images were files, `rendering.json` says how they were rendered. Arrays
are memory-mapped when read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from radsieve import files, tables
from radsieve.errors import InputError
from radsieve.imaging.rendering import AS_IT_IS, Rendering
from radsieve.imaging.spacing import Spacing
from radsieve.storage.keys import escaped, unsafe
from radsieve.tables.images import INDEX, PACKED_IMAGES, SPACING

SPACING_FILE, RENDERING_FILE = "spacing.csv", "rendering.json"

_AGAIN = "run pack_images again"

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Pack:
    """An opened pack: `images` (n, channels, height, width), `masks` (n, 1, height, width) or None, `names`, the
    spacing of the pixels of each image, None where not known, and how they were rendered, if that is known."""

    images: Bytes
    masks: Bytes | None
    names: list[str]
    spacings: list[Spacing | None]
    rendering: Rendering | None = None

    @property
    def shown(self) -> Rendering:
        """The rendering; that of pictures that were drawn, which the default leaves as they are."""
        return self.rendering or AS_IT_IS


def is_pack(folder: Path) -> bool:
    """Whether `folder` is a pack (and not a folder of image files)."""
    return (folder / "images.npy").is_file()


def read_pack(folder: Path) -> Pack:
    """Open the pack in `folder`. Raises InputError if it is not one, or if its files do not belong together."""
    names = list(tables.read(INDEX, folder / "index.csv")["image"])
    if danger := next((f"{escaped(name)[:80]}: {why}" for name in names if (why := unsafe(name))), ""):
        raise InputError(f"{folder / 'index.csv'}: a name that is not safe as a path: {danger}")
    images = read_array(folder / "images.npy", len(names))
    masks = read_array(folder / "masks.npy", len(names)) if (folder / "masks.npy").is_file() else None
    if masks is not None and masks.shape != (len(images), 1, *images.shape[2:]):
        raise InputError(f"{folder / 'masks.npy'}: shape {masks.shape} does not fit images of shape {images.shape}")
    return Pack(images, masks, names, _read_spacings(folder / SPACING_FILE, names), _rendering(folder))


def _rendering(folder: Path) -> Rendering | None:
    path = folder / RENDERING_FILE
    if not path.is_file():
        return None
    try:
        return Rendering.of(files.read_json(path, {"type": "object"}, "how images are rendered", _AGAIN, _AGAIN))
    except ValueError as error:
        raise InputError(f"{path}: {error}; {_AGAIN}") from None


def _read_spacings(path: Path, names: list[str]) -> list[Spacing | None]:
    if not path.is_file():
        return [None] * len(names)
    table = tables.read(SPACING, path)
    if strange := set(table["image"]) - set(names):
        raise InputError(f"{path}: {min(strange)}: not an image of this pack; {_AGAIN}")
    columns = (table[name].tolist() for name in SPACING.columns)
    known = {name: Spacing(down, across, plane) for name, down, across, plane in zip(*columns, strict=True)}
    return [known.get(name) for name in names]


def read_packed(folder: Path, table: Path, schema: pa.DataFrameSchema = PACKED_IMAGES) -> tuple[Pack, pd.DataFrame]:
    """Open the pack in `folder`, and read its `table`, which has the same rows.

    Raises InputError if one of them is missing or broken, or if they do not belong together.
    """
    pack, images = read_pack(folder), tables.read(schema, table)
    if pack.names != images["image"].tolist():
        raise InputError(
            f"{table}: its images are not those of {folder}, row by row; run pack_images and assign_splits again"
        )
    return pack, images


def read_array(path: Path, rows: int) -> Bytes:
    """Map the array of bytes at `path`, (rows, channels, height, width). Raises InputError if it is something else."""
    try:
        array: Bytes = np.lib.format.open_memmap(path, "r") if rows else _read_empty(path)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that makes it first") from None
    except (ValueError, OSError, EOFError, ArithmeticError, MemoryError, RecursionError, TypeError) as error:
        raise InputError(f"{path}: not an array of images: {error or type(error).__name__}") from None
    if array.dtype != np.uint8 or array.ndim != 4 or len(array) != rows:
        raise InputError(f"{path}: {array.dtype} of shape {array.shape}, but uint8 of {rows} images is needed")
    return array


def _read_empty(path: Path) -> Bytes:
    with path.open("rb") as source:  # a file without rows cannot be mapped
        return np.lib.format.read_array(source, allow_pickle=False)


def write_pack(
    folder: Path,
    names: Sequence[str],
    images: Iterable[Bytes],
    shape: tuple[int, int, int],
    masks: Iterable[Bytes] | None = None,
    spacings: Sequence[Spacing | None] = (),
    rendering: Rendering | None = None,
) -> None:
    """Write images, each of `shape` (channels, height, width) and taken one after another, and their masks if any;
    `spacings` are those of the pixels as written, by image, if any is known, and `rendering` how files became them."""
    write_array(folder / "images.npy", images, (len(names), *shape))
    if masks is None:
        (folder / "masks.npy").unlink(missing_ok=True)  # of an earlier pack
    else:
        write_array(folder / "masks.npy", masks, (len(names), 1, *shape[1:]))
    tables.write(INDEX, pd.DataFrame({"image": list(names)}), folder / "index.csv")
    known = [(name, *astuple(one)) for name, one in zip(names, spacings, strict=bool(spacings)) if one]
    (folder / SPACING_FILE).unlink(missing_ok=True)
    if known:
        tables.write(SPACING, pd.DataFrame(known, columns=list(SPACING.columns)), folder / SPACING_FILE)
    (folder / RENDERING_FILE).unlink(missing_ok=True)
    if rendering:
        files.write_json(folder / RENDERING_FILE, rendering.card())


def write_array(path: Path, rows: Iterable[Bytes], shape: tuple[int, ...]) -> None:
    """Write `rows`, each of shape[1:] and taken one after another, as an array of bytes of `shape`, atomically.

    Raises ValueError if there are fewer or more rows than shape[0], or one has another shape.
    """
    with files.replacing(path) as temporary:
        with temporary.open("wb") as out:
            header = {"descr": "|u1", "fortran_order": False, "shape": tuple(map(int, shape))}
            np.lib.format.write_array_header_1_0(out, header)
            written = 0
            for row in rows:
                if row.shape != shape[1:] or row.dtype != np.uint8:
                    raise ValueError(f"row {written} is {row.dtype} of shape {row.shape}, not uint8 of {shape[1:]}")
                out.write(np.ascontiguousarray(row).data)
                written += 1
        if written != shape[0]:
            raise ValueError(f"{written} rows were given for an array of shape {shape}")
