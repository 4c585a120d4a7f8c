"""Lay a preset over params.yaml: `python workflow/use_preset.py knee`; `default` goes back.

A preset holds only what it changes. `default` holds the default of everything that any preset changes, and is laid
first, so that presets never accumulate by accident; one that builds on another names it by the key `over`. Comments and
all other values of params.yaml stay as they are. The change is shown, with what it replaced of the user's own and how
to go back; git is asked whether it holds the file as it was, and nothing is committed.
"""

import difflib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from radsieve import files
from radsieve import params as parameters
from radsieve.errors import InputError
from radsieve.settings_file import is_block
from radsieve.yaml_text import Keys, Written, at, in_a_line, leaves, load, set_values

PRESETS = Path(__file__).parent / "presets"
DEFAULT, OVER = "default", "over"


def lay(params: str, *overlays: str) -> str:
    """The text of params.yaml with the values of `overlays` (YAML texts) in place of its own; nothing else changes.

    A line that a preset gave to a section is removed again when the first overlay, the default, is laid.

    Raises InputError if an overlay sets a key that is not there.
    """
    for number, overlay in enumerate(overlays):
        try:
            params = set_values(params, _set_by(overlay), tidy=number == 0)
        except InputError as error:
            raise InputError(f"params.yaml and the preset do not fit: {error}") from None
    return params


@cache
def _set_by(overlay: str) -> dict[Keys, Written]:
    """The values that the text of a preset sets, by their keys; blocks that it only takes over (`x-...`) set none."""
    return {keys: value for keys, value in leaves(overlay).items() if keys != (OVER,) and not is_block(keys[0])}


def names() -> list[str]:
    """All presets, sorted."""
    return sorted(preset.stem for preset in PRESETS.glob("*.yaml"))


def overlays(name: str) -> list[str]:
    """The texts of the presets to lay for `name`, in order: the default, what it builds on, and its own.

    Raises InputError if there is no such preset.
    """
    if not name:
        raise InputError(f"say which preset: make use PRESET=<one of {', '.join(names())}>")
    if name not in names():
        raise InputError(f"PRESET={name}: there is no such preset; there are: {', '.join(names())}")
    text = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")
    if name == DEFAULT:
        return [text]
    return [*overlays((load(text) or {}).get(OVER, DEFAULT)), text]


def use(name: str, path: Path) -> tuple[str, str]:
    """Lay the preset `name` over the file `path`, and return its text before and after.

    A result that the schema does not allow is not written.

    Raises InputError for an unknown preset, a file that is not there or is not YAML, and a value that is not allowed.
    """
    laid = overlays(name)
    try:
        before = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark of its encoding
        after = lay(before, *laid)
    except FileNotFoundError:
        raise InputError(f"{path}: not found; run from the top of the project") from None
    except (yaml.YAMLError, OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid YAML: {error}") from None
    if after != before:
        with files.replacing(path) as temporary:
            temporary.write_text(after, encoding="utf-8")
            try:
                parameters.load(temporary)
            except InputError as error:
                raise InputError(str(error).replace(str(temporary), f"{path} with preset {name}")) from None
    return before, after


def settings(name: str) -> dict[Keys, Any]:
    """The values that params.yaml has when the preset is in use, of all keys that it or the default sets."""
    return {keys: written.value for overlay in overlays(name) for keys, written in _set_by(overlay).items()}


def in_use(params: str) -> str:
    """The preset from which the fewest values of a params.yaml differ; in doubt, the default."""
    present = load(params)
    differing = {name: sum(at(present, keys) != value for keys, value in settings(name).items()) for name in names()}
    return min(names(), key=lambda name: (differing[name], name != DEFAULT))


def replaced(name: str, before: str, after: str) -> dict[Keys, tuple[Any, Any]]:
    """The user's own values that a preset has replaced, which no preset put there: by key, what was and what is."""
    old, new, known = load(before), load(after), settings(in_use(before))
    values = {keys: (at(old, keys), at(new, keys)) for keys in known | settings(name)}
    return {keys: (was, now) for keys, (was, now) in values.items() if was != now and known.get(keys, now) != was}


def way_back(name: str, before: str, after: str) -> str:
    """How to restore params.yaml: the preset that was in use, and what must then be set by hand."""
    preset = in_use(before)
    old, back = load(before), load(lay(after, *overlays(preset)))
    lost = [keys for keys in settings(preset) | settings(name) if at(old, keys) != at(back, keys)]
    by_hand = [f"\n  {'.'.join(keys)}: {in_a_line(at(old, keys))}" for keys in lost]
    return f"make use PRESET={preset}" + ("; then set in params.yaml:" if lost else "") + "".join(by_hand)


def difference(before: str, after: str, label: str) -> str:
    """A unified diff, each part headed by the section, `section.key`, that its first change lies in."""
    old, new = before.splitlines(), after.splitlines()
    lines = list(difflib.unified_diff(old, new, "params.yaml", f"params.yaml, {label}", lineterm=""))
    for number, line in enumerate(lines):
        if place := re.match(r"@@ -(\d+)", line):
            equal = next(i for i, below in enumerate(lines[number + 1 :]) if below[0] != " ")
            lines[number] = f"{line} {_section(old, int(place[1]) - 1 + equal)}"
    return "\n".join(lines)


def _section(lines: list[str], number: int) -> str:
    """The keys under which a line is, or, at the end, would be."""
    keys: list[str] = []
    number = min(number, len(lines) - 1)
    depth = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[:number]):
        key = re.match(r"( *)([\w-]+):", line)
        if key and len(key[1]) < depth:
            keys, depth = [key[2], *keys], len(key[1])
    return ".".join(keys)


def _git(*arguments: str) -> str | None:
    """The output of git; None if it fails or is not installed."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8")  # noqa: S603, S607
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def main(name: str) -> None:
    """Use the preset; show the change, what it replaced of the user's own, what to run next and how to go back."""
    before, after = use(name, Path("params.yaml"))
    if before == after:
        print(f"preset {name}: params.yaml has all its values already; nothing was changed")
        return
    print(difference(before, after, f"preset {name}"))
    print(f"\npreset {name} is laid over params.yaml; nothing was committed")
    for keys, (was, now) in replaced(name, before, after).items():
        print(f"a value of your own was replaced: {'.'.join(keys)}: {in_a_line(was)} -> {in_a_line(now)}")
    if _git("rev-parse", "--git-dir") is None:
        print("this is not a git repository, which DVC needs; first of all: git init")
    print("next: snakemake --cores all, or dvc repro (what would run: snakemake -n)")
    held = _git("show", "HEAD:./params.yaml") == before
    print(f"to go back: {'git checkout HEAD -- params.yaml' if held else way_back(name, before, after)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
