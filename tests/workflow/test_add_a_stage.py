"""docs/add-a-stage.md, followed to the letter in a copy of the project: both engines run the stage that it adds."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import ROOT, SMALL, Project, change, fresh, keep, ran

pytestmark = [pytest.mark.workflow, pytest.mark.slow, pytest.mark.timeout(1200)]

STAGE = "assign_folds"
PAGE = (ROOT / "docs/add-a-stage.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^(?P<above>[^\n]+)\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
NEW = re.compile(r"New file `([^`]+)`:")
EDIT = re.compile(r"In `([^`]+)`, (before|after) the (\w+) `([^`]+)`:")
PLACES = {  # how the line begins that is named by its kind
    "stage": r"  {}:",
    "section": r"{}:",
    "field": r"    {}: ",
    "class": r"class {}\b",
    "function": r"def {}\b",
    "line": r" *{}$",
}
LIBRARY = "src/radsieve/curation/cross_validation.py"  # what the stage computes
CONTRACTS = ["tests/contract/test_stages.py", "tests/contract/test_parameters.py"]
WITHOUT_A_STAGE = (  # tests that take half of the time, and of which none is about a stage
    "test_examples.py",
    "test_parameters.py::test_presets_are_valid_and_leave_no_trace",
    "test_parameters.py::test_dvc_sets_a_value_and_nothing_else",
)
GENERATED = {"docs/parameters.md", "docs/params.schema.json"}


@dataclass(frozen=True)
class Step:
    """A block of the page: an instruction and the text that it places, or commands."""

    instruction: str
    text: str

    def follow(self, project: Project) -> None:
        if new := NEW.fullmatch(self.instruction):
            path = project.folder / new[1]
            assert not path.exists(), path
            path.write_text(self.text, encoding="utf-8")
            return
        edit = EDIT.fullmatch(self.instruction)
        assert edit, f"nobody knows where this goes: {self.instruction}"
        name, side, kind, place = edit.groups()
        lines = (project.folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        begins = re.compile(PLACES[kind].format(re.escape(place)))
        (at,) = (number for number, line in enumerate(lines) if begins.match(line))
        if side == "after":
            lines.insert(at + 1, self.text)
        else:
            above = at - len("".join(lines[:at]).rstrip().splitlines())
            lines.insert(at, self.text + "\n" * above)
        (project.folder / name).write_text("".join(lines), encoding="utf-8")


FENCES = [found.groupdict() for found in FENCE.finditer(PAGE)]
STEPS = [Step(one["above"], one["text"]) for one in FENCES if one["language"] != "console"]
COMMANDS = [
    line.removeprefix("$ ").split()
    for one in FENCES
    if one["language"] == "console"
    for line in one["text"].splitlines()
]
WRITE, TEST, BY_SNAKEMAKE, BY_DVC = COMMANDS
TESTS_OF_THE_STAGE = len(re.findall(r"^def test_", PAGE, re.M))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Project:
    """The whole project with its tests and documentation."""
    return fresh(tmp_path_factory.mktemp("untouched") / "radsieve", left_out=("dvc.lock", "results/"))


@pytest.fixture(scope="module")
def added(untouched, tmp_path_factory) -> Project:
    """The same after all that the page tells to write."""
    project = untouched.copy(tmp_path_factory.mktemp("added") / "radsieve")
    for step in STEPS:
        step.follow(project)
    project.call(*WRITE)
    return project


def test_every_block_of_the_page_is_read():
    assert len(FENCES) == len(re.findall(r"^```\w+$", PAGE, re.M))
    assert [command[0] for command in COMMANDS] == ["python", "pytest", "snakemake", "dvc"]


def test_there_are_six_places(added):
    written = {line[3:] for line in added.git("status", "--porcelain", "--untracked-files=all").splitlines()}
    places = re.findall(r"^\| (\d)\. `([^`]+)` \|", PAGE, re.M)
    assert [number for number, _ in places] == list("123456")
    assert written - GENERATED - {LIBRARY} == {path for _, path in places}
    for path in ("docs/architecture.md", "CONTRIBUTING.md"):
        assert "six places" in (ROOT / path).read_text(encoding="utf-8").replace("[", ""), path


def test_what_the_page_writes_has_the_form_of_the_project(added):
    sources = [path for path in added.folder.rglob("*.py") if path.relative_to(added.folder).parts[0] != "benchmarks"]
    names = [str(path.relative_to(added.folder)) for path in sources]
    added.call("ruff", "check", "--no-cache", *names)
    added.call("ruff", "format", "--no-cache", "--check", *names)


def test_both_engines_run_the_stage_and_agree(added, tmp_path):
    ours = added.copy(tmp_path / "ours")
    keep(ours, "curation")
    with ours.params() as params:
        change(params, SMALL)
    theirs = ours.copy(tmp_path / "theirs")
    by_snakemake, by_dvc = ran(ours.call(*BY_SNAKEMAKE)), ran(theirs.call(*BY_DVC))
    assert STAGE in by_snakemake
    assert by_snakemake == by_dvc
    assert "report_curation" not in by_dvc
    made = ours.outputs()
    assert {name for name in made if STAGE in name} == {
        f"results/{STAGE}/folds.csv",
        f"results/{STAGE}/metrics.json",
        f"results/trace_inputs/{STAGE}.txt",
    }
    assert made == theirs.outputs()
    assert (ours.folder / "dvc.lock").read_bytes() == (theirs.folder / "dvc.lock").read_bytes()
    assert ran(ours.call(*BY_DVC)) == set()
    assert ran(theirs.call(*BY_SNAKEMAKE)) == set()

    ours.set(STAGE, "folds", 3)
    assert ran(ours.call(*BY_SNAKEMAKE)) == {STAGE}
    assert made[f"results/{STAGE}/folds.csv"] != (ours.folder / f"results/{STAGE}/folds.csv").read_bytes()


def test_the_tests_that_the_page_names_pass(added):
    assert Path(TEST[-1]).name == f"test_{STAGE}.py"
    output = added.call(*TEST, "-rp", *(f"--deselect=tests/contract/{name}" for name in WITHOUT_A_STAGE))
    assert len(re.findall(rf"^PASSED tests/contract/.*\[{STAGE}\]$", output, re.M)) > 10
    assert len(re.findall(rf"^PASSED {TEST[-1]}::", output, re.M)) == TESTS_OF_THE_STAGE > 0
    if (ROOT / ".mypy_cache").is_dir():  # what is known of all other files
        shutil.copytree(ROOT / ".mypy_cache", added.folder / ".mypy_cache")
    written = added.git("status", "--porcelain", "--untracked-files=all").splitlines()
    added.call("mypy", *(line[3:] for line in written if re.search(r" (src|scripts)/.*\.py$", line)))


@pytest.mark.parametrize("left_out", [*STEPS, WRITE], ids=lambda one: getattr(one, "instruction", "documentation"))
def test_every_step_is_needed(untouched, tmp_path, left_out):
    project = untouched.copy(tmp_path / "radsieve")
    for step in STEPS:
        if step is not left_out:
            step.follow(project)
    if left_out is not WRITE:
        project.call(*WRITE, check=False)
    tests = [TEST[-1], CONTRACTS[0], f"{CONTRACTS[1]}::test_the_documentation_is_that_of_the_models"]
    there = [name for name in tests if (project.folder / name.partition("::")[0]).exists()]
    with pytest.raises(AssertionError, match=r"exited with [124]:"):
        project.call("pytest", "--exitfirst", *there)
