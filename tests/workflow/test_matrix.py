"""A `matrix:` of dvc.yaml becomes a wildcard of the rule: what DVC runs one by one, Snakemake runs side by side."""

import shutil

import pytest
from project import ROOT, Project, ran

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

DVC_YAML = """
stages:
  make_piece:
    desc: Write a part
    meta: {track: model}
    cmd: python scripts/make_piece.py --out results/make_piece/${item.set}.csv ${item.set}
    matrix: {set: [chest, skin]}
    params: ["train_segmenter.${item.set}"]
    deps: ["results/trace_inputs/make_piece@${item.set}.txt"]
    outs: ["results/make_piece/${item.set}.csv"]
  join_pieces:
    desc: Join the parts
    meta: {track: model}
    cmd: python scripts/join_pieces.py --out results/join_pieces/all.csv
    params: [find_duplicates]
    deps: [results/trace_inputs/join_pieces.txt, results/make_piece/chest.csv, results/make_piece/skin.csv]
    outs: [results/join_pieces/all.csv]
"""
SNAKEFILE = """
import sys
from pathlib import Path
from snakemake.exceptions import WorkflowError
sys.path[:0] = [f"{workflow.basedir}/workflow", f"{workflow.basedir}/src"]
configfile: "params.yaml"
include: "workflow/rules/common.smk"
include: "workflow/rules/stages.smk"
rule all:
    default_target: True
    input: MADE
if workflow.is_main_process:
    start()
onstart: engines.force(forced())
onsuccess: engines.record()
onerror: engines.record()
"""
DRAW = """
import pathlib, sys, yaml
out = pathlib.Path(sys.argv[2])
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(f"{out} {yaml.safe_load(open('params.yaml'))['train_segmenter'][sys.argv[3]]['epochs']}")
"""
JOIN = """
import pathlib, sys
out = pathlib.Path(sys.argv[2])
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("".join(pathlib.Path(f"results/make_piece/{part}.csv").read_text() for part in ("chest", "skin")))
"""


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(ROOT / "workflow", folder / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "src").symlink_to(ROOT / "src")
    (folder / ".dvc").mkdir()
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / ".dvc/config", folder / ".dvc/config")
    shutil.copy(ROOT / "environment.yml", folder)
    texts = {
        "dvc.yaml": DVC_YAML,
        "Snakefile": SNAKEFILE,
        "scripts/make_piece.py": DRAW,
        "scripts/join_pieces.py": JOIN,
    }
    texts |= {
        "params.yaml": (ROOT / "params.yaml").read_text(),
        ".gitignore": "/results\n/.snakemake\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    project = Project(folder)
    project.git("init", "--quiet")
    return project


def test_both_engines_agree_on_a_matrix(model):
    twin = model.copy(model.folder.parent / "twin")
    model.snakemake()
    twin.dvc("repro")
    assert model.outputs() == twin.outputs()
    assert len(model.outputs()) == 7  # a trace for each, and the sections that each reads
    assert (model.folder / "dvc.lock").read_bytes() == (twin.folder / "dvc.lock").read_bytes()
    assert ran(model.dvc("repro")) == set()
    assert "Nothing to be done" in twin.snakemake()


def test_a_stage_with_a_matrix_is_asked_for_by_its_name(model):
    """As the pages print it for each of their sections."""
    model.snakemake("make_piece")
    assert sorted(path.name for path in (model.folder / "results/make_piece").iterdir()) == ["chest.csv", "skin.csv"]
    assert not (model.folder / "results/join_pieces").exists()
    again = ran(model.snakemake("--forcerun", "make_piece_of_set", "--", "make_piece"))
    assert again == {"make_piece@chest", "make_piece@skin"}
    refused = model.snakemake("--forcerun", "make_piece", "--", "make_piece", check=False)
    assert "name its rule: make_piece_of_set" in refused


def test_only_the_value_that_was_lost_is_fetched(model):
    model.snakemake()
    (model.folder / "results/make_piece/skin.csv").unlink()
    output = model.snakemake()
    assert "make_piece@skin: nothing that it reads has changed; restored" in output
    assert "make_piece@chest" not in output


def test_a_parameter_of_one_value_concerns_that_value_alone(model):
    """`params: [stage.${item.set}]`: who changes how one set is trained does not train the others again."""
    model.snakemake()
    twin = model.copy(model.folder.parent / "twin")
    for project in (model, twin):
        with project.params() as params:
            params["train_segmenter"]["skin"]["epochs"] += 1
    assert ran(twin.dvc("repro")) == {"make_piece@skin", "join_pieces"}
    output = model.snakemake()
    assert "make_piece@skin" in output and "make_piece@chest" not in output
    assert model.outputs() == twin.outputs()
