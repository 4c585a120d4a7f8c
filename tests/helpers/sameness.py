"""What two runs left, in a form in which it can be compared."""

from collections.abc import Mapping
from pathlib import Path

import torch


def all_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same_tensors(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    """Whether two networks have the same weights."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
