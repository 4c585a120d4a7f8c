"""The signs that a writer reads and writes: characters, or words, as codes and back."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from radsieve.tasks.texts.ngrams import BOUNDARY, FIRST_KNOWN, UNKNOWN, Codes, Floats, NGram

CHARACTER, WORD = "character", "word"
_TOKEN = re.compile(r"\w+|\s|[^\w\s]")
_LEAST = 5  # times that a character occurs in the training works to be known
_SPELLING = 3  # order of the model that spells words which are not known


def alphabet(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters that occur at least five times in `texts`, in their order."""
    counts = Counter(sign for text in texts for sign in text)
    return tuple(sorted(sign for sign, count in counts.items() if count >= _LEAST))


@dataclass(frozen=True)
class Signs:
    """The known signs of `unit`, coded from 2 on: 0 stands for the boundary before a work, 1 for what is not known.

    All writers share `letters`, so that their bits per character can be compared. A word that is not known is spelled
    by them: its bits are those of its spelling by counts in such words of the training works, `spelled`.
    """

    unit: str
    letters: tuple[str, ...]
    words: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()
    _codes: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number the signs."""
        object.__setattr__(self, "_codes", {sign: place + FIRST_KNOWN for place, sign in enumerate(self.known)})

    @classmethod
    def of(cls, unit: str, letters: Sequence[str], texts: Sequence[str], vocabulary: int) -> "Signs":
        """Those of an author's training `texts`; of words the `vocabulary` most frequent ones."""
        if unit == CHARACTER:
            return cls(unit, tuple(letters))
        counts = Counter(word for text in texts for word in _TOKEN.findall(text))
        words = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(unit, tuple(letters), tuple(words[:vocabulary]), tuple(words[vocabulary:]))

    @property
    def known(self) -> tuple[str, ...]:
        """The known signs in the order of their codes."""
        return self.letters if self.unit == CHARACTER else self.words

    @property
    def count(self) -> int:
        """How many codes there are."""
        return len(self.known) + FIRST_KNOWN

    def split(self, text: str) -> Sequence[str]:
        """The signs of a text: put together they are the text."""
        return text if self.unit == CHARACTER else _TOKEN.findall(text)

    def codes(self, text: str) -> Codes:
        """The code (n,) of each sign of a text."""
        return np.array([self._codes.get(sign, UNKNOWN) for sign in self.split(text)], dtype=np.int64)

    def text(self, codes: Iterable[int]) -> str:
        """The text of `codes`, those of boundaries and of what is not known left out."""
        return "".join(self.known[code - FIRST_KNOWN] for code in codes if code >= FIRST_KNOWN)

    def spelling(self, text: str) -> Floats:
        """The bits (n,) by which each sign of a text is spelled: 0 for a known one, and for every character."""
        found = np.zeros(len(self.split(text)))
        if self.unit == WORD:
            letters = Signs(CHARACTER, self.letters)
            model = NGram.of([letters.ended(word) for word in self.spelled or ("",)], _SPELLING, letters.count)
            for place, word in enumerate(self.split(text)):
                if word not in self._codes:
                    found[place] = model.bits(letters.ended(word)).sum()
        return found

    def ended(self, word: str) -> Codes:
        """The codes of a word and of the boundary behind it."""
        return np.append(self.codes(word), BOUNDARY)

    def card(self) -> dict[str, Any]:
        """What rebuilds the signs: the arguments of this class."""
        return {"unit": self.unit, "letters": self.letters, "words": self.words, "spelled": self.spelled}

    @classmethod
    def from_card(cls, card: dict[str, Any]) -> "Signs":
        """The signs that `card` describes."""
        return cls(card["unit"], *(tuple(card[name]) for name in ("letters", "words", "spelled")))
