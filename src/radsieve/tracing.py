"""The code that a script runs: the modules it imports, directly or not, and the versions of the packages among them.

Neither DVC nor Snakemake looks into Python. The text that `code_trace` returns changes if and only if something changes
on which the script's results can depend: a comment or a docstring does not change it.
"""

import ast
import contextlib
import functools
import hashlib
import importlib.metadata
import json
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from radsieve import files
from radsieve.errors import InputError

_LAYOUT = 1  # increase when the method of digesting changes
_PACKAGE = "radsieve"
# Modules that only check params.yaml: all sections, or those of a track. Both engines watch its values themselves.
_UNTRACED = re.compile(r"radsieve\.(params|\w+\.settings)(\..*)?")


def code_trace(script: Path, root: Path = Path()) -> str:
    """Return one line for each module, data file and package that a script of the project in `root` uses.

    A module counts by its parsed code without docstrings, a data file (such as a template, which lies in the folder of
    a package whose modules are imported) by its bytes, a package by its version. Raises InputError for a module that
    cannot be parsed, and OSError if the script cannot be read.
    """
    return code_traces([script], root)[script]


def code_traces(scripts: Collection[Path], root: Path = Path()) -> dict[Path, str]:
    """Return the text of `code_trace` for each of several scripts, every module being read once."""
    project = _Project(root)
    return {script: project.trace(script) for script in scripts}


class _Project:
    """The modules of a project, each read and parsed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[Path, _Module] = {}
        self._places: dict[str, list[Path]] = {}
        self._data: dict[Path, list[str]] = {}

    def trace(self, script: Path) -> str:
        """The text for one script."""
        found, packages = self._closure(script)
        lines = [f"code {path.relative_to(self._root)} {self._modules[path].digest}" for path in sorted(found)]
        folders = {path.parent for path in found if path.name != "__init__.py" and self._is_package(path.parent)}
        lines += [line for folder in sorted(folders) for line in self._data_of(folder)]
        lines += [f"package {name} {version}" for name, version in sorted(packages.items())]
        lines += [f"python {sys.version_info.major}.{sys.version_info.minor}"]
        return "".join(f"{line}\n" for line in lines)

    def _closure(self, script: Path) -> tuple[set[Path], dict[str, str]]:
        """The script and every module of ours that it imports, and the versions of the other packages."""
        found: set[Path] = set()
        packages: dict[str, str] = {}
        waiting = [script]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found.add(path)
            for name in self._module(path).imports:
                if _UNTRACED.fullmatch(name):
                    continue
                if name.partition(".")[0] == _PACKAGE:
                    waiting += self._files_of(name)
                else:
                    packages |= _version(name.partition(".")[0])
        return found, packages

    def _module(self, path: Path) -> "_Module":
        if path not in self._modules:
            self._modules[path] = _parsed(path)
        return self._modules[path]

    def _files_of(self, module: str) -> list[Path]:
        """The file of a module and those of the packages around it; none for the name of a class or function."""
        if module not in self._places:
            around = module.rpartition(".")[0]
            place = self._root.joinpath("src", *module.split("."))
            own = [path for path in (place / "__init__.py", place.with_suffix(".py")) if path.exists()]
            self._places[module] = [*(self._files_of(around) if around else ()), *own]
        return self._places[module]

    def _is_package(self, folder: Path) -> bool:
        return (folder / "__init__.py").exists()

    def _data_of(self, folder: Path) -> list[str]:
        """A line for every file that lies beside modules, in folders that are not packages themselves."""
        if folder not in self._data:
            paths = sorted(_beside(folder))
            self._data[folder] = [f"data {path.relative_to(self._root)} {files.sha256(path)}" for path in paths]
        return self._data[folder]


@dataclass(frozen=True)
class _Module:
    digest: str
    imports: tuple[str, ...]


def _beside(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            yield from _beside(path)
        elif path.is_file() and path.suffix != ".py":
            yield path


def _parsed(path: Path) -> _Module:
    """The digest of a module's code and the names that it imports, from the cache if its bytes were seen before."""
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    place = files.cache_folder() / "code" / f"v{_LAYOUT}.{sys.version_info.minor}" / f"{key}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # never seen, or damaged
        known = json.loads(place.read_text(encoding="utf-8"))
        return _Module(known["digest"], tuple(known["imports"]))
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path}: not valid Python: {error}") from None
    module = _Module(_digest(tree), tuple(sorted(set(_imports(tree, path)))))
    files.write_json(place, asdict(module))
    return module


def _digest(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] if isinstance(first.value.value, str) else node.body
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:32]


def _imports(tree: ast.Module, path: Path) -> Iterator[str]:
    """Every name that could be a module: `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom(level=level) if level:
                raise InputError(f"{path}: a relative import, which is not followed; name the module in full")


@functools.cache
def _version(package: str) -> dict[str, str]:
    """The distribution that an imported package belongs to and its version; nothing for the standard library."""
    if package in sys.stdlib_module_names:
        return {}
    try:
        return {package: _public(importlib.metadata.version(package))}
    except importlib.metadata.PackageNotFoundError:  # named otherwise, as scikit-learn is for `sklearn`
        names = sorted(set(_distributions().get(package, [])))
    return {name: _public(importlib.metadata.version(name)) for name in names} or {package: "missing"}


@functools.cache
def _distributions() -> dict[str, list[str]]:
    """The distributions that each package belongs to; looked up again, in all their files, if others are installed."""
    installed = [str(path) for folder in sys.path for path in sorted(Path(folder).glob("*.*-info"))]
    key = hashlib.sha256(json.dumps(installed).encode()).hexdigest()
    place = files.cache_folder() / "distributions" / f"v{_LAYOUT}" / f"{key}.json"
    with contextlib.suppress(OSError, ValueError):  # never seen, or damaged
        return dict(json.loads(place.read_text(encoding="utf-8")))
    found = {name: list(owners) for name, owners in importlib.metadata.packages_distributions().items()}
    files.write_json(place, found)
    return found


def _public(version: str) -> str:
    """Leave out what distinguishes builds of one version, such as `+cpu`."""
    return version.partition("+")[0]
