"""Names in one cell of a table."""

from collections.abc import Iterable

SEPARATOR = " | "


def joined(names: Iterable[str]) -> str:
    """Return the names, separated; one that holds a separator or a quote is quoted as in CSV, so that no two lists of
    names become one text.

    >>> joined(["A", "B"]), joined(["A | B", "C"])
    ('A | B', '"A | B" | C')
    """
    return SEPARATOR.join(_quoted(name) if "|" in name or '"' in name else name for name in names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
