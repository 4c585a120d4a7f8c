"""What a text has word for word from others: the longest such string from each of its places on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

_KEY = 12  # characters; what is shorter counts as not copied
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Source:
    """Texts that may have been copied from."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Remember the `texts`, and a number for each string of 12 characters in them."""
        self._text = "\x00".join(texts)
        self._keys = np.unique(_keys(self._text))

    def matches(self, text: str) -> Integers:
        """For each place of `text` (n,) the length of the longest string from there on that is in the source.

        Less than 12 characters count as 0.
        """
        found = np.zeros(len(text), dtype=np.int64)
        known = np.isin(_keys(text), self._keys)
        length = 0
        for place in np.flatnonzero(known).tolist():
            # what follows the place before is known to be copied but for its first character
            length = max(int(found[place - 1]) - 1 if place else 0, _KEY)
            if text[place : place + length] not in self._text:
                continue  # two strings with one number
            while place + length < len(text) and text[place : place + length + 1] in self._text:
                length += 1
            found[place] = length
        return found


def spans(matches: Integers, least: int) -> list[tuple[int, int]]:
    """The parts, from and to, that are covered by matches of at least so many characters."""
    found: list[tuple[int, int]] = []
    for place in np.flatnonzero(matches >= least).tolist():
        end = place + int(matches[place])
        if found and place <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((place, end))
    return found


def share_copied(matches: Integers, length: int) -> float:
    """The share of the strings of `length` characters of a text that are in the source; 0 for a shorter text."""
    count = len(matches) - length + 1
    return float((matches[:count] >= length).mean()) if count > 0 else 0.0


def _keys(text: str) -> npt.NDArray[np.uint64]:
    """A number for each string of 12 characters, the same where they are."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64) + np.uint64(1)
    number = np.zeros(max(len(codes) - _KEY + 1, 0), dtype=np.uint64)
    for place in range(_KEY):  # a polynomial modulo 2 to the 64th
        number = number * _FACTOR + codes[place : place + len(number)]
    return number
