import hashlib
import io
import tempfile
import unicodedata
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shelf import Shelf

from radsieve import tables
from radsieve.curation import ingestion
from radsieve.curation import tables as curation_tables
from radsieve.curation.ingestion import REASONS, ReadLimits, decoder_version, ingest, refuse_nothing
from radsieve.curation.layouts import (
    DEPTH,
    EMPTY,
    GRADE,
    GRADER,
    TOO_LARGE,
    Graded,
    Layout,
    Rejection,
    check_object,
)
from radsieve.errors import InputError
from radsieve.storage.cache import Cache
from radsieve.storage.keys import UNSAFE_KEY
from radsieve.storage.objects import Content, EmptySource, StoredObject

LAYOUT = Layout.of("p/", ["one", "two"], ["0", "1"])
LIMITS = ReadLimits(concurrency=4, max_bytes=100_000, max_pixels=10_000)


def image(seed=0, kind="PNG", shape=(40, 30)):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def ingested(contents, folder, **limits):
    with Cache(folder) as cache:
        return ingest(Shelf(contents), cache, LAYOUT, ReadLimits(**(vars(LIMITS) | limits)))


def checked(path, byte_size=10):
    verdict = check_object(StoredObject(f"p/{path}", byte_size, "etag"), LAYOUT, LIMITS.max_bytes)
    return verdict.reason if isinstance(verdict, Rejection) else (verdict.expert, verdict.severity, verdict.path)


@pytest.mark.parametrize("name", ["a.png", "a b.png", "é 日本 ü.png", "NormalG0 (1).png", "..png", "a%2Fb.png", "-rf"])
def test_good_keys(name):
    assert checked(f"one/0/{name}") == ("one", "0", f"one/0/{name}")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("three/0/a.png", GRADER),
        ("ONE/0/a.png", GRADER),
        ("one/2/a.png", GRADE),
        ("one/a.png", DEPTH),
        ("readme.txt", DEPTH),
        ("one/0/deeper/a.png", DEPTH),
        ("../../x", UNSAFE_KEY),
        ("one/../a.png", UNSAFE_KEY),
        ("one/0/..", UNSAFE_KEY),
        ("one/./a.png", UNSAFE_KEY),
        ("one//a.png", UNSAFE_KEY),
        ("one/0/", UNSAFE_KEY),
        ("/etc/0/passwd", UNSAFE_KEY),
        ("one/0/a\nb.png", UNSAFE_KEY),
        ("one/0/a\x00.png", UNSAFE_KEY),
        ("one/0/a\u2028b.png", UNSAFE_KEY),
        ("one/0/a\udc80.png", UNSAFE_KEY),
        ("one/0/" + "k" * 900, UNSAFE_KEY),
        ("one/0/" + "é" * 254, UNSAFE_KEY),
    ],
)
def test_bad_keys(path, reason):
    assert checked(path) == reason


def test_path_of_512_bytes_is_the_longest():
    assert checked("one/0/" + "é" * 253) == ("one", "0", "one/0/" + "é" * 253)


def test_byte_sizes():
    assert checked("one/0/a.png", 0) == EMPTY
    assert checked("one/0/a.png", 100_001) == TOO_LARGE
    assert checked("one/0/a.png", 100_000) == ("one", "0", "one/0/a.png")


def test_a_fault_of_the_source_is_the_reason():
    assert check_object(StoredObject("p/one/0/a", 1, "", "no regular file"), LAYOUT, 10) == Rejection("no regular file")


keys = st.text(max_size=30) | st.lists(
    st.sampled_from(["one", "two", "0", "1", "..", ".", "", "a.png", "p", "é"]), max_size=6
).map("/".join)


