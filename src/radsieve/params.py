"""Read params.yaml and hold it to its schema, alike for both engines and for a script run by hand."""

from pathlib import Path
from typing import Any

import jsonschema
import yaml

from radsieve.errors import InputError

SCHEMA = Path(__file__).parents[2] / "workflow" / "schemas" / "params.schema.yaml"


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice, where plain YAML silently keeps the last."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]  # type: ignore[no-untyped-call]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"params.yaml, line {node.start_mark.line + 1}: key '{key}' is given twice; keep one")
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(path: Path) -> dict[str, Any]:
    """Return the checked parameters of `path`.

    Raises InputError naming every wrong key, its value and what is allowed.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run from the top of the project or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no valid YAML: {error}") from None
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(content), key=lambda e: list(map(str, e.path)))
    if errors:
        raise InputError("\n  ".join([f"{path} is not valid:", *map(_explain, errors)]))
    return dict(content)


def _explain(error: jsonschema.ValidationError) -> str:
    """One line: the key, the value found, and what is allowed."""
    key = ".".join(map(str, error.absolute_path)) or "(top level)"
    about = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    match error.validator:
        case "additionalProperties":
            known = sorted(error.schema.get("properties", {}))
            unknown = sorted(set(error.instance) - set(known), key=str)
            return f"{key}: unknown key {', '.join(map(repr, unknown))}; known keys: {', '.join(known)}"
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            return f"{key}: missing {', '.join(map(repr, missing))}"
    found = f"{key} = {error.instance!r}"
    match error.validator:
        case "type":
            reason = f"must be of type {error.validator_value}"
        case "enum":
            reason = f"must be one of {', '.join(map(str, error.validator_value))}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            bounds = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
            reason = "must be " + " and ".join(f"{sign} {error.schema[b]}" for b, sign in bounds.items() if b in error.schema)
        case "minItems" | "maxItems":
            reason = f"needs at {'least' if error.validator == 'minItems' else 'most'} {error.validator_value} items"
        case _:
            reason = error.message
    return f"{found}: {reason}" + (f" ({about})" if about else "")
