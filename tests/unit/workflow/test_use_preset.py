"""What `make use PRESET=...` says and does, in a folder of its own with git, without, and before the first commit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import use_preset
import yaml

from radsieve.errors import InputError

ROOT = Path(__file__).parents[3]
DEFAULTS = use_preset.lay((ROOT / "params.yaml").read_text(encoding="utf-8"), *use_preset.overlays("default"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with params.yaml, with the default preset in use, that is in no repository."""
    (tmp_path / "params.yaml").write_text(DEFAULTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture
def use(folder, capsys):
    """Uses a preset there and returns what was said."""

    def call(name):
        use_preset.main(name)
        return capsys.readouterr().out

    return call


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def committed(folder):
    git(folder, "init", "--quiet")
    git(folder, "add", "params.yaml")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def values(folder):
    return yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))


def edit(folder, old, new):
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "params.yaml").write_text(text.replace(old, new), encoding="utf-8")


def back(said):
    """The command after `to go back:`, and what is to be set by hand."""
    command, *by_hand = said.partition("to go back: ")[2].strip().splitlines()
    return command.partition(";")[0], [line.strip() for line in by_hand]


def test_the_change_is_shown_and_not_committed(folder, use):
    committed(folder)
    said = use("knee")
    assert values(folder)["source"]["bucket"] == "knee"
    removed = [line[1:].split("#")[0].strip() for line in said.splitlines() if line.startswith("-  ")]
    added = [line[1:].split("#")[0].strip() for line in said.splitlines() if line.startswith("+  ")]
    assert "bucket: images" in removed
    assert "bucket: knee" in added
    assert "@@ source" in said
    assert len(removed) == 6
    assert sum("Mendeley" in line for line in added) == 2, "the data set and its licence, for the pages"
    assert git(folder, "log", "--format=%s").split() == ["first"]
    assert git(folder, "status", "--porcelain").split() == ["M", "params.yaml"]


def test_the_part_of_a_section_is_named(folder):
    laid = use_preset.lay(DEFAULTS, *use_preset.overlays("skin"))
    parts = [line.split()[-1] for line in use_preset.difference(DEFAULTS, laid, "").splitlines() if line[0] == "@"]
    assert {"pack_images.skin", "train_segmenter.skin"} <= set(parts)


