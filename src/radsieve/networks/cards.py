"""Numbers of a checkpoint's card, checked before anything is built by them: a card is as foreign as its file."""

from collections.abc import Mapping
from typing import Any


def whole(card: Mapping[str, Any], key: str, least: int = 1, most: int = 4096) -> int:
    """Return a whole number of the card. Raises KeyError, or ValueError unless it is from `least` to `most`."""
    value = card[key]
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{key} = {str(value)[:40]}: not a whole number from {least} to {most}")
    return value


def real(card: Mapping[str, Any], key: str, least: float = 0, most: float = 1) -> float:
    """Return a number of the card. Raises KeyError, or ValueError unless it is from `least` to `most`."""
    value = card[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{key} = {str(value)[:40]}: not a number from {least:g} to {most:g}")
    return float(value)
