"""What `bounded` calls: functions of the package that load what a user may have from others, by the path of a file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
from defaults import content

from radsieve.curation.agreement import agreement_tables, rating_sources
from radsieve.curation.agreement.rating_exports import Fields
from radsieve.curation.agreement.ratings import from_readings
from radsieve.generation.turing.answers import read_answers
from radsieve.generators.checkpoint import load_network
from radsieve.imaging.image_packing import Form, pack_set
from radsieve.imaging.image_sets import ImageSet, choose_images
from radsieve.imaging.packs import read_pack, write_pack
from radsieve.networks.classifier import load_classifier
from radsieve.networks.device import Device
from radsieve.networks.segmenter import load_segmenter
from radsieve.prefilter.sieve import Sieve
from radsieve.settings import ImageSetSettings
from radsieve.stats.models import read_model
from radsieve.tasks.images.stored import load_stored
from radsieve.tasks.texts.writer import read_writer

FIELDS = Fields("item", "rater", "label", False)
STUDIO = Fields("item", "completed_by", "label", False)
CPU = Device(torch.device("cpu"), torch.float32)


def segmenter(path: Path) -> Any:
    return load_segmenter(path, CPU)


def classifier(path: Path) -> Any:
    return load_classifier(path, CPU)


def generator(path: Path) -> Any:
    return load_network(path, -1, (), CPU)


def writer(path: Path) -> Any:
    return read_writer(path)


def classes(path: Path) -> Any:
    return load_stored(path, CPU)


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


def ratings(path: Path) -> Any:
    return from_readings(
        rating_sources.read(str(path), STUDIO if "json" in path.suffix else FIELDS), ["0", "1"], "nominal"
    )


def agreement(path: Path) -> Any:
    rated = ratings(path)
    agreement_tables.contingency(rated)
    agreement_tables.coefficients(rated, "nominal", 1000, 0.95, 1)
    agreement_tables.consensus(rated, 1000, 0.95, 1)


def packed_set(folder: Path) -> Any:
    chosen = ImageSetSettings(**content()["pack_images"]["chest"]).model_copy(
        update={"images": str(folder / "images"), "table": str(folder / "table.csv"), "name": "image", "masks": None}
        | {"patient": "patient", "patient_pattern": None, "label": None, "labels": (), "group": None, "age": None}
        | {"subgroups": (), "mask": None}
    )
    images = ImageSet.of(chosen, "pack_images.chest")
    packed = pack_set(images, choose_images(images), Form(8, 10**6), folder / "pack")
    return len(packed.files), list(zip(packed.quarantine["reason"], packed.quarantine["image"], strict=True))


def turing(path: Path) -> Any:
    return read_answers(path, pd.DataFrame({"test": "0" * 12, "place": [1]}))


def _import_what_is_imported_late() -> None:
    """Packages that a first call imports: each process would do it anew."""
    with TemporaryDirectory() as name:
        write_pack(Path(name), ["a"], [np.zeros((1, 1, 1), np.uint8)], (1, 1, 1))
        read_pack(Path(name))


_import_what_is_imported_late()
