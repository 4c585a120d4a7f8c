"""Finished copies of the project to begin from."""

from collections.abc import Callable

import pytest
from project import SMALL, SMALL_GENERATION, SMALL_PREFILTER, SMALL_SCREENING, Project, change, fresh, keep


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> Project:
    """A fresh copy of the track of curation with small parameters, committed."""
    project = fresh(tmp_path_factory.mktemp("clean") / "radsieve")
    keep(project, "curation")
    with project.params() as params:
        change(params, SMALL)
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


@pytest.fixture(scope="session")
def small_screening(tmp_path_factory) -> Project:
    """A fresh copy of the tracks of screening, prefilter and generation with small parameters."""
    project = fresh(tmp_path_factory.mktemp("small_screening") / "radsieve")
    keep(project, "screening", "prefilter", "generation")
    with project.params() as params:
        change(params, SMALL_SCREENING | SMALL_PREFILTER | SMALL_GENERATION)
    return project


@pytest.fixture(scope="session")
def screened(small_screening, tmp_path_factory) -> Project:
    """The same after a run of Snakemake."""
    project = small_screening.copy(tmp_path_factory.mktemp("screened") / "radsieve")
    project.snakemake()
    return project
