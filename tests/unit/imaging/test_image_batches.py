import tracemalloc

import numpy as np
import pytest
from defaults import settings
from PIL import Image

from radsieve.errors import InputError
from radsieve.imaging import image_batches as module
from radsieve.imaging.image_batches import batches_of, image_batches
from radsieve.imaging.packs import write_pack
from radsieve.storage.folder import FolderSource

LOCAL = settings("source")


def ramp(height, width, first=0):
    return (np.arange(height * width).reshape(height, width) % 200 + first).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Five images of different sizes below two folders, and two files that are none."""
    images = tmp_path / "images"
    (images / "b").mkdir(parents=True)
    for number, name in enumerate(["a.png", "b/c.png", "b/d.jpg", "e.bmp", "f.tiff"]):
        Image.fromarray(ramp(10 + number, 12, number)).save(images / name)
    (images / "b/notes.txt").write_text("no image")
    (images / "empty.png").touch()
    return images


def test_a_folder_is_read_in_order_and_in_batches_and_what_is_no_image_is_told(folder):
    rejected = []
    batches = list(image_batches(str(folder), 8, 1, 2, rejected, LOCAL))
    assert [batch.names for batch in batches] == [["a.png", "b/c.png"], ["b/d.jpg", "e.bmp"], ["f.tiff"]]
    assert [batch.images.shape for batch in batches] == [(2, 1, 8, 8), (2, 1, 8, 8), (1, 1, 8, 8)]
    assert [size for batch in batches for size in batch.sizes] == [(10 + number, 12) for number in range(5)]
    assert [(one.name, one.reason) for one in rejected] == [("b/notes.txt", "no image"), ("empty.png", "empty object")]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_pack_gives_what_the_files_of_its_images_give(tmp_path, channels):
    images = [ramp(16, 16, first) for first in (0, 30, 55)]
    (tmp_path / "files").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / "files" / f"{number}.png")
    write_pack(tmp_path / "pack", ["0.png", "1.png", "2.png"], [image[None] for image in images], (1, 16, 16))
    for pixels in (16, 8):
        packed, filed = (
            list(image_batches(str(tmp_path / name), pixels, channels, 2, [], LOCAL)) for name in ("pack", "files")
        )
        assert [batch.names for batch in packed] == [batch.names for batch in filed]
        for one, other in zip(packed, filed, strict=True):
            assert one.images.shape[1:] == (channels, pixels, pixels)
            assert np.array_equal(one.images, other.images)
            assert one.sizes == other.sizes


def test_a_coloured_pack_is_made_grey_where_grey_is_asked_for(tmp_path):
    red = np.zeros((3, 8, 8), dtype=np.uint8)
    red[0] = 200
    write_pack(tmp_path / "pack", ["red"], [red], (3, 8, 8))
    (batch,) = image_batches(str(tmp_path / "pack"), 8, 1, 4, [], LOCAL)
    assert batch.images.shape == (1, 1, 8, 8)
    assert set(batch.images.ravel()) == {60}  # 0.299 x 200


def test_a_bucket_is_read_below_its_prefix(folder, monkeypatch):
    asked = []

    def bucket(*place):
        asked.append(place)
        return FolderSource(folder, "b/")

    monkeypatch.setattr(module, "_bucket", bucket)
    (batch,) = image_batches("s3://images/b", 8, 1, 9, [], settings("source", endpoint="https://storage.example.org"))
    assert asked == [("s3", "images", "b/", "https://storage.example.org")]
    assert batch.names == ["b/c.png", "b/d.jpg"]


def test_a_bucket_needs_a_service():
    with pytest.raises(InputError, match=r"source\.endpoint = embedded"):
        next(image_batches("s3://images/knee/", 8, 1, 2, [], LOCAL))


def test_places_without_images_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        next(image_batches(str(tmp_path / "none"), 8, 1, 2, [], LOCAL))
    with pytest.raises(InputError, match=r"no image in it$"):
        next(image_batches(str(tmp_path), 8, 1, 2, [], LOCAL))
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(InputError, match=r"no image in it; the first of 1 files: a.txt \(no image\)"):
        next(image_batches(str(tmp_path), 8, 1, 2, [], LOCAL))


def test_only_one_batch_is_taken_at_a_time(tmp_path):
    """A pack of 52 MB is gone through without holding 25 MB of images and names at any moment."""
    rows = 800
    write_pack(
        tmp_path / "pack", [str(row) for row in range(rows)], (ramp(256, 256)[None] for _ in range(rows)), (1, 256, 256)
    )
    tracemalloc.start()
    try:
        count = sum(len(batch.names) for batch in image_batches(str(tmp_path / "pack"), 256, 1, 32, [], LOCAL))
        held_at_most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == rows
    assert 32 * 256 * 256 < held_at_most < 25_000_000  # the batch itself is counted: so would be the pack


def test_the_batches_of_a_pack_can_be_told_before_they_are_read(tmp_path):
    write_pack(tmp_path / "pack", list("abcde"), (ramp(8, 8)[None] for _ in range(5)), (1, 8, 8))
    for batch in (1, 2, 5, 9):
        found = list(image_batches(str(tmp_path / "pack"), 8, 1, batch, [], LOCAL))
        assert batches_of(str(tmp_path / "pack"), batch) == len(found)
    assert batches_of(str(tmp_path), 2) is None
    assert batches_of("s3://bucket/images/", 2) is None


@pytest.mark.parametrize("place", ["abfss://c@account.dfs.core.windows.net/x", "ftp://host/x"])
def test_other_places_are_refused_with_what_to_do(place):
    with pytest.raises(InputError, match=r"s3://bucket/prefix/ \(gs://, az://\)"):
        list(image_batches(place, 32, 1, 8, [], LOCAL))


def test_a_container_of_azure_needs_an_account(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(InputError, match="AZURE_STORAGE_ACCOUNT_NAME"):
        list(image_batches("az://container/x", 32, 1, 8, [], LOCAL))
