"""Set values in the text of a YAML file: comments, order, anchors and all other values stay as they are written.

What a section takes over from another by `<<: *other` continues to follow that one; a value of its own gets a line of
its own below the `<<`. Sections are block mappings; values may be written in any way.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from radsieve.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MERGE = "tag:yaml.org,2002:merge"  # of the key <<

_PROPERTIES = re.compile(r"((&|!)\S*\s+)*")  # an anchor and a tag

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A value, and the same as YAML on one line."""

    value: Any
    text: str


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def load(text: str) -> Any:
    """The content of a YAML text."""
    return yaml.load(text, LOADER)  # noqa: S506 (a safe loader)


def at(content: Any, keys: Keys) -> Any:
    """The value at the keys of nested mappings; None if there is none."""
    for key in keys:
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def in_a_line(value: Any) -> str:
    """A value as YAML on one line."""
    text: str = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True)
    return text.strip()[1:-1]


def leaves(text: str) -> dict[Keys, Written]:
    """Every value of a YAML text that is not a mapping, as it is written there, by the keys that lead to it."""

    def inside(node: yaml.MappingNode, above: Keys) -> Iterator[tuple[Keys, Written]]:
        for name, value in entries(node).items():
            keys = (*above, name)
            if isinstance(value, yaml.MappingNode) and value.value:
                yield from inside(value, keys)
            else:
                written = text[value.start_mark.index : value.end_mark.index].rstrip()
                short = written and "\n" not in written and written[0] not in "&!-"
                yield keys, Written(at(content, keys), written if short else in_a_line(at(content, keys)))

    content, root = load(text), _composed(text)
    return dict(inside(root, ())) if content else {}


def set_values(text: str, values: Mapping[Keys, Written], tidy: bool = False) -> str:
    """Set `values`, by the keys that lead to them, in a YAML text; those that are there already stay as they are.

    With `tidy`, a line that now sets what its section would take over from another anyway is removed.

    Raises InputError, which names the key, if it is not there, or is a part of what stands there for another section.
    """
    present = load(text)
    order = sorted(values, key=lambda keys: _places(present, keys))  # what others take over comes before them
    while order:
        section = order[0][:-1]
        part = [keys for keys in order if keys[:-1] == section]
        order = [keys for keys in order if keys[:-1] != section]
        changed = [keys for keys in part if at(present, keys) != values[keys].value]
        if changed:
            text = _changed(text, changed, values)
            text = _tidied(text, changed) if tidy else text
            present = load(text)
    return text


def _places(content: Any, keys: Keys) -> list[int]:
    """Where the keys stand: the number of each in its section."""
    places = []
    for depth, key in enumerate(keys):
        if not isinstance(content, Mapping) or key not in content:
            raise InputError(f"there is no key {'.'.join(keys[: depth + 1])}")
        places.append(list(content).index(key))
        content = content[key]
    return places


def _changed(text: str, chosen: list[Keys], values: Mapping[Keys, Written]) -> str:
    """Set values of one section."""
    section, above = _composed(text), chosen[0][:-1]
    for depth, key in enumerate(above):
        found = _own(section, key)
        if found is None:  # the whole section is taken over: it becomes this one's own
            whole = _value(_inherited(section, key))
            for keys in chosen:
                whole = _replaced(whole, keys[depth + 1 :], values[keys].value)
            return _applied(text, [_new_line(text, section, f"{key}: {in_a_line(whole)}")])
        name, node = found
        if _is_alias(name, node):
            raise InputError(
                f"line {name.start_mark.line + 1}: {'.'.join(above[: depth + 1])} is an alias of what is in "
                f"line {node.start_mark.line + 1}, so that {'.'.join(chosen[0])} cannot be set by itself; write "
                "`<<: *name` below the key instead of `*name` beside it"
            )
        section = node
    edits = []
    for keys in chosen:
        found, written = _own(section, keys[-1]), values[keys].text
        if found is None:
            edits.append(_new_line(text, section, f"{keys[-1]}: {written}"))
        else:
            start, end = _span(text, *found)
            edits.append(_Edit(start, end, written if text[start - 1] != ":" else f" {written}"))
    return _applied(text, edits)


