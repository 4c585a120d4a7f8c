"""Read params.yaml and check it against its models, alike for both engines and for a script run by hand."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from radsieve.errors import InputError
from radsieve.settings import Settings

M = TypeVar("M", bound=Settings)

Overrides = Mapping[str, Mapping[str, Any]]
Loc = tuple[int | str, ...]

MAX_CHARACTERS, MAX_VALUES, MAX_DEPTH = 1_000_000, 50_000, 50
_PASSWORD = re.compile(r"//\S*@")  # of a URL, whatever signs it has
_MAX_SHOWN, _NAMED = 300, 10  # characters of a value, unknown keys
_LONG_PATTERN = re.compile(r"matching `[^`]{100,}`")  # which nobody reads, and the description says in words
_DIGITS = 20  # of a number that is written out
_MERGE = "tag:yaml.org,2002:merge"


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # by libyaml, ten times as fast
    """A loader that refuses a key given twice, where plain YAML silently keeps the last."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    """Construct a mapping; keys that it has besides those of a block merged into it (`<<`) take their place."""
    keys = [key.value if key.tag == _MERGE else loader.construct_object(key) for key, _ in node.value]
    for key, count in Counter(map(str, keys)).items():
        if count > 1:
            raise InputError(f"line {node.start_mark.line + 1}: key '{key}' is given twice; keep one")
    return dict(loader.construct_mapping(node, deep=True))


def _integer(loader: _UniqueKeys, node: yaml.ScalarNode) -> int:
    """Refuse what is one number in YAML 1.1, which is read here, and another in YAML 1.2, which DVC reads."""
    if re.fullmatch(r"[-+]?0[0-9_]+|.*:.*", node.value):
        raise InputError(f"line {node.start_mark.line + 1}: {node.value} is read in two ways; write the plain number")
    return int(loader.construct_yaml_int(node))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_UniqueKeys.add_constructor("tag:yaml.org,2002:int", _integer)


def is_block(name: str) -> bool:
    """Whether a key of the top level is not a section, but holds blocks that sections take over by `<<`: `x-...`."""
    return name.startswith("x-")


def read(path: Path, overrides: Overrides | None = None) -> Any:
    """Return what `path` says, unchecked, values of `overrides` (by section and key) in place of those there.

    Raises InputError if there is no such file, if it is not YAML, or if it gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        check_size(text)
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run from the top of the project or give --params") from None
    except InputError as error:
        raise InputError(f"{path}, {error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not encoded as UTF-8 ({error.reason} at byte {error.start}); save it so") from None
    except (yaml.YAMLError, OSError, ValueError, RecursionError) as error:
        star = "scanning an alias" in str(error)
        advice = '\na value that begins with * stands in quotes: "*"' if star else ""
        raise InputError(f"{path}: not valid YAML: {error}{advice}") from None
    except (KeyError, AttributeError):  # which PyYAML raises for `!!bool x` and `!!timestamp x`
        raise InputError(f"{path}: not valid YAML: a tag (!!) stands before what it cannot be; leave it out") from None
    for section, values in (overrides or {}).items():
        if values and isinstance(content, dict) and isinstance(content.get(section), dict):
            content[section] = content[section] | values
    return content


def check_size(text: str) -> None:
    """Raise InputError for YAML that is too long, nested too deeply, or that would unfold to too much (`*name`)."""
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{len(text):,} characters: more than {MAX_CHARACTERS:,}")
    named: dict[str | None, int] = {}
    nested: list[tuple[str | None, list[int]]] = []  # anchors, and the values below them with those of aliases
    events: Iterator[Any] = yaml.parse(text, Loader=_UniqueKeys)
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            nested.append((event.anchor, [1]))
            if len(nested) > MAX_DEPTH:
                raise InputError(f"line {line}: nested more than {MAX_DEPTH} deep")
            continue
        if isinstance(event, yaml.AliasEvent):
            size, anchor = named.get(event.anchor, 1), None
        elif isinstance(event, yaml.ScalarEvent):
            size, anchor = 1, event.anchor
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, parts = nested.pop()
            size = sum(parts)
        else:
            continue
        if size > MAX_VALUES:
            raise InputError(f"line {line}: unfolds to more than {MAX_VALUES:,} values")
        if anchor:
            named[anchor] = size
        if nested:
            nested[-1][1].append(size)


def check(content: object, model: type[M], path: Path) -> M:
    """Return `content` as a `model`; `path` is where it was read.

    Raises InputError naming every wrong key, its value and what is allowed.
    """
    if isinstance(content, dict):
        content = {name: values for name, values in content.items() if not is_block(str(name))}
    try:
        return model.model_validate(content)
    except ValidationError as errors:
        lines = _explained(errors, model)
        raise InputError("\n  ".join([f"{path} is not valid:", *lines])) from None


def _explained(errors: ValidationError, model: type[Settings]) -> Iterator[str]:
    """A line for each key that is wrong: the key, the value found, and what is allowed."""
    from radsieve.settings_schema import allowed, at, schema_of  # takes time, which is only worth it after a mistake

    schema = schema_of(model)
    found = sorted(errors.errors(), key=lambda error: [str(part) for part in error["loc"]])
    for above, names in _grouped(found, "extra_forbidden", "invalid_key"):
        known = ", ".join(sorted(at(schema, above)["properties"]))
        more = f" and {len(names) - _NAMED} others" if len(names) > _NAMED else ""
        unknown = ", ".join(repr(str(name)[:_MAX_SHOWN]) for name in names[:_NAMED])
        yield f"{_key(above)}: unknown key {unknown}{more}; known keys: {known}"
    for above, names in _grouped(found, "missing"):
        yield f"{_key(above)}: missing {', '.join(map(repr, names))}"
    for error in found:
        if error["type"] not in ("extra_forbidden", "invalid_key", "missing"):
            wanted = at(schema, error["loc"])
            about = f". {wanted['description']}" if "description" in wanted and "properties" not in wanted else ""
            said = _LONG_PATTERN.sub("of the form described here", allowed(wanted)) if about else allowed(wanted)
            bare = error["type"] == "string_type" and isinstance(error["input"], int | float)
            advice = "; put it in quotes" if bare else _number(error["input"], wanted)
            yield f"{_key(error['loc'])} = {_shown(error['input'])}: must be {said}{advice}{about}"


def _number(given: object, wanted: Mapping[str, Any]) -> str:
    """What to do where a number is wanted, and one stands that YAML takes for text: 1e-3, 0,5 or one in quotes."""
    if not isinstance(given, str) or wanted.get("type") not in ("number", "integer"):
        return ""
    try:
        number = Decimal(given.replace(",", ".", 1))
    except InvalidOperation:
        return ""
    short = number.is_finite() and abs(number.adjusted()) <= _DIGITS
    return f"; YAML takes this for text, write {number:f}" if short else ""


def _grouped(errors: Sequence[ErrorDetails], *kinds: str) -> Iterable[tuple[Loc, list[int | str]]]:
    """Where the errors of these kinds are: the keys above, and the names below them."""
    found: dict[Loc, list[int | str]] = {}
    for error in errors:
        if error["type"] in kinds:
            found.setdefault(error["loc"][:-1], []).append(error["loc"][-1])
    return found.items()


def _shown(value: object) -> str:
    """A value as it may be printed: no password of a URL, and not more than a line."""
    text = _PASSWORD.sub("//***@", repr(value))
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def _key(loc: Loc) -> str:
    return ".".join(map(str, loc)) or "(top level)"
