"""Engines: edits during a run, damage, and what a killed run leaves"""

import contextlib
import json
import os
import sqlite3
import subprocess
from pathlib import Path

import asking_dvc
import damage
import pytest
import trace_inputs
from project import BIN, ROOT, Project
from stages import Stage

from radsieve import disks
from radsieve.errors import InputError
from radsieve.unchanged import SECTIONS, STAGE, TRACES, Begun

LOCK = "schema: '2.0'\nstages:\n  a: {cmd: b}\n"
MERGE = f"<<<<<<< HEAD\n{LOCK}=======\n{LOCK}>>>>>>> other\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A project's folder with a cache of its own, in which the stage `work` of a script runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(STAGE, "work")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "params.yaml").write_text("work: {a: 1, b: 1}\nother: {a: 1}\n")
    (tmp_path / "scripts/work.py").write_text("import json\n")
    TRACES.mkdir(parents=True)
    SECTIONS.write_text(json.dumps({"work": ["work.a"]}))
    (TRACES / "work.txt").write_text(trace_inputs.code_traces([Path("scripts/work.py")])[Path("scripts/work.py")])
    return tmp_path


def refused(call, happened) -> str:
    with pytest.raises(InputError) as caught:
        call()
    happened(f"exit 2: {caught.value}")
    return str(caught.value)


def begun(folder: Path) -> Begun:
    return Begun(folder / "scripts/work.py", Path("params.yaml"))


# Edits while a stage runs under plain `dvc repro`


@pytest.mark.parametrize("text", ["work: {a: 2, b: 1}\nother: {a: 1}\n", "work: {b: 1}\n", "[]", "{"])
def test_parameters_edited(folder, text, happened):
    """The stage fails: DVC would record the new ones with the old result."""
    stage = begun(folder)
    stage.check()
    (folder / "params.yaml").write_text(text)
    refused(stage.check, happened)


def test_other_parameters_edited(folder, happened):
    """Nothing happens: the stage does not read them."""
    stage = begun(folder)
    (folder / "params.yaml").write_text("work: {a: 1, b: 2}\nother: {a: 2}  # a comment\n")
    stage.check()
    happened("the stage ends as it would")


@pytest.mark.parametrize("when", ["between the start of DVC and of the stage", "during the stage"])
def test_code_edited(folder, when, happened):
    """The stage fails: DVC would record the traced code with the result of another."""
    stage = begun(folder) if when == "during the stage" else None
    (folder / "scripts/work.py").write_text("import csv\n")
    text = refused(stage.check if stage else lambda: begun(folder), happened)
    assert "scripts/work.py" in text


def test_comment_edited(folder, happened):
    """Nothing happens."""
    stage = begun(folder)
    (folder / "scripts/work.py").write_text("import json  # a comment\n")
    stage.check()
    happened("the stage ends as it would")


# What a killed run leaves, and damage


@pytest.mark.parametrize("content", ["", LOCK[:25], "\0\0\0", "a: &a [*a]\n"], ids=["empty", "cut", "zeros", "cyclic"])
@pytest.mark.parametrize("kept", [True, False], ids=["a whole one was seen", "never seen whole"])
def test_lock_cut(folder, content, kept, happened, capsys):
    """The last whole one takes its place; else it is said what to do."""
    lock = Path("dvc.lock")
    if kept:
        lock.write_text(LOCK)
        damage.check_locks()
    lock.write_text(content)
    if kept:
        damage.check_locks()
        happened(capsys.readouterr().err)
        assert lock.read_text() == LOCK
    else:
        assert "nothing is lost" in refused(damage.check_locks, happened)


def test_lock_cut_at_the_end_of_a_line(folder, happened, capsys):
    """It is still YAML: what it no longer names is said, and the one before is kept."""
    lock = Path("dvc.lock")
    whole = LOCK + "  b: {cmd: c}\n"
    lock.write_text(whole)
    damage.check_locks()
    lock.write_text(LOCK)
    damage.check_locks()
    happened(said := capsys.readouterr().err)
    assert "no longer names b" in said
    before = Path(said.rpartition("cp ")[2].split()[0])
    assert before.read_text() == whole
    damage.check_locks()
    assert capsys.readouterr().err == ""


def test_lock_with_merge_conflict(folder, happened):
    """It is said what to do."""
    Path("dvc.lock").write_text(MERGE)
    assert "git checkout --ours" in refused(damage.check_locks, happened)
    assert Path("dvc.lock").read_text() == MERGE


@pytest.mark.parametrize("content", ["", '{"read": ', "[" * 100_000], ids=["empty", "cut", "deep"])
def test_rwlock_cut(folder, content, happened):
    """It is said what to do."""
    damage.RWLOCK.parent.mkdir(parents=True)
    damage.RWLOCK.write_text(content)
    assert "rm .dvc/tmp/rwlock" in refused(damage.check_locks, happened)


