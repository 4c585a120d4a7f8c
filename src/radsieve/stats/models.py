"""Fitted scikit-learn models in files of skops: no pickle is written or read, and equal models give equal bytes."""

import itertools
import json
import math
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from radsieve import files
from radsieve.errors import InputError

# Types in models of this project that skops does not trust by default. The nodes of a tree are checked below:
# scikit-learn follows them wherever they lead.
TRUSTED = ("sklearn.tree._tree.Tree", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor")

_MAX_BYTES, _MAX_SCHEMA = 500_000_000, 100_000_000  # of all that a file unpacks to, and of its schema
_MAX_DEPTH = 500  # of a decision tree
_SCHEMA = "schema.json"
_OURS = {"n_jobs": None, "verbose": 0}  # settings of an estimator that a file has no say in
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
    from sklearn.base import BaseEstimator
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
    from sklearn.tree._tree import Tree
    from skops.io.exceptions import UntrustedTypesFoundException


def write_model(path: Path, model: Any) -> None:
    """Write a fitted model to `path`, atomically; equal models give equal bytes.

    skops names objects by their addresses in memory and notes the time: here they are numbered in order, without time,
    and the gaps between the fields of structured arrays become zero. Raises InputError for a model that `read_model`
    would refuse, such as a decision tree that is too deep.
    """
    try:
        check_trees(model)
    except ValueError as error:
        raise InputError(f"{path}: the model cannot be stored: {error}; fit another one") from None
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

    It works in one thread and prints nothing, whatever the file says. Raises InputError if the file is missing, is not
    a file of skops as `write_model` writes them, holds other types, or asks for too much memory or time.
    """
    try:
        _check_archive(path)
        model = skops.io.load(path, trusted=list(TRUSTED))
        check_trees(model)
        for one in _parts(model):
            if isinstance(one, BaseEstimator):
                vars(one).update({name: value for name, value in _OURS.items() if hasattr(one, name)})
        return model
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run the stage that makes it first") from None
    except UntrustedTypesFoundException as error:
        raise InputError(f"{path}: holds types that are not trusted: {error}") from None
    except Exception as error:  # hostile files make skops and NumPy raise anything
        said = str(error)[:200] or type(error).__name__
        raise InputError(f"{path}: not a model in a file of skops, or truncated ({said})") from None


def _check_archive(path: Path) -> None:
    """Raise ValueError unless the members are what they say: not encrypted, of limited size, arrays of their length,
    each of which is read once."""
    with ZipFile(path) as stored:
        members = stored.infolist()
        if sum(member.file_size for member in members) > _MAX_BYTES:
            raise ValueError(f"unpacks to more than {_MAX_BYTES} bytes")
        for member in members:
            if member.flag_bits & 1 or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise ValueError(f"{member.filename}: encrypted, or of unknown compression")
            if member.filename != _SCHEMA:
                _check_array(stored, member)
        if (size := stored.getinfo(_SCHEMA).file_size) > _MAX_SCHEMA:
            raise ValueError(f"{_SCHEMA} has {size} bytes, more than {_MAX_SCHEMA}")
        _check_schema(json.loads(stored.read(_SCHEMA)))


def _check_array(stored: ZipFile, member: ZipInfo) -> None:
    with stored.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != member.file_size - file.tell():
            raise ValueError(f"{member.filename}: not an array of its length")


def _check_schema(schema: object) -> None:
    """Raise ValueError if an object or an array stands in a file twice: few bytes could then fill any memory."""
    waiting, seen = [schema], set[tuple[str, str]]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            names = [(name, str(one[name])) for name in ("__id__", "file") if name in one]
            if twice := seen.intersection(names):
                raise ValueError(f"{' '.join(min(twice))} stands in it twice")
            seen.update(names)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _parts(model: object) -> Iterator[Any]:
    """Yield `model` and all that it is made of, each once."""
    waiting, seen = [model], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple | set) or (isinstance(one, np.ndarray) and one.dtype.hasobject):
            waiting += list(one)
        else:
            waiting += vars(one).values() if hasattr(one, "__dict__") else []


def check_trees(model: object, features: int | None = None) -> None:
    """Raise ValueError if a decision tree in `model` leads outside of itself, in a circle or too deep, or is for
    another number of `features`, where that is given: trees of boosting do not say for how many they are.
    """
    for one in _parts(model):
        if isinstance(one, Tree):
            _check_tree(one)
            if features not in (None, one.n_features):
                raise ValueError(f"a decision tree of {one.n_features} features in place of {features}")
        elif isinstance(one, TreePredictor):
            _check_boosted(one.nodes, features)


def _check_tree(tree: Tree) -> None:
    """A child stands behind its parent, as scikit-learn writes them, and has one parent alone."""
    inner = (tree.children_left != -1) | (tree.children_right != -1)
    _check_children(tree.children_left, tree.children_right, inner)
    if not ((tree.feature[inner] >= 0) & (tree.feature[inner] < tree.n_features)).all():
        raise ValueError("a decision tree that asks for features that are not there")
    if np.isnan(tree.threshold[inner]).any():  # infinity divides what is missing from what is given
        raise ValueError("a decision tree whose thresholds are no numbers")
    if not np.isfinite(tree.value).all():
        raise ValueError("a decision tree whose values are no finite numbers")


def _check_children(left: Any, right: Any, inner: Any) -> None:
    places = np.arange(len(inner))
    children = np.concatenate([left[inner], right[inner]]).astype(np.int64)
    parents = np.concatenate([places[inner], places[inner]])
    if not ((children > parents) & (children < len(inner))).all() or len(set(children.tolist())) < len(children):
        raise ValueError("a decision tree that leads outside of itself, or in a circle")
    depth, level = 0, np.zeros(1, dtype=np.int64)
    while len(level := level[inner[level]]):
        depth, level = depth + 1, np.concatenate([left[level], right[level]]).astype(np.int64)
        if depth > _MAX_DEPTH:
            raise ValueError(f"a decision tree that is deeper than {_MAX_DEPTH}")


def _check_boosted(nodes: Any, features: int | None) -> None:
    """Trees of gradient boosting without categories, as those of this project are."""
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 1 or not len(nodes) or nodes.dtype.names is None:
        raise ValueError("a decision tree without nodes")
    inner = nodes["is_leaf"] == 0
    _check_children(nodes["left"], nodes["right"], inner)
    asked = nodes["feature_idx"][inner]
    if nodes["is_categorical"].any() or (len(asked) and asked.min() < 0):
        raise ValueError("a decision tree that asks for features that are not there")
    if features is not None and len(asked) and asked.max() >= features:
        raise ValueError("a decision tree that asks for features that are not there")
    if np.isnan(nodes["num_threshold"][inner]).any() or not np.isfinite(nodes["value"]).all():
        raise ValueError("a decision tree whose values are no finite numbers")


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
