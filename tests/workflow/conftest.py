"""Finished copies of the project to begin from, each made once for all workers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from project import SMALL, SMALL_GENERATION, SMALL_PREFILTER, SMALL_SCREENING, SMALL_TASKS, Project, change, fresh, keep


@pytest.fixture(scope="session")
def clean(once) -> Project:
    """A new copy of the track of curation with small parameters, committed."""

    def make(folder: Path) -> None:
        project = fresh(folder)
        keep(project, "curation")
        with project.params() as params:
            change(params, SMALL)
        project.git("commit", "--quiet", "--all", "--message", "a small project")

    return Project(once("clean", make))


@pytest.fixture(scope="session")
def made_by_snakemake(clean, once) -> Project:
    return Project(once("snakemake", lambda folder: clean.copy(folder).snakemake()))


@pytest.fixture(scope="session")
def made_by_dvc(clean, once) -> Project:
    return Project(once("dvc", lambda folder: clean.copy(folder).dvc("repro")))


@pytest.fixture
def project(made_by_snakemake, tmp_path) -> Project:
    """A finished project of the test's own."""
    return made_by_snakemake.copy(tmp_path / "radsieve")


@pytest.fixture
def copy_of(tmp_path) -> Callable[[Project], Project]:
    return lambda project: project.copy(tmp_path / "copy")


@pytest.fixture(scope="session")
def small_screening(once) -> Project:
    """A new copy of the tracks of screening, prefilter, generation and tasks with small parameters."""

    def make(folder: Path) -> None:
        project = fresh(folder)
        keep(project, "screening", "prefilter", "generation", "tasks")
        with project.params() as params:
            change(params, SMALL_SCREENING | SMALL_PREFILTER | SMALL_GENERATION | SMALL_TASKS)

    return Project(once("small_screening", make))


@pytest.fixture(scope="session")
def screened(small_screening, once) -> Project:
    """The same after a run of Snakemake."""
    return Project(once("screened", lambda folder: small_screening.copy(folder).snakemake()))