def _tidied(text: str, chosen: list[Keys]) -> str:
    """Remove lines, of the chosen keys or of a section above them, that say what would be taken over anyway."""
    root, edits = _composed(text), []
    for keys in chosen:
        section = root
        for key in keys:
            found, inherited = _own(section, key), _inherited(section, key)
            if found is None:
                break
            start, end = _span(text, *found)
            if inherited is not None and "\n" not in text[start:end] and _value(found[1]) == _value(inherited):
                edits.append(_Edit(text.rfind("\n", 0, start) + 1, _line_end(text, end), ""))
                break
            section = found[1]
    return _applied(text, list(dict.fromkeys(edits)))


def _applied(text: str, edits: list[_Edit]) -> str:
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def _new_line(text: str, section: yaml.MappingNode, line: str) -> _Edit:
    """A line of its own for a section, below its `<<`."""
    merge = next(name for name, _ in section.value if name.tag == MERGE)
    if section.flow_style:
        raise InputError(f"line {merge.start_mark.line + 1}: write what is in braces there on several lines")
    end = _line_end(text, merge.end_mark.index)
    return _Edit(end, end, f"{' ' * merge.start_mark.column}{line}\n")


def _span(text: str, name: yaml.Node, node: yaml.Node) -> tuple[int, int]:
    """The start and end of the text of a key's value."""
    if _is_alias(name, node):
        alias = re.compile(r"\s*:\s*(\*[^\s,\]}]+)").match(text, name.end_mark.index)
        return alias.span(1) if alias else (name.end_mark.index, name.end_mark.index)
    last = node
    while (
        isinstance(last, yaml.CollectionNode) and last.value and not last.flow_style
    ):  # the end of a block is not exact
        last = last.value[-1][1] if isinstance(last, yaml.MappingNode) else last.value[-1]
    end = int(last.end_mark.index)
    properties = _PROPERTIES.match(text, node.start_mark.index, end)
    start = properties.end() if properties else end
    return start, start + len(text[start:end].rstrip())


def _is_alias(name: yaml.Node, node: yaml.Node) -> bool:
    """Whether the value of a key is an alias: the node is then what it stands for, which was written before."""
    return bool(node.start_mark.index < name.start_mark.index)


def _line_end(text: str, index: int) -> int:
    """The index behind the line that `index` lies in."""
    return text.find("\n", index) + 1 or len(text)


def _composed(text: str) -> Any:
    """The tree of nodes of a YAML text, which know where they are written."""
    return yaml.compose(text, LOADER)


def entries(section: yaml.MappingNode) -> dict[str, yaml.Node]:
    """Every key of a section and its value: what it takes over by `<<`, of several the first, and what is its own."""
    own = {name.value: node for name, node in section.value if name.tag != MERGE}
    taken = [merged for name, merged in section.value if name.tag == MERGE]
    others = [other for one in taken for other in (one.value if isinstance(one, yaml.SequenceNode) else [one])]
    found: dict[str, yaml.Node] = {}
    for other in reversed(others):
        found |= entries(other)
    return found | own


def _own(section: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value that stand in a section itself."""
    return next(((name, node) for name, node in section.value if name.value == key), None)


def _inherited(section: yaml.MappingNode, key: str) -> yaml.Node | None:
    """What a section takes over from others by `<<`; of several, the first counts."""
    for name, merged in section.value:
        for other in merged.value if isinstance(merged, yaml.SequenceNode) else [merged]:
            if name.tag == MERGE:
                found = _own(other, key)
                node = found[1] if found else _inherited(other, key)
                if node is not None:
                    return node
    return None


def _value(node: yaml.Node | None) -> Any:
    return load(yaml.serialize(node))


def _replaced(content: Any, keys: Keys, value: Any) -> Any:
    """`content` with `value` at the keys."""
    return {**content, keys[0]: _replaced(content[keys[0]], keys[1:], value)} if keys else value
