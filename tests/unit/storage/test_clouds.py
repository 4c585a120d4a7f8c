"""Buckets of Google and containers of Azure, for which a service in this process stands in: both list in XML."""

import hashlib

import pytest
from defaults import changed, settings
from werkzeug.wrappers import Response

from radsieve.errors import InputError
from radsieve.storage.clouds import AZURE, GOOGLE, CloudSource
from radsieve.storage.objects import StoredObject, WithheldError
from radsieve.storage.s3 import Connection
from radsieve.storage.sources import open_source

CONTENT = b"an image" * 100
DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
BLOB = (
    f"<Blob><Name>p/a.png</Name><Properties><Last-Modified>{DATE}</Last-Modified><Etag>0x8D</Etag><Content-Length>800"
    "</Content-Length><Content-Type>image/png</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>"
)
CONTAINER = f'<?xml version="1.0"?><EnumerationResults><Blobs>{BLOB}</Blobs><NextMarker/></EnumerationResults>'


@pytest.fixture(params=[GOOGLE, AZURE])
def kind(request, service, monkeypatch):
    """One of both clouds at the service, with one object; the service speaks S3, which Google's listing is like."""
    for name, value in (("GOOGLE_BASE_URL", service.endpoint), ("AZURE_STORAGE_ENDPOINT", service.endpoint)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    service.put("p/a.png", CONTENT)
    service.put("q/b.png", CONTENT)
    etag = "0x8D" if request.param == AZURE else f'"{hashlib.md5(CONTENT).hexdigest()}"'
    if request.param == AZURE:
        service.faults[""] = lambda request: Response(CONTAINER, content_type="application/xml")
    service.faults["p/a.png"] = lambda request: Response(CONTENT, headers={"ETag": etag, "Last-Modified": DATE})
    return request.param


def opened(kind, service, bucket="images", access="public", retries=0):
    connection = Connection(service.endpoint, "us-east-1", 4, retries, 20, access=access)
    return CloudSource(kind, connection, bucket, "p/")


def test_what_is_listed_below_the_prefix_is_read(kind, service):
    ingestion = settings("ingest_images", access="public", retries=0, timeout_s=20)
    source = settings("source", endpoint=kind, bucket="images", prefix="p/")
    with open_source(source, ingestion, None) as found:
        (stored,) = found.list()
        assert (stored.key, stored.byte_size) == ("p/a.png", 800)
        assert found.read(stored).data == CONTENT
        with pytest.raises(InputError, match="changed between listing and reading"):
            found.read(StoredObject(stored.key, stored.byte_size, '"another"'))
    with (
        pytest.raises(InputError, match="requester_pays"),
        open_source(source, changed(ingestion, access="requester_pays"), None),
    ):
        pass


def test_what_is_denied_is_of_the_object_or_of_the_whole_bucket(kind, service):
    source = opened(kind, service)
    (stored,) = source.list()
    service.faults["p/a.png"] = service.faults[""] = service.error(403, "AccessDenied")
    with pytest.raises(WithheldError, match="access denied"):
        source.read(stored)
    with pytest.raises(InputError, match=r"access denied; set (GOOGLE|AZURE)_") as caught:
        list(source.list())
    assert not isinstance(caught.value, WithheldError)
    assert "said by the service" not in str(caught.value)


def test_no_such_bucket_and_a_service_that_fails(kind, service):
    service.faults[""] = service.error(404, "NoSuchBucket")
    with pytest.raises(InputError, match=r"check source\.bucket"):
        list(opened(kind, service).list())
    service.faults[""] = service.error(500, "InternalError")
    with pytest.raises(InputError, match="the service failed"):
        list(opened(kind, service).list())


def test_a_container_needs_an_account(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    source = settings("source", endpoint=AZURE, bucket="images", prefix="p/")
    with (
        pytest.raises(InputError, match="AZURE_STORAGE_ACCOUNT_NAME"),
        open_source(source, settings("ingest_images"), None),
    ):
        pass
