"""What an edition decides, not an author: typography in one form, headers and notes stripped, names masked."""

import re
import unicodedata
from collections.abc import Sequence

MASK = "¤"  # in place of a name

_DASHES = re.compile(r"[ \t]*(?:-{2,}|[‒–—―])[ \t]*|(?<=\s)-(?=\s)")
_QUOTES = str.maketrans(dict.fromkeys("«»„“”‟‹›″", '"') | dict.fromkeys("‘’‚‛′`´", "'"))
_LETTERS = str.maketrans("ёЁ", "еЕ")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u0301\u0300]")  # soft hyphens, marks of stress and direction
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_INSIDE = re.compile(r"[\w,;:)%][\s\"'(]*$")  # what a word that begins no sentence follows


def normalised(raw: str) -> str:
    """Return `raw` with one form of what editions write differently.

    Each dash becomes a dash between spaces, each quotation mark a straight one, an ellipsis three points, ё е, and
    all white space one space; marks that are not seen, of stress among them, are left out.
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", raw)).translate(_LETTERS).translate(_QUOTES)
    text = text.replace("…", "...")
    text = _DASHES.sub(" — ", re.sub(r"\.{3,}", "...", text))
    return " ".join(text.split())


def masked(text: str) -> str:
    """Return `text` with a mask in place of each name.

    A name is a word with a capital letter in the middle of a sentence; at the beginning of one such a word is a name if
    it is one elsewhere in the text, and is never written with a small letter there.
    """
    names, small = set(), set()
    words = [(match, bool(_INSIDE.search(text[max(match.start() - 6, 0) : match.start()]))) for match in
             _WORD.finditer(text)]  # fmt: skip
    for match, inside in words:
        word = match[0]
        if word[0].islower():
            small.add(word)
        elif inside:
            names.add(word)
    names = {name for name in names if name.lower() not in small}
    parts, end = [], 0
    for match, inside in words:
        if match[0][0].isupper() and (inside or match[0] in names):
            parts += [text[end : match.start()], MASK]
            end = match.end()
    return "".join([*parts, text[end:]])


def stripped(
    lines: Sequence[str], title: str, headers: Sequence[re.Pattern[str]], notes: Sequence[re.Pattern[str]]
) -> tuple[str, int, int]:
    """Return the text of `lines` without header and notes, and how many lines these have.

    The header are the first lines as long as they are blank, match one of `headers` as a whole, or are the `title`. The
    notes begin at the first line of the second half that matches one of `notes`.
    """
    wanted = _letters(title)
    start = 0
    while start < len(lines):
        line = lines[start].strip()
        if line and _letters(line) != wanted and not any(pattern.fullmatch(line) for pattern in headers):
            break
        start += 1
    body = lines[start:]
    half = len(body) // 2
    ends = [place for place in range(half, len(body)) if any(one.fullmatch(body[place].strip()) for one in notes)]
    end = ends[0] if ends else len(body)
    header = sum(1 for line in lines[:start] if line.strip())
    return "\n".join(body[:end]).strip(), header, sum(1 for line in body[end:] if line.strip())


def _letters(line: str) -> str:
    return "".join(sign for sign in normalised(line).casefold() if sign.isalnum())
