import hashlib
import http.server
import socket
import socketserver
import threading
import time

import pytest
from s3_service import wrong_answer
from werkzeug.wrappers import Response

from radsieve.errors import InputError
from radsieve.storage import bounded_answers
from radsieve.storage.credentials import session
from radsieve.storage.objects import StoredObject
from radsieve.storage.s3 import Connection, S3Source

BUCKET = "images"
CONTENT = b"an image" * 100


def listed(source, key="p/a.png"):
    return next(stored for stored in source.list() if stored.key == key)


def message(source, stored=None):
    with pytest.raises(InputError) as caught:
        source.read(stored) if stored else list(source.list())
    text = str(caught.value)
    assert f"'{BUCKET}'" in text and "http://" in text
    assert "said by the service" not in text and "0penSesame" not in text
    assert stored is None or repr(stored.key) in text
    return text


def test_reads_what_is_listed(service):
    service.put("p/a.png", CONTENT)
    service.put("other/b.png", b"not below the prefix")
    source = service.source()
    stored = listed(source)
    md5 = hashlib.md5(CONTENT).hexdigest()
    assert [stored] == list(source.list()) == [StoredObject("p/a.png", 800, f'"{md5}"')]
    assert source.read(stored).data == CONTENT
    assert source.read(stored).file_id == f"{hashlib.sha256(CONTENT).hexdigest()}:{md5}"


def test_lists_page_by_page(service):
    keys = [f"p/{number:04}" for number in range(2500)]
    for key in keys:
        service.put(key, b"x")
    assert [stored.key for stored in service.source().list()] == keys
    assert service.listings == 3


@pytest.mark.parametrize(
    "name", ["a b.png", "é日本.png", "50%.png", "%41.png", "a#b?c&d=e+f.png", "[1]~'q;,.png", "a\nb"]
)
def test_keys_arrive_as_they_are(service, name):
    service.put(f"p/{name}", CONTENT)
    source = service.source()
    stored = next(source.list())
    assert stored.key == f"p/{name}"
    if "\n" not in name:  # quarantined and never read
        assert source.read(stored).data == CONTENT


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, "AccessDenied", "s3:GetObject"),
        (403, "InvalidAccessKeyId", "access key is not known"),
        (403, "SignatureDoesNotMatch", "secret key is not right"),
        (404, "NoSuchBucket", "no such bucket"),
        (301, "PermanentRedirect", "ingest_images.region"),
        (400, "AuthorizationHeaderMalformed", "ingest_images.region"),
        (503, "SlowDown", "ingest_images.concurrency"),
        (418, "Teapot", "Teapot"),
    ],
)
def test_errors_say_what_to_do(service, status, code, expected):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    service.faults[""] = service.faults["p/a.png"] = service.error(status, code, {"x-amz-bucket-region": "eu-west-1"})
    assert expected in message(source)
    assert expected in message(source, stored)


def test_an_unknown_bucket_is_named(service):
    with pytest.raises(InputError, match=r"'elsewhere'.*no such bucket.*source\.bucket"):
        list(service.source("elsewhere").list())


@pytest.mark.parametrize(("region", "shown"), [("eu-west-1", "eu-west-1"), ("eu\x9b31m", r"eu\x9b31m")])
def test_a_bucket_of_another_region_is_refused_before_reading(service, region, shown):
    service.faults[""] = lambda request: Response(
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name></ListBucketResult>',
        headers={"x-amz-bucket-region": region},
        content_type="application/xml",
    )
    assert message(service.source()).endswith(f"ingest_images.region to {shown}")


@pytest.mark.parametrize("page", ["<html><body>Welcome</body></html>", "Welcome"])
def test_a_service_that_is_not_s3_is_told(service, page):
    service.faults[""] = lambda request: Response(page)
    assert "is this an S3 service?" in message(service.source())


def source_at(endpoint):
    return S3Source(session("KEY", "0penSesame"), Connection(endpoint, "us-east-1", 4, 0, 5), BUCKET, "p/")


def test_nothing_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    assert "nothing to connect to" in message(source_at(endpoint))


def test_a_host_that_does_not_exist():
    assert "nothing to connect to" in message(source_at("http://no-such-host.invalid"))


def test_an_endpoint_without_a_host_is_refused():
    with pytest.raises(InputError, match=r"source\.endpoint"):
        Connection("https:///", "us-east-1", 4, 0, 5)


@pytest.mark.parametrize("prefix", ["a//", "../", "a/./", "a"])
def test_a_prefix_that_is_no_folder_is_refused(service, prefix):
    with pytest.raises(InputError, match=r"source\.prefix"):
        service.source(prefix=prefix)


