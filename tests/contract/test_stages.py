"""The rules of the house: a stage is known by one name, and its stanza in dvc.yaml is all that defines it."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import dvc.dependency.param
import dvc.repo.commit
import pytest
import stages as definitions
import yaml
from dvc.commands.commit import CmdCommit
from rules import Rule
from scmrepo.git.backend import dulwich as dulwich_backend
from snakemake import cli as snakemake_cli
from snakemake.scheduling.job_scheduler import JobScheduler

from radsieve import settings_file

ROOT = Path(__file__).parents[2]

STAGES = definitions.definitions(ROOT / "dvc.yaml")
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
INSTANCES = definitions.stages(ROOT / "dvc.yaml")
TRACKS = ("curation", "screening", "prefilter", "generation", "tasks", "overview")
SHOWN = {".csv", ".png", ".html", ""}  # what Snakemake's report takes up
SHARED_SECTIONS = {"source", "splits", "compute", "generator", "latents", "generation", "about"}


@pytest.fixture(autouse=True)
def _in_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def instances(stage: str) -> list[definitions.Stage]:
    """The stage once for each value of its matrix."""
    return [one for one in INSTANCES.values() if one.name.partition("@")[0] == stage]


def sections(stage: str) -> set[str] | None:
    """The sections of params.yaml that a stage obeys; None stands for all: a page, which depends on the file itself."""
    if "params.yaml" in STAGES[stage]["deps"]:
        return None
    return {each.partition(".")[0] for each in STAGES[stage]["params"]}


@pytest.mark.parametrize("stage", STAGES)
def test_one_name_finds_everything(stage):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", stage), "a stage is named verb_noun"
    assert STAGES[stage]["cmd"].startswith(f"PYTHONPATH=src python scripts/{stage}.py ")
    assert (ROOT / f"scripts/{stage}.py").is_file()
    assert list((ROOT / "tests").rglob(f"test_{stage}.py"))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stanza_says_what_a_person_and_an_engine_need(stage):
    assert len(STAGES[stage]["desc"]) > 20
    assert STAGES[stage]["meta"]["track"] in TRACKS
    assert set(STAGES[stage]["meta"]) <= {"track", "threads", "mem_mb", "runtime", "gpu"}


def test_no_profile_says_what_a_job_needs():
    """Its stanza does, from which the rule is made."""
    profiles = [yaml.safe_load(path.read_text()) for path in (ROOT / "profiles").rglob("*.yaml")]
    assert len(profiles) == 2
    assert not [key for profile in profiles for key in profile if key.startswith("set-")]
    for stage, threads in (("ingest_images", 8), ("normalize_labels", 1)):
        assert Rule(stage, STAGES[stage], INSTANCES).threads == threads
    rule = Rule("train_gan", STAGES["train_gan"], INSTANCES)
    assert rule.resources("cpu") == {"mem_mb": 4000, "runtime": 720}


def test_whoever_must_run_on_a_graphics_card_asks_for_one():
    """Of `cuda` every script that runs a network says that there is none; `auto` takes one where that pays."""
    asked = {
        device: {stage for stage in STAGES if "gpu" in Rule(stage, STAGES[stage], INSTANCES).resources(device)}
        for device in ("cpu", "auto", "cuda")
    }
    scripts = {stage: (ROOT / f"scripts/{stage}.py").read_text() for stage in STAGES}
    assert asked["cpu"] == set()
    assert {"train_gan", "train_segmenter"} <= asked["auto"] < asked["cuda"]
    assert asked["cuda"] == {stage for stage, script in scripts.items() if "params.compute" in script}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_its_own_trace(stage):
    for one in instances(stage):
        assert one.deps[0] == one.trace
        assert [dep for dep in one.deps if dep.startswith(definitions.TRACES)] == [one.trace]


def test_the_definition_stays_short():
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) <= 24 * len(STAGES)
    rules = [path.read_text() for path in (ROOT / "workflow/rules").rglob("*")]
    assert sum(len(text.splitlines()) for text in rules) <= 150


def test_every_section_of_the_parameters_belongs_to_a_stage():
    shared = {name for name in PARAMS if name not in STAGES and not settings_file.is_block(name)}
    assert shared <= SHARED_SECTIONS


@pytest.mark.parametrize("stage", STAGES)
def test_script_reads_the_sections_that_dvc_watches(stage):
    script, watched = (ROOT / f"scripts/{stage}.py").read_text(), sections(stage)
    if watched is None:
        assert re.search(r"sections=None", script)
    else:
        found = re.search(r"sections=\(([^)]*)\)", script)
        assert found, "sections=(...) is a literal in the call of stage.run"
        assert set(re.findall(r'"(\w+)"', found[1])) == watched
        assert watched <= {stage} | SHARED_SECTIONS
        assert set(re.findall(r"\bparams\.(?!yaml\b)(\w+)", script)) <= watched


@pytest.mark.parametrize("stage", STAGES)
def test_inputs_named_in_the_command_are_deps(stage):
    for one in instances(stage):
        made_elsewhere = {out for other in INSTANCES.values() if other.name != one.name for out in other.outs}
        assert set(one.cmd.split()) & made_elsewhere <= set(one.deps)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.startswith("report_")])
def test_a_page_depends_on_all_results_of_its_track(stage):
    """It names and digests them, so that a reviewer can check where each number comes from."""
    track = STAGES[stage]["meta"]["track"]
    before = {name for name in STAGES if STAGES[name]["meta"]["track"] == track} - {stage}
    assert {f"results/{name}" for name in before} <= set(definitions.paths(STAGES[stage], "deps"))


def test_deps_that_no_stage_makes_exist():
    made = {out for stage in INSTANCES.values() for out in stage.outs} | {one.trace for one in INSTANCES.values()}
    missing = {dep for stage in INSTANCES.values() for dep in stage.deps if dep not in made and not Path(dep).exists()}
    assert not missing


@pytest.mark.parametrize("stage", STAGES)
def test_outs_lie_in_their_own_rooms(stage):
    place = "results/report" if stage.startswith("report_") else f"results/{stage}"
    for out in (out for one in instances(stage) for out in one.outs):
        assert out.startswith(("data/", f"{place}/"))


def test_an_out_belongs_to_one_stage():
    outs = [out for stage in INSTANCES.values() for out in stage.outs]
    assert len(outs) == len(set(outs))
    assert not [(a, b) for a in outs for b in outs if b.startswith(f"{a}/")]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_metrics(stage):
    if not stage.startswith("report_"):
        folder = "/".join(["results", stage, *(f"${{item.{key}}}" for key in STAGES[stage].get("matrix", {}))])
        assert f"{folder}/metrics.json" in definitions.paths(STAGES[stage], "metrics")


@pytest.mark.parametrize("stage", STAGES)
def test_every_table_and_figure_is_described(stage):
    described = definitions.descriptions(STAGES[stage])
    shown = {Path(out).stem for out in definitions.paths(STAGES[stage], "outs", "plots") if _is_shown(out)}
    assert set(described) == shown
    for text in described.values():
        assert 15 < len(text) < 600
        assert not text.endswith(".")


def test_answers_to_a_test_are_in_no_report():
    stages_with = {out: stage for stage, one in STAGES.items() for out in definitions.unpublished(one)}
    assert stages_with == {
        "results/make_turing_test/key.csv": "make_turing_test",
        "results/score_turing_test/images.csv": "score_turing_test",
    }


def _is_shown(out: str) -> bool:
    return out.startswith("results/") and Path(out).suffix in SHOWN


def imported_at_start(path: Path) -> set[str]:
    """The packages that a file imports outside of functions and of `if TYPE_CHECKING`."""
    nodes = ast.parse(path.read_text()).body
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def test_only_stages_with_a_network_import_torch():
    """Importing it takes seconds, which every other stage would pay at each start."""
    from radsieve.tracing import code_traces

    light = [ROOT / f"scripts/{stage}.py" for stage in STAGES if "compute" not in (sections(stage) or ())]
    traces = code_traces(light, ROOT)
    modules = {ROOT / line.split()[1] for text in traces.values() for line in text.splitlines() if line[:5] == "code "}
    slow = {"torch", "monai", "efficientnet_lite_pytorch"}
    assert not {path for path in modules if slow & imported_at_start(path)}
    assert len(modules) > 50


def test_plain_snakemake_finds_the_default_profile():
    _, options = snakemake_cli.parse_args(["--dry-run"])
    assert (options.scheduler, options.rerun_incomplete) == ("greedy", True)


def test_the_limit_that_the_workflow_lifts_is_still_named_so():
    """See lift_rate_limit in workflow/rules/common.smk: under another name it would stay, and cost minutes."""
    assert "self.job_rate_limiter = " in inspect.getsource(JobScheduler.__init__)


def test_dvc_reads_by_the_names_that_are_replaced() -> None:
    """See workflow/remembering_dvc.py: under other names the record of a run would take several times as long."""
    assert "load_path(path, fs" in inspect.getsource(dvc.dependency.param.read_param_file)
    assert "self.repo.open_index()" in inspect.getsource(dulwich_backend.DulwichBackend.is_tracked)
    assert "for target in self.args.targets" in inspect.getsource(CmdCommit.run)
    assert "self.stage.collect_granular(" in inspect.getsource(inspect.unwrap(dvc.repo.commit.commit))


def test_numpy_is_imported_once_its_instructions_are_restricted():
    """A script imports radsieve.stage, which restricts them, before anything that imports NumPy."""
    before = {name for script in (ROOT / "scripts").glob("*.py") for name in _imported_before_stage(script)}
    assert "radsieve.files" in before
    imports = "".join(f"import {name}\n" for name in sorted(before, key=lambda name: name.startswith("radsieve")))
    program = f"import sys\n{imports}sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0, before


def _imported_before_stage(script: Path) -> list[str]:
    named = []
    for node in ast.parse(script.read_text()).body:
        if isinstance(node, ast.Import):
            named += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = node.module == "radsieve"
            named += [f"radsieve.{each.name}" for each in node.names] if inside else [str(node.module)]
    return named[: named.index("radsieve.stage")]
