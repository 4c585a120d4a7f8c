"""What the library may not import, how long a file may be, and what must never be in the repository."""

import configparser
import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from imports import imported
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "src").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_library_knows_no_engine(path):
    names = imported(path)
    assert not {name for name in names if re.match(r"(snakemake|dvc)(\.|$)", name)}
    assert not {name for name in names if re.match(r"(pickle|joblib|matplotlib\.pyplot)(\.|$)", name)}


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.name)
def test_what_a_benchmark_imports_of_the_library_is_there(path):
    """No other test runs them, and mypy does not read them."""
    for name in imported(path):
        if name.startswith("radsieve."):
            pkgutil.resolve_name(name)


def test_files_stay_short():
    code = [path for path in tracked() if path.suffix in {".py", ".smk"}]
    assert {str(p.relative_to(ROOT)) for p in code if len(p.read_text().splitlines()) > 400} == set()
    scripts = [path for path in code if path.parent == ROOT / "scripts"]
    assert {p.name for p in scripts if len(p.read_text().splitlines()) > 60} == set()


def test_nothing_reads_the_shared_folder_at_run_time():
    places = [
        *LIBRARY,
        *(ROOT / "scripts").glob("*.py"),
        ROOT / "Snakefile",
        *(ROOT / "workflow").rglob("*.smk"),
    ]
    assert not [path for path in places if "shared/" in path.read_text()]


def test_no_large_file_no_secret_no_registry():
    for path in tracked():
        assert path.stat().st_size < 1_000_000, path
        if path.suffix not in {".png", ".jpg"}:
            text = path.read_text(errors="replace")
            assert not re.search(r"AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY", text), path
            assert not re.search(r"(index-url|registry)\s*[=:]\s*\S*://", text), path


def test_packages_that_the_user_asked_for():
    named = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    asked = ["snakemake", "dvc", "torch", "pandas", "scikit-learn", "umap-learn", "matplotlib", "boto3"]
    assert set(asked) <= named


def test_dvc_sends_nothing_home():
    config = configparser.ConfigParser()
    config.read_string((ROOT / ".dvc/config").read_text().replace("    ", ""))
    assert config["core"]["analytics"] == "false"
    assert config["core"]["check_update"] == "false"
    assert not [section for section in config.sections() if section.startswith("'remote")]


def test_what_dvc_must_not_hash_is_ignored():
    ignored = (ROOT / ".dvcignore").read_text().split()
    assert {".snakemake_timestamp", "__pycache__"} <= set(ignored)


def test_before_a_commit_the_makefile_is_asked():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"], "nothing is fetched"
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for hook in hooks[0]["hooks"]:
        assert hook["language"] == "system"
        assert set(hook["entry"].removeprefix("make ").split()) <= targets
    assert {hook["entry"] for hook in hooks[0]["hooks"]} == {"make lint", "make types"}


def test_what_the_catalog_of_workflows_looks_for():
    assert {"snakemake", "workflow"} <= set(re.findall(r"\w+", (ROOT / "README.md").read_text().lower()))
    assert (ROOT / "config/README.md").is_file()
    assert (ROOT / "workflow/Snakefile").is_file()
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["report"] is True
    assert set(usage["software-stack-deployment"]) == {"conda", "apptainer", "apptainer+conda"}
