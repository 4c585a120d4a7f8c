"""docs/parameters.md and docs/params.schema.json, made from the models and from what params.yaml says."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

from radsieve.settings import NONE, Settings
from radsieve.settings_schema import allowed, at, resolved, schema_of

SCHEMA, PAGE = "params.schema.json", "parameters.md"
_HEAD = """# Parameters

Everything that can be set in `params.yaml`, section by section: what a key means, which values are allowed, and the
default. A section has the name of its stage; the first ones are shared by several stages. `none` means that there is no
value. `dvc exp run -S section.key=value` sets one value; a section that takes it over keeps its own. DVC then writes
out what sections take over; `git checkout params.yaml` restores the short form.

Blocks below a key that begins with `x-` are not settings: sections take them over by `<<: *name`, and say what differs.

This page is written by `python -m radsieve.params --write docs`.
"""
_COLUMNS = "| key | allowed | default | meaning |\n|---|---|---|---|"


def texts(model: type[Settings], defaults: Mapping[str, Any]) -> dict[str, str]:
    """Return the content of both files by name; `defaults` is what params.yaml says."""
    schema = schema_of(model)
    return {
        SCHEMA: json.dumps(_for_editors(schema), indent=2, ensure_ascii=False) + "\n",
        PAGE: "\n".join([_HEAD, *(_section(schema, name, defaults[name]) for name in schema["properties"])]),
    }


def write(folder: Path, model: type[Settings], defaults: Mapping[str, Any]) -> None:
    """Write both files into `folder`."""
    for name, text in texts(model, defaults).items():
        (folder / name).write_text(text, encoding="utf-8")


def _for_editors(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of the file, which may contain blocks that are not sections."""
    blocks = {"^x-": {"description": "Blocks that sections take over by `<<: *name`.", "type": "object"}}
    return {**schema, "patternProperties": blocks}


def _section(schema: Mapping[str, Any], name: str, defaults: Mapping[str, Any]) -> str:
    section = at(schema, [name])
    lines = [f"## `{name}`", "", section["description"], "", _COLUMNS, *_rows(schema, (name,), (), defaults), ""]
    return "\n".join(lines)


def _rows(
    schema: Mapping[str, Any], above: tuple[str | int, ...], inside: tuple[str, ...], defaults: Mapping[str, Any]
) -> Iterator[str]:
    """A row for each key of a section, those of its parts below the row of the part."""
    for key in at(schema, above)["properties"]:
        found, value, path = at(schema, (*above, key)), defaults.get(key), (*inside, key)
        split, listed = "properties" in found, "$ref" in found.get("items", {})
        if listed:
            found["items"] = resolved(schema, found["items"])
        cells = [
            f"`{'.'.join(path)}`",
            "" if split else _escaped(allowed(found)),
            "" if split else f"`{_written(value)}`",
            _escaped(found["description"]),
        ]
        yield f"| {' | '.join(cells)} |"
        if split:
            yield from _rows(schema, (*above, key), path, value or {})
        if listed:
            yield from _rows(schema, (*above, key, 0), (*inside, f"{key}[]"), value[0] if value else {})


def _written(value: object) -> str:
    """A value as written in params.yaml."""
    match value:
        case None:
            return NONE
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_written(inner)}' for key, inner in value.items())}}}"
        case "":
            return '""'
        case _:
            return str(value)


def _escaped(text: str) -> str:
    """For a cell of a table in Markdown: `|` does not end it, and outside of code `<` and `*` are not markup."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(
        part if code else re.sub(r"[*]|<(?=\w)", r"\\\g<0>", part) for part, code in zip(parts, cycle([False, True]))
    )
