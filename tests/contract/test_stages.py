"""The rules of the house: a stage is known by one name, and dvc.yaml alone defines it."""

import ast
import re
from pathlib import Path

import engines
import imports
import pytest
import yaml

ROOT = Path(__file__).parents[2]

STAGES = engines.definitions(ROOT / "dvc.yaml")
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
RULES = "\n".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
SHOWN = {".csv", ".png", ".html", ""}  # what Snakemake's report takes up
SHARED_SECTIONS = {"source", "compute", "generator", "latents", "generation"}


@pytest.fixture(autouse=True)
def _in_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def full_name(stage: str) -> str:
    """The stage's name with Snakemake's wildcards in place of the values of its matrix."""
    return engines.full_name(stage, {key: f"{{{key}}}" for key in STAGES[stage].get("matrix", {})})


def outs(stage: str) -> list[str]:
    return [out for one in instances(stage) for out in one.outs]


def instances(stage: str) -> list[engines.Stage]:
    """The stage once for each value of its matrix."""
    return [one for one in engines.stages(ROOT / "dvc.yaml").values() if one.name.partition("@")[0] == stage]


def rule_text(stage: str) -> str:
    return re.split(r"\n(?:rule|checkpoint) ", RULES.split(f"\nrule {stage}:")[1])[0]


@pytest.mark.parametrize("stage", STAGES)
def test_one_name_finds_everything(stage):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", stage), "a stage is named verb_noun"
    assert STAGES[stage]["cmd"].startswith(f"python scripts/{stage}.py ")
    assert (ROOT / f"scripts/{stage}.py").is_file()
    assert list((ROOT / "tests/unit").rglob(f"test_{stage}.py"))
    rule = rule_text(stage)
    assert f'"logs/{full_name(stage)}.log"' in rule
    assert f'"benchmarks/{full_name(stage)}.tsv"' in rule
    assert f'command("{stage}")' in rule
    assert f'deps("{stage}")' in rule
    assert f'outs("{stage}")' in rule
    assert '"../../environment.yml"' in rule


def test_every_rule_is_a_stage_or_a_target():
    targets = {path.stem for path in (ROOT / "workflow/rules").glob("*.smk")} - {"common"} | {"loop"}
    assert set(re.findall(r"^rule (\w+):", RULES, re.M)) == set(STAGES) | targets


def test_every_section_of_the_parameters_belongs_to_a_stage():
    assert set(PARAMS) - SHARED_SECTIONS <= set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_script_reads_the_sections_that_dvc_watches(stage):
    script = (ROOT / f"scripts/{stage}.py").read_text()
    sections = STAGES[stage]["params"]
    if any(isinstance(section, dict) for section in sections):
        assert re.search(r"sections=None", script)
    else:
        found = re.search(r"sections=\(([^)]*)\)", script)
        assert found, "sections=(...) is a literal in the call of stage.run"
        watched = {section.partition(".")[0] for section in sections}
        assert set(re.findall(r'"(\w+)"', found[1])) == watched
        assert watched <= {stage} | SHARED_SECTIONS


@pytest.mark.parametrize("stage", STAGES)
def test_code_deps_are_the_real_imports(stage):
    listed = {dep for dep in STAGES[stage]["deps"] if imports.CODE.match(dep)}
    assert listed == set(imports.code_deps(Path(f"scripts/{stage}.py"))), "run: make deps"


def imported_at_start(path: Path) -> set[str]:
    """The packages that a file imports outside of functions and of `if TYPE_CHECKING`."""
    nodes = ast.parse(path.read_text()).body
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("stage", STAGES)
def test_only_stages_with_a_network_import_torch(stage):
    """Importing it takes seconds, which every other stage would pay at each start."""
    if "compute" not in STAGES[stage]["params"]:
        slow = {"torch", "monai", "efficientnet_lite_pytorch"}
        assert not {
            path for path in imports.code_deps(Path(f"scripts/{stage}.py")) if slow & imported_at_start(Path(path))
        }


@pytest.mark.parametrize("stage", STAGES)
def test_inputs_named_in_the_command_are_deps(stage):
    for one in instances(stage):
        made_elsewhere = {out for other in engines.stages().values() if other.name != one.name for out in other.outs}
        assert set(one.cmd.split()) & made_elsewhere <= set(one.deps)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage.startswith("report_")])
def test_a_page_depends_on_all_results_of_its_track(stage):
    """It names and digests them, so that a reviewer can check where each number comes from."""
    track = next(path for path in (ROOT / "workflow/rules").glob("*.smk") if f"rule {stage}:" in path.read_text())
    before = {rule for rule in re.findall(r"^rule (\w+):", track.read_text(), re.M) if rule in STAGES} - {
        stage,
        "validate_params",
    }
    results = {
        out for other in engines.stages().values() if other.name.partition("@")[0] in before for out in other.outs
    }
    assert {out for out in results if out.startswith("results/")} <= set(instances(stage)[0].deps)


def test_deps_that_no_stage_makes_exist():
    made = {out for stage in engines.stages().values() for out in stage.outs}
    missing = {
        dep for stage in engines.stages().values() for dep in stage.deps if dep not in made and not Path(dep).exists()
    }
    assert not missing


@pytest.mark.parametrize("stage", STAGES)
def test_outs_lie_in_their_own_rooms(stage):
    place = "results/report" if stage.startswith("report_") else f"results/{stage}"
    for out in outs(stage):
        assert out.startswith(("data/", f"{place}/"))


def test_an_out_belongs_to_one_stage():
    outs = [out for stage in engines.stages().values() for out in stage.outs]
    assert len(outs) == len(set(outs))
    assert not [(a, b) for a in outs for b in outs if b.startswith(f"{a}/")]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_metrics(stage):
    if not stage.startswith("report_"):
        folder = "/".join(["results", stage, *(f"${{item.{key}}}" for key in STAGES[stage].get("matrix", {}))])
        assert f"{folder}/metrics.json" in engines.paths(STAGES[stage], "metrics")


def test_every_table_and_figure_has_a_caption():
    shown = {
        f"{name}_{Path(out).stem}"
        for name, stage in STAGES.items()
        for out in engines.paths(stage, "outs", "plots")
        if out.startswith("results/") and Path(out).suffix in SHOWN
    }
    captions = {path.stem for path in (ROOT / "workflow/report").glob("*.rst")} - {"workflow"}
    assert captions == shown


def test_every_figure_has_its_table_beside_it():
    for stage in engines.stages().values():
        for figure in (Path(out) for out in stage.outs if out.endswith(".png")):
            assert [out for out in stage.outs if Path(out).parent == figure.parent and out.endswith(".csv")]
