"""Ingestion that keeps no file: the same facts, reduced pictures, and nothing of the originals on this machine."""

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from dicoms import PICTURE, dataset, stored
from PIL import Image
from shelf import Shelf

from radsieve.curation import ingestion
from radsieve.curation.ingestion import Ingestion, ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.curation.stored_images import reduced, stored_pixels
from radsieve.errors import InputError
from radsieve.imaging.pseudonyms import Pseudonyms
from radsieve.storage.cache import Cache
from radsieve.storage.objects import WITHHELD, Content, StoredObject, WithheldError

KEY = Pseudonyms(b"a key of sixteen characters")
LAYOUT = Layout.of("", ["one", "two"], ["0", "1"])


def encoded(kind: str, seed: int, mode: str = "L") -> bytes:
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 256, (300, 200) if mode == "L" else (300, 200, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def shelf() -> Shelf:
    contents = {f"one/0/{seed}.jpg": encoded("JPEG", seed) for seed in range(5)}
    contents |= {f"two/1/{seed}.jpg": encoded("JPEG", seed) for seed in range(2)}  # equal to two of the first
    contents |= {
        "one/1/colour.png": encoded("PNG", 9, "RGB"),
        "one/1/film.dcm": stored(dataset(np.tile(PICTURE, (4, 4)))),
    }
    return Shelf(contents | {"one/1/broken.png": encoded("PNG", 7)[:4000], "one/1/text.png": b"text"})


def ingested(source: Shelf, folder: Path, side: int | None, most: int = 100) -> Ingestion:
    with Cache(folder / "cache") as cache:
        limits = ReadLimits(2, 10**7, 10**7, kept_side=side, max_withheld=most)
        found = ingest(source, cache, LAYOUT, limits, lambda: KEY)
        cache.place(found.contents, folder / "images")
    return found


def kept(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (folder / "cache").rglob("*") if path.is_file() and "objects" in path.parts]


@pytest.mark.parametrize("at_a_time", [1, 3, 1000])
def test_the_tables_are_the_same_and_no_file_is_kept(at_a_time, shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion, "_AT_A_TIME", at_a_time)
    whole, small = ingested(shelf, tmp_path / "whole", None), ingested(shelf, tmp_path / "small", 100)
    assert small.raw_data.equals(whole.raw_data)
    assert small.quarantine.equals(whole.quarantine)
    assert small.metrics == whole.metrics
    same = [name for name in whole.images if name != "image_path"]
    assert small.images[same].equals(whole.images[same])
    originals = set(shelf.contents.values())
    assert originals & set(kept(tmp_path / "whole"))
    assert not originals & set(kept(tmp_path / "small"))
    for path, full in zip(small.images.image_path, whole.images.image_path, strict=True):
        expected = reduced(stored_pixels(tmp_path / "whole" / "images", full), 100)
        assert max(expected.shape) == 100
        assert np.array_equal(stored_pixels(tmp_path / "small" / "images", path), expected)


def test_what_is_unchanged_is_not_read_again_and_what_is_new_is(shelf, tmp_path):
    first = ingested(shelf, tmp_path, 100)
    assert first.fetched == len(shelf.contents)
    shelf.reads.clear()
    shelf.contents["one/0/new.jpg"] = encoded("JPEG", 11)
    second = ingested(shelf, tmp_path, 100)
    assert sorted(shelf.reads) == ["one/0/new.jpg", "one/1/broken.png", "one/1/text.png"]
    assert len(second.images) == len(first.images) + 1
    shelf.reads.clear()
    ingested(shelf, tmp_path, 64)
    assert len(shelf.reads) == len(shelf.contents)


def test_an_interrupted_run_goes_on_and_leaves_no_file(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion.stored_images, "reduced", lambda *_: pytest.fail("as if the machine stopped here"))
    with pytest.raises(pytest.fail.Exception):
        ingested(shelf, tmp_path, 100)
    monkeypatch.undo()
    ingested(shelf, tmp_path, 100)
    assert not set(shelf.contents.values()) & set(kept(tmp_path))


def test_what_was_described_when_a_run_was_killed_goes_in_the_next_one(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(Cache, "drop", lambda *_: pytest.fail("as if the machine stopped here"))
    with pytest.raises(pytest.fail.Exception):
        ingested(shelf, tmp_path, 100)
    monkeypatch.undo()
    originals = set(shelf.contents.values())
    assert originals & set(kept(tmp_path))
    shelf.reads.clear()
    ingested(shelf, tmp_path, 100)
    assert not originals & set(kept(tmp_path))
    assert not shelf.reads


@pytest.mark.parametrize("side", [100, None])
def test_what_another_run_on_the_same_cache_lets_go_of_is_said(side, shelf, tmp_path, monkeypatch):
    """The other run describes the same files and is done before this one decodes them."""
    read = ingestion.read_objects

    def slowly(*of):
        found = read(*of)
        with Cache(tmp_path / "cache") as other:
            for content in shelf.contents.values():
                other.drop(hashlib.sha256(content).hexdigest())
        return found

    monkeypatch.setattr(ingestion, "read_objects", slowly)
    with pytest.raises(InputError, match="cache"):
        ingested(shelf, tmp_path, side)
    monkeypatch.undo()
    assert len(ingested(shelf, tmp_path, side).images) == 7


@dataclass
class OverHttp(Shelf):
    """A bucket over http, on whose way the first `damages` reads of the first object are damaged."""

    damages: int = 1

    def read(self, stored: StoredObject) -> Content:
        self.reads.append(stored.key)
        whole = self.contents[stored.key]
        if stored.key != min(self.contents) or self.reads.count(stored.key) > self.damages:
            self.gives_digests = True
            return Content.of(whole)
        if self.gives_digests:
            raise InputError(f"{stored.key}: not the bytes of its ETag")
        return replace(Content.of(encoded("PNG", 99)), doubtful=True)


@pytest.mark.parametrize("side", [100, None])
@pytest.mark.parametrize("at_a_time", [1, 3, 10])
def test_of_ten_objects_a_damaged_one_is_not_taken_whenever_the_others_tell(at_a_time, side, tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion, "_AT_A_TIME", at_a_time)
    contents = {f"one/0/{number}.png": encoded("PNG", number) for number in range(10)}
    with pytest.raises(InputError, match=r"one/0/0\.png"):
        ingested(OverHttp(contents, damages=9), tmp_path / "stopped", side)
    found = ingested(OverHttp(contents), tmp_path / "mended", side)
    right = ingested(Shelf(contents), tmp_path / "right", side)
    assert found.fetched == 10
    assert sorted(kept(tmp_path / "mended")) == sorted(kept(tmp_path / "right"))
    assert found.images.equals(right.images)
    assert found.raw_data.equals(right.raw_data)


@pytest.mark.parametrize("side", [100, None])
def test_a_damaged_object_is_not_taken_if_the_run_is_killed_before_the_others_tell(side, tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion, "_AT_A_TIME", 1)
    contents = {f"one/0/{number}.png": encoded("PNG", number) for number in range(3)}
    source = OverHttp({"one/0/0.png": contents["one/0/0.png"]})  # the others are listed, and cannot be read
    monkeypatch.setattr(source, "list", Shelf(contents).list)
    with pytest.raises(KeyError):
        ingested(source, tmp_path, side)
    found = ingested(Shelf(contents), tmp_path, side)
    assert found.images.equals(ingested(Shelf(contents), tmp_path / "right", side).images)


@pytest.mark.parametrize("side", [100, None])
def test_what_is_withheld_when_it_is_read_once_more_counts_too(side, tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion, "_AT_A_TIME", 1)

    def bucket() -> OverHttp:
        source = OverHttp({f"one/0/{number}.png": encoded("PNG", number) for number in range(3)})
        read = source.read

        def refusing(stored: StoredObject) -> Content:
            if stored.key == "one/0/1.png" or (stored.key == "one/0/0.png" and stored.key in source.reads):
                raise WithheldError("refused", WITHHELD, "refused")
            return read(stored)

        monkeypatch.setattr(source, "read", refusing)
        return source

    assert len(ingested(bucket(), tmp_path / "two", side, 2).quarantine) == 2
    with pytest.raises(InputError, match="max_withheld"):
        ingested(bucket(), tmp_path / "one", side, 1)


def test_what_is_known_stays_though_another_object_came_with_its_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(ingestion, "_AT_A_TIME", 1)
    contents = {f"one/0/{number}.png": encoded("PNG", 99 if number == 2 else number) for number in range(3)}
    listing = list(Shelf(contents).list())
    listing[2] = replace(listing[2], etag="in parts-2")
    for source, listed in ((Shelf(contents), listing[2:]), (OverHttp(contents), listing)):
        monkeypatch.setattr(source, "list", lambda listed=listed: iter(listed))
        found = ingested(source, tmp_path, 100)
    assert found.images.equals(ingested(Shelf(contents), tmp_path / "right", 100).images)


@pytest.mark.parametrize("at_a_time", [1, 1000])
def test_what_is_not_doubtful_is_read_once_though_its_etag_is_no_digest_of_it(at_a_time, tmp_path, monkeypatch):
    """As an object over https that is encrypted with a key of the bucket's owner."""
    monkeypatch.setattr(ingestion, "_AT_A_TIME", at_a_time)
    source = Shelf({f"one/0/{number}.png": encoded("PNG", number) for number in range(3)})
    listing = list(source.list())
    first = replace(listing[0], etag="0" * 32)

    def read(stored: StoredObject) -> Content:
        source.gives_digests = source.gives_digests or stored != first
        return Shelf.read(source, stored)

    monkeypatch.setattr(source, "list", lambda: iter([first, *listing[1:]]))
    monkeypatch.setattr(source, "read", read)
    ingested(source, tmp_path, 100)
    assert sorted(source.reads) == sorted(source.contents)


@pytest.mark.parametrize("side", [100, None])
def test_of_ten_objects_one_that_is_no_image_stops_nothing(side, tmp_path):
    contents = {f"one/0/{number}.png": encoded("PNG", number) for number in range(9)}
    found = ingested(Shelf(contents | {"one/0/text.png": b"text"}), tmp_path, side)
    assert len(found.images) == 9
    assert found.quarantine["reason"].tolist() == ["no image"]


def test_what_an_earlier_run_has_kept_of_the_same_files_is_let_go_without_reading_them(shelf, tmp_path):
    ingested(shelf, tmp_path, None)
    gone = shelf.contents.pop("one/0/4.jpg")
    shelf.reads.clear()
    assert ingested(shelf, tmp_path, 100).fetched == 0
    assert not shelf.reads
    assert set(kept(tmp_path)) & {gone, *shelf.contents.values()} == {gone}
    assert not any(path.read_bytes() == gone for path in (tmp_path / "images").rglob("*.jpg"))


def test_a_value_is_the_mean_of_its_area():
    square = np.array([[0, 2, 10, 10], [4, 6, 10, 10]], dtype=np.uint8)
    assert reduced(square, 2).tolist() == [[3, 10]]
    deep = square.astype(np.uint16) * 1000
    assert reduced(deep, 2).tolist() == [[3000, 10000]]
    assert reduced(deep, 2).dtype == np.uint16
    colours = np.stack([square, square + np.uint8(1), square], axis=-1)
    assert reduced(colours, 2).tolist() == [[[3, 4, 3], [10, 11, 10]]]
    assert reduced(square, 4) is square
    assert reduced(np.zeros((1, 5000), dtype=np.uint8), 64).shape == (1, 64)
