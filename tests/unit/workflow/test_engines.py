"""Reading dvc.yaml, matrices included, and the file times that Snakemake goes by."""

import os
import shlex
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import asking_dvc
import engines
import pandas as pd
import psutil
import pytest
import stages as definitions
import trace_inputs
import verdict
import yaml

from radsieve.errors import InputError

DVC_YAML = """
stages:
  make_piece:
    cmd: >-
      python scripts/make_piece.py --set ${item.set}
      --net ${item.net}
    matrix: {set: [chest, skin], net: [a, 2]}
    params: [make_piece]
    deps: [scripts/make_piece.py]
    outs:
      - data/${item.set}/${item.net}
      - results/make_piece/${item.set}-${item.net}.csv: {cache: true}
  join_pieces:
    cmd: python scripts/join_pieces.py
    deps: [data/chest/a, scripts/join_pieces.py]
    metrics: [results/join_pieces/metrics.json]
    plots:
      - results/join_pieces/parts.csv: {x: set, y: count}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dvc.yaml").write_text(DVC_YAML)
    Path("params.yaml").write_text("{make_piece: {a: 1}, join_pieces: {b: 2}}")
    return tmp_path


def test_a_matrix_gives_one_stage_for_each_combination(folder):
    stages = definitions.stages()
    assert list(stages) == [
        "make_piece@chest-a",
        "make_piece@chest-2",
        "make_piece@skin-a",
        "make_piece@skin-2",
        "join_pieces",
    ]
    stage = stages["make_piece@skin-2"]
    assert stage.cmd == "python scripts/make_piece.py --set skin --net 2"
    assert stage.outs == ("data/skin/2", "results/make_piece/skin-2.csv")
    assert stage.sections == ("make_piece",)


def test_values_of_the_parameters_in_paths_and_matrices(folder):
    Path("params.yaml").write_text("{make_piece: {sets: [a, b], images: data/packed}}")
    Path("dvc.yaml").write_text(
        """
stages:
  make_piece:
    cmd: python scripts/make_piece.py --set ${item.set} --images ${make_piece.images}/${item.set}
    matrix: {set: "${make_piece.sets}"}
    deps: ["${make_piece.images}/${item.set}"]
    outs: ["results/${item.set}"]
