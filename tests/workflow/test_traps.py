"""Whatever moved the files, results of one set of parameters never stand under another."""

import hashlib
import html
import shutil

import pytest
from project import SMALL, Project, ran

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

P1, P2 = SMALL["report_curation"]["title"], "Title of the second parameters"


def shows(project: Project, title: str) -> bool:
    page = (project.folder / "results/report/curation.html").read_text()
    wrong = P1 if title == P2 else P2
    return html.escape(title) in page and html.escape(wrong) not in page


def test_dvc_repro_in_between(project):
    project.set("report_curation", "title", P2)
    project.dvc("repro")
    project.set("report_curation", "title", P1)
    assert "report_curation" in ran(project.snakemake())
    assert shows(project, P1)


def test_run_cache_in_between(project):
    for title in (P2, P1, P2):
        project.set("report_curation", "title", title)
        project.dvc("repro")
        assert shows(project, title)
    project.set("report_curation", "title", P1)
    project.snakemake()
    assert shows(project, P1)
    project.set("report_curation", "title", P2)
    project.dvc("repro")
    assert shows(project, P2)
    assert "Nothing to be done" in project.snakemake()


def committed(project: Project) -> None:
    project.git("add", "params.yaml", "dvc.lock", "workflow/dvc.lock")
    project.git("commit", "--quiet", "--message", "results")


@pytest.fixture(scope="module")
def both_made(made_by_snakemake, tmp_path_factory):
    """Results of P1 on the branch main, of P2 on the branch p2, which is checked out."""
    project = made_by_snakemake.copy(tmp_path_factory.mktemp("branches") / "radsieve")
    committed(project)
    project.git("checkout", "--quiet", "-b", "p2")
    project.set("report_curation", "title", P2)
    project.dvc("repro")
    committed(project)
    return project


@pytest.fixture
def two_branches(both_made, copy_of):
    return copy_of(both_made)


def test_git_checkout_and_dvc_checkout(two_branches):
    two_branches.git("checkout", "--quiet", "main")
    two_branches.dvc("checkout")
    assert shows(two_branches, P1)
    assert "Nothing to be done" in two_branches.snakemake()
    two_branches.git("checkout", "--quiet", "p2")
    two_branches.dvc("checkout")
    assert "Nothing to be done" in two_branches.snakemake()
    assert shows(two_branches, P2)


def test_git_checkout_without_dvc_checkout(two_branches):
    two_branches.git("checkout", "--quiet", "main")
    two_branches.snakemake()
    assert shows(two_branches, P1)
    two_branches.git("checkout", "--quiet", "p2")
    two_branches.dvc("repro")
    assert shows(two_branches, P2)


def test_parameters_alone_checked_out(two_branches):
    two_branches.git("checkout", "main", "--", "params.yaml")
    two_branches.snakemake()
    assert shows(two_branches, P1)


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


def test_a_result_changed_by_hand_is_made_again(project):
    page = project.folder / "results/report/curation.html"
    page.write_text("not what the stage wrote")
    project.snakemake()
    assert shows(project, P1)


def test_what_is_damaged_in_the_cache_is_not_restored(project):
    """DVC does not look into what it stored once: half a table would be taken for the result."""
    table = project.folder / "results/find_duplicates/pairs.csv"
    whole = table.read_bytes()
    digest = hashlib.md5(whole, usedforsecurity=False).hexdigest()
    stored = project.folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    stored.chmod(0o644)
    stored.write_bytes(whole[: len(whole) // 2])
    stored.chmod(0o444)
    table.unlink()
    output = project.snakemake()
    assert f"{digest} is damaged in DVC's cache" in output and "find_duplicates" in ran(output)
    assert table.read_bytes() == stored.read_bytes() == whole


def test_a_lost_result_is_restored(project):
    shutil.rmtree(project.folder / "results/find_duplicates")
    assert ran(project.snakemake()) == set()
    assert (project.folder / "results/find_duplicates/groups.csv").exists()
