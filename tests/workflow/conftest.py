"""Finished copies of the project to begin from."""

from collections.abc import Callable

import pytest
from project import SMALL, Project, fresh


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Project:
    """A fresh copy with small parameters, committed."""
    project = fresh(tmp_path_factory.mktemp("clean") / "radsieve")
    for section, values in SMALL.items():
        for key, value in values.items():
            project.set(section, key, value)
    project.git("commit", "--quiet", "--all", "--message", "a small project")
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
