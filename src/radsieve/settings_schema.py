"""The JSON schema of settings, and the same in words: for editors, for messages, and for docs/parameters.md."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from pydantic.json_schema import GenerateJsonSchema

from radsieve.settings import NONE, Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Without titles of keys, which would only repeat them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(model: type[Settings]) -> dict[str, Any]:
    """Return the JSON schema of `model`; the descriptions are the texts below its fields."""
    schema = model.model_json_schema(schema_generator=_Untitled)
    parts = {one.__name__: one for one in _models(model)}
    for name, part in [(model.__name__, schema), *schema.get("$defs", {}).items()]:
        part.pop("title")
        part["description"] = " ".join(part["description"].split())
        for key, text in _descriptions(parts[name]).items():
            part["properties"][key]["description"] = text
    return {"$schema": DIALECT, **schema}


def _models(model: type[Settings]) -> Iterator[type[Settings]]:
    """A model and those of its parts."""
    yield model
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):  # lists of parts, too
            if isinstance(kind, type) and issubclass(kind, Settings):
                yield from _models(kind)


def _descriptions(model: type[Settings]) -> dict[str, str]:
    """The text below each field of a model, as one line.

    pydantic could do it (`use_attribute_docstrings`), but would read the sources whenever the models are imported.
    """
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, Settings) and one is not Settings:
            found |= _texts_below(sys.modules[one.__module__].__file__ or "").get(one.__name__, {})
    return found


@cache
def _texts_below(file: str) -> dict[str, dict[str, str]]:
    """For each class in a Python file, its annotated names that have a text below them, and that text."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(Path(file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            texts = found.setdefault(node.name, {})
            for above, below in pairwise(node.body):
                match above, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        texts[name] = " ".join(text.split())
    return found


def at(schema: Mapping[str, Any], loc: Sequence[int | str]) -> dict[str, Any]:
    """Return the part of a schema for the keys (and positions in lists) `loc`, references resolved."""
    found = resolved(schema, schema)
    for part in loc:
        inner = found["items"] if isinstance(part, int) else found["properties"][part]
        described = {"description": found["description"]} if isinstance(part, int) and "description" in found else {}
        found = {**described, **resolved(schema, inner)}
    return found


def resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of `schema` with the definition that it refers to in place of the reference."""
    if "$ref" not in part:
        return dict(part)
    definition = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return {**definition, **{key: value for key, value in part.items() if key != "$ref"}}


def allowed(schema: Mapping[str, Any]) -> str:
    """Say which values a part of a schema allows: `an integer, >= 0 and <= 12`."""
    if "anyOf" in schema:
        return " or ".join(allowed(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        listed = ", ".join(str(value) for value in values if value is not None)
        return listed if listed == NONE else f"one of {listed}" if len(values) > 1 else listed
    kind, limits = schema["type"], list(_limits(schema))
    if kind == "array":
        return f"a list of {', '.join(_items(schema))}"
    names = {"integer": "an integer", "number": "a number", "string": "text", "boolean": "true or false"}
    if kind == "object":
        return f"an object with the keys {', '.join(schema['properties'])}"
    return ", ".join([names[kind], *limits])


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    if bounds := [f"{sign} {schema[name]}" for name, sign in signs.items() if name in schema]:
        yield " and ".join(bounds)
    if "multipleOf" in schema:
        yield f"a multiple of {schema['multipleOf']}"
    if "not" in schema:
        yield "odd"
    if "pattern" in schema:
        yield f"matching `{schema['pattern']}`"
    if schema.get("minLength"):
        yield "not empty"


def _items(schema: Mapping[str, Any]) -> Iterator[str]:
    """The requirements on the items of a list: how many, whether all are different, and what each one is."""
    counts = [
        f"{word} {schema[key]}" for key, word in (("minItems", "at least"), ("maxItems", "at most")) if key in schema
    ]
    yield f"{' and '.join(counts)} item{'' if counts[-1].endswith(' 1') else 's'}" if counts else "items"
    if schema.get("uniqueItems"):
        yield "all different"
    yield f"each {allowed(schema['items'])}"