def test_no_credentials(service, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match="AWS_ACCESS_KEY_ID"):
        S3Source(session(), Connection(service.endpoint, "us-east-1", 4, 0, 5), BUCKET, "p/")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(InputError, match=r"AWS_PROFILE.*nobody"):
        S3Source(session(), Connection(service.endpoint, "us-east-1", 4, 0, 5), BUCKET, "p/")


def test_throttling_is_waited_out(service):
    service.put("p/a.png", CONTENT)
    source = service.source(retries=3)
    stored = listed(source)
    throttle = service.error(503, "SlowDown")
    service.faults["p/a.png"] = lambda request: throttle(request) if service.reads["p/a.png"] < 3 else None
    assert source.read(stored).data == CONTENT
    assert service.reads["p/a.png"] == 3


def test_retries_have_a_limit(service):
    service.put("p/a.png", CONTENT)
    source = service.source(retries=2)
    stored = listed(source)
    service.faults["p/a.png"] = service.error(503, "SlowDown")
    assert "throttling" in message(source, stored)
    assert service.reads["p/a.png"] == 3


@pytest.mark.parametrize("wrong", [b"x" * 800, CONTENT[:100]])
def test_wrong_content_is_read_once_more(service, wrong):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    service.faults["p/a.png"] = lambda request: once(service, stored, wrong)
    assert source.read(stored).data == CONTENT
    assert service.reads["p/a.png"] == 2


def once(service, stored, content):
    return wrong_answer(stored, content) if service.reads["p/a.png"] == 1 else None


def test_content_that_stays_wrong_is_refused(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    answers = iter([b"x" * 800, b"y" * 800, b"z" * 800])
    service.faults["p/a.png"] = lambda request: wrong_answer(stored, next(answers)) if request.method == "GET" else None
    assert "not those of its ETag" in message(source, stored)


def test_an_etag_that_means_nothing_is_no_fault_of_the_content(service):
    """Some services give 32 random digits: two equal reads are the content."""
    service.put("p/a.png", CONTENT)
    random = StoredObject("p/a.png", 800, f'"{"1" * 32}"')
    service.faults["p/a.png"] = lambda request: wrong_answer(random, CONTENT)
    assert service.source().read(random).data == CONTENT


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_session_token_follows_no_redirect(service, status, monkeypatch):
    """A host that answers with another one's address gets no token of ours for it."""
    service.put("p/a.png", CONTENT)
    stored = listed(service.source())
    seen = []
    with socketserver.TCPServer(("127.0.0.1", 0), recorder(seen)) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{elsewhere.server_address[1]}/p/a.png"
        service.faults["p/a.png"] = lambda request: Response("", status, {"Location": address})
        monkeypatch.setenv("AWS_SESSION_TOKEN", "0penSesame-token")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "0penSesame")
        source = S3Source(session(), Connection(service.endpoint, "us-east-1", 4, 0, 5), BUCKET, "p/")
        message(source, stored)
        elsewhere.shutdown()
    assert not seen


def test_an_error_without_end_is_not_read(service, monkeypatch):
    service.put("p/a.png", CONTENT)
    stored = listed(service.source())
    monkeypatch.setattr(bounded_answers, "MAX_PAGE", 1000)
    sent = []

    def without_end():
        while len(sent) < 1000:
            sent.append(1)
            yield b" " * 100_000

    service.faults["p/a.png"] = lambda request: Response(without_end(), 404, content_type="application/xml")
    for name, value in (("SESSION_TOKEN", "0penSesame-token"), ("ACCESS_KEY_ID", "KEY"), ("SECRET_ACCESS_KEY", "0")):
        monkeypatch.setenv(f"AWS_{name}", value)
    source = S3Source(session(), Connection(service.endpoint, "us-east-1", 4, 0, 5), BUCKET, "p/")
    assert "more than 1000 bytes" in message(source, stored)
    assert len(sent) < 1000


def recorder(seen):
    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Recorder


