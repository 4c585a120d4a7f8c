import os

import pytest

from radsieve.errors import InputError
from radsieve.storage.folder import LINK_OUT, NO_FILE, FolderSource


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    (root / "p" / "one").mkdir(parents=True)
    (root / "p" / "one" / "é 1.png").write_bytes(b"an image")
    (root / "outside the prefix.png").write_bytes(b"another")
    return root


def listing(folder, prefix="p/"):
    return {stored.key: stored for stored in FolderSource(folder, prefix).list()}


def test_reads_what_is_listed(folder):
    found = listing(folder)
    assert list(found) == ["p/one/é 1.png"]
    assert found["p/one/é 1.png"].byte_size == 8
    assert FolderSource(folder, "p/").read(found["p/one/é 1.png"]).data == b"an image"
    assert len(listing(folder, "")) == 2


def test_links_inside_are_followed_and_others_refused(folder, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"not yours")
    (tmp_path / "secrets").mkdir()
    links = folder / "p" / "one"
    (links / "inside.png").symlink_to(folder / "outside the prefix.png")
    (links / "outside.png").symlink_to(tmp_path / "secret.png")
    (links / "folder outside").symlink_to(tmp_path / "secrets")
    (links / "folder inside").symlink_to(folder / "p")
    (links / "nowhere.png").symlink_to("nothing")
    (links / "circle.png").symlink_to("circle.png")
    found = listing(folder)
    faults = {key.rpartition("/")[2]: stored.fault for key, stored in found.items()}
    assert faults == {
        "é 1.png": "",
        "inside.png": "",
        "outside.png": LINK_OUT,
        "folder outside": LINK_OUT,
        "folder inside": NO_FILE,
        "nowhere.png": NO_FILE,
        "circle.png": NO_FILE,
    }
    assert FolderSource(folder, "p/").read(found["p/one/inside.png"]).data == b"another"


def test_links_into_a_store_of_the_same_data_set_are_followed(tmp_path):
    """As git-annex lays a data set out: the folder is the whole set, the prefix that of its images."""
    store, films = tmp_path / "set/.git/annex", tmp_path / "set/films/A"
    for folder in (store, films):
        folder.mkdir(parents=True)
    (store / "key").write_bytes(b"an image")
    (films / "a.png").symlink_to("../../.git/annex/key")
    source = FolderSource(tmp_path / "set", "films/")
    (stored,) = source.list()
    assert (stored.key, stored.fault) == ("films/A/a.png", "")
    assert source.read(stored).data == b"an image"
    assert [one.fault for one in FolderSource(tmp_path / "set/films").list()] == [LINK_OUT]


def test_a_prefix_that_leads_out_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_bytes(b"not yours")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    assert [stored.fault for stored in listing(folder, "link/").values()] == [LINK_OUT]
    with pytest.raises(InputError, match=r"source\.prefix"):
        FolderSource(folder, "../")


def test_a_pipe_is_not_opened(folder):
    os.mkfifo(folder / "p" / "pipe.png")
    assert listing(folder)["p/pipe.png"].fault == NO_FILE


@pytest.mark.parametrize("change", ["rewrite", "append", "replace", "remove"])
def test_a_file_changed_since_the_listing(folder, change):
    source = FolderSource(folder, "p/")
    stored = next(source.list())
    path = folder / stored.key
    match change:
        case "rewrite":
            path.write_bytes(b"An IMAGE")
            os.utime(path, ns=(0, 0))
        case "append":
            path.write_bytes(b"an image and more")
        case "replace":
            (folder / "new").write_bytes(b"an image")
            (folder / "new").replace(path)
        case "remove":
            path.unlink()
    with pytest.raises(InputError, match="run again") as caught:
        source.read(stored)
    assert str(path) in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"nothing/.*source\.bucket"):
        FolderSource(tmp_path / "nothing", "p/")
