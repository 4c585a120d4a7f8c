"""A script that writes where the user says must not overwrite, or write among, what it reads."""

from collections.abc import Collection
from pathlib import Path

from radsieve.errors import InputError

_ENDINGS = (".csv", ".parquet")


def check_overwritten(out: Path, beside: Collection[str], read: Collection[Path]) -> None:
    """Raise InputError if the table `out` is a folder or has no table's ending, or if it or a file that is
    written `beside` it would overwrite one that is `read`, or another of them."""
    if out.is_dir():
        raise InputError(f"--out {out}: a folder; name a file in it")
    written = [out.resolve(), *((out.parent / name).resolve() for name in beside)]
    if len({*written}) < len(written) or {*written} & {one.resolve() for one in read}:
        raise InputError(
            f"--out {out}: it, or {', '.join(beside)} beside it, would overwrite another file; name another folder"
        )
    if out.suffix not in _ENDINGS:
        raise InputError(f"--out {out}: a table is written as {' or '.join(_ENDINGS)}; name a file with such an ending")


def check_outside(out: Path, images: Path) -> None:
    """Raise InputError if `out` lies in the folder `images`, where what is written would be taken for an image."""
    if out.resolve().is_relative_to(images.resolve()):
        raise InputError(
            f"--out {out} lies in --images {images}, where results would be taken for images; name a folder elsewhere"
        )
