"""Whatever a result depends on is seen by both engines: data outside of the project, packages, and the code itself.

In the fast tests, tests/unit/workflow/test_trace_inputs.py and tests/unit/test_tracing.py look at what is told to the
engines.
"""

import shutil
import sys
import venv
from pathlib import Path

import pytest
from PIL import Image
from project import Project, change, ran

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

CURATION = {
    "ingest_images", "find_duplicates", "audit_images", "measure_agreement", "make_review", "normalize_labels",
    "report_curation",
}  # fmt: skip


@pytest.fixture(scope="module")
def made_twins(made_by_snakemake, tmp_path_factory) -> Path:
    """A folder with two finished projects, one and other, that read images and ratings from a third folder in it."""
    folder = tmp_path_factory.mktemp("made_twins")
    elsewhere = folder / "elsewhere"
    shutil.copytree(made_by_snakemake.folder / "data/phantoms", elsewhere / "images/datasets")
    rows = [f"{item},{rater},{(item + rater) % 3}" for item in range(12) for rater in range(2)]
    (elsewhere / "ratings.csv").write_text("\n".join(["item,rater,label", *rows, ""]))
    project = made_by_snakemake.copy(folder / "one")
    with project.params() as params:
        change(
            params,
            {
                "source": {"endpoint": "folder", "bucket": "$ELSEWHERE/images"},
                "measure_agreement": {"ratings": "$ELSEWHERE/ratings.csv"},
            },
        )
    project = Project(project.folder, {"ELSEWHERE": str(elsewhere)})
    project.snakemake()
    other = project.copy(folder / "other")
    assert "Nothing to be done" in project.snakemake()
    assert ran(other.dvc("repro")) == set()
    return folder


@pytest.fixture
def twins(made_twins, tmp_path) -> tuple[Project, Project, Path]:
    """The same two, one for each engine, and the folder elsewhere, for a test of its own."""
    folder = tmp_path / "twins"
    shutil.copytree(made_twins, folder, symlinks=True)
    elsewhere = folder / "elsewhere"
    one, other = (Project(folder / name, {"ELSEWHERE": str(elsewhere)}) for name in ("one", "other"))
    return one, other, elsewhere


def test_content_outside_of_the_project(twins):
    """Exactly the stages that read it, and what follows, run again; a touched file changes nothing."""
    by_snakemake, by_dvc, elsewhere = twins
    table = elsewhere / "ratings.csv"
    table.write_text(table.read_text().replace("0,0,0", "0,0,1"))
    expected = {"measure_agreement", "make_review", "normalize_labels", "report_curation"}
    assert ran(by_snakemake.snakemake()) <= expected
    assert {"measure_agreement"} <= ran(by_dvc.dvc("repro")) <= expected
    assert by_snakemake.outputs() == by_dvc.outputs()

    image = next((elsewhere / "images").rglob("*.png"))
    Image.open(image).point(lambda value: value // 2).save(image)
    assert "ingest_images" in ran(by_snakemake.snakemake())
    assert "ingest_images" in ran(by_dvc.dvc("repro"))
    assert by_snakemake.outputs() == by_dvc.outputs()

    image.touch()
    assert "Nothing to be done" in by_snakemake.snakemake()
    assert ran(by_dvc.dvc("repro")) == set()


def test_outside_data_that_cannot_be_reached(twins):
    """What was last found there stands, and both engines say so."""
    by_snakemake, by_dvc, elsewhere = twins
    elsewhere.rename(elsewhere.with_name("unplugged"))
    for output in (by_snakemake.snakemake(), by_dvc.dvc("repro")):
        assert ran(output) == set()
        assert "cannot be read now" in output
        assert "measure_agreement.ratings" in output


def test_another_version_of_a_package(project, copy_of):
    """The stages that import it run again, and no other."""
    twin = copy_of(project)
    for each in (project, twin):
        planted = each.folder / "src/obstore-99.0.dist-info"
        planted.mkdir()
        (planted / "METADATA").write_text("Metadata-Version: 2.1\nName: obstore\nVersion: 99.0\n")
    by_snakemake, by_dvc = ran(project.snakemake()), ran(twin.dvc("repro"))
    assert by_snakemake == by_dvc
    assert "ingest_images" in by_dvc
    assert "generate_phantoms" not in by_dvc


@pytest.mark.parametrize("engine", [("snakemake", "--cores", "2"), ("dvc", "repro")], ids=["snakemake", "dvc"])
def test_radsieve_need_not_be_installed(clean, copy_of, tmp_path, engine):
    """A Python that has the packages and not radsieve itself runs every job, as environments made by conda do."""
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    inside = next(bare.glob("lib/python*/site-packages"))
    (inside / "packages.pth").write_text(f"{_site_packages()}\n")  # whose own .pth files are not read
    python = bare / "bin/python"
    project = Project(copy_of(clean).folder, {"PATH": f"{bare / 'bin'}:/usr/bin:/bin", "PYTHONPATH": ""})
    assert "No module named 'radsieve'" in project.call(str(python), "-c", "import radsieve", check=False)
    output = project.call(str(python), "-m", *engine)
    assert ran(output) >= CURATION


def _site_packages() -> Path:
    return next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
