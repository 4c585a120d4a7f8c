import tracemalloc

import numpy as np
import pytest
from defaults import settings
from PIL import Image
from s3_service import service  # noqa: F401 (a fixture)
from werkzeug.wrappers import Response

from radsieve.errors import InputError
from radsieve.imaging import image_batches as module
from radsieve.imaging.image_batches import BucketOptions, batches_of, image_batches
from radsieve.imaging.packs import write_pack
from radsieve.imaging.png import png_of
from radsieve.imaging.rendering import InputForm, Rendering
from radsieve.storage.folder import FolderSource

LOCAL = settings("source")
REMOTE = settings("source", endpoint="https://storage.example.org")
BUCKET = BucketOptions("predict_images")


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
    batches = list(image_batches(str(folder), InputForm(8, 1), 2, rejected, LOCAL, BUCKET))
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
            list(image_batches(str(tmp_path / name), InputForm(pixels, channels), 2, [], LOCAL, BUCKET))
            for name in ("pack", "files")
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
    (batch,) = image_batches(str(tmp_path / "pack"), InputForm(8, 1), 4, [], LOCAL, BUCKET)
    assert batch.images.shape == (1, 1, 8, 8)
    assert set(batch.images.ravel()) == {60}  # 0.299 x 200


def test_a_bucket_is_read_below_its_prefix(folder, monkeypatch):
    asked = []

    def bucket(*place):
        asked.append(place)
        return FolderSource(folder, "b/")

    monkeypatch.setattr(module, "_bucket", bucket)
    (batch,) = image_batches("s3://images/b", InputForm(8, 1), 9, [], REMOTE, BUCKET)
    assert asked == [("s3", "images", "b/", "https://storage.example.org", BUCKET)]
    assert batch.names == ["b/c.png", "b/d.jpg"]


