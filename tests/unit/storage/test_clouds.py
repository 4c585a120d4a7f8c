"""Buckets of Google and containers of Azure, for which a service in this process stands in: both list in XML."""

import hashlib

import pytest
from defaults import changed, settings
from obstore.exceptions import GenericError
from werkzeug.wrappers import Response

from radsieve.curation.ingestion import is_folder_marker
from radsieve.errors import InputError
from radsieve.storage import bounded_answers, clouds
from radsieve.storage.clouds import AZURE, GOOGLE, CloudSource, address
from radsieve.storage.objects import ARCHIVED, WITHHELD, StoredObject, WithheldError
from radsieve.storage.s3 import Connection
from radsieve.storage.sources import open_source

CONTENT = b"an image" * 100
DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
MD5 = hashlib.md5(CONTENT).hexdigest()
BLOB = (
    f"<Blob><Name>{{}}</Name><Properties><Last-Modified>{DATE}</Last-Modified><Etag>0x8D</Etag><Content-Length>800"
    "</Content-Length><Content-Type>image/png</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>"
)
ENTRY = (
    f"<Contents><Key>{{}}</Key><Size>800</Size><ETag>&quot;{MD5}&quot;</ETag>"
    "<LastModified>2015-10-21T07:28:00.000Z</LastModified></Contents>"
)


def listing(kind, *keys):
    """What a cloud answers: Azure's has ETags without quotes, unlike Azure's answer with the object."""
    if kind == AZURE:
        blobs = "".join(map(BLOB.format, keys))
        text = f'<?xml version="1.0"?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>'
    else:
        text = f"<ListBucketResult>{''.join(map(ENTRY.format, keys))}</ListBucketResult>"
    return lambda request: Response(text, content_type="application/xml")


@pytest.fixture(params=[GOOGLE, AZURE])
def kind(request, service, monkeypatch):
    """One of both clouds at the service, with one object; the service speaks S3, which Google's listing is like."""
    for name, value in (("GOOGLE_BASE_URL", service.endpoint), ("AZURE_STORAGE_ENDPOINT", service.endpoint)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    service.put("p/a.png", CONTENT)
    service.put("q/b.png", CONTENT)
    etag = '"0x8D"' if request.param == AZURE else f'"{MD5}"'
    if request.param == AZURE:
        service.faults[""] = listing(AZURE, "p/a.png")
    same = Response(CONTENT, headers={"ETag": etag, "Last-Modified": DATE})
    service.faults["p/a.png"] = lambda request: same if request.headers["If-Match"] == etag else Response(status=412)
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


@pytest.mark.parametrize(("status", "code"), [(401, "Unauthorized"), (403, "AuthenticationFailed")])
def test_credentials_that_are_refused_are_no_fault_of_an_object(kind, service, status, code):
    """As a token that expires while a bucket is read."""
    source = opened(kind, service)
    (stored,) = source.list()
    service.faults["p/a.png"] = service.error(status, code)
    with pytest.raises(InputError, match="access denied") as caught:
        source.read(stored)
    assert not isinstance(caught.value, WithheldError)


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (409, "BlobArchived", ARCHIVED),
        (409, "BlobUsesCustomerSpecifiedEncryption", WITHHELD),
        (400, "ResourceIsEncryptedWithCustomerEncryptionKey", WITHHELD),
    ],
)
def test_what_is_archived_or_has_a_key_of_its_own_is_withheld(kind, service, status, code, fault):
    source = opened(kind, service)
    (stored,) = source.list()
    service.faults["p/a.png"] = service.error(status, code)
    with pytest.raises(WithheldError) as caught:
        source.read(stored)
    assert caught.value.fault == fault


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["p/a.png", "p/a.png"], "'p/a.png' twice"),
        (["q/b.png"], "does not lie below the prefix"),
    ],
)
def test_a_listing_that_contradicts_itself_is_refused(kind, service, keys, said):
    service.faults[""] = listing(kind, *keys)
    with pytest.raises(InputError, match=said):
        list(opened(kind, service).list())


def test_a_listing_of_empty_objects_has_an_end_too(kind, service, monkeypatch):
    """They are held back until it is known which of them are folders."""
    monkeypatch.setattr(bounded_answers, "MAX_OBJECTS", 3)
    answer = listing(kind, *["p/a"] * 4)(None)
    answer.set_data(answer.get_data().replace(b">800<", b">0<"))
    service.faults[""] = lambda request: answer
    with pytest.raises(InputError, match="does not end"):
        list(opened(kind, service).list())


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        ("p//a.png", "p//a.png"),
        ("p/../a.png", "p/../a.png"),
        ("p/./a.png", "p/./a.png"),
        ("p/A/0/a\tb.png", r"p/A/0/a\tb.png"),
        ("p/A/0/a&#10;&amp;.png", r"p/A/0/a\n&.png"),
    ],
)
def test_a_key_that_ends_a_listing_is_named(kind, service, odd, shown):
    """What follows it is not known: nothing of the listing may pass for all."""
    service.faults[""] = listing(kind, "p/A/0/a.png", odd, "p/A/0/z.png")
    with pytest.raises(InputError) as caught:
        list(opened(kind, service).list())
    assert f" {shown};" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_with_a_backslash_is_a_key(kind, service):
    service.faults[""] = listing(kind, "p/a\\b.png")
    assert [stored.key for stored in opened(kind, service).list()] == ["p/a\\b.png"]