"""
    )
    stages = definitions.stages()
    assert list(stages) == ["make_piece@a", "make_piece@b"]
    assert stages["make_piece@b"].cmd == "python scripts/make_piece.py --set b --images data/packed/b"
    assert stages["make_piece@b"].deps == ("data/packed/b",)


def test_all_outputs_whatever_dvc_calls_them(folder):
    stage = definitions.stages()["join_pieces"]
    assert stage.outs == ("results/join_pieces/metrics.json", "results/join_pieces/parts.csv")
    assert stage.sections == ()


def test_what_most_stages_wait_for_runs_first(folder):
    """Of the matrix of make_piece only one value is read: its rule has a chain of two all the same."""
    stages = definitions.stages()
    assert definitions.chains(stages) == {"make_piece": 2, "join_pieces": 1}
    order = definitions.upstream_first(stages)
    assert order.index("make_piece@chest-a") < order.index("join_pieces")


def test_wildcards_take_the_place_of_a_matrix():
    definition = {"outs": ["data/${item.set}", {"x/${item.net}.csv": {"cache": True}}]}
    substituted = definitions.substitute(definition, {"set": "{set}", "net": "{net}"})
    assert definitions.paths(substituted, "outs") == ["data/{set}", "x/{net}.csv"]


def test_stamp_is_newer_than_stale_outputs_even_if_they_are_of_the_future(folder):
    out = folder / "out.csv"
    out.write_text("x")
    os.utime(out, ns=(2 * 10**18, 2 * 10**18))
    stamp = folder / engines.stamp("make_piece")
    engines._set_stamp(stamp, [str(out)])
    assert stamp.stat().st_mtime_ns > out.stat().st_mtime_ns
    engines._set_stamp(stamp, [])
    assert stamp.stat().st_mtime_ns < 1000


def test_outputs_that_are_up_to_date_become_as_new_as_their_inputs(folder):
    dep, out, place = folder / "dep", folder / "out", folder / "place"
    for file in (dep, out):
        file.write_text("x")
    place.mkdir()
    (place / "image.png").write_text("x")
    for path in (out, place, place / "image.png"):
        os.utime(path, ns=(10**18, 10**18))
    os.utime(dep, ns=(10**18 + 7, 10**18 + 7))
    engines._touch_if_older([str(out), str(place), "absent"], [str(dep)])
    assert engines._time(out) == engines._time(place) == engines._time(dep)
    assert (place / "image.png").stat().st_mtime_ns == 10**18
    assert not (folder / "absent").exists()


@pytest.mark.parametrize("edited", [False, True])
def test_a_stage_whose_code_was_edited_while_it_ran_is_not_recorded(folder, monkeypatch, edited):
    """Its trace, which was written when the run began, is another one when the run ends."""
    stage = engines.Stage("make_piece", "cmd", ("trace.txt",), ("out",), ())
    other = replace(stage, name="join_pieces")  # has not run
    (folder / "trace.txt").write_text("code 1")
    (folder / "out").write_text("1")
    note = {"inputs": engines._inputs(stage), "outputs": engines._outputs(stage)}
    engines._write(engines.DONE / "make_piece.json", note)
    calls = []
    monkeypatch.setattr(engines, "dvc", lambda *words: calls.append(words))
    monkeypatch.setattr(engines, "stages", lambda: {each.name: each for each in (stage, other)})
    monkeypatch.setattr(
        trace_inputs, "write", lambda _: (folder / "trace.txt").write_text("code 22") if edited else None
    )
    engines.record()
    assert ["make_piece" in words for words in calls] == [True] * (not edited)


@pytest.mark.parametrize("edited", [False, True])
def test_parameters_that_are_edited_while_stages_are_recorded_are_not_those_they_ran_with(folder, monkeypatch, edited):
    stage = engines.Stage("make_piece", "cmd", (), ("out",), ("make_piece",))
    other = replace(stage, name="join_pieces", outs=("joined",), sections=("join_pieces",))
    for each in (stage, other):
        (folder / each.outs[0]).write_text("1")
        note = {"inputs": engines._inputs(each), "outputs": engines._outputs(each)}
        engines._write(engines.DONE / f"{each.name}.json", note)
    engines.LOCK.write_text("as before")
    edits = iter(["{make_piece: {a: 7}, join_pieces: {b: 2}}"] * edited)
    earlier = folder / "cache/runs/ab/join_pieces/earlier"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("of another run")
    os.utime(earlier, (0, 0))

    def dvc(*words):
        if (text := next(edits, None)) is not None:
            Path("params.yaml").write_text(text)
        named = words[words.index(engines.TRACER) + 1 :] if engines.TRACER in words else ["make_piece", "join_pieces"]
        engines.LOCK.write_text(engines.LOCK.read_text() + "".join(f" {name}" for name in named))
        for name in named:
            place = folder / "cache/runs/ab" / name
            place.mkdir(exist_ok=True)
            (place / "later").write_text(Path("params.yaml").read_text())

    monkeypatch.setattr(engines, "dvc", dvc)
    monkeypatch.setattr(engines, "dvc_cache", lambda: folder / "cache")
    known = {each.name: each for each in (stage, other)}
    monkeypatch.setattr(engines, "stages", lambda: known)
    engines._record_finished(known)
    assert engines.LOCK.read_text() == ("as before join_pieces" if edited else "as before make_piece join_pieces")
    kept = {str(path.relative_to(folder / "cache/runs/ab")) for path in (folder / "cache/runs/ab").rglob("*")}
    of_edited = set() if edited else {"make_piece", "make_piece/later"}  # which `dvc repro` would restore
    assert kept == {"join_pieces", "join_pieces/earlier", "join_pieces/later"} | of_edited


def test_nothing_is_recorded_by_parameters_that_can_no_longer_be_read(folder, monkeypatch):
    stage = engines.Stage("make_piece", "cmd", (), ("out",), ())
    (folder / "out").write_text("1")
    note = {"inputs": engines._inputs(stage), "outputs": engines._outputs(stage)}
    engines._write(engines.DONE / "make_piece.json", note)

    def commit(*_):
        engines.LOCK.write_text("recorded")
        Path("params.yaml").write_text("half: [written")

    monkeypatch.setattr(engines, "dvc", commit)
    monkeypatch.setattr(engines, "dvc_cache", lambda: folder / "cache")
    with pytest.raises(InputError, match=r"params\.yaml"):
        engines._record_finished({"make_piece": stage})
    assert not engines.LOCK.exists()
    assert (engines.DONE / "make_piece.json").exists(), "recorded once they can be read again"


def test_what_another_project_does_to_a_shared_cache_of_runs_stops_nothing(folder, monkeypatch):
    """DVC writes an entry under another name first: it may be gone when it is looked at."""
    monkeypatch.setattr(engines, "dvc_cache", lambda: folder / "cache")
    runs = folder / "cache/runs/ab"
    for name in ("first", "last"):
        (runs / name).mkdir(parents=True)
    (runs / "first/moved.tmp").symlink_to(folder / "gone")
    (runs / "last/ours").write_text("")
    engines._unrecord(None, 0.0)
    assert not (runs / "last").exists()


@pytest.mark.parametrize("when", ["before", "while"])
@pytest.mark.parametrize("text", ["half: [written", "", "make_piece:"])
def test_a_run_whose_parameters_are_saved_half_way_ends_in_words(folder, monkeypatch, capsys, when, text):
    stage = engines.Stage("make_piece", "cmd", (), ("out",), ())
    (folder / "out").write_text("1")
    note = {"inputs": engines._inputs(stage), "outputs": engines._outputs(stage)}
    engines._write(engines.DONE / "make_piece.json", note)
    Path("dvc.yaml").write_text("stages: {make_piece: {cmd: make, matrix: {set: '${make_piece.sets}'}}}")
    Path("params.yaml").write_text("make_piece: {sets: [a]}")

    def edit(*_):
        Path("params.yaml").write_text(text)

    monkeypatch.setattr(engines, "dvc", edit)
    monkeypatch.setattr(engines, "dvc_cache", lambda: folder / "cache")
    monkeypatch.setattr(trace_inputs, "write", lambda _: None)
    monkeypatch.setattr(engines, "stages", lambda: definitions.stages() and {"make_piece": stage})
    if when == "before":
        edit()
    engines.record()
    assert Path("params.yaml").read_text() == text
    assert "params.yaml" in capsys.readouterr().err
    assert (engines.DONE / "make_piece.json").exists()


def test_a_result_is_not_lost_because_what_it_took_cannot_be_written(folder, monkeypatch):
    stage = engines.Stage("make_piece", "echo 1 > out", (), ("out",), ())
    monkeypatch.setattr(engines, "stages", lambda: {"make_piece": stage})
    engines._write(engines.PLAN, {"rerun": ["make_piece"]})
    (folder / "benchmarks").write_text("a file where the folder belongs")
    assert engines.run("make_piece") == 0
    assert (engines.DONE / "make_piece.json").exists()


def test_what_a_stage_has_started_ends_with_it():
    command = subprocess.Popen("sleep 60 & sleep 60; true", shell=True)
    process = psutil.Process(command.pid)
    deadline = time.monotonic() + 30
    while len(started := process.children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    engines._terminate(command.pid)
    assert command.wait(30) != 0
    assert len(started) == 2
    assert psutil.wait_procs(started, 30)[1] == []


def test_what_a_stage_took(folder):
    """102 megabytes, which this process does not have, and a processor's time."""
    take = f"{shlex.quote(sys.executable)} -c 'kept = bytes(range(256)) * 400_000; sum(range(9_000_000))'"
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"take_much": {"cmd": take}}}))
    engines._write(engines.PLAN, {"rerun": ["take_much"]})
    subprocess.run([sys.executable, engines.__file__, "run", "take_much"], check=True)
    took = pd.read_csv("benchmarks/take_much.tsv", sep="\t").iloc[0]
    assert 102 < took["max_rss_mb"] < 160
    assert 0 < took["cpu_s"] <= took["s"] + 0.1


