"""Lay a preset over params.yaml: `python workflow/use_preset.py knee`; `default` goes back.

A preset holds only what it changes. `default` holds the default of everything that any preset changes, and is laid
first, so that presets never add up by accident; one that builds on another names it by the key `over`. Comments and all
other values of params.yaml stay as they are; in a git repository the change is committed, so that results can always be
traced to the parameters they were made with.
"""

import subprocess
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from radsieve import files
from radsieve import params as parameters
from radsieve.errors import InputError

PRESETS = Path(__file__).parent / "presets"
DEFAULT, OVER = "default", "over"


def lay(params: str, *overlays: str) -> str:
    """The text of params.yaml with the values of `overlays` (YAML texts) in place of its own."""
    yaml = YAML()
    yaml.width = 4096
    content = yaml.load(params)
    for overlay in overlays:
        values = YAML(typ="safe").load(overlay) or {}
        _lay(content, {key: value for key, value in values.items() if key != OVER}, ())
    text = StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def _lay(content: Any, values: Mapping[str, Any], above: tuple[str, ...]) -> None:
    """Replace what `values` name in `content`, which stands at the keys `above`; mappings are laid key by key."""
    for key, value in values.items():
        path = (*above, key)
        if key not in content:
            raise InputError(f"params.yaml has no key {'.'.join(path)}, which the preset sets")
        if isinstance(value, Mapping):
            _lay(content[key], value, path)
        elif content[key] == value:
            continue  # as it is written
        elif isinstance(value, list):
            content[key][:] = value
        else:
            content[key] = value


def overlays(name: str) -> list[str]:
    """The texts of the presets to lay for `name`, in order: the default, what it builds on, and its own.

    Raises InputError if there is no such preset.
    """
    known = sorted(preset.stem for preset in PRESETS.glob("*.yaml"))
    if name not in known:
        raise InputError(f"no preset {name!r}; there are: {', '.join(known)}")
    text = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")
    if name == DEFAULT:
        return [text]
    return [*overlays((YAML(typ="safe").load(text) or {}).get(OVER, DEFAULT)), text]


def use(name: str, path: Path) -> None:
    """Lay the preset `name` over the file `path`; a result that the schema does not allow is not written."""
    text = lay(path.read_text(encoding="utf-8"), *overlays(name))
    with files.replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
        parameters.load(temporary)


def main(name: str) -> None:
    """Use the preset, show the change and commit it."""
    path = Path("params.yaml")
    use(name, path)
    if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", path]).returncode != 1:  # noqa: S603, S607
        print(f"preset {name}: params.yaml is as it was")
        return
    subprocess.run(["git", "--no-pager", "diff", "HEAD", "--", path])  # noqa: S603, S607
    subprocess.run(["git", "commit", "--quiet", "-m", f"Use preset {name}", "--", path])  # noqa: S603, S607


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except InputError as error:
        sys.exit(f"error: {error}")
