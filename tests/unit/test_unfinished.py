"""unfinished.py: a state is gone on with by the same work alone, and whatever else is found is told of and removed."""

import json

import pytest

from radsieve import unfinished
from radsieve.errors import InputError

SETTINGS = {"epochs": 3, "moving": {"steps": 12, "targets": [0, 3]}}
CODE = "code src/radsieve/a.py 11\ncode src/radsieve/b c.py 22\npackage torch 2.13.0\npython 3.11\n"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "images.npy"
    path.write_bytes(b"one")
    return path


@pytest.fixture
def folder(tmp_path, source):
    """A state of the work of SETTINGS and CODE."""
    folder = unfinished.reopen(tmp_path / "cache/train/a", unfinished.key_of(SETTINGS, [source], CODE))
    (folder / "state").write_text("half-method")
    return folder


def reopened(folder, source, settings=SETTINGS, code=CODE):
    """Whether the state is still there."""
    return (unfinished.reopen(folder, unfinished.key_of(settings, [source], code)) / "state").exists()


def test_the_same_work_goes_on(folder, source, caplog):
    assert reopened(folder, source, settings=dict(reversed(SETTINGS.items())), code=CODE)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("settings", "code", "reason"),
    [
        (SETTINGS | {"epochs": 4}, CODE, "parameter epochs was 3 and is 4"),
        (SETTINGS | {"moving": {"steps": 12, "targets": []}}, CODE, "parameter moving.targets was [0, 3] and is []"),
        (SETTINGS | {"seed": 1}, CODE, "parameter seed is new"),
        (SETTINGS, CODE.replace("22", "33"), "code src/radsieve/b c.py has changed"),
        (SETTINGS, CODE.replace("code src/radsieve/a.py 11\n", ""), "code src/radsieve/a.py is gone"),
        (SETTINGS, CODE.replace("2.13.0", "2.14.0"), "package torch was 2.13.0 and is 2.14.0"),
        (SETTINGS, CODE.replace("3.11", "3.12"), "python was 3.11 and is 3.12"),
        ({}, "", "code src/radsieve/a.py is gone, code src/radsieve/b c.py is gone, package torch is gone, "
                 "parameter epochs is gone, and 3 other things"),
    ],
)  # fmt: skip
def test_other_work_starts_anew_and_says_why(folder, source, caplog, settings, code, reason):
    assert not reopened(folder, source, settings, code)
    (message,) = caplog.messages
    assert (
        message == f"what an earlier run left in {folder} is removed, and the work starts from the beginning: {reason}"
    )
    assert [path.name for path in folder.iterdir()] == ["key.json"]
    caplog.clear()
    (folder / "state").write_text("half-method")
    assert reopened(folder, source, settings, code)
    assert caplog.messages == []


def test_other_images_are_other_work(folder, source, caplog):
    source.write_bytes(b"two")
    assert not reopened(folder, source)
    assert caplog.messages[0].endswith(f"input {source} has changed")


@pytest.mark.parametrize("damage", ["", "[]", '{"python": "3.11"', "\xff"])
def test_a_damaged_key_is_told_of(folder, source, caplog, damage):
    (folder / "key.json").write_text(damage, encoding="latin-1")
    assert not reopened(folder, source)
    assert f"{folder / 'key.json'} is damaged" in caplog.messages[0]


def test_a_state_without_a_key_is_told_of(folder, source, caplog):
    (folder / "key.json").unlink()
    assert not reopened(folder, source)
    assert f"{folder / 'key.json'} is missing" in caplog.messages[0]


def test_work_that_had_kept_nothing_is_not_told_of(folder, source, caplog):
    (folder / "state").rename(folder / ".state.half-written")
    assert not reopened(folder, source, SETTINGS | {"epochs": 4})
    assert caplog.messages == []
    assert json.loads((folder / "key.json").read_text())["parameter epochs"] == "4"


def test_nothing_is_left_after_removal(folder):
    unfinished.remove(folder)
    unfinished.remove(folder)
    assert not folder.exists()


def test_a_state_that_cannot_be_removed_is_never_gone_on_with(folder, source, monkeypatch):
    def refuse(path):
        raise PermissionError("no")

    monkeypatch.setattr(unfinished.shutil, "rmtree", refuse)
    with pytest.raises(InputError, match="an old state that cannot be deleted"):
        reopened(folder, source, SETTINGS | {"epochs": 4})


def test_each_result_has_a_folder_of_its_own(tmp_path, monkeypatch):
    """Also in projects that share a cache; and a project that is moved finds what it has kept."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    found = []
    for project in ("one", "other"):
        monkeypatch.chdir(tmp_path / project)
        for cache in (".cache", str(tmp_path / "shared")):
            monkeypatch.setenv("RADSIEVE_CACHE", cache)
            found.append([unfinished.folder_of("train", tmp_path / project / "results" / name) for name in "ab"])
            assert found[-1][0].parent.name == "train" and found[-1][0].name.startswith("a-")
            assert found[-1][0] != found[-1][1]
    assert found[0] == found[2]
    assert found[1] != found[3]
