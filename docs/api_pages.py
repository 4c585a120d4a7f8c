"""Pages of the API, one for each module of a package, read from its sources without importing them.

What is public is shown in the order of the source: names without an underscore in front, in modules without one.
Annotations and defaults stand as they are written there; names of the package become links.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from docstrings import as_rst

LONGEST_VALUE = 80  # characters of a constant that is shown; longer ones are cut

Function = ast.FunctionDef | ast.AsyncFunctionDef


def write(package: Path, folder: Path) -> None:
    """Write `<folder>/<module>.rst` for each public module of `package`, and touch only the pages that change."""
    pages = {f"{_name(path, package)}.rst": page(path, package) for path in public_modules(package)}
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.rst"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def public_modules(package: Path) -> list[Path]:
    """The files of all modules whose names, and those of the packages above, begin with no underscore."""
    names = {path: _name(path, package).split(".") for path in package.rglob("*.py")}
    return sorted(path for path, parts in names.items() if not any(part.startswith("_") for part in parts))


def page(path: Path, package: Path) -> str:
    """The page of one module: its docstring, then what is public in it; for a package the list of its modules, too."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    name = _name(path, package)
    own = {inner: f"{name}.{inner}" for node in module.body for inner in _defined(node) if _public(inner)}
    _FullNames(_imported(module, package.name) | own).visit(module)
    lines = [name, "=" * len(name), "", f".. py:module:: {name}", "", *_docstring(module), ""]
    if path.name == "__init__.py":
        inside = [_name(other, package) for other in public_modules(package)]
        below = [other for other in inside if other.rpartition(".")[0] == name]
        lines += [".. toctree::", "   :maxdepth: 1", "", *(f"   {other}" for other in below), ""]
    for node in module.body:
        lines += _described(node, "data")
    return "\n".join(lines) + "\n"


class _FullNames(ast.NodeTransformer):
    """Puts full names where annotations and bases use public names of the package."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace one name."""
        return ast.parse(self.names[node.id], mode="eval").body if node.id in self.names else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Go into bases, fields and methods."""
        node.bases = [self._full(base) for base in node.bases]
        node.body = [self.visit(inner) for inner in node.body]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        """Go into the annotation."""
        node.annotation = self._full(node.annotation)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """Leave a value as it is written."""
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Go into the annotations of arguments and result."""
        arguments = node.args
        for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
            if one is not None and one.annotation is not None:
                one.annotation = self._full(one.annotation)
        if node.returns is not None:
            node.returns = self._full(node.returns)
        return node

    def _full(self, node: ast.expr) -> ast.expr:
        quoted = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return self.visit(ast.parse(node.value, mode="eval").body if quoted else node)


def _imported(module: ast.Module, package: str) -> dict[str, str]:
    """The full names of what a module imports from the package, for type checkers alone included."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(f"{package}.")
        for alias in node.names
    }


def _name(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _described(node: ast.stmt, variable: str) -> Iterator[str]:
    """A directive of Sphinx's domain for Python with all that is in it; nothing for what is private."""
    if isinstance(node, ast.ClassDef) and _public(node.name):
        bases = ", ".join(map(ast.unparse, [*node.bases, *(keyword.value for keyword in node.keywords)]))
        yield from _directive("class", f"{node.name}({bases})" if bases else node.name)
        yield from _indented(_docstring(node))
        for inner in node.body:
            yield from _indented(_described(inner, "attribute"))
    elif isinstance(node, Function) and _public(node.name):
        yield from _function(node, "function" if variable == "data" else "method")
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield from _variable(node, variable)


def _function(node: Function, kind: str) -> Iterator[str]:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = node.args
    if kind == "method" and "staticmethod" not in decorators:  # `self` is no argument of the caller
        first = arguments.posonlyargs or arguments.args
        first[:] = first[1:]
    if decorators & {"property", "cached_property"}:
        options = [f":type: {ast.unparse(node.returns)}"] if node.returns else []
        yield from _directive("property", node.name, options)
    else:
        known = {"classmethod": ":classmethod:", "staticmethod": ":staticmethod:"}
        options = [known[name] for name in sorted(decorators & set(known))]
        yield from _directive(kind, f"{node.name}({ast.unparse(arguments)}){returns}", options)
    yield from _indented(_docstring(node))


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement defines."""
    if isinstance(node, ast.ClassDef | Function):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _variable(node: ast.Assign | ast.AnnAssign, kind: str) -> Iterator[str]:
    names = _defined(node)
    for name in filter(_public, names):
        options = [f":type: {ast.unparse(node.annotation)}"] if isinstance(node, ast.AnnAssign) else []
        if node.value is not None and len(names) == 1:
            value = ast.unparse(node.value)
            options += [f":value: {value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + ' ...'}"]
        yield from _directive(kind, name, options)


def _public(name: str) -> bool:
    return not name.startswith("_") or name == "__version__"


def _directive(kind: str, signature: str, options: list[str] | None = None) -> Iterator[str]:
    yield f".. py:{kind}:: {signature}"
    yield from (f"   {option}" for option in options or [])
    yield ""


def _docstring(node: ast.Module | ast.ClassDef | Function) -> list[str]:
    return [*as_rst((ast.get_docstring(node) or "").splitlines()), ""]


def _indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield from (f"   {line}" if line else "" for line in lines)
