"""What a module of Python imports."""

import ast
from pathlib import Path


def imported(path: Path) -> set[str]:
    """Every name that could be a module, wherever in the code: `from a import b` gives both `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names
