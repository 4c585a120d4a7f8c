"""Read params.yaml and hold it to its schema, alike for both engines and for a script run by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from radsieve.errors import InputError

SCHEMA = Path(__file__).parents[2] / "workflow" / "schemas" / "params.schema.yaml"


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice, where plain YAML silently keeps the last."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"params.yaml, line {node.start_mark.line + 1}: key '{key}' is given twice; keep one")
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(path: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return the checked parameters of `path`, values of `overrides` (by section and key) in place of those there.

    Raises InputError naming every wrong key, its value and what is allowed.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run from the top of the project or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no valid YAML: {error}") from None
    for section, values in (overrides or {}).items():
        if values and isinstance(content, dict) and isinstance(content.get(section), dict):
            content[section] |= values
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(content), key=lambda e: list(map(str, e.path)))
    if errors:
        raise InputError("\n  ".join([f"{path} is not valid:", *map(_explain, errors)]))
    return dict(content)


def _explain(error: jsonschema.ValidationError) -> str:
    """One line: the key, the value found, and what is allowed."""
    key = ".".join(map(str, error.absolute_path)) or "(top level)"
    schema: Any = error.schema
    allowed: Any = error.validator_value
    about = f" ({schema['description']})" if "description" in schema else ""
    instance: Any = error.instance
    found = f"{key} = {instance!r}"
    match error.validator:
        case "additionalProperties":
            known = sorted(schema.get("properties", {}))
            unknown = sorted(set(instance) - set(known), key=str)
            return f"{key}: unknown key {', '.join(map(repr, unknown))}; known keys: {', '.join(known)}"
        case "required":
            return f"{key}: missing {', '.join(repr(name) for name in allowed if name not in instance)}"
        case "type":
            return f"{found}: must be of type {allowed}{about}"
        case "enum":
            return f"{found}: must be one of {', '.join(map(str, allowed))}{about}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
            bounds = [f"{sign} {schema[name]}" for name, sign in signs.items() if name in schema]
            return f"{found}: must be {' and '.join(bounds)}{about}"
        case "minItems" | "maxItems":
            return f"{found}: needs at {'least' if error.validator == 'minItems' else 'most'} {allowed} items{about}"
        case _:
            return f"{found}: {error.message}{about}"
