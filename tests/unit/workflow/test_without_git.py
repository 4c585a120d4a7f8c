"""The project as hosting pages pack it into a ZIP: without git, in a folder whose name has blanks and other letters."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def unpacked(tmp_path):
    """The files that git knows, as they are now."""
    folder = tmp_path / "Мои документы/rad sieve"
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    kept = [one for one in names if one.startswith((".dvc", "src/", "scripts/", "workflow/")) or "/" not in one]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in filter(None, kept):
            if (ROOT / name).exists():
                archive.add(ROOT / name, name)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        archive.extractall(folder, filter="data")
    return folder


def ran(folder, *words):
    paths = {"PYTHONPATH": f"{folder}/src", "RADSIEVE_CACHE": str(folder.parent / "cache"), "GIT_DIR": ""}
    variables = {name: value for name, value in (os.environ | paths).items() if value}
    return subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, timeout=120)


def test_what_git_is_needed_for_is_said_before_anything_runs(unpacked):
    trace = (sys.executable, "workflow/trace_inputs.py")
    done = ran(unpacked, *trace)
    assert done.returncode == 2
    assert "git init" in done.stderr and "core.no_scm" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (unpacked / "results").exists()
    said = ran(unpacked, sys.executable, "workflow/use_preset.py", "knee")
    assert said.returncode == 0 and "git init" in said.stdout


@pytest.mark.slow
@pytest.mark.parametrize("way", ["git", "without"])
def test_both_engines_start_after_what_was_said_is_done(unpacked, way):
    dvc = (sys.executable, "-m", "dvc")
    words = ("git", "init", "--quiet") if way == "git" else (*dvc, "config", "--local", "core.no_scm", "true")
    assert ran(unpacked, *words).returncode == 0
    done = ran(unpacked, sys.executable, "-m", "snakemake", "-n", "--cores", "1", "generate_cases")
    assert done.returncode == 0, done.stderr
    assert "generate_cases" in done.stdout + done.stderr
    done = ran(unpacked, *dvc, "status", "generate_cases")
    assert done.returncode == 0, done.stderr
    assert "generate_cases" in done.stdout