def test_nothing_is_said_to_change_if_nothing_does(folder, use):
    committed(folder)
    before = (folder / "params.yaml").stat()
    said = use("default")
    assert "@@" not in said
    assert "next" not in said
    after = (folder / "params.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("state", ["committed", "no commit", "no repository", "no git", "not added", "edited since"])
def test_the_way_back_that_is_told_leads_back(state, folder, use, tmp_path_factory, monkeypatch):
    if state in ("committed", "edited since"):
        committed(folder)
    elif state == "no commit":
        git(folder, "init", "--quiet")
    elif state == "not added":
        (folder / "other").write_text("x")
        git(folder, "init", "--quiet")
        git(folder, "add", "other")
        git(folder, "commit", "--quiet", "-m", "first")
    elif state == "no git":
        monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    if state == "edited since":
        edit(folder, "  concurrency: 128\n", "  concurrency: 127\n")
    before = (folder / "params.yaml").read_text(encoding="utf-8")
    said = use("knee")
    assert "bucket: knee" in said
    assert ("git init" in said) == (state in ("no repository", "no git"))
    command, by_hand = back(said)
    assert not by_hand
    if state == "committed":
        assert command.startswith("git ")
        git(folder, *command.split()[1:])
    else:
        assert command == "make use PRESET=default"
        use("default")
    assert (folder / "params.yaml").read_text(encoding="utf-8") == before


def test_own_values_that_are_replaced_are_named_and_others_stay(folder, use):
    git(folder, "init", "--quiet")
    edit(folder, "  bucket: images ", "  bucket: mine ")
    edit(folder, "  label_noise: 0.05\n", "  label_noise: 0.06\n")
    edit(folder, "  targets: [valid]\n", "  targets: [score_shape, valid]\n")
    before = values(folder)
    said = use("knee")
    named = [line.split(": ", 1)[1] for line in said.splitlines() if line.startswith("a value of your own")]
    assert named == ["source.bucket: mine -> knee", "compare_classifiers.targets: [score_shape, valid] -> [valid]"]
    assert values(folder)["train_symmetry"]["label_noise"] == 0.06
    command, by_hand = back(said)
    assert command == "make use PRESET=default"
    assert by_hand == ["source.bucket: mine", "compare_classifiers.targets: [score_shape, valid]"]
    use("default")
    assert values(folder) == before | {
        "source": before["source"] | {"bucket": "images"},
        "compare_classifiers": before["compare_classifiers"] | {"targets": ["valid"]},
    }


@pytest.mark.slow
def test_values_of_the_preset_before_are_not_the_users_own(folder, use):
    use("chest-loop")
    edit(folder, "  rounds: 20\n", "  rounds: 21\n")
    said = use("knee")
    assert [line for line in said.splitlines() if line.startswith("a value of your own")] == [
        "a value of your own was replaced: train_gan.rounds: 21 -> 2"
    ]
    assert back(said) == ("make use PRESET=chest-loop", ["train_gan.rounds: 21"])


def test_an_own_value_that_the_preset_has_too_is_told_for_the_way_back(folder, use):
    edit(folder, "  rounds: 2\n", "  rounds: 20\n")
    said = use("chest-loop")
    assert "a value of your own" not in said
    assert back(said) == ("make use PRESET=default", ["train_gan.rounds: 20"])


def test_a_preset_reads_its_images_by_its_own_names(folder, use):
    """And not by the graders, grades and folders of the bucket that was read before."""
    edit(folder, "  prefix: datasets/\n", "  prefix: films/\n")
    edit(folder, "  graders: [MedicalExpert-I, MedicalExpert-II]\n", "  graders: [anna, ben]\n")
    edit(folder, "  layout: folders ", "  layout: table ")
    said = use("knee")
    assert values(folder)["source"] == yaml.safe_load(DEFAULTS)["source"] | {"bucket": "knee", "same_picture": "bytes"}
    assert back(said)[1] == ["source.prefix: films/", "source.graders: [anna, ben]", "source.layout: table"]


@pytest.mark.parametrize("names", [["knees"], []])
def test_an_unknown_preset_or_none_gets_the_list(names, folder):
    script = [sys.executable, str(ROOT / "workflow/use_preset.py"), *names]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert ("say which preset: make use PRESET=<one of" in done.stderr) == (not names)
    assert set(use_preset.names()) <= set(re.findall(r"[\w-]+", done.stderr))
    assert (folder / "params.yaml").read_text(encoding="utf-8") == DEFAULTS


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  bucket: images ", "  buckets: images ", "source.bucket"),
        ("  concurrency: 128\n", "  concurrency: 0\n", "ingest_images.concurrency"),
        ("  concurrency: 128\n", "  concurrency: [\n", "line"),
        ("  concurrency: 128\n", "  concurrency: 128\n  concurrency: 128\n", "concurrency"),
    ],
)
def test_a_file_that_is_not_right_is_named_and_left(old, new, named, folder):
    edit(folder, old, new)
    before = (folder / "params.yaml").read_bytes()
    with pytest.raises(InputError) as caught:
        use_preset.main("knee")
    assert named in str(caught.value)
    assert "params.yaml" in str(caught.value)
    assert ".params.yaml." not in str(caught.value)  # the temporary file
    assert (folder / "params.yaml").read_bytes() == before
    assert [file.name for file in folder.iterdir()] == ["params.yaml"]


def test_a_mark_of_the_encoding_at_the_start_changes_no_value(folder):
    marked = folder / "params.yaml"
    marked.write_text(marked.read_text(encoding="utf-8"), encoding="utf-8-sig")
    use_preset.main("knee")
    use_preset.main("default")
    assert marked.read_text(encoding="utf-8") == DEFAULTS


def test_no_file_at_all(folder):
    (folder / "params.yaml").unlink()
    with pytest.raises(InputError, match=r"params.yaml: not found"):
        use_preset.main("knee")


def test_a_preset_of_values_that_sections_take_over_leaves_no_trace(monkeypatch, tmp_path):
    presets = {
        "default": "first: {steps: 1}\nsecond: {steps: 1}\nthird: {steps: 9}\n",
        "more": "first: {steps: 5}\nsecond: {steps: 7}\n",
        "less": "third: {steps: 1}\n",
    }
    for name, text in presets.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(use_preset, "PRESETS", tmp_path)
    text = "first: &first   # one\n  steps: 1   # few\nsecond:\n  <<: *first\nthird:\n  <<: *first\n  steps: 9\n"
    content = text
    for name, steps in [("more", (5, 7, 9)), ("less", (1, 1, 1)), ("more", (5, 7, 9)), ("default", (1, 1, 9))]:
        assert use_preset.in_use(content) in presets
        content = use_preset.lay(content, *use_preset.overlays(name))
        assert tuple(section["steps"] for section in yaml.safe_load(content).values()) == steps
        assert use_preset.in_use(content) == name
    assert content == text