@given(path=keys)
def test_no_key_escapes(path):
    verdict = check_object(StoredObject(f"p/{path}", 10, "etag"), LAYOUT, LIMITS.max_bytes)
    if isinstance(verdict, Graded):
        assert verdict.path == path
        splits = PurePosixPath(path).parts
        assert splits[0] in LAYOUT.graders and splits[1] in LAYOUT.grades and len(splits) == 3
        assert not {"..", ".", "/"} & set(splits)
        assert len(path.splitlines()) == 1
    else:
        assert verdict.reason in REASONS


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(names=st.lists(st.text(min_size=1, max_size=10), unique=True, max_size=5))
def test_images_are_named_by_their_content_alone(names):
    contents = {f"p/one/0/{name}": image() for name in names}
    with tempfile.TemporaryDirectory() as folder:
        result = ingested(contents, Path(folder))
    sha256 = hashlib.sha256(image()).hexdigest()
    assert set(result.contents) <= {f"{sha256[:2]}/{sha256}.png"}
    assert len(result.raw_data) + len(result.quarantine) == len(names)


def test_rows_are_in_the_order_of_s3(tmp_path):
    names = ["é.png", "a b.png", "a!.png", "Z.png", "\U0001f9b4.png", "\uffee.png", "a.png"]
    result = ingested({f"p/{e}/0/{name}": image() for name in names for e in ("two", "one")}, tmp_path)
    expected = sorted((f"{e}/0/{name}" for name in names for e in ("one", "two")), key=str.encode)
    assert list(result.raw_data.relative_path) == expected


def test_tables_of_a_small_bucket(tmp_path):
    first, second = image(1), image(2, "JPEG")
    contents = {
        "p/": b"",
        "p/one/": b"",
        "p/one/0/a.png": first,
        "p/one/1/b.jpg": second,
        "p/two/0/c.png": first,
        "p/two/0/empty.png": b"",
        "p/two/0/text.png": b"no image at all",
        "p/two/0/cut.png": first[:-100],
        "p/two/0/huge.png": image(3, "PNG", (200, 200)),
        "p/two/9/a.png": first,
    }
    result = ingested(contents, tmp_path)
    ids = [Content.of(content).file_id for content in (first, second)]
    assert result.raw_data.to_dict("split")["data"] == [
        ["one", ids[0], "0", "one/0/a.png"],
        ["one", ids[1], "1", "one/1/b.jpg"],
        ["two", ids[0], "0", "two/0/c.png"],
    ]
    assert list(result.images.file_id) == ids
    assert list(result.images.format) == ["PNG", "JPEG"]
    assert list(result.images.byte_size) == [len(first), len(second)]
    assert (result.images[["width", "height"]] == [30, 40]).all(axis=None)
    digests = [hashlib.sha256(content).hexdigest() for content in (first, second)]
    paths = [f"{digests[0][:2]}/{digests[0]}.png", f"{digests[1][:2]}/{digests[1]}.jpg"]
    assert list(result.images.image_path) == paths
    assert result.contents == dict(zip(paths, digests, strict=True))
    assert list(zip(result.quarantine.key, result.quarantine.reason, strict=True)) == [
        ("p/two/0/cut.png", "broken image"),
        ("p/two/0/empty.png", "empty object"),
        ("p/two/0/huge.png", "too many pixels"),
        ("p/two/0/text.png", "no image"),
        ("p/two/9/a.png", "unknown grade"),
    ]
    assert result.metrics == {
        "objects_listed": 10,
        "folder_markers": 2,
        "objects_read": 6,
        "bytes_read": sum(len(contents[f"p/{path}"]) for path in ("one/0/a.png", "one/1/b.jpg", "two/0/c.png"))
        + sum(len(contents[f"p/two/0/{name}.png"]) for name in ("text", "cut", "huge")),
        "images": 3,
        "distinct_images": 2,
        "quarantined": 5,
        "quarantined_by_reason": {
            "unknown grade": 1,
            "empty object": 1,
            "no image": 1,
            "broken image": 1,
            "too many pixels": 1,
        },
    }
    for schema, table in (
        (curation_tables.RAW_DATA, result.raw_data),
        (curation_tables.IMAGES, result.images),
        (curation_tables.QUARANTINE, result.quarantine),
    ):
        schema.validate(table)