def test_what_was_tried_before_a_stage_is_not_what_it_took(folder):
    """To restore its result takes DVC, which is larger than a small stage."""
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"take_little": {"cmd": "true"}}}))
    engines._write(engines.PLAN, {"rerun": []})
    heavy = "[sys.executable, '-c', 'kept = bytes(range(256)) * 800_000']"
    run = f"import subprocess, sys, engines; engines.restore = lambda _: subprocess.run({heavy}).returncode > 0"
    place = os.environ | {"PYTHONPATH": str(Path(engines.__file__).parent)}
    subprocess.run([sys.executable, "-c", f"{run}; sys.exit(engines.run('take_little'))"], check=True, env=place)
    assert pd.read_csv("benchmarks/take_little.tsv", sep="\t")["max_rss_mb"].iloc[0] < 150


@pytest.mark.parametrize("changed", [{"cmd": "other"}, {"deps": ("dep", "more")}, {"outs": ("other",)}])
def test_inputs_change_with_the_definition(folder, changed):
    """Or a stage that was edited after it ran would be recorded as if it had run so."""
    stage = engines.Stage("join_pieces", "cmd", ("dep",), ("out",), ("join_pieces",))
    assert engines._inputs(replace(stage, **changed)) != engines._inputs(stage)


def test_inputs_change_with_parameters_and_files_outputs_with_content(folder):
    stage = engines.Stage("join_pieces", "", ("dep",), ("out",), ("join_pieces",))
    (folder / "dep").write_text("1")
    (folder / "out").write_text("1")
    inputs, outputs = engines._inputs(stage), engines._outputs(stage)
    (folder / "params.yaml").write_text("{make_piece: {a: 9}, join_pieces: {b: 2}}")
    assert engines._inputs(stage) == inputs
    (folder / "params.yaml").write_text("{make_piece: {a: 1}, join_pieces: {b: 3}}")
    assert engines._inputs(stage) != inputs
    os.utime(folder / "out", ns=(1, 1))
    assert engines._outputs(stage) == outputs
    (folder / "out").write_text("2")
    assert engines._outputs(stage) != outputs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"changed deps": {"a.csv": "modified", "params.yaml": {"x.y": "modified"}}}, {"changed inputs"}),
        ({"changed deps": {"a.csv": "deleted"}}, {"missing files"}),
        ({"changed outs": {"a.csv": "deleted", "b.csv": "modified"}}, {"missing files", "changed outputs"}),
        ("changed command", {"changed command"}),
    ],
)
def test_what_dvc_reports_in_words(change, words):
    assert set(asking_dvc._amiss(change)) == words