def test_a_body_longer_than_listed_is_not_read(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    service.faults["p/a.png"] = lambda request: wrong_answer(stored, CONTENT * 1000)
    assert "800000 bytes, and 800 were listed" in message(source, stored)


def test_an_answer_with_another_etag_is_another_object(service):
    """A service that ignores If-Match answers with what is there now."""
    source = service.source()
    parts = StoredObject("p/a.png", 800, f'"{"0" * 32}-2"')
    other = StoredObject("p/a.png", 800, f'"{"1" * 32}-2"')
    service.faults["p/a.png"] = lambda request: wrong_answer(other, CONTENT)
    assert "was changed between listing and reading" in message(source, parts)


ENTRY = "<Contents><Key>{}</Key><Size>{}</Size><ETag>{}</ETag><StorageClass>{}</StorageClass></Contents>"


def page(*entries, rest="<IsTruncated>false</IsTruncated>"):
    start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>'
    text = start + rest + "".join(entries) + "</ListBucketResult>"
    return lambda request: Response(text, content_type="application/xml")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page(ENTRY.format("p/a", 1, "x", ""), rest="<IsTruncated>true</IsTruncated>"), "breaks off"),
        (page(*[ENTRY.format("p/a", 1, "x", "")] * 2), "'p/a' twice"),
        (page(ENTRY.format("q/a", 1, "x", "")), "'q/a', which does not lie below"),
        (page("<Contents><Key>p/a</Key></Contents>"), "without key, size or ETag"),
        (page(ENTRY.format("p/a", -1, "x", "")), "cannot be"),
        (page(ENTRY.format("p/a", "many", "x", "")), "S3"),
    ],
)
def test_a_listing_that_contradicts_itself_is_refused(service, answer, said):
    service.faults[""] = answer
    assert said in message(service.source())


def test_a_listing_without_end_is_noticed(service):
    token = "<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>"
    tokens = iter(range(100))
    service.faults[""] = lambda request: page(ENTRY.format("p/a", 1, "x", ""), rest=token.format(next(tokens)))(request)
    assert "twice" in message(service.source())


def test_archived_objects_are_told_from_the_listing(service):
    service.faults[""] = page(ENTRY.format("p/a", 1, "x", "GLACIER"), ENTRY.format("p/b", 1, "x", "STANDARD"))
    assert [stored.fault for stored in service.source().list()] == ["archived", ""]


@pytest.mark.parametrize(("access", "payer"), [("public", None), ("requester_pays", "requester")])
def test_buckets_for_everybody_and_those_whose_readers_pay(service, access, payer):
    stored = StoredObject("p/a.png", 800, f'"{hashlib.md5(CONTENT).hexdigest()}"')
    answers = {
        "": page(ENTRY.format(stored.key, 800, stored.etag, "")),
        "p/a.png": lambda _: wrong_answer(stored, CONTENT),
    }
    seen = []

    def watched(key):
        def answer(request):
            seen.append((request.headers.get("Authorization"), request.headers.get("x-amz-request-payer")))
            return answers[key](request)

        return answer

    service.faults |= {key: watched(key) for key in answers}
    source = service.source(access=access)
    assert source.read(listed(source)).data == CONTENT
    assert len(seen) == 2
    assert {one[1] for one in seen} == {payer}
    assert all((one[0] is None) == (access == "public") for one in seen)


def test_a_body_that_breaks_off_is_an_error(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)

    def cut(request):
        response = wrong_answer(stored, [CONTENT[:100]])
        response.headers["Content-Length"] = str(len(CONTENT))
        response.headers["Connection"] = "close"
        return response

    service.faults["p/a.png"] = cut
    assert "broke off" in message(source, stored)


@pytest.mark.parametrize("times", [1, 2])
def test_a_listing_that_breaks_off_is_asked_for_again(service, times):
    service.put("p/a.png", CONTENT)
    pages = iter([Response(breaking_off(), content_type="application/xml") for _ in range(times)])
    service.faults[""] = lambda request: next(pages, None)
    if times == 2:
        assert "its answer broke off" in message(service.source(retries=1))
    else:
        assert listed(service.source(retries=1)).byte_size == 800


def breaking_off():
    yield b"<ListBucketResult>"
    raise ConnectionError


def test_a_service_that_does_not_answer(service):
    service.put("p/a.png", CONTENT)
    source = service.source(timeout_s=0.2)
    stored = listed(source)
    service.faults["p/a.png"] = lambda request: time.sleep(1)
    assert "ingest_images.timeout_s" in message(source, stored)


def test_an_object_changed_since_the_listing(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    service.put("p/a.png", b"another image")
    assert "was changed between listing and reading" in message(source, stored)


def test_an_object_deleted_since_the_listing(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    stored = listed(source)
    service.delete("p/a.png")
    assert "was deleted between listing and reading" in message(source, stored)


def test_an_etag_that_is_no_md5_is_not_held_against_the_content(service):
    service.put("p/a.png", CONTENT)
    source = service.source()
    multipart = StoredObject("p/a.png", 800, f'"{"0" * 32}-2"')
    service.faults["p/a.png"] = lambda request: wrong_answer(multipart, CONTENT)
    assert source.read(multipart).data == CONTENT
    encrypted = StoredObject("p/a.png", 800, f'"{"0" * 32}"')

    def answer(request):
        response = wrong_answer(encrypted, CONTENT)
        response.headers["x-amz-server-side-encryption"] = "aws:kms"
        return response

    service.faults["p/a.png"] = answer
    assert source.read(encrypted).data == CONTENT
