import tracemalloc

import numpy as np
import pytest
from defaults import settings
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging import film_batches as module
from radsieve.imaging.film_batches import batches_of, film_batches
from radsieve.imaging.packs import write_pack
from radsieve.storage.folder import FolderSource

LOCAL = settings("source")


def ramp(height, width, first=0):
    return (np.arange(height * width).reshape(height, width) % 200 + first).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Five films of different sizes below two folders, and two files that are none."""
    images = tmp_path / "images"
    (images / "b").mkdir(parents=True)
    for number, name in enumerate(["a.png", "b/c.png", "b/d.jpg", "e.bmp", "f.tiff"]):
        Image.fromarray(ramp(10 + number, 12, number)).save(images / name)
    (images / "b/notes.txt").write_text("no film")
    (images / "empty.png").touch()
    return images


def test_a_folder_is_read_in_order_and_in_batches_and_what_is_no_film_is_told(folder):
    rejected = []
    batches = list(film_batches(str(folder), 8, 1, 2, rejected, LOCAL))
    assert [batch.names for batch in batches] == [["a.png", "b/c.png"], ["b/d.jpg", "e.bmp"], ["f.tiff"]]
    assert [batch.films.shape for batch in batches] == [(2, 1, 8, 8), (2, 1, 8, 8), (1, 1, 8, 8)]
    assert [size for batch in batches for size in batch.sizes] == [(10 + number, 12) for number in range(5)]
    assert [(one.name, one.reason) for one in rejected] == [("b/notes.txt", "no image"), ("empty.png", "empty object")]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_pack_gives_what_the_files_of_its_films_give(tmp_path, channels):
    films = [ramp(16, 16, first) for first in (0, 30, 55)]
    (tmp_path / "files").mkdir()
    for number, film in enumerate(films):
        Image.fromarray(film).save(tmp_path / "files" / f"{number}.png")
    write_pack(tmp_path / "pack", ["0.png", "1.png", "2.png"], [film[None] for film in films], (1, 16, 16))
    for pixels in (16, 8):
        packed, filed = (
            list(film_batches(str(tmp_path / name), pixels, channels, 2, [], LOCAL)) for name in ("pack", "files")
        )
        assert [batch.names for batch in packed] == [batch.names for batch in filed]
        for one, other in zip(packed, filed, strict=True):
            assert one.films.shape[1:] == (channels, pixels, pixels)
            assert np.array_equal(one.films, other.films)
            assert one.sizes == other.sizes


def test_a_coloured_pack_is_made_grey_where_grey_is_asked_for(tmp_path):
    red = np.zeros((3, 8, 8), dtype=np.uint8)
    red[0] = 200
    write_pack(tmp_path / "pack", ["red"], [red], (3, 8, 8))
    (batch,) = film_batches(str(tmp_path / "pack"), 8, 1, 4, [], LOCAL)
    assert batch.films.shape == (1, 1, 8, 8)
    assert set(batch.films.ravel()) == {60}  # 0.299 x 200


def test_a_bucket_is_read_below_its_prefix(folder, monkeypatch):
    asked = []

    def bucket(*place):
        asked.append(place)
        return FolderSource(folder, "b/")

    monkeypatch.setattr(module, "_bucket", bucket)
    (batch,) = film_batches("s3://films/b", 8, 1, 9, [], settings("source", endpoint="https://storage.example.org"))
    assert asked == [("films", "b", "https://storage.example.org")]
    assert batch.names == ["b/c.png", "b/d.jpg"]


def test_a_bucket_needs_a_service():
    with pytest.raises(InputError, match=r"source\.endpoint = embedded"):
        next(film_batches("s3://films/knee/", 8, 1, 2, [], LOCAL))


def test_places_without_films_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        next(film_batches(str(tmp_path / "none"), 8, 1, 2, [], LOCAL))
    with pytest.raises(InputError, match=r"no film in it$"):
        next(film_batches(str(tmp_path), 8, 1, 2, [], LOCAL))
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(InputError, match=r"no film in it; the first of 1 files: a.txt \(no image\)"):
        next(film_batches(str(tmp_path), 8, 1, 2, [], LOCAL))


def test_only_one_batch_is_taken_at_a_time(tmp_path):
    """A pack of 52 MB is gone through without holding 25 MB of films and names at any moment."""
    rows = 800
    write_pack(
        tmp_path / "pack", [str(row) for row in range(rows)], (ramp(256, 256)[None] for _ in range(rows)), (1, 256, 256)
    )
    tracemalloc.start()
    try:
        count = sum(len(batch.names) for batch in film_batches(str(tmp_path / "pack"), 256, 1, 32, [], LOCAL))
        held_at_most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == rows
    assert 32 * 256 * 256 < held_at_most < 25_000_000  # the batch itself is counted: so would be the pack


def test_the_batches_of_a_pack_can_be_told_before_they_are_read(tmp_path):
    write_pack(tmp_path / "pack", list("abcde"), (ramp(8, 8)[None] for _ in range(5)), (1, 8, 8))
    for batch in (1, 2, 5, 9):
        found = list(film_batches(str(tmp_path / "pack"), 8, 1, batch, [], LOCAL))
        assert batches_of(str(tmp_path / "pack"), batch) == len(found)
    assert batches_of(str(tmp_path), 2) is None
    assert batches_of("s3://bucket/films/", 2) is None
