"""Texts as users have them: in the encodings that programs mark, packed or not, and bounded."""

import codecs
import gzip
import logging
import os
import re
import unicodedata
import zipfile
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from radsieve.errors import InputError

# what a spreadsheet shows in a cell that it cannot compute
SPREADSHEET_ERRORS = frozenset(["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"])

# in small letters, what programs write for a value that is not there; words such as none may be one
NO_VALUE = frozenset(["", "na", "n/a", "<na>", "nan", "null", *map(str.lower, SPREADSHEET_ERRORS)])

_START = 1_000_000  # bytes in which a text has no zero byte
_MAX_RATIO, _MIN_UNPACKED = 60, 20_000_000  # how much more a packed text may unpack to, or so many bytes
_REFERENCE = re.compile(r"\$\{([^}:]*)\}")  # in a value of .env, to a variable, without another value for none
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_log = logging.getLogger(__name__)


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC), so that names which look the same are the same."""
    return unicodedata.normalize("NFC", text)


def read_text(path: Path, max_bytes: int = 100_000_000) -> str:
    """Return the text of the file at `path`: UTF-8, or UTF-16 with a byte order mark, plain or alone in .gz or .zip.

    Raises InputError for more than `max_bytes`, UnicodeDecodeError for another encoding.
    """
    content = _content(path, max_bytes)
    if content.startswith(_UTF_32):
        raise InputError(f"{path}: encoded as UTF-32; save it as UTF-8")
    if content.startswith(_UTF_16):
        return content.decode("utf-16")
    if b"\0" in content[:_START]:
        raise InputError(f"{path}: holds zero bytes, so it is no text, or UTF-16 without a mark; save it as UTF-8")
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")


def read_variables(path: Path) -> dict[str, str]:
    """Return the variables of a file such as `.env`, of those that have a value; none without such a file.

    ${NAME} in a value stands for another variable; a value that names one which is nowhere set is taken as it stands,
    and the log says so.

    Raises InputError, which shows nothing of the file, for one that cannot be read, and for a name that none can have.
    """
    try:
        text = read_text(path) if path.is_file() else ""
    except UnicodeDecodeError:
        raise InputError(f"{path}: not encoded as UTF-8; save it so") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    values = dotenv_values(stream=StringIO(text))
    if any("=" in name for name in values):
        raise InputError(
            f"{path}: the name of a variable holds an equals sign; write NAME=value, the name without quotes"
        )
    as_written = dotenv_values(stream=StringIO(text), interpolate=False)
    for name, value in as_written.items():
        if set(_REFERENCE.findall(value or "")) - {*as_written, *os.environ}:
            _log.warning("%s: %s names a variable in ${...} that is not set, and is taken as it stands", path, name)
            values[name] = value
    return {name: value for name, value in values.items() if value is not None}


def _content(path: Path, max_bytes: int) -> bytes:
    packing = path.suffix.lower()
    if packing in {".gz", ".zip"}:
        max_bytes = min(max_bytes, max(_MIN_UNPACKED, _MAX_RATIO * path.stat().st_size))
    if packing == ".gz":
        with gzip.open(path) as packed:
            content = packed.read(max_bytes + 1)
    elif packing == ".zip":
        with zipfile.ZipFile(path) as archive:
            inner = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if len(inner) != 1:
                raise ValueError(f"a .zip with {len(inner)} files in it; it must hold the table alone")
            with archive.open(inner[0]) as packed:
                content = packed.read(max_bytes + 1)
    else:
        with path.open("rb") as file:
            content = file.read(min(max_bytes, path.stat().st_size) + 1)  # so much memory is taken at once
    if len(content) > max_bytes:
        raise InputError(f"{path}: more than {max_bytes:,} bytes of text, which is the limit; give a smaller file")
    return content