def test_an_endpoint_without_a_host_is_told_by_its_variable(kind, service, monkeypatch):
    for name in ("GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT"):
        monkeypatch.setenv(name, "storage.example")
    with pytest.raises(InputError, match=r"(GOOGLE_BASE_URL|AZURE_STORAGE_ENDPOINT) = storage.example: names no host"):
        address(kind)


@pytest.mark.parametrize("token", ["https://me:secret@host", "https://host/?sv=1&sig=secret", "host?sig=secret"])
def test_an_endpoint_with_a_token_in_it_is_refused_and_not_shown(kind, service, monkeypatch, token):
    for name in ("GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT"):
        monkeypatch.setenv(name, token)
    with (
        pytest.raises(InputError, match=r"GOOGLE_BASE_URL|AZURE_STORAGE_ENDPOINT") as caught,
        open_source(settings("source", endpoint=kind, bucket="images", prefix="p/"), settings("ingest_images"), None),
    ):
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (["p/", "p/A/0/a.png"], ["p/A/0/a.png"]),
        (["p/"], []),
        (["p/A/", "p/A-b.png", "p/A/0/", "p/A/0/a.png"], ["p/A-b.png", "p/A/", "p/A/0/", "p/A/0/a.png"]),
        (["p/A", "p/A/0", "p/A/0/a.png"], ["p/A/", "p/A/0/", "p/A/0/a.png"]),  # as folders of Azure are listed
        (["p/a.png", "p/a.png/"], ["p/a.png", "p/a.png/"]),
        (["p/A/0/none.png", "p/A/0/a.png"], ["p/A/0/a.png", "p/A/0/none.png"]),
    ],
)
def test_markers_of_folders_are_no_images(kind, service, listed, found):
    """Objects without content; obstore leaves out the stroke at their end."""
    text = listing(kind, *listed)(None).get_data(as_text=True)
    for key in listed:
        if not key.endswith(".png") or "none" in key:
            before, found_at, after = text.partition(f">{key}<")
            text = before + found_at + after.replace("800", "0", 1)
    service.faults[""] = lambda request: Response(text, content_type="application/xml")
    objects = [stored for stored in opened(kind, service).list() if stored.key != "p/"]  # which some leave out
    assert sorted(stored.key for stored in objects) == found
    markers = {stored.key for stored in objects if is_folder_marker(stored)}
    assert markers == {key for key in found if key.endswith("/")}


def test_without_credentials_the_variables_to_set_are_named(kind, service, monkeypatch):
    """What is asked for a token then is the machine, which is in no cloud."""

    def ask(*_, **__):
        raise GenericError(
            "Generic GCS error: Error performing token request: Error performing GET http://x - status: 403"
        )

    monkeypatch.setattr(clouds.obstore, "list", ask)
    monkeypatch.setattr(clouds.obstore, "get", ask)
    source = opened(kind, service, access="keys")
    for fails in (lambda: list(source.list()), lambda: source.read(StoredObject("p/a.png", 800, '"x"'))):
        with pytest.raises(InputError, match=r"no token; set (GOOGLE|AZURE)_") as caught:
            fails()
        assert not isinstance(caught.value, WithheldError)


@pytest.mark.parametrize(
    ("endpoint", "taken"),
    [
        ("https://storage.googleapis.com", True),
        ("https://account.blob.core.windows.net", True),
        ("http://account.blob.core.windows.net", False),
        ("http://storage.googleapis.com", False),
        ("http://127.0.0.1:9", True),
        ("http://localhost:9", True),
        ("http://127.0.0.1.example.org", False),
        ("https://googleapis.com.example.org", False),
        ("https://evilgoogleapis.com", False),
        ("https://example.org/.blob.core.windows.net", False),
        ("https://gateway.example.org", False),
    ],
)
def test_credentials_go_to_the_services_own_hosts_alone(kind, monkeypatch, endpoint, taken):
    """obstore would take them along where a host leads elsewhere."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0")
    for access in ("keys", "public"):
        connection = Connection(endpoint, "us-east-1", 4, 0, 20, access=access)
        if taken or access == "public":
            CloudSource(kind, connection, "images", "p/")
        else:
            with pytest.raises(InputError, match="credentials go to hosts of Google or Azure alone"):
                CloudSource(kind, connection, "images", "p/")
