import hashlib
import os
import shutil
from pathlib import Path

import pytest
from sameness import all_files

from radsieve.errors import InputError
from radsieve.storage.cache import Cache, DamagedError, GoneError
from radsieve.storage.objects import StoredObject, sha256_of

IMAGE = "a" * 64 + ":" + "b" * 32
STORED = StoredObject("p/a.png", 5, '"etag"')


def refuse_links(*_):
    raise OSError("no hard links")


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_an_object_is_known_by_source_key_etag_and_byte_size(tmp_path):
    with Cache(tmp_path) as cache:
        cache.remember("here", STORED, IMAGE)
    with Cache(tmp_path) as cache:
        assert cache.known("here", [STORED]) == {"p/a.png": IMAGE}
        assert cache.known("elsewhere", [STORED]) == {}
        assert cache.known("here", [StoredObject("p/a.png", 5, '"other"')]) == {}
        assert cache.known("here", [StoredObject("p/a.png", 6, '"etag"')]) == {}
        assert cache.known("here", [StoredObject("p/b.png", 5, '"etag"')]) == {}
        assert cache.known("here", []) == {}


def test_the_last_content_of_an_object_counts(tmp_path):
    changed = StoredObject("p/a.png", 6, '"new"')
    with Cache(tmp_path) as cache:
        cache.remember("here", STORED, IMAGE)
        cache.remember("here", changed, "c" * 64 + ":" + "d" * 32)
        assert cache.known("here", [STORED]) == {}
        assert sha256_of(cache.known("here", [changed])["p/a.png"]) == "c" * 64


def test_facts_are_known_by_digest_and_version(tmp_path):
    with Cache(tmp_path) as cache:
        cache.remember_facts("a" * 64, "1", "text")
        assert cache.facts("a" * 64, "1") == "text"
        assert cache.facts("a" * 64, "2") is None
        assert cache.facts("b" * 64, "1") is None


def test_a_damaged_content_is_noticed_and_thrown_away(tmp_path):
    content = b"an image"
    with Cache(tmp_path) as cache:
        cache.store(digest(content), content)
        assert cache.load(digest(content)) == content
        kept = next(path for path in tmp_path.rglob(digest(content)))
        kept.write_bytes(b"a fil_")
        with pytest.raises(DamagedError):
            cache.load(digest(content))
        assert not kept.exists()
        assert not cache.holds(digest(content))
        cache.store(digest(content), content)
        assert cache.holds(digest(content))


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_index_is_begun_anew(tmp_path, damage):
    with Cache(tmp_path) as cache:
        cache.remember("here", STORED, IMAGE)
    for path in tmp_path.rglob("index.sqlite*"):
        path.write_bytes(damage)
    with Cache(tmp_path) as cache:
        assert cache.known("here", [STORED]) == {}
        cache.remember("here", STORED, IMAGE)
        assert cache.known("here", [STORED]) == {"p/a.png": IMAGE}


