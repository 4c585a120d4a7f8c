"""What a script runs is told in full, and nothing that cannot matter is."""

import ast
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radsieve import tracing
from radsieve.errors import InputError

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    texts = {
        "scripts/plot_dose.py": "from radsieve import dose\nfrom radsieve.pages.page import title\nimport yaml\n",
        "scripts/other.py": "import json\n",
        "src/radsieve/__init__.py": "",
        "src/radsieve/dose.py": '"""Doses."""\n\ndef mean(x):\n    """The mean."""\n    import numpy\n    return 1\n',
        "src/radsieve/unused.py": "VALUE = 1\n",
        "src/radsieve/pages/__init__.py": "",
        "src/radsieve/pages/page.py": "import sklearn\n\ntitle = 1\n",
        "src/radsieve/pages/templates/page.html": "<p>\n",
    }
    for name, text in texts.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def trace(project):
    return tracing.code_trace(project / "scripts/plot_dose.py", project)


def test_it_names_modules_data_packages_and_python(project):
    named = [line.split()[:2] for line in trace(project).splitlines()]
    assert named == [
        ["code", "scripts/plot_dose.py"],
        ["code", "src/radsieve/__init__.py"],
        ["code", "src/radsieve/dose.py"],
        ["code", "src/radsieve/pages/__init__.py"],
        ["code", "src/radsieve/pages/page.py"],
        ["data", "src/radsieve/pages/templates/page.html"],
        ["package", "PyYAML"],
        ["package", "numpy"],
        ["package", "scikit-learn"],
        ["python", f"{sys.version_info.major}.{sys.version_info.minor}"],
    ]
    assert f"package numpy {importlib.metadata.version('numpy')}\n" in trace(project)


def test_prose_changes_nothing(project):
    before = trace(project)
    (project / "src/radsieve/dose.py").write_text(
        '"""Other words."""\n\n# a remark\n\n\ndef mean(x):\n    """Other words."""\n    import numpy\n\n    return 1\n'
    )
    assert trace(project) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/radsieve/dose.py", "def mean(x):\n    import numpy\n    return 2\n"),
        ("src/radsieve/pages/__init__.py", "TITLE = 2\n"),
        ("src/radsieve/pages/templates/page.html", "<div>\n"),
        ("src/radsieve/pages/templates/page.css", "p {}\n"),
        ("scripts/plot_dose.py", "import yaml\n"),
    ],
)
def test_whatever_can_matter_changes_it(project, name, text):
    before = trace(project)
    (project / name).write_text(text)
    assert trace(project) != before


@pytest.mark.parametrize("name", ["src/radsieve/unused.py", "scripts/other.py"])
def test_what_is_not_imported_changes_nothing(project, name):
    before = trace(project)
    (project / name).write_text("VALUE = 2\n")
    assert trace(project) == before


def test_what_only_checks_params_changes_nothing(project):
    """Else a new stage, whose settings stand beside those of others, would run all of them again."""
    (project / "src/radsieve/pages/settings.py").write_text("LARGEST = 1\n")
    (project / "src/radsieve/pages/settings_of_old.py").write_text("")
    (project / "src/radsieve/dose.py").write_text("from radsieve.pages.settings import LARGEST\n")
    before = trace(project)
    (project / "src/radsieve/pages/settings.py").write_text("LARGEST = 2\n")
    assert trace(project) == before
    (project / "src/radsieve/dose.py").write_text("from radsieve.pages import settings_of_old\n")
    assert "code src/radsieve/pages/settings_of_old.py" in trace(project)


@pytest.mark.parametrize("path", sorted((ROOT / "src/radsieve").glob("*/settings.py")), ids=str)
def test_what_is_not_traced_only_checks(path):
    """No function, which could have to do with a result."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    assert not [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]


def test_another_version_of_a_package_changes_it(project, monkeypatch):
    before = trace(project)
    tracing._version.cache_clear()
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.0.1" if name == "numpy" else real(name))
    changed = set(trace(project).splitlines()) - set(before.splitlines())
    tracing._version.cache_clear()
    assert changed == {"package numpy 0.0.1"}


def test_builds_of_one_version_count_as_one():
    assert tracing._public("2.13.0+cpu") == "2.13.0"


def test_a_damaged_cache_is_read_anew(project, tmp_path):
    before = trace(project)
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text('{"digest"')
    assert trace(project) == before


@pytest.mark.parametrize("text", ["def broken(:\n", "from . import dose\n"])
def test_code_that_cannot_be_followed_is_named(project, text):
    (project / "src/radsieve/dose.py").write_text(text)
    with pytest.raises(InputError, match="dose"):
        trace(project)


SHOW_MODULES = """
import json, runpy, sys
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    pass
files = [m.__file__ for name, m in sys.modules.items() if name.split(".")[0] == "radsieve" and m.__file__]
names = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps([files, names]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS[::9], ids=lambda path: path.stem)
def test_what_python_really_imports_is_told(script, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES, str(script)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    loaded, _ = json.loads(done.stdout.splitlines()[-1])
    told = {line.split()[1] for line in tracing.code_trace(script, ROOT).splitlines() if line.startswith("code ")}
    untold = {str(Path(file).relative_to(ROOT)) for file in loaded} - told
    known = {"params", "settings", "settings_file", "__init__"}
    assert {path for path in untold if Path(path).stem not in known} == set()
    assert len(loaded) > 5


def test_only_what_writes_a_page_depends_on_its_template():
    """A page's style can change without a network being trained again."""
    traces = tracing.code_traces(SCRIPTS, ROOT)
    styled = {path.stem for path, trace in traces.items() if "/reporting/templates/" in trace}
    assert not {name for name in styled if not name.startswith(("report_", "make_"))}
    assert "report_screening" in styled