def test_a_second_ingestion_reads_and_decodes_nothing(tmp_path, monkeypatch):
    contents = {f"p/one/0/{number}.png": image(number % 3) for number in range(6)}
    first = ingested(contents, tmp_path)
    monkeypatch.setattr(ingestion, "facts_and_pixels", lambda *_: pytest.fail("decoded again"))
    second = ingested(contents, tmp_path)
    assert (first.fetched, second.fetched) == (6, 0)
    assert first.metrics == second.metrics
    for name in ("raw_data", "images", "quarantine"):
        assert getattr(first, name).equals(getattr(second, name))


def test_another_limit_decodes_again(tmp_path):
    contents = {"p/one/0/a.png": image()}
    assert len(ingested(contents, tmp_path).images) == 1
    small = ingested(contents, tmp_path, max_pixels=100)
    assert list(small.quarantine.reason) == ["too many pixels"]
    assert small.raw_data.empty and small.images.empty
    assert decoder_version(1) != decoder_version(2)


@pytest.mark.parametrize("module", ["stored_images", "subgroups"])
def test_the_version_of_decoding_hangs_on_code_elsewhere(module, tmp_path, monkeypatch):
    """That which reduces what is kept, and that which reads sex and age."""
    before, other = decoder_version(1), tmp_path / f"{module}.py"
    other.write_bytes(Path(getattr(ingestion, module).__file__).read_bytes())
    monkeypatch.setattr(getattr(ingestion, module), "__file__", str(other))
    assert decoder_version(1) == before
    other.write_text(other.read_text() + "x = 1\n")
    assert decoder_version(1) != before


@pytest.mark.parametrize("codec", ["pillow", "pydicom", "pylibjpeg-libjpeg", "pylibjpeg-openjpeg", "pylibjpeg-rle"])
def test_another_version_of_a_codec_decodes_again(codec, monkeypatch):
    before, version = decoder_version(1), ingestion.metadata.version
    monkeypatch.setattr(ingestion.metadata, "version", lambda name: "9.9" if name == codec else version(name))
    assert decoder_version(1) != before


def test_nothing_at_all_gives_empty_tables(tmp_path):
    with Cache(tmp_path) as cache:
        result = ingest(EmptySource(), cache, LAYOUT, LIMITS)
    assert result.metrics["objects_listed"] == 0
    assert result.contents == {}
    tables.write(curation_tables.RAW_DATA, result.raw_data, tmp_path / "raw_data.csv")
    tables.write(curation_tables.IMAGES, result.images, tmp_path / "images.csv")
    assert tables.read(curation_tables.RAW_DATA, tmp_path / "raw_data.csv").empty
    assert tables.read(curation_tables.IMAGES, tmp_path / "images.csv").empty


def test_graders_and_grades_are_those_that_look_the_same():
    """As macOS writes them: a letter and its accent apart."""
    layout = Layout.of("p/", ["Jérôme"], ["0é"])
    stored = StoredObject(unicodedata.normalize("NFD", "p/Jérôme/0é/a.png"), 9, "etag")
    graded = check_object(stored, layout, 100)
    assert (graded.expert, graded.severity) == ("Jérôme", "0é")


def test_no_image_at_all_is_an_error_that_says_why(tmp_path):
    with pytest.raises(InputError, match="nothing lies below it"):
        refuse_nothing(ingested({}, tmp_path), "p/")
    found = ingested({"p/three/0/a.png": image(), "p/one/0/b.png": b"text"}, tmp_path)
    with pytest.raises(InputError, match=r"none of 2 objects .* 1 no image.*b\.png.* 1 unknown grader.*three"):
        refuse_nothing(found, "p/")
    refuse_nothing(ingested({"p/one/0/a.png": image()}, tmp_path), "p/")


def test_12_bits_in_16_are_told(tmp_path, caplog):
    dark = (np.random.default_rng(1).integers(0, 4096, (40, 30))).astype(np.uint16)
    stored = {}
    for name, pixels in (("a", dark), ("b", dark * 16)):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        stored[f"p/one/0/{name}.png"] = buffer.getvalue()
    found = ingested(stored | {"p/one/1/c.png": image()}, tmp_path)
    assert sorted(found.images["decoding"]) == ["", "", "a quarter of 16 bits used at most"]
    assert "so that they look dark or pale: 1;" in caplog.text
