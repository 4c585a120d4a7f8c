"""A source that is edited while a stage reads it: said at once, or told of when the engines start again."""

import numpy as np
import outside
import pytest
from defaults import settings
from s3_service import service  # noqa: F401 (a fixture)

from radsieve.curation.ingestion import ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.errors import InputError
from radsieve.imaging.png import png_of
from radsieve.storage.cache import Cache
from radsieve.storage.folder import FolderSource
from radsieve.storage.objects import Content

KEYS = [f"p/A/0/{number}.png" for number in range(3)]
EDITED = KEYS[1]


def image(number: int) -> bytes:
    return png_of(np.random.default_rng(number).integers(0, 256, (8, 9), np.uint8))


class Folder:
    """A folder of images, what trace_inputs tells of it, and a way to edit one of them."""

    def __init__(self, root):
        self._root = root
        for number, key in enumerate(KEYS):
            self.put(key, image(number))

    def put(self, key, content):
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def opened(self):
        return FolderSource(self._root, "p/")

    def told(self):
        return outside.describe(self._root, outside.Digests())


class Bucket:
    """The same of a bucket."""

    def __init__(self, service, folder):  # noqa: F811
        self._service = service
        self._source = settings("source", endpoint=service.endpoint, bucket="images", prefix="p/")
        for number, key in enumerate(KEYS):
            self.put(key, image(number))

    def put(self, key, content):
        self._service.put(key, content)

    def opened(self):
        return self._service.source()

    def told(self):
        return outside.describe_bucket(self._source, settings("ingest_images", retries=0))


class Meanwhile:
    """A source in which something is done once, after it is listed or after one of its objects is read."""

    gives_digests = False

    def __init__(self, source, moment, edit):
        self._source, self._moment, self._edit = source, moment, edit
        self.identity = source.identity

    def list(self):
        yield from self._source.list()
        if self._moment == "listed":
            self._edit()

    def read(self, stored):
        content = self._source.read(stored)
        if (self._moment, stored.key) == ("read", EDITED):
            self._edit()
        return content


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path, monkeypatch, service):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path / "cache"))
    for name, value in (("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "0penSesame")):
        monkeypatch.setenv(name, value)
    return Folder(tmp_path / "set") if request.param == "folder" else Bucket(service, tmp_path)


@pytest.fixture
def ingested(place, tmp_path):
    """What ingestion finds of the edited image, with what is done at a `moment`."""

    def run(moment="", edit=None):
        with Cache(tmp_path / "cache") as cache:
            source = Meanwhile(place.opened(), moment, edit)
            found = ingest(source, cache, Layout.of("p/", ["A"], ["0"]), ReadLimits(2, 10**6, 10**6))
        return found.raw_data.set_index("relative_path").loc[EDITED.removeprefix("p/"), "file_id"], found.fetched

    return run


@pytest.mark.parametrize("size", ["same", "other"])
def test_an_image_that_is_replaced_before_it_is_read_stops_the_run(place, ingested, size):
    other = image(9) if size == "other" else image(1)[:-1] + b"\0"
    before = place.told()
    with pytest.raises(InputError, match=rf"{EDITED}.*changed between listing and reading.*run again"):
        ingested("listed", lambda: place.put(EDITED, other))
    assert place.told() != before
    place.put(EDITED, image(9))
    assert ingested()[0] == Content.of(image(9)).file_id


def test_an_image_that_is_replaced_after_it_was_read_is_told_of_at_the_next_start(place, ingested):
    """The result is that of what was there when it was read, and the stage runs again, for this image alone."""
    before = place.told()
    assert ingested("read", lambda: place.put(EDITED, image(9))) == (Content.of(image(1)).file_id, 3)
    assert place.told() != before
    assert ingested() == (Content.of(image(9)).file_id, 1)
    assert ingested() == (Content.of(image(9)).file_id, 0)


def test_an_image_that_is_deleted_before_it_is_read_stops_the_run(service, tmp_path):  # noqa: F811
    bucket = Bucket(service, tmp_path)
    source = Meanwhile(bucket.opened(), "listed", lambda: service.delete(EDITED))
    with Cache(tmp_path / "cache") as cache, pytest.raises(InputError, match=r"deleted between listing and reading"):
        ingest(source, cache, Layout.of("p/", ["A"], ["0"]), ReadLimits(2, 10**6, 10**6))
