"""Untrusted names: which are safe to use as paths, and how any of them is shown on one line."""

import unicodedata

UNSAFE_KEY = "unsafe key"
MAX_PATH_BYTES = 512

# Unicode categories: control, half of a pair, line and paragraph separator
_CONTROL = {"Cc", "Cs", "Zl", "Zp"}
_NO_NAMES = {"", ".", ".."}


def escaped(key: str) -> str:
    """Return `key` with control characters and backslashes written as Python escapes, so that it fits on one line."""
    return "".join(
        character.encode("unicode_escape").decode() if character == "\\" or _is_control(character) else character
        for character in key
    )


def unsafe(path: str) -> str:
    """Return what could make the path dangerous or ambiguous; empty if nothing does."""
    if len(path.encode(errors="surrogatepass")) > MAX_PATH_BYTES:
        return f"longer than {MAX_PATH_BYTES} bytes"
    if not path.isprintable() and any(map(_is_control, path)):
        return "control character"
    if path.startswith("/"):
        return "absolute"
    if not _NO_NAMES.isdisjoint(path.split("/")):
        return "segment that is empty, '.' or '..'"
    return ""


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _CONTROL
