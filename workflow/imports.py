"""Which modules each stage's script imports: `python workflow/imports.py` brings the deps of dvc.yaml up to date.

DVC and Snakemake run a stage again only if something in its deps changed, and neither looks into Python. So dvc.yaml
lists the script and every module of radsieve that it imports, directly or through another.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

SOURCE = Path("src")
CODE = re.compile(r"^(scripts|src)/.*\.py$")


def code_deps(script: Path) -> list[str]:
    """The script and all modules that it imports, as sorted paths."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported(file)
    return sorted(map(str, found))


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names):
                modules = [module, *(f"{module}.{alias.name}" for alias in names)]
            case _:
                continue
        for module in modules:
            yield from _files(module)


def _files(module: str) -> Iterator[Path]:
    """The file of a module of ours, and those of the packages around it."""
    parts = module.split(".")
    if parts[0] != "radsieve":
        return
    for length in range(1, len(parts) + 1):
        place = SOURCE.joinpath(*parts[:length])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.exists():
                yield file


def main() -> None:
    """Write the code deps of every stage into dvc.yaml; other deps and comments stay."""
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    path = Path("dvc.yaml")
    content = yaml.load(path)
    for name, stage in content["stages"].items():
        others = [dep for dep in stage.get("deps", []) if not CODE.match(dep)]
        stage["deps"] = code_deps(Path(f"scripts/{name}.py")) + others
    yaml.dump(content, path)


if __name__ == "__main__":
    main()
