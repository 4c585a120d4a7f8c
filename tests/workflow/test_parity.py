"""Both engines are first-class: the same bytes, the same dvc.lock, and each knows what the other did."""

import json
import subprocess
import time

import psutil
import pytest
import yaml
from project import BIN, ran
from stopped import kill_stage

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_same_bytes_and_same_lock(made_by_snakemake, made_by_dvc):
    ours, theirs = made_by_snakemake.outputs(), made_by_dvc.outputs()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert len(ours) > 50
    assert (
        made_by_snakemake.folder.joinpath("dvc.lock").read_bytes()
        == made_by_dvc.folder.joinpath("dvc.lock").read_bytes()
    )


def test_same_bytes_on_one_core(clean, made_by_snakemake, copy_of):
    alone = copy_of(clean)
    alone.snakemake(cores=1)
    assert alone.outputs() == made_by_snakemake.outputs()


def test_dvc_has_nothing_to_do_after_snakemake(project):
    assert ran(project.dvc("repro")) == set()
    assert set(json.loads(project.dvc("status", "--json"))) == {"workflow/dvc.yaml:trace_inputs"}  # which always runs
    assert "Nothing to be done" in project.snakemake()


def test_snakemake_has_nothing_to_do_after_dvc(made_by_dvc, copy_of):
    project = copy_of(made_by_dvc)
    assert "Nothing to be done" in project.snakemake()
    assert ran(project.dvc("repro")) == set()


def change_parameter(project):
    project.set("normalize_labels", "disagreements", "majority")


def change_code_and_result(project):
    path = project.folder / "src/radsieve/curation/normalization.py"
    path.write_text(path.read_text() + "\nUNUSED = 1\n")
    project.set("find_duplicates", "grid_groups", 3)


def change_code_alone(project):
    path = project.folder / "scripts/find_duplicates.py"
    path.write_text(path.read_text() + "\nUNUSED = 1\n")


@pytest.mark.parametrize(
    ("change", "at_least"),
    [
        (change_parameter, {"normalize_labels", "report_curation"}),
        (change_code_and_result, {"find_duplicates", "normalize_labels", "report_curation"}),
        (change_code_alone, {"find_duplicates"}),
    ],
)
def test_both_run_the_same_stages_again(project, copy_of, change, at_least):
    twin = copy_of(project)
    change(project)
    change(twin)
    by_snakemake, by_dvc = ran(project.snakemake()), ran(twin.dvc("repro"))
    assert by_snakemake == by_dvc
    assert by_dvc >= at_least
    assert project.outputs() == twin.outputs()
    assert "Nothing to be done" in project.snakemake()


def test_prose_runs_nothing_again(project):
    """A remark in a module, a docstring, and a module that nothing imports."""
    module = project.folder / "src/radsieve/files.py"
    module.write_text(module.read_text().replace('"""Write', '"""Put', 1) + "\n# a remark\n")
    (project.folder / "src/radsieve/unused.py").write_text("VALUE = 1\n")
    assert "Nothing to be done" in project.snakemake()
    assert ran(project.dvc("repro")) == set()


def test_a_rule_that_the_user_forces_runs(project):
    assert "ingest_images" in ran(project.snakemake("--forcerun", "ingest_images", "--", "ingest_images"))


def test_targets_by_track(clean, copy_of):
    project = copy_of(clean)
    assert "ingest_images" in project.snakemake("curation", "--dry-run")
    project.snakemake("results/generate_phantoms/truth.csv")
    assert project.folder.joinpath("results/generate_phantoms/truth.csv").exists()
    assert not project.folder.joinpath("results/ingest_images").exists()


@pytest.mark.parametrize("engine", [("snakemake", "--cores", "2"), ("dvc", "repro")], ids=["snakemake", "dvc"])
def test_a_killed_stage_leaves_nothing_that_counts_as_done(clean, made_by_dvc, copy_of, engine):
    project = copy_of(clean)
    project.set("generate_phantoms", "images", 60)
    kill_stage(
        project, engine, "scripts/generate_phantoms.py", lambda: any((project.folder / "data/phantoms").rglob("*.png"))
    )
    assert "generate_phantoms" in json.loads(project.dvc("status", "--json"))
    project.set(
        "generate_phantoms",
        "images",
        yaml.safe_load((clean.folder / "params.yaml").read_text())["generate_phantoms"]["images"],
    )
    project.call(*engine, "generate_phantoms")
    made = project.outputs()
    expected = made_by_dvc.outputs()
    assert made.items() <= expected.items()
    assert {name for name in expected if name.startswith("data/phantoms/")} <= made.keys()


def test_killed_snakemake_loses_no_finished_stage(project):
    """What finished before the whole engine was killed is recorded by the next run."""
    project.set("find_duplicates", "grid_groups", 5)
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": str(project.folder / "src"), "HOME": "/tmp"}
    running = subprocess.Popen(
        [str(BIN / "snakemake"), "--cores", "1"], cwd=project.folder, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    note = project.folder / ".snakemake/radsieve/done/find_duplicates.json"
    deadline = time.monotonic() + 120
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    for process in [*psutil.Process(running.pid).children(recursive=True), psutil.Process(running.pid)]:
        process.kill()
    running.wait()
    project.snakemake("--unlock")
    output = project.snakemake("--rerun-incomplete")
    assert "recorded in dvc.lock: " in output
    assert "find_duplicates" not in ran(output)
    assert ran(project.dvc("repro")) == set()


WRONG = [
    ("generate_phantoms", "images", "many", ["generate_phantoms.images", "many", "integer"]),
    ("measure_agreement", "confidence", 7, ["measure_agreement.confidence", "7", "< 1"]),
    ("find_duplicates", "radius", 1, ["find_duplicates", "radius", "hash_distance"]),
]


def test_wrong_parameters_stop_both_engines_before_any_stage(clean, copy_of):
    """All that is wrong is said at once."""
    project = copy_of(clean)
    for section, key, value, _ in WRONG:
        project.set(section, key, value)
    for output in (project.snakemake(check=False), project.dvc("repro", check=False)):
        for word in {word for *_, words in WRONG for word in words}:
            assert word in output
    assert not project.folder.joinpath("results").exists()
    assert not project.folder.joinpath("data/phantoms").exists()


def test_unknown_section_stops_dvc_too_when_nothing_else_is_to_be_done(project):
    yaml_text = (project.folder / "params.yaml").read_text()
    (project.folder / "params.yaml").write_text(f"{yaml_text}\nextra: {{}}\n")
    assert "unknown key 'extra'" in project.dvc("repro", check=False)
    assert "unknown key 'extra'" in project.snakemake(check=False)


def test_both_engines_say_in_which_line_it_is_no_yaml(project):
    path = project.folder / "params.yaml"
    lines = path.read_text().splitlines()
    place = lines.index(next(line for line in lines if line.startswith("source:")))
    path.write_text("\n".join([*lines[: place + 2], f" {lines[place + 2]}", *lines[place + 3 :]]))
    for output in (project.snakemake(check=False), project.dvc("repro", check=False)):
        assert "params.yaml" in output
        assert f"line {place + 3}" in output


def test_parameters_on_the_command_line_are_refused(project):
    """DVC would not see them."""
    assert "params.yaml alone" in project.snakemake("--config", "extra=1", check=False)