@pytest.mark.parametrize("links", [True, False])
def test_place_makes_exactly_what_is_asked_for(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", refuse_links)
    images = tmp_path / "data" / "images"
    with Cache(tmp_path / "cache") as cache:
        for content in (b"one", b"two"):
            cache.store(digest(content), content)
        cache.place({"aa/one.png": digest(b"one"), "bb/two.png": digest(b"two")}, images)
        assert all_files(images) == {"aa/one.png": b"one", "bb/two.png": b"two"}
        cache.place({"aa/two.png": digest(b"two")}, images)
    assert all_files(images) == {"aa/two.png": b"two"}
    assert [path.name for path in images.parent.iterdir()] == ["images"]


def test_place_puts_nothing_under_the_name_before_all_is_there(tmp_path):
    images = tmp_path / "images"
    with Cache(tmp_path / "cache") as cache:
        cache.store(digest(b"one"), b"one")
        with pytest.raises(GoneError):
            cache.place({"aa/one.png": digest(b"one"), "bb/two.png": digest(b"two")}, images)
        assert not images.exists()
        cache.place({}, images)
    assert all_files(images) == {}


def test_a_placed_file_that_was_edited_does_not_poison_the_cache(tmp_path):
    with Cache(tmp_path / "cache") as cache:
        cache.store(digest(b"one"), b"one")
        cache.place({"one.png": digest(b"one")}, tmp_path / "images")
        (tmp_path / "images" / "one.png").write_bytes(b"edited")
        assert not cache.holds(digest(b"one"))


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"file/cache: .*RADSIEVE_CACHE"):
        Cache(tmp_path / "file" / "cache")


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_none_but_the_user_can_read_originals(tmp_path, monkeypatch, mask, links):
    of_older_version = tmp_path / "cache" / "v1" / "objects"
    of_older_version.mkdir(parents=True)
    of_older_version.chmod(0o755)
    of_older_version.parent.chmod(0o777)
    if not links:
        monkeypatch.setattr(os, "link", refuse_links)
    before = os.umask(mask)
    try:
        with Cache(tmp_path / "cache") as cache:
            cache.store(digest(b"one"), b"one")
            cache.remember("here", STORED, IMAGE)  # the key may name the patient
            cache.place({"aa/one.png": digest(b"one")}, tmp_path / "images")
            modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "cache" / "v1").rglob("*")}
            placed = (tmp_path / "images" / "aa" / "one.png").stat().st_mode & 0o777
    finally:
        os.umask(before)
    assert (tmp_path / "cache" / "v1").stat().st_mode & 0o777 == 0o700
    assert {modes[path] for path in modes if path.is_dir()} == {0o700}
    assert len([path for path in modes if path.is_file()]) >= 2
    assert {modes[path] for path in modes if path.is_file()} == {0o600}
    assert placed == 0o600


def test_none_but_the_user_can_read_a_copy_while_it_is_made(tmp_path, monkeypatch):
    copy, modes = shutil.copyfile, []

    def watched(source, target):
        copy(source, target)
        modes.append(target.stat().st_mode & 0o777)

    monkeypatch.setattr(os, "link", refuse_links)
    monkeypatch.setattr(shutil, "copyfile", watched)
    with Cache(tmp_path / "cache") as cache:
        placed_two(cache, tmp_path / "images")
    assert modes == [0o600, 0o600]


def placed_two(cache, images):
    """What is placed below `images`: two files, by their digests."""
    wanted = {"aa/one.png": digest(b"one"), "bb/two.png": digest(b"two")}
    for content in (b"one", b"two"):
        cache.store(digest(content), content)
    cache.place(wanted, images)
    return wanted


def test_what_is_placed_already_is_left_alone(tmp_path):
    images = tmp_path / "images"
    with Cache(tmp_path / "cache") as cache:
        wanted = placed_two(cache, images)
        before = (images / "aa").stat().st_ino
        cache.place(wanted, images)
        assert (images / "aa").stat().st_ino == before


@pytest.mark.parametrize(
    "damage", ["another file", "a file more", "a folder more", "a copy", "one less", "open to all"]
)
def test_what_is_not_as_it_was_placed_is_placed_again(tmp_path, damage):
    images = tmp_path / "images"
    with Cache(tmp_path / "cache") as cache:
        wanted = placed_two(cache, images)
        one = images / "aa" / "one.png"
        if damage in {"another file", "a copy", "one less"}:
            one.unlink()
        if damage in {"another file", "a copy"}:
            one.write_bytes(b"one" if damage == "a copy" else b"two")
        if damage == "a file more":
            one.with_name("more").touch()
        if damage == "a folder more":
            (images / "cc").mkdir()
        if damage == "open to all":
            one.chmod(0o644)
        cache.place(wanted, images)
    assert all_files(images) == {"aa/one.png": b"one", "bb/two.png": b"two"}
    assert sorted(path.name for path in images.iterdir()) == ["aa", "bb"]
    assert one.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_run_had_begun_to_write_is_removed_and_what_another_is_writing_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_: pytest.fail("as if the machine stopped here"))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with Cache(tmp_path) as cache, pytest.raises(pytest.fail.Exception):
        cache.store(digest(b"original"), b"original")
    monkeypatch.undo()

    def lying() -> list[Path]:
        return [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"original"]

    with Cache(tmp_path):
        assert len(lying()) == 1
    os.utime(lying()[0], (0, 0))
    with Cache(tmp_path):
        assert not lying()