@pytest.fixture
def bucket(service, monkeypatch, tmp_path):  # noqa: F811
    """Six images at a service, to which the environment leads."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "0penSesame")):
        monkeypatch.setenv(name, value)
    for number in range(6):
        service.put(f"p/{number}.png", png_of(ramp(8, 8, number)))
    return service


def taken(bucket, rejected, most):
    place = settings("source", endpoint=bucket.endpoint)
    options = BucketOptions("segment_images", max_withheld=most)
    return [
        name
        for one in image_batches("s3://images/p", InputForm(8, 1), 9, rejected, place, options)
        for name in one.names
    ]


def test_objects_of_a_bucket_that_are_withheld_are_set_aside_up_to_a_number(bucket):
    for number in (1, 3, 4):
        bucket.faults[f"p/{number}.png"] = bucket.error(403, "AccessDenied")
    rejected = []
    assert taken(bucket, rejected, 3) == ["p/0.png", "p/2.png", "p/5.png"]
    assert {one.reason for one in rejected} == {"not given by the service"}
    with pytest.raises(InputError, match=r"access denied.*segment_images\.max_withheld"):
        taken(bucket, [], 2)


def test_a_prefix_that_cannot_be_is_told_as_it_was_given(bucket):
    place = settings("source", endpoint=bucket.endpoint)
    with pytest.raises(InputError, match=r"prefix of --images = 'p//'"):
        next(image_batches("s3://images/p//", InputForm(8, 1), 9, [], place, BUCKET))


def test_archived_objects_of_a_bucket_count_before_any_is_read(bucket):
    entry = "<Contents><Key>p/{}.png</Key><Size>9</Size><ETag>x</ETag><StorageClass>GLACIER</StorageClass></Contents>"
    start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>'
    text = f"{start}<IsTruncated>false</IsTruncated>{''.join(map(entry.format, range(3)))}</ListBucketResult>"
    bucket.faults[""] = lambda request: Response(text, content_type="application/xml")
    with pytest.raises(InputError, match=r"3 objects are archived.*segment_images\.max_withheld = 2"):
        taken(bucket, [], 2)
    rejected = []
    with pytest.raises(InputError, match="no image in it"):
        taken(bucket, rejected, 3)
    assert [one.reason for one in rejected] == ["archived"] * 3


@pytest.mark.parametrize(
    ("status", "code"), [(400, "InvalidToken"), (400, "InvalidAccessKeyId"), (403, "AccessDenied"), (503, "SlowDown")]
)
@pytest.mark.parametrize("kind", ["gs", "az", "s3"])
def test_what_is_wrong_with_a_bucket_is_said_in_terms_of_its_service_and_of_the_script(
    bucket, monkeypatch, kind, status, code
):
    for name in ("GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT"):
        monkeypatch.setenv(name, bucket.endpoint)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setattr(module, "_RETRIES", 0)
    bucket.faults[""] = bucket.error(status, code)
    options = BucketOptions("segment_images", access="keys" if kind == "s3" else "public")
    place = settings("source", endpoint=bucket.endpoint)
    with pytest.raises(InputError) as caught:
        next(image_batches(f"{kind}://images/p", InputForm(8, 1), 9, [], place, options))
    said = str(caught.value)
    assert "ingest_images" not in said
    assert "source.bucket" not in said
    assert kind == "s3" or ("AWS" not in said and "S3" not in said), said


def test_a_bucket_needs_a_service():
    with pytest.raises(InputError, match=r"source\.endpoint = embedded"):
        next(image_batches("s3://images/knee/", InputForm(8, 1), 2, [], LOCAL, BUCKET))


def test_places_without_images_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        next(image_batches(str(tmp_path / "none"), InputForm(8, 1), 2, [], LOCAL, BUCKET))
    with pytest.raises(InputError, match=r"no image in it$"):
        next(image_batches(str(tmp_path), InputForm(8, 1), 2, [], LOCAL, BUCKET))
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(InputError, match=r"no image in it; the first of 1 files: a.txt \(no image\)"):
        next(image_batches(str(tmp_path), InputForm(8, 1), 2, [], LOCAL, BUCKET))


def test_only_one_batch_is_taken_at_a_time(tmp_path):
    """A pack of 52 MB is gone through without holding 25 MB of images and names at any moment."""
    rows = 800
    write_pack(
        tmp_path / "pack", [str(row) for row in range(rows)], (ramp(256, 256)[None] for _ in range(rows)), (1, 256, 256)
    )
    tracemalloc.start()
    try:
        count = sum(
            len(batch.names)
            for batch in image_batches(str(tmp_path / "pack"), InputForm(256, 1), 32, [], LOCAL, BUCKET)
        )
        held_at_most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == rows
    assert 32 * 256 * 256 < held_at_most < 25_000_000  # the batch itself is counted: so would be the pack


def test_the_batches_of_a_pack_can_be_told_before_they_are_read(tmp_path):
    write_pack(tmp_path / "pack", list("abcde"), (ramp(8, 8)[None] for _ in range(5)), (1, 8, 8))
    for batch in (1, 2, 5, 9):
        found = list(image_batches(str(tmp_path / "pack"), InputForm(8, 1), batch, [], LOCAL, BUCKET))
        assert batches_of(str(tmp_path / "pack"), batch) == len(found)
    assert batches_of(str(tmp_path), 2) is None
    assert batches_of("s3://bucket/images/", 2) is None


@pytest.mark.parametrize("place", ["abfss://c@account.dfs.core.windows.net/x", "ftp://host/x"])
def test_other_places_are_refused_with_what_to_do(place):
    with pytest.raises(InputError, match=r"s3://bucket/prefix/ \(gs://, az://\)"):
        list(image_batches(place, InputForm(32, 1), 8, [], LOCAL, BUCKET))


def test_a_container_of_azure_needs_an_account(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(InputError, match="AZURE_STORAGE_ACCOUNT_NAME"):
        list(image_batches("az://container/x", InputForm(32, 1), 8, [], LOCAL, BUCKET))


def test_images_of_16_bits_that_use_little_are_told(tmp_path, caplog):
    for number, factor in enumerate((16, 257)):
        Image.fromarray(ramp(16, 16).astype(np.uint16) * factor + number).save(tmp_path / f"{number}.png")
    for rendering, told in ((Rendering(), True), (Rendering("stored"), False)):
        caplog.clear()
        list(image_batches(str(tmp_path), InputForm(8, 1, rendering), 9, [], LOCAL, BUCKET))
        assert ("1 of 2 images have 16 bits, nearly all values in a quarter of the scale" in caplog.text) == told