def stored(content: bytes, name: str) -> Path:
    path = damage.OBJECTS / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(10**18, 10**18))
    path.chmod(0o444)
    return path


@pytest.mark.parametrize("ending", ["", ".dir"], ids=["a file", "a folder"])
def test_cache_of_dvc_damaged(folder, ending, happened, capsys):
    """With old time and mode: removed before it is restored, whether it was seen whole before or not."""
    name, other = f"900150983cd24fb0d6963f7d28e17f72{ending}", "0cc175b9c0f1b6a831c399e269772661"
    path, whole = stored(b"abc", name), stored(b"a", other)
    assert damage.remove_damaged() == []
    path.unlink()
    stored(b"abd", name)
    assert damage.remove_damaged() == [name]
    happened(capsys.readouterr().err)
    assert not path.exists() and whole.exists()
    assert damage.remove_damaged() == []


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_output_replaced_by_a_link(folder, target, happened):
    """Refused: a stage would write there, or its readers read there."""
    (folder / "elsewhere").mkdir()
    (folder / "data").mkdir()
    (folder / "data/images").symlink_to(folder / target)
    known = {"work": Stage("work", "", (), ("data/images",), ())}
    assert "data/images is a link" in refused(lambda: damage.refuse_links(known), happened)


def test_output_linked_by_dvc(folder):
    """Taken: DVC may link results into its cache."""
    path = stored(b"a", "0cc175b9c0f1b6a831c399e269772661")
    (folder / "a.csv").symlink_to(path.resolve())
    damage.refuse_links({"work": Stage("work", "", (), ("a.csv",), ())})


# Disks


def file_that_is_full():
    Path("/dev/full").write_text("x")


def sqlite_that_is_full():
    with sqlite3.connect(":memory:") as index:
        index.execute("PRAGMA max_page_count = 1")
        index.execute("CREATE TABLE a (b)")


def wrapped():
    try:
        Path("/dev/full").write_text("x")
    except OSError:
        raise RuntimeError("of a library") from None


@pytest.mark.parametrize("write", [file_that_is_full, sqlite_that_is_full, wrapped])
def test_full_disk(folder, write, happened):
    """It is said what to do."""
    with pytest.raises((OSError, RuntimeError, sqlite3.OperationalError)) as caught:
        write()
    happened(f"exit 2: {disks.advice(caught.value)}")
    assert "RADSIEVE_CACHE" in disks.advice(caught.value)
    assert disks.advice(ValueError("of another kind")) == ""
    assert "lies below a file" in disks.advice(NotADirectoryError(20, "Not a directory", "a.csv/b"))


def test_temporary_folder_too_small_for_the_embedded_server(folder, happened):
    """Said at once."""
    assert "TMPDIR" in refused(lambda: disks.require(folder, 10**18), happened)


def test_full_cache_of_dvc(happened, monkeypatch):
    """It is said what to do."""
    failed = subprocess.CompletedProcess([], 255, "", "ERROR: [Errno 28] No space left on device")
    monkeypatch.setattr(asking_dvc.subprocess, "run", lambda *_, **__: failed)
    monkeypatch.setattr(asking_dvc, "_alone", contextlib.nullcontext)
    with pytest.raises(asking_dvc.DvcError) as caught:
        asking_dvc.dvc("commit")
    happened(caught.value)
    assert "dvc cache dir" in str(caught.value)


SCRIPT = """
import sys, re
from pathlib import Path
from radsieve import stage

def main(args, params):
    text = Path("params.yaml").read_text()
    if args.edit.exists():
        Path("params.yaml").write_text(re.sub(r"hash_distance: \\d+", "hash_distance: 11", text))
    args.out.write_text(str(params.find_duplicates.hash_distance))
    return "done"

stage.run(main, "Work.", {"out": "o", "edit": "e"}, ("find_duplicates",))
"""
DVC_YAML = """
stages:
  work:
    cmd: python scripts/work.py --out out.txt --edit edit
    params: [find_duplicates]
    outs: [out.txt]
"""


@pytest.mark.slow
@pytest.mark.workflow
def test_dvc_repro_with_an_edit(folder, happened):
    """`dvc repro` fails, and the next one runs the stage by the new parameters."""
    project = Project(folder, {"PYTHONPATH": str(ROOT / "src")})
    project.call(str(BIN / "dvc"), "init", "--no-scm", "--quiet")
    (folder / "dvc.yaml").write_text(DVC_YAML)
    (folder / "scripts/work.py").write_text(SCRIPT)
    (folder / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    SECTIONS.write_text(json.dumps({"work": ["find_duplicates"]}))
    (TRACES / "work.txt").unlink()
    (folder / "edit").touch()
    said = project.dvc("repro", check=False)
    assert "was changed while this stage ran (find_duplicates)" in said
    happened(next(line for line in said.splitlines() if "was changed" in line))
    (folder / "edit").unlink()
    assert "Running stage 'work'" in project.dvc("repro")
    assert (folder / "out.txt").read_text() == "11"
