"""The cards that are stored with the weights of networks."""

import json
import struct
from pathlib import Path
from typing import Any

_LONGEST = 1_000_000  # bytes of a header that is still read


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
