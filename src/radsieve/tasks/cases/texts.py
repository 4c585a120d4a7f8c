"""Works of authors who do not exist, letter by letter from Markov chains whose entropy rate is known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from radsieve import files

Floats = npt.NDArray[np.float64]

AUTHORS = ("Alder", "Birch", "Cedar")
_CHARACTERS = 4000  # of a work, on average
_SIGNS = 'аеинорстлкм —"'  # of the chains; after normalisation
_SPACE, _DASH, _QUOTE = 11, 12, 13
_SUCCESSORS = 4  # letters that may follow a pair of letters
_OWN = 0.13  # weight of an author's own chain beside the common one
_WORD_ENDS, _DASHES, _QUOTES = 0.3, 0.04, 0.03  # probabilities after letters, and after a space
_TOPICS, _TOPIC_SHARE, _TOPIC_LENGTH = 3, 0.05, 5  # words of a work, share of its words, letters
_TOPIC_LETTERS = "бгдзпуфхцчш"  # none of those of the chains: where a topic word begins is certain
_LINE = 70  # characters
_TYPOGRAPHY = {  # dash, opening and closing quotation mark, whether е may be ё: as an edition of each author has them
    "Alder": (" — ", "«", "»", True),
    "Birch": (" – ", "“", "”", False),
    "Cedar": (" -- ", '"', '"', False),
}


@dataclass(frozen=True)
class Author:
    """An author's chain: the probability (signs, signs, signs) of a sign after two others."""

    name: str
    chain: Floats

    def entropy_rate(self, topics: bool = True) -> float:
        """Bits per character of a work, on average, for whoever knows the chain and the topic words of the work.

        That is the least that any model can need (Shannon 1948). Without `topics` it is that of the chain alone.
        """
        pairs = _stationary(self.chain)
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = -np.nansum(np.where(self.chain > 0, self.chain * np.log2(self.chain), 0.0), axis=2)
        of_chain = float((pairs * bits).sum())
        if not topics:
            return of_chain
        share = _TOPIC_SHARE
        spaces = float(pairs[:, _SPACE].sum())
        decisions = -(share * np.log2(share) + (1 - share) * np.log2(1 - share)) / (1 - share)
        words = share / (1 - share)
        needed = of_chain + spaces * (decisions + words * np.log2(_TOPICS))
        return float(needed / (1 + spaces * words * (_TOPIC_LENGTH + 1)))


def authors(seed: int) -> list[Author]:
    """The authors, whose chains have a part in common."""
    common = _chain(np.random.default_rng([seed, 4, 0]))
    chains = [_chain(np.random.default_rng([seed, 4, 1 + place])) for place in range(len(AUTHORS))]
    return [
        Author(name, _OWN * own + (1 - _OWN) * common)
        for name, own in zip(AUTHORS, chains, strict=True)
    ]  # fmt: skip


def write_work(author: Author, number: int, seed: int, topics: bool = True, characters: int = _CHARACTERS) -> str:
    """Return a work in normal form: no header, dashes between spaces, straight quotation marks, lines not broken.

    With `topics` three words that only this work has are put between others; one of them has a capital letter.
    """
    random = np.random.default_rng([seed, 5, AUTHORS.index(author.name), number])
    letters = list(_TOPIC_LETTERS)
    words = ["".join(random.choice(letters, _TOPIC_LENGTH)) for _ in range(_TOPICS)]
    words[0] = words[0].capitalize()
    limits = np.cumsum(author.chain, axis=2)
    length = round(characters * random.uniform(0.8, 1.2))
    draws = random.random(length)
    before, last = 0, 1
    parts: list[str] = []
    for draw in draws:
        sign = int(np.searchsorted(limits[before, last], draw * limits[before, last, -1], side="right"))
        parts.append(_SIGNS[sign])
        before, last = last, sign
        while topics and sign == _SPACE and random.random() < _TOPIC_SHARE:
            parts.append(words[int(random.integers(_TOPICS))] + " ")
    return "".join(parts).strip()


def as_edited(work: str, author: str, title: str, seed: int) -> str:
    """Return a work as an edition of `author` prints it: header, own dashes and quotation marks, ё for some е, lines.

    `radsieve.tasks.texts.normalisation.normalised` undoes all of it but the header.
    """
    random = np.random.default_rng([seed, 6, len(work)])
    dash, opening, closing, dots = _TYPOGRAPHY[author]
    text = work.replace(" — ", dash)
    first, *others = text.split('"')
    text = first + "".join(f"{closing if place % 2 else opening}{part}" for place, part in enumerate(others))
    if dots:
        text = "".join("ё" if sign == "е" and random.random() < 0.3 else sign for sign in text)
    lines, line = [], ""
    for word in text.split(" "):
        if len(line) + len(word) > _LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([author, title.upper(), "", *lines, line, ""])


def simulate(folder: Path, works: int, seed: int) -> list[tuple[str, str, float]]:
    """Write so many works of each author below `folder`/<author>, as editions print them, and return TRUTH of them."""
    truth = []
    for author in authors(seed):
        for number in range(1, works + 1):
            title = f"Letter {number}"
            edited = as_edited(write_work(author, number, seed), author.name, title, seed)
            files.write_text(folder / author.name / f"{title}.txt", edited)
        truth.append((author.name, "entropy rate, bits per character", author.entropy_rate()))
    return truth


def _chain(random: np.random.Generator) -> Floats:
    """A chain: after two letters four letters or the end of a word, after a space a letter, a dash or a quote."""
    count, letters = len(_SIGNS), _SPACE
    chain = np.zeros((count, count, count))
    for before in range(count):
        for last in range(count):
            follow = random.choice(letters, _SUCCESSORS, replace=False)
            shares = random.dirichlet(np.full(_SUCCESSORS, 0.7)) + 0.02
            shares /= shares.sum()
            if last == _DASH:
                chain[before, last, _SPACE] = 1
            elif last == _SPACE:
                extra = (_DASHES, _QUOTES) if before < letters else (0.0, 0.0)
                chain[before, last, follow] = (1 - sum(extra)) * shares
                chain[before, last, [_DASH, _QUOTE]] = extra
            elif last == _QUOTE or before in (_SPACE, _QUOTE):
                chain[before, last, follow] = shares
            else:
                chain[before, last, follow] = (1 - _WORD_ENDS) * shares
                chain[before, last, _SPACE] = _WORD_ENDS
    return chain


def _stationary(chain: Floats) -> Floats:
    """How often each pair of signs occurs in the long run (signs, signs)."""
    count = len(chain)
    pairs = np.zeros((count, count))
    pairs[0, 1] = 1.0
    total = np.zeros_like(pairs)
    for step in range(4000):
        following = np.einsum("ab,abc->bc", pairs, chain)
        pairs = following
        if step >= 2000:  # the mean of many steps, should the chain have a period
            total += pairs
    return np.asarray(total / total.sum())
