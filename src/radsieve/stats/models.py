"""Fitted scikit-learn models in files of skops: no pickle is written or read, and equal models give equal bytes."""

import itertools
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from radsieve import files
from radsieve.errors import InputError

# Types in models of this project that skops does not trust by default. A tree is checked by scikit-learn when it is
# built from its stored nodes.
TRUSTED = ("sklearn.tree._tree.Tree",)

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can give its members


class _WithoutTorch:
    """A context in which torch is not imported if it has not been before.

    skops imports all of scikit-learn, and with it torch where it is installed, which takes seconds and is not needed.
    """

    def __enter__(self) -> None:
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse torch, and leave everything else to the other finders."""
        if name == "torch":
            raise ModuleNotFoundError(name)


with _WithoutTorch():
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException


def write_model(path: Path, model: Any) -> None:
    """Write a fitted model to `path`, atomically; equal models give equal bytes.

    skops names objects by their addresses in memory and notes the time: here they are numbered in order, without time,
    and the gaps between the fields of structured arrays become zero.
    """
    numbers = itertools.count()
    arrays: dict[str, bytes] = {}

    def renumber(node: Any) -> Any:
        if isinstance(node, list):
            return [renumber(part) for part in node]
        if not isinstance(node, dict):
            return node
        fresh = dict(node)
        if "__id__" in node:
            fresh["__id__"] = next(numbers)
        if "file" in node:
            fresh["file"] = f"{fresh['__id__']}{Path(node['file']).suffix}"
            arrays[fresh["file"]] = _clean(stored.read(node["file"]))
        return {key: renumber(part) for key, part in fresh.items()}

    with ZipFile(BytesIO(skops.io.dumps(model))) as stored:
        schema = renumber(json.loads(stored.read(_SCHEMA)))
    buffer = BytesIO()
    with ZipFile(buffer, "w") as out:
        for name, content in arrays.items():
            out.writestr(ZipInfo(name, _EPOCH), content)
        out.writestr(ZipInfo(_SCHEMA, _EPOCH), json.dumps(schema, indent=1))
    files.write_bytes(path, buffer.getvalue())


def read_model(path: Path) -> Any:
    """Return the model stored at `path`. Only types that skops trusts, and `TRUSTED`, are built.

    Raises InputError if the file is missing, is not a file of skops, or holds other types.
    """
    try:
        return skops.io.load(path, trusted=list(TRUSTED))
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that makes it first") from None
    except UntrustedTypesFoundException as error:
        raise InputError(f"{path}: holds types that are not trusted: {error}") from None
    except (BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise InputError(f"{path}: not a model in a file of skops, or truncated ({error})") from None


def _clean(content: bytes) -> bytes:
    """The bytes of an array in a file of NumPy, with zeros between the fields of a structured type."""
    if not content.startswith(b"\x93NUMPY"):
        return content
    array = np.load(BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)  # zeros_like would leave the gaps as they are
    for name in array.dtype.names:
        clean[name] = array[name]
    out = BytesIO()
    np.save(out, clean, allow_pickle=False)
    return out.getvalue()
