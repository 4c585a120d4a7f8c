"""Whatever moved the files, results of one set of parameters never stand under another."""

import html
import shutil

import pytest
from project import Project, ran

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

P1, P2 = "Title of the first parameters", "Title of the second parameters"


def shows(project: Project, title: str) -> bool:
    page = (project.folder / "results/report/curation.html").read_text()
    wrong = P1 if title == P2 else P2
    return html.escape(title) in page and html.escape(wrong) not in page


@pytest.fixture
def at_p1(project):
    project.set("report_curation", "title", P1)
    project.snakemake()
    assert shows(project, P1)
    return project


def test_dvc_repro_in_between(at_p1):
    at_p1.set("report_curation", "title", P2)
    at_p1.dvc("repro")
    at_p1.set("report_curation", "title", P1)
    assert "report_curation" in ran(at_p1.snakemake())
    assert shows(at_p1, P1)


def test_run_cache_in_between(at_p1):
    for title in (P2, P1, P2):
        at_p1.set("report_curation", "title", title)
        at_p1.dvc("repro")
        assert shows(at_p1, title)
    at_p1.set("report_curation", "title", P1)
    at_p1.snakemake()
    assert shows(at_p1, P1)
    at_p1.set("report_curation", "title", P2)
    at_p1.dvc("repro")
    assert shows(at_p1, P2)
    assert "Nothing to be done" in at_p1.snakemake()


def committed(project: Project) -> None:
    project.git("add", "params.yaml", "dvc.lock")
    project.git("commit", "--quiet", "--message", "results")


@pytest.fixture
def two_branches(at_p1):
    committed(at_p1)
    at_p1.git("checkout", "--quiet", "-b", "p2")
    at_p1.set("report_curation", "title", P2)
    at_p1.dvc("repro")
    committed(at_p1)
    return at_p1


def test_git_checkout_and_dvc_checkout(two_branches):
    two_branches.git("checkout", "--quiet", "main")
    two_branches.dvc("checkout")
    assert shows(two_branches, P1)
    assert "Nothing to be done" in two_branches.snakemake()
    two_branches.git("checkout", "--quiet", "p2")
    two_branches.dvc("checkout")
    assert "Nothing to be done" in two_branches.snakemake()
    assert shows(two_branches, P2)


@pytest.mark.slow
def test_git_checkout_without_dvc_checkout(two_branches):
    two_branches.git("checkout", "--quiet", "main")
    two_branches.snakemake()
    assert shows(two_branches, P1)
    two_branches.git("checkout", "--quiet", "p2")
    two_branches.dvc("repro")
    assert shows(two_branches, P2)


@pytest.mark.slow
def test_parameters_alone_checked_out(two_branches):
    two_branches.git("checkout", "main", "--", "params.yaml")
    two_branches.snakemake()
    assert shows(two_branches, P1)


@pytest.mark.slow
def test_lock_alone_checked_out(two_branches):
    two_branches.git("checkout", "main", "--", "dvc.lock")
    two_branches.dvc("checkout")
    two_branches.snakemake()
    assert shows(two_branches, P2)


def test_dvc_pull(two_branches, tmp_path):
    two_branches.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    two_branches.dvc("push")
    two_branches.git("checkout", "--quiet", "main")
    two_branches.dvc("push")
    shutil.rmtree(two_branches.folder / ".dvc/cache")
    two_branches.git("checkout", "--quiet", "p2")
    two_branches.dvc("pull", "--force")
    assert shows(two_branches, P2)
    assert "Nothing to be done" in two_branches.snakemake()
    two_branches.git("checkout", "--quiet", "main")
    two_branches.dvc("pull", "--force")
    assert "Nothing to be done" in two_branches.snakemake()
    assert shows(two_branches, P1)


@pytest.mark.slow
def test_a_result_changed_by_hand_is_made_again(at_p1):
    page = at_p1.folder / "results/report/curation.html"
    page.write_text("not what the stage wrote")
    at_p1.snakemake()
    assert shows(at_p1, P1)


@pytest.mark.slow
def test_a_lost_result_is_restored(at_p1):
    shutil.rmtree(at_p1.folder / "results/find_duplicates")
    assert ran(at_p1.snakemake()) == set()
    assert (at_p1.folder / "results/find_duplicates/groups.csv").exists()
