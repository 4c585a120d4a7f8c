"""Layers: which packages of radsieve may import which. The table below is all there is to know about it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/radsieve"

# What each package may import besides itself and the modules at the top (the frame), which import no package.
# A package stands below those that may import it.
LAYERS = {
    "storage": set(),
    "imaging": {"storage"},
    "networks": {"storage"},
    "generators": {"storage", "imaging", "networks"},
    "plots": {"imaging"},
    "reports": set(),
    "curation": {"storage", "imaging", "networks", "generators", "plots"},
    "screening": {"storage", "imaging", "networks", "generators", "plots"},
    "prefilter": {"storage", "imaging", "networks", "generators", "plots"},
    "generation": {"storage", "imaging", "networks", "generators", "plots", "reports"},
}
LIBRARY = sorted(SOURCE.rglob("*.py"))


def packages_imported(code: str) -> Iterator[tuple[int, str]]:
    """The line and the package (or module at the top) of each import from radsieve, wherever in the code it stands."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                modules = [f"{module}.{alias.name}" for alias in names]
            case ast.ImportFrom():
                raise AssertionError(f"line {node.lineno}: modules are imported by their full name")
            case _:
                continue
        for parts in (module.split(".") for module in modules):
            if parts[0] == "radsieve" and len(parts) > 1:
                yield node.lineno, parts[1]


def not_allowed(package: str, code: str) -> list[str]:
    """What `code` in `package` (empty for the frame) imports against the table, line by line."""
    allowed = LAYERS[package] | {package} if package else set()
    return [
        f"line {line}: {package or 'the frame'} must not import {other}"
        for line, other in packages_imported(code)
        if other in LAYERS and other not in allowed
    ]


def package_of(path: Path) -> str:
    inside = path.relative_to(SOURCE).parts
    return inside[0] if len(inside) > 1 else ""


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_keep_to_the_layers(path):
    assert not not_allowed(package_of(path), path.read_text())


def test_every_package_has_its_place():
    assert set(LAYERS) == {package_of(path) for path in LIBRARY} - {""}


def test_layers_do_not_go_round():
    """A package names only packages above it in the table."""
    places = list(LAYERS)
    for package, allowed in LAYERS.items():
        assert allowed <= set(places[: places.index(package)])


def test_curation_and_screening_know_nothing_of_each_other():
    assert "screening" not in LAYERS["curation"]
    assert "curation" not in LAYERS["screening"]


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("imaging", "from radsieve.curation import duplicates"),
        ("imaging", "from radsieve import curation"),
        ("screening", "import radsieve.curation.duplicates as d"),
        ("screening", "def late():\n    from radsieve.generation.loop import loop"),
        ("curation", "if TYPE_CHECKING:\n    from radsieve.screening.scores import scores"),
        ("", "from radsieve.storage.cache import Cache"),
    ],
)
def test_a_planted_import_is_seen(package, code):
    assert len(not_allowed(package, code)) == 1


def test_what_is_allowed_is_not_taken_for_wrong():
    assert not not_allowed("imaging", "import numpy\nfrom radsieve import files\nfrom radsieve.storage import keys")