OBJECT = ".dvc/cache/files/md5/ab/cd"


@pytest.fixture
def asked(folder, monkeypatch):
    """A finished project, long ago, in which DVC was asked; and how often it has been asked."""
    for name in ("scripts/make_piece.py", "dvc.lock", ".dvc/config", OBJECT, "data/chest/a/1.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    monkeypatch.setattr(verdict, "RACY_NS", 0)
    calls = []
    monkeypatch.setattr(engines, "dvc_status", lambda: calls.append("asked") or {})
    engines._changes(definitions.stages())
    return calls


def test_dvc_is_not_asked_again_if_nothing_has_changed(asked):
    assert engines._changes(definitions.stages()) == {}
    assert asked == ["asked"]


@pytest.mark.parametrize("name", ["scripts/make_piece.py", "dvc.lock", "params.yaml", OBJECT, "data/chest/a/1.png"])
def test_dvc_is_asked_again_after_a_change_of_the_same_length_and_time(asked, name):
    path = Path(name)
    before = path.stat()
    time.sleep(0.05)  # more than a tick of the file system's clock
    path.write_text(path.read_text().replace("1", "9").replace("x", "y"))
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    engines._changes(definitions.stages())
    assert asked == ["asked", "asked"]


def test_nothing_is_up_to_date_before_anything_was_recorded(asked):
    Path("dvc.lock").unlink()
    assert set(engines._changes(definitions.stages())) == set(definitions.stages())
    assert asked == ["asked"]


@pytest.mark.parametrize("name", ["scripts/make_piece.py", OBJECT, "data/chest/a/1.png"])
def test_dvc_is_asked_again_after_a_loss(asked, name):
    Path(name).unlink()
    engines._changes(definitions.stages())
    assert asked == ["asked", "asked"]


def test_a_file_for_a_new_output_and_another_ignore_file_count(asked, folder):
    for number, name in enumerate(("data/chest/a/2.png", "data/.dvcignore", ".dvc/config.local"), start=2):
        (folder / name).write_text("x")
        engines._changes(definitions.stages())
        assert len(asked) == number


def test_changes_that_dvc_found_are_asked_for_again(asked, folder, monkeypatch):
    (folder / "data/chest/a/1.png").write_text("other")
    monkeypatch.setattr(engines, "dvc_status", lambda: asked.append("asked") or {"join_pieces": ["changed inputs"]})
    assert engines._changes(definitions.stages()) == engines._changes(definitions.stages()) != {}
    assert len(asked) == 3


def test_the_log_has_a_line_for_each_reason(monkeypatch):
    monkeypatch.setattr(engines, "NAMED", 2)
    lost = ["missing files"]
    changes = {"a": lost, "b": ["changed inputs", *lost], "c": lost, "d": lost, "e": lost}
    assert list(engines._told(changes)) == [
        "not up to date (missing files): a, c and 2 more",
        "not up to date (changed inputs, missing files): b",
    ]


def test_no_mark_of_what_has_just_changed_or_of_a_cache_elsewhere(asked, folder, monkeypatch):
    assert verdict.mark(["data"])
    monkeypatch.setattr(verdict, "RACY_NS", 10**12)
    assert verdict.mark(["data"]) is None
    monkeypatch.setattr(verdict, "RACY_NS", 0)
    (folder / ".dvc/cache").rename(folder / "elsewhere")
    assert verdict.mark(["data"]) is None
