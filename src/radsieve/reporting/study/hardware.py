"""Where networks ran, by the cards that are stored with their weights."""

from collections.abc import Sequence

import pandas as pd

from radsieve.params import Params
from radsieve.reporting.cards import card_of
from radsieve.reporting.inputs import Inputs

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
