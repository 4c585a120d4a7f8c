"""Why an object is not read as an image."""

from typing import Literal, get_args

Reason = Literal["empty object", "no image", "broken image", "too many pixels", "unsupported mode"]

REASONS: tuple[str, ...] = get_args(Reason)
STORE_ONE = "store the wanted one alone"  # what to do with several frames


class UnreadableImageError(Exception):
    """An object cannot be read as an image: `reason` is one of `REASONS`, `detail` says more."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
