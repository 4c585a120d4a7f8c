"""Where the cache is, checked reading of JSON, and atomic, deterministic writes: a reader sees the old file or the new,
never half of one.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from radsieve.errors import InputError

if TYPE_CHECKING:  # half a second of import that most stages do not need
    from matplotlib.figure import Figure

_MAX_CELLS = 4096  # of a heat map in a plot; what has more is an image
_MAX_CHANGE = 0.5
_PNG = {"compress_level": 3}  # half the time of the default, for files that are 6% longer


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place, synced to disk, if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` atomically, as UTF-8."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON in the order given, indented; NaN and infinity are refused."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path, schema: Mapping[str, Any], kind: str, missing: str, wrong: str) -> dict[str, Any]:
    """Return the object at `path` as `write_json` wrote it, which must fit the JSON `schema` of a `kind` of file.

    Raises InputError that says what to do: `missing` if there is no file, `wrong` if it is not JSON or does not fit.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; {missing}") from None
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}; {wrong}") from None
    import jsonschema  # only for what was written before

    found = jsonschema.Draft202012Validator(schema).iter_errors(content)
    for fault in sorted(found, key=lambda each: list(map(str, each.absolute_path))):
        key = ".".join(map(str, fault.absolute_path)) or "(top level)"
        raise InputError(f"{path}: not {kind}: {key}: {fault.message}; {wrong}")
    return dict(content)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a finite number")


def write_figure(path: Path, figure: "Figure", dpi: int = 110) -> None:
    """Write `figure` as PNG, see `png_of`."""
    write_bytes(path, png_of(figure, dpi))


def png_of(figure: "Figure", dpi: int = 110) -> bytes:
    """Return `figure` as PNG without the time and the version that matplotlib would add.

    A plot is stored with at most 256 colours, in less than half of the bytes, if its pixels change by no more than
    `_MAX_CHANGE` levels of 255 on average; a figure with images keeps every grey value.
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs=_PNG)
    content = buffer.getvalue()
    shown = (image.get_array() for axes in figure.axes for image in axes.images)
    if not any(array is not None and array.size > _MAX_CELLS for array in shown):
        content = _in_few_colours(content)
    return content


def _in_few_colours(content: bytes) -> bytes:
    """A PNG with a palette, or `content` as it is if that would show."""
    import numpy as np
    from PIL import Image

    with Image.open(BytesIO(content)) as picture:
        colours = picture.convert("RGB")
        dots = picture.info.get("dpi", (0, 0))
    few = colours.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    change = np.abs(np.asarray(few.convert("RGB"), dtype=np.int16) - np.asarray(colours, dtype=np.int16))
    if change.mean() > _MAX_CHANGE:
        return content
    buffer = BytesIO()
    few.save(buffer, "PNG", dpi=dots)
    return buffer.getvalue()


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of the bytes of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def make_private(folder: Path) -> None:
    """Make `folder`, and let none but its owner into it, whatever the umask and whoever made it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def cache_folder() -> Path:
    """Return the folder of the cache: what RADSIEVE_CACHE names, else `.cache/radsieve`."""
    return Path(os.environ.get("RADSIEVE_CACHE") or ".cache/radsieve")
