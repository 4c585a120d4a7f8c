"""Finished copies of the project to begin from."""

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from project import ROOT, SMALL, Project


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Project:
    """The project as a fresh clone would have it, committed, with nothing run."""
    project = Project(tmp_path_factory.mktemp("clean") / "radsieve")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/", "dvc.lock")):
            (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project.folder / name)
    project.call(sys.executable, "workflow/use_preset.py", "default")
    for section, values in SMALL.items():
        for key, value in values.items():
            project.set(section, key, value)
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message", "a small project")
    return project


@pytest.fixture(scope="session")
def made_by_snakemake(clean, tmp_path_factory) -> Project:
    project = clean.copy(tmp_path_factory.mktemp("snakemake") / "radsieve")
    project.snakemake()
    return project


@pytest.fixture(scope="session")
def made_by_dvc(clean, tmp_path_factory) -> Project:
    project = clean.copy(tmp_path_factory.mktemp("dvc") / "radsieve")
    project.dvc("repro")
    return project


@pytest.fixture
def project(made_by_snakemake, tmp_path) -> Project:
    """A finished project of the test's own."""
    return made_by_snakemake.copy(tmp_path / "radsieve")


@pytest.fixture
def copy_of(tmp_path) -> Callable[[Project], Project]:
    return lambda project: project.copy(tmp_path / "copy")
