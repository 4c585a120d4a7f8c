"""Layers: which packages of radsieve may import which. The table below is all there is to know about it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/radsieve"

# The ground floor: what each package may import besides itself and the modules at the top (the frame).
GROUND = {
    "tables": set(),
    "stats": set(),
    "storage": set(),
    "networks": set(),
    "imaging": {"tables", "storage"},
    "phantoms": {"tables", "imaging"},
    "generators": {"storage", "networks", "imaging", "phantoms"},
    "figures": {"tables"},
    "reporting": {"tables", "stats", "imaging"},
}
# The tracks: what each may import besides the ground floor.
TRACKS = {
    "curation": set(),
    "screening": set(),
    "prefilter": {"curation", "screening"},
    "generation": {"curation", "screening", "prefilter"},
    "tasks": set(),
}
LAYERS = GROUND | {track: earlier | set(GROUND) for track, earlier in TRACKS.items()}
SETTINGS = "settings"  # of a package, or of one in it: the types of its parameters; they import nothing else
LIBRARY = sorted(SOURCE.rglob("*.py"))


def imported(code: str) -> Iterator[tuple[int, list[str]]]:
    """The line and the parts of the name behind `radsieve` of each import, wherever in the code it stands."""
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
                yield node.lineno, parts[1:]


def not_allowed(place: tuple[str, ...], code: str) -> list[str]:
    """What `code` imports against the table, line by line; `place` is its path in src/radsieve, as in ("a", "b.py")."""
    package = place[0] if len(place) > 1 else ""
    only_settings = not package or place[-1] == f"{SETTINGS}.py"
    allowed = LAYERS[package] | {package} if package else set(LAYERS)
    return [
        f"line {line}: {'/'.join(place)} must not import {'.'.join(parts)}"
        for line, parts in imported(code)
        if parts[0] in LAYERS and (parts[0] not in allowed or (only_settings and SETTINGS not in parts[1:3]))
    ]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_keep_to_the_layers(path):
    assert not not_allowed(path.relative_to(SOURCE).parts, path.read_text(encoding="utf-8"))


def test_every_package_has_its_place():
    assert set(LAYERS) == {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {path.parent for path in LIBRARY} == {path.parent for path in LIBRARY if path.name == "__init__.py"}


def test_layers_do_not_go_round():
    """A package names only packages above it in the table."""
    places = list(LAYERS)
    for package, allowed in LAYERS.items():
        assert allowed <= set(places[: places.index(package)])


def test_curation_and_screening_know_nothing_of_each_other():
    assert not {"curation", "screening"} & (TRACKS["curation"] | TRACKS["screening"])


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("imaging/packs.py", "from radsieve.curation import duplicates"),
        ("imaging/packs.py", "from radsieve import curation"),
        ("reporting/page.py", "from radsieve.prefilter.report.page_content import content"),
        ("screening/scores/scores.py", "import radsieve.curation.leakage as d"),
        ("screening/plots/scores.py", "def late():\n    from radsieve.generation.loop import loop"),
        ("prefilter/twin/twin.py", "import numpy\n\nfrom radsieve.generation import tables"),
        ("curation/leakage.py", "if TYPE_CHECKING:\n    from radsieve.screening.scores.scores import scores"),
        ("stage.py", "from radsieve.storage.cache import Cache"),
        ("curation/settings.py", "from radsieve.curation.ratings import Ratings"),
    ],
)
def test_a_planted_import_is_seen(place, code):
    assert len(not_allowed(tuple(place.split("/")), code)) == 1


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("imaging/packs.py", "import numpy\n\nfrom radsieve import files\nfrom radsieve.storage import keys"),
        ("generation/loop.py", "from radsieve.prefilter.sieve import Sieve"),
        ("params.py", "from radsieve.curation.settings import FindDuplicates"),
        ("generation/settings.py", "from radsieve.prefilter.settings import SelectThresholds"),
    ],
)
def test_what_is_allowed_is_not_taken_for_wrong(place, code):
    assert not not_allowed(tuple(place.split("/")), code)
