import pytest
from defaults import changed, settings

from radsieve.errors import InputError
from radsieve.storage.credentials import amazons, session
from radsieve.storage.sources import open_source

SETTINGS = settings("ingest_images", concurrency=4, retries=1, timeout_s=10)


def section(endpoint, bucket="images", prefix="p/"):
    return settings("source", endpoint=endpoint, bucket=bucket, prefix=prefix)


@pytest.fixture
def phantoms(tmp_path):
    folder = tmp_path / "phantoms" / "one" / "0"
    folder.mkdir(parents=True)
    (folder / "é 1.png").write_bytes(b"an image")
    (folder / "2.png").write_bytes(b"")
    (folder / "3\n.png").write_bytes(b"odd name")
    return tmp_path / "phantoms"


def contents(source):
    """What is in `source`, but for keys that are never read."""
    found = (stored for stored in source.list() if stored.byte_size and stored.key.isprintable())
    return {stored.key: source.read(stored).data for stored in found}


def test_the_embedded_bucket_holds_the_phantoms_below_the_prefix(phantoms):
    with open_source(section("embedded"), SETTINGS, phantoms) as source:
        assert source.identity == "embedded/images"
        assert contents(source) == {"p/one/0/é 1.png": b"an image"}
        assert sorted(stored.key for stored in source.list()) == ["p/one/0/2.png", "p/one/0/3\n.png", "p/one/0/é 1.png"]


def test_the_embedded_bucket_is_filled_from_a_folder(phantoms, monkeypatch, tmp_path):
    monkeypatch.setenv("RADSIEVE_TEST_FOLDER", str(tmp_path))
    filled = changed(SETTINGS, fill="$RADSIEVE_TEST_FOLDER/phantoms")
    with open_source(section("embedded", prefix=""), filled, tmp_path / "not used") as source:
        assert contents(source) == {"one/0/é 1.png": b"an image"}


def test_a_folder_with_a_link_out_is_not_uploaded(phantoms, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"not yours")
    (phantoms / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(InputError, match=r"link\.png.*link out of the folder"):
        open_source(section("embedded"), SETTINGS, phantoms).__enter__()


def test_a_folder_and_a_service(phantoms, service, monkeypatch):
    monkeypatch.setenv("RADSIEVE_TEST_FOLDER", str(phantoms.parent))
    with open_source(section("folder", "${RADSIEVE_TEST_FOLDER}", "phantoms/"), SETTINGS, phantoms) as source:
        assert contents(source) == {"phantoms/one/0/é 1.png": b"an image"}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    service.put("p/a.png", b"another image")
    with open_source(section(service.endpoint), SETTINGS, phantoms) as source:
        assert contents(source) == {"p/a.png": b"another image"}
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", service.endpoint)  # of Amazon's service
    with open_source(section("s3://"), SETTINGS, phantoms) as source:
        assert contents(source) == {"p/a.png": b"another image"}


def test_amazons_service_is_that_of_the_region(monkeypatch):
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert amazons(session("a", "b"), "eu-central-1") == "https://s3.eu-central-1.amazonaws.com"
    with pytest.raises(InputError, match="no region"):
        amazons(session("a", "b"), "no region!")
    for url in ("https://me:hidden@host", "https://host/?token=hidden", "nonsense"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(InputError, match="AWS_ENDPOINT_URL") as caught:
            amazons(session("a", "b"), "eu-central-1")
        assert "hidden" not in str(caught.value)


def test_none_has_no_images(phantoms):
    with open_source(section("none"), SETTINGS, phantoms) as source:
        assert list(source.list()) == []
