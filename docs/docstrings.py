"""Docstrings as Sphinx reads them.

They are plain text with a little Markdown: code in single backticks, lists, an indented block for code, examples that
begin with `>>>`, and, where they help, sections of Google's style (Args, Returns, Raises and others).
"""

import re
from collections.abc import Iterator

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")
_SECTION = re.compile(r"(Args|Attributes|Example|Examples|Note|Notes|Raises|References|Returns|Warning|Yields):")
_ENTRY = re.compile(r"([*\w.]+(?: \([^)]*\))?): (.*)")


def as_rst(lines: list[str]) -> list[str]:
    """The lines of a docstring as reStructuredText: code stays code, and nothing else is taken for markup."""
    found: list[str] = []
    section = False
    for block in _blocks(lines):
        head, rest = block[0], block[1:]
        if _SECTION.fullmatch(head):
            section = True
            found += [f"**{head[:-1]}**", "", *_entries(rest)]
        elif head.lstrip().startswith(">>>"):
            found += block
        elif head.startswith("    ") and section:
            found += _entries(block)
        elif head.startswith("    "):
            found += ["::", "", *block]
        else:
            section = False
            found += _paragraph(block)
        found.append("")
    return found


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """The paragraphs of a text: an example begins one of its own, an indented block goes on over empty lines."""
    block: list[str] = []
    for line in lines:
        begins_example = line.lstrip().startswith(">>>") and not any(">>>" in before for before in block)
        if block and (not line.strip() or begins_example):
            yield block
            block = []
        if line.strip():
            block.append(line.rstrip())
    if block:
        yield block


def _entries(lines: list[str]) -> list[str]:
    """The body of a section: `name: text` as items of a list, other text as paragraphs, examples as they are."""
    depth = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    own = [line[depth:] for line in lines]
    if own and own[0].startswith(">>>"):
        return own
    found: list[str] = []
    for line in own:
        if entry := _ENTRY.fullmatch(line):
            found += [f"* `{entry[1]}`: {entry[2]}"]
        elif found and found[0].startswith("* "):
            found.append(f"  {line.strip()}")
        else:
            found.append(line)
    return _paragraph(found)


def _paragraph(block: list[str]) -> list[str]:
    """Text, or a list, which begins the paragraph or follows a colon; a dash before any other line is text."""
    found: list[str] = []
    listed = False
    for line in _escaped("\n".join(block)).split("\n"):
        if _ITEM.match(line):
            if found and not listed and found[-1].endswith(":"):
                found.append("")
            listed = listed or not found or not found[-1]
            if not listed:
                line = re.sub(r"([-*.]) ", r"\\\1 ", line, count=1)
        found.append(line)
    return found


def _escaped(text: str) -> str:
    """Code in double backticks, and a backslash before what would be read as markup elsewhere."""
    parts = _CODE.split(text)
    plain = [re.sub(r"([\\*|]|(?<=\w)_(?!\w))", r"\\\1", part) for part in parts[::2]]
    plain = [re.sub(r"(?m)^(\s*)\\\* ", r"\1* ", part) for part in plain]  # items of a list
    code = [f"``{' '.join(part.split())}``" for part in parts[1::2]]
    joined = plain[0]
    for quoted, part in zip(code, plain[1:], strict=True):
        before = "\\ " if joined and (joined[-1].isalnum() or joined[-1] in ")]") else ""
        after = "\\ " if part and (part[0].isalnum() or part[0] == "_") else ""
        joined += before + quoted + after + part
    return joined
