"""Where networks ran, by the cards that are stored with their weights."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs

_LONGEST = 1_000_000  # bytes of a header that is still read
COLUMNS = ["weights", "device", "precision", "instructions"]


def networks(inputs: Inputs, stages: Sequence[str]) -> pd.DataFrame:
    """Device, precision and instruction set of each network that `stages` trained, by the card in its weights."""
    rows = []
    for path in (path for stage in stages for path in sorted((inputs.root / stage).rglob("*.safetensors"))):
        if computed := card_of(path).get("compute"):
            name = str(path.relative_to(inputs.root))
            inputs.known(name)
            rows.append([name, *(computed.get(key, "–") for key in COLUMNS[1:])])
    return pd.DataFrame(rows, columns=COLUMNS)


def asked(params: Params) -> str:
    """What section `compute` asks for, in words; no result depends on the number of threads."""
    compute = params.compute
    return (
        f"device {compute.device}, {compute.precision}, instructions {compute.instructions}, threads {compute.threads}"
    )


def card_of(path: Path) -> dict[str, Any]:
    """The card in the header of a safetensors file; empty if there is none. The weights are not read."""
    with path.open("rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else _LONGEST + 1
        text = file.read(length) if length <= _LONGEST else b""
    try:
        return dict(json.loads(json.loads(text)["__metadata__"]["card"]))
    except (ValueError, KeyError, TypeError):
        return {}
