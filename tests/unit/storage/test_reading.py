import hashlib

import pytest

from radsieve.errors import InputError
from radsieve.storage.cache import Cache
from radsieve.storage.objects import Content, StoredObject
from radsieve.storage.reading import file_ids_of


class Shelf:
    """A source in memory that counts what is read, and fails for the keys in `broken`."""

    identity = "shelf"
    gives_digests = False

    def __init__(self, contents):
        self.contents, self.read_keys, self.broken = contents, [], set()

    def list(self):
        for key, content in self.contents.items():
            yield StoredObject(key, len(content), hashlib.md5(content).hexdigest())

    def read(self, stored):
        if stored.key in self.broken:
            raise InputError(f"{stored.key}: broken")
        self.read_keys.append(stored.key)
        return Content.of(self.contents[stored.key])


@pytest.fixture
def shelf():
    return Shelf({f"{number:03}": f"image {number // 2}".encode() for number in range(300)})


def ids(shelf, tmp_path, concurrency=4):
    with Cache(tmp_path) as cache:
        return file_ids_of(shelf, list(shelf.list()), cache, concurrency)


def expected(shelf):
    return [Content.of(content).file_id for content in shelf.contents.values()]


@pytest.mark.parametrize("concurrency", [1, 8])
def test_everything_is_read_once_and_then_comes_from_the_cache(shelf, tmp_path, concurrency):
    assert ids(shelf, tmp_path, concurrency) == (expected(shelf), 300)
    assert sorted(shelf.read_keys) == list(shelf.contents)
    assert ids(shelf, tmp_path, concurrency) == (expected(shelf), 0)
    assert len(shelf.read_keys) == 300


def test_only_what_changed_is_read_again(shelf, tmp_path):
    ids(shelf, tmp_path)
    shelf.contents["007"] = b"another image"
    assert ids(shelf, tmp_path) == (expected(shelf), 1)
    assert shelf.read_keys[300:] == ["007"]


def test_a_run_that_failed_goes_on_where_it_stopped(shelf, tmp_path):
    shelf.broken = {"250"}
    with pytest.raises(InputError, match="250"):
        ids(shelf, tmp_path)
    before = len(shelf.read_keys)
    shelf.broken = set()
    images, fetched = ids(shelf, tmp_path)
    assert images == expected(shelf)
    assert fetched == 50
    assert len(shelf.read_keys) == before + fetched


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"damaged"), lambda path: path.unlink()])
def test_a_damaged_content_is_read_again(shelf, tmp_path, damage):
    ids(shelf, tmp_path)
    victim = hashlib.sha256(b"image 5").hexdigest()
    damage(next(tmp_path.rglob(victim)))
    assert ids(shelf, tmp_path) == (expected(shelf), 2)
    assert sorted(shelf.read_keys[300:]) == ["010", "011"]
    assert ids(shelf, tmp_path)[1] == 0


def test_an_unchanged_bucket_costs_its_listing_only(service, tmp_path):
    for number in range(20):
        service.put(f"p/{number}", f"image {number}".encode())

    def again():
        source = service.source()
        with Cache(tmp_path) as cache:
            return file_ids_of(source, list(source.list()), cache, 4)

    first, fetched = again()
    assert (fetched, service.reads.total(), service.listings) == (20, 20, 1)
    assert again() == (first, 0)
    assert (service.reads.total(), service.listings) == (20, 2)
    service.put("p/7", b"another image")
    assert again()[1] == 1
    assert service.reads.total() == 21
