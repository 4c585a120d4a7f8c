"""Weights with a card, in safetensors: no pickle is read or written.

The card says what the weights are: `kind` and the settings that rebuild the network, as JSON in the file's metadata.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch.overrides import TorchFunctionMode

from radsieve import files
from radsieve.errors import InputError

Tensors = dict[str, torch.Tensor]

_SEAL = "sha256"
_TYPES = frozenset(
    {torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8, torch.bool}
)


def write_checkpoint(path: Path, tensors: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
    """Write `tensors` and their `card` to `path`, atomically; equal content gives equal bytes."""
    content = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    files.write_bytes(path, save(content, {"card": json.dumps(card, sort_keys=True)}))


def read_checkpoint(path: Path, kind: str) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and the card of `path`, whose card must be of `kind`.

    Raises InputError if the file is missing, truncated, a pickle, a checkpoint of another kind, or of numbers of a
    type that no network here has.
    """
    if not path.is_file():
        raise InputError(f"{path}: not found; name a checkpoint that this project has written")
    try:
        with safe_open(path, framework="pt") as stored:
            card = json.loads((stored.metadata() or {}).get("card", "{}"), parse_constant=_refuse)
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, ValueError, OSError, RecursionError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not a safetensors file, or truncated ({error}); pickled checkpoints (.pt, .pth) are not read"
        ) from None
    if not isinstance(card, dict) or card.get("kind") != kind:
        found = card.get("kind", "nothing") if isinstance(card, dict) else "nothing"
        raise InputError(f"{path}: its card says '{found}', but a checkpoint of a {kind} is needed")
    for name, tensor in sorted(tensors.items()):
        if tensor.dtype not in _TYPES:
            raise InputError(f"{path}: {name} is of type {tensor.dtype}, of which no network of this project is")
    return tensors, card


def write_sealed(path: Path, tensors: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> None:
    """Write a checkpoint whose card holds a digest of its content, so that damage is detected when it is read."""
    stored = json.loads(json.dumps(card))  # as it will be read: a tuple becomes a list
    write_checkpoint(path, tensors, {**stored, _SEAL: _digest(tensors, stored)})


def read_sealed(path: Path, kind: str) -> tuple[Tensors, dict[str, Any]]:
    """Return what `write_sealed` wrote.

    Raises InputError as `read_checkpoint` does, and if anything has changed since it was written.
    """
    tensors, card = read_checkpoint(path, kind)
    seal = card.pop(_SEAL, None)
    if seal != _digest(tensors, card):
        raise InputError(f"{path}: damaged: its content is not what was written")
    return tensors, card


def _digest(tensors: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} in its card")


class _WithoutNumbers(TorchFunctionMode):
    """Draws no normal numbers, for which torch imports its compiler where a tensor has no memory: six seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if "normal_" in getattr(func, "__name__", ""):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def rebuilt(build: Callable[[], torch.nn.Module], tensors: Mapping[str, torch.Tensor], source: Path) -> torch.nn.Module:
    """Return the network that `build` makes, with the weights `tensors`.

    It is first built without memory: a card may ask for more than there is. Raises InputError as `load_weights` does.
    """
    with torch.device("meta"), _WithoutNumbers():
        check_weights(build(), tensors, source)
    network = build()
    network.load_state_dict(tensors)
    return network


def load_weights(module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], source: Path) -> None:
    """Load `tensors` into `module`. Raises InputError as `check_weights` does."""
    check_weights(module, tensors, source)
    module.load_state_dict(tensors)


def check_weights(module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], source: Path) -> None:
    """Raise InputError naming what of `source` does not fit the architecture of `module`, or is no finite number."""
    expected = module.state_dict()
    missing = sorted(expected.keys() - tensors.keys())
    foreign = sorted(tensors.keys() - expected.keys())
    shapes = sorted(
        f"{name} {tuple(tensors[name].shape)} instead of {tuple(expected[name].shape)}"
        for name in expected.keys() & tensors.keys()
        if tensors[name].shape != expected[name].shape
    )
    problems = [
        f"{count} tensors {what} ({', '.join(names[:3])}{', ...' if count > 3 else ''})"
        for what, names in (("missing", missing), ("not known", foreign), ("of another shape", shapes))
        if (count := len(names))
    ]
    if problems:
        raise InputError(f"{source}: weights of another architecture: {'; '.join(problems)}")
    for name, tensor in sorted(tensors.items()):
        if tensor.is_floating_point() != expected[name].is_floating_point() or tensor.is_complex():
            raise InputError(f"{source}: {name} is of type {tensor.dtype}, but {expected[name].dtype} is needed")
        if not torch.isfinite(tensor).all():
            raise InputError(f"{source}: {name} holds values that are not finite numbers; train it again")
