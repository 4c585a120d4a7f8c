"""What `bounded` calls: functions of the package that load what a user may have from others, by the path of a file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from radsieve.generators.checkpoint import load_network
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.classifier import load_classifier
from radsieve.networks.device import Device
from radsieve.networks.segmenter import load_segmenter
from radsieve.prefilter.sieve import Sieve
from radsieve.stats.models import read_model
from radsieve.tasks.texts.writer import read_writer

CPU = Device(torch.device("cpu"), torch.float32)


def segmenter(path: Path) -> Any:
    return load_segmenter(path, CPU)


def classifier(path: Path) -> Any:
    return load_classifier(path, CPU)


def generator(path: Path) -> Any:
    return load_network(path, -1, (), CPU)


def writer(path: Path) -> Any:
    return read_writer(path)


def sieve(path: Path) -> Any:
    return Sieve.load(path.parent)


def model(path: Path) -> Any:
    return read_model(path)


def pack(path: Path) -> Any:
    return read_pack(path.parent)


def each(kind: str, paths: list[Path]) -> list[str]:
    """The name of the exception that each of several paths leads to."""
    found = []
    for path in paths:
        try:
            globals()[kind](path)
            found.append("returned")
        except Exception as error:
            found.append(type(error).__name__)
    return found


def _import_what_is_imported_late() -> None:
    """Packages that a first call imports: each process would do it anew."""
    with TemporaryDirectory() as name:
        write_pack(Path(name), ["a"], [np.zeros((1, 1, 1), np.uint8)], (1, 1, 1))
        read_pack(Path(name))


_import_what_is_imported_late()
