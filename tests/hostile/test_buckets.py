"""Buckets: a service that is false, ill or in the wrong hands"""

import hashlib
import http.server
import json
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from radsieve import settings_file
from radsieve.curation.ingestion import ReadLimits, ingest
from radsieve.curation.layouts import Layout
from radsieve.errors import InputError
from radsieve.imaging.png import png_of
from radsieve.params import Params
from radsieve.storage import bounded_answers
from radsieve.storage import s3 as s3_module
from radsieve.storage import server as server_module
from radsieve.storage.cache import Cache
from radsieve.storage.credentials import session
from radsieve.storage.objects import StoredObject
from radsieve.storage.s3 import Connection, S3Source

BUCKET, TOKEN = "images", "0penSesame-token"
CONTENT = b"an image" * 100
MD5 = hashlib.md5(CONTENT).hexdigest()
IN_PARTS = f'"{"0" * 32}-2"'
ENTRY = "<Contents><Key>{}</Key><Size>{}</Size><ETag>{}</ETag></Contents>"
LAST, MORE = "<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>"
TOKEN_OF_PAGE = MORE + "<NextContinuationToken>{}</NextContinuationToken>"
START = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>images</Name>'


@pytest.fixture
def keys(monkeypatch):
    """Keys in the environment, with a session token."""
    for name, value in (("ACCESS_KEY_ID", "KEY"), ("SECRET_ACCESS_KEY", "0penSesame"), ("SESSION_TOKEN", TOKEN)):
        monkeypatch.setenv(f"AWS_{name}", value)


def with_token(service, **changes):
    return S3Source(
        session(), Connection(service.endpoint, "us-east-1", 4, 0, changes.get("timeout_s", 20)), BUCKET, "p/"
    )


def refused(call, happened):
    begin = time.monotonic()
    with pytest.raises(InputError) as caught:
        call()
    happened(f"exit 2: {caught.value}")
    assert time.monotonic() - begin < 60
    text = str(caught.value)
    assert "0penSesame" not in text and "http://" in text
    return text


def answer(content, etag, **headers):
    return Response(content, headers={"ETag": etag, "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT", **headers})


def page(*entries, rest=LAST):
    return Response(f"{START}{rest}{''.join(entries)}</ListBucketResult>", content_type="application/xml")


@pytest.mark.parametrize("name", ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"])
@pytest.mark.parametrize("sign", ["\n", "“"], ids=ascii)
def test_key_with_a_sign_that_none_has(service, name, sign, keys, monkeypatch, happened):
    """Refused before anything is asked, without showing the key."""
    monkeypatch.setenv(f"AWS_{name}", f"0penSesame{sign}x")
    assert "AWS_SECRET_ACCESS_KEY" in refused(lambda: with_token(service), happened)


# Contents


@pytest.mark.parametrize("token", [False, True], ids=["keys", "session token"])
def test_object_replaced_after_listing(service, token, keys, happened):
    """Under a multipart ETag, by a server that ignores If-Match: refused, since the answer has another ETag."""
    service.faults["p/a"] = lambda request: answer(CONTENT, f'"{"1" * 32}-2"')
    source = with_token(service) if token else service.source()
    assert "changed" in refused(lambda: source.read(StoredObject("p/a", 800, IN_PARTS)), happened)


@pytest.mark.parametrize("etag", [f'"{MD5}"', IN_PARTS, '"opaque"', f'"{"2" * 32}"'], ids=str)
def test_first_read_damaged(service, etag, happened):
    """The right bytes are taken, whatever the kind of ETag."""
    damaged = CONTENT[:-1] + b"!"
    service.faults["p/a"] = lambda request: answer(damaged if service.reads["p/a"] == 1 else CONTENT, etag)
    found = service.source().read(StoredObject("p/a", 800, etag)).data
    happened(f"{service.reads['p/a']} reads, the bytes are {'right' if found == CONTENT else 'wrong'}")
    assert found == CONTENT


def test_damaged_on_every_read(service, happened):
    """Refused by a service whose other ETags are MD5s, though all reads are equal."""
    service.put("p/b", b"whole")
    source = service.source()
    source.read(next(source.list()))
    service.faults["p/a"] = lambda request: answer(CONTENT[:-1] + b"!", f'"{MD5}"') if request.method == "GET" else None
    service.put("p/a", CONTENT)
    refused(lambda: source.read(StoredObject("p/a", 800, f'"{MD5}"')), happened)


def test_damaged_while_the_service_was_ill(service, tmp_path, happened):
    """What was broken under an ETag that tells nothing is read again in the next run."""
    picture = png_of(__import__("numpy").arange(64, dtype="uint8").reshape(8, 8))
    ill = [True]

    def say(request):
        return answer(picture[:-30] + bytes(30) if ill[0] else picture, IN_PARTS)

    service.faults |= {
        "": lambda request: page(ENTRY.format("p/A/0/a.png", len(picture), IN_PARTS)),
        "p/A/0/a.png": say,
    }
    layout, limits = Layout.of("p/", ["A"], ["0", "1"]), ReadLimits(2, 10**6, 10**6)
    counts = []
    for ill[0] in (True, False):
        with Cache(tmp_path) as cache:
            found = ingest(service.source(), cache, layout, limits)
        counts.append((len(found.images), len(found.quarantine)))
    happened(f"images and quarantine: {counts}")
    assert counts == [(0, 1), (1, 0)]


def pieces(count):
    return (b"x" * 10**6 for _ in range(count))


def dripping(request):
    def drops():
        for _ in range(100):
            time.sleep(0.1)
            yield b" " * 8

    return answer(drops(), f'"{MD5}"')


LENGTHS = {
    "10^12 bytes said": lambda request: answer(iter([CONTENT]), f'"{MD5}"', **{"Content-Length": str(10**12)}),
    "0.8 GB sent": lambda request: answer(pieces(800), f'"{MD5}"', **{"Content-Length": str(8 * 10**8)}),
    "3 GB sent in chunks": lambda request: answer(pieces(3000), f'"{MD5}"'),
    "80 bytes a second": dripping,
}  # fmt: skip


@pytest.mark.parametrize("token", [False, True], ids=["keys", "session token"])
@pytest.mark.parametrize("kind", LENGTHS)
def test_body_of_another_length(service, kind, token, keys, happened):
    """Refused before it fills memory or time."""
    service.faults["p/a"] = LENGTHS[kind]
    source = with_token(service, timeout_s=0.2) if token else service.source(timeout_s=0.5)
    refused(lambda: source.read(StoredObject("p/a", 800, f'"{MD5}"')), happened)


# Listings

LAUGHS = '<!DOCTYPE a [<!ENTITY b0 "ha">{}]><a>&b29;</a>'.format(
    "".join(f'<!ENTITY b{i} "&b{i - 1};&b{i - 1};">' for i in range(1, 30))
)
LISTINGS = {
    "truncated without token": page(ENTRY.format("p/a", 1, "x"), rest=MORE),
    "a key twice": page(*[ENTRY.format("p/a", 1, "x")] * 2),
    "a key outside of the prefix": page(ENTRY.format("../a", 1, "x")),
    "entry without size": page("<Contents><Key>p/a</Key><ETag>x</ETag></Contents>"),
    "entry without key": page("<Contents><Size>1</Size><ETag>x</ETag></Contents>"),
    "entry without ETag": page("<Contents><Key>p/a</Key><Size>1</Size></Contents>"),
    "size that is no number": page(ENTRY.format("p/a", "1e3", "x")),
    "size of 5,000 digits": page(ENTRY.format("p/a", "9" * 5000, "x")),
    "ETag with a line break": page(ENTRY.format("p/a", 1, "x&#13;&#10;Evil: 1")),
    "foreign XML": Response("<feed><title>news</title></feed>", content_type="application/xml"),
    "empty list of foreign XML": Response("<ListBucketResult/>", content_type="application/xml"),
    "a billion laughs": Response(LAUGHS, content_type="application/xml"),
    "nested 100,000 deep": Response("<a>" * 100_000, content_type="application/xml"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTINGS)
def test_listing(service, kind, happened):
    """Refused, in words of this project."""
    service.faults[""] = lambda request: LISTINGS[kind]
    refused(lambda: list(service.source().list()), happened)


def test_etag_of_strange_letters(service, happened):
    """Read or refused; the process does not die in the reading library."""
    service.faults["p/a"] = lambda request: answer(CONTENT, f'"{MD5}"')
    refused(lambda: service.source().read(StoredObject("p/a", 800, '"é\N{SNOWMAN}"')), happened)


def pages_that_never_end(kind):
    numbers = iter(range(10**6))

    def say(request):
        number = next(numbers)
        entries = {"same keys": ["p/a"], "empty pages": [], "new keys": [f"p/{number}-{i}" for i in range(50)]}[kind]
        return page(*(ENTRY.format(key, 1, "x") for key in entries), rest=TOKEN_OF_PAGE.format(number))

    return say


@pytest.mark.parametrize("kind", ["same keys", "empty pages", "new keys"])
def test_pages_that_never_end(service, kind, monkeypatch, happened):
    """Noticed; a listing of new keys ends at a limit."""
    monkeypatch.setattr(bounded_answers, "MAX_OBJECTS", 200)
    monkeypatch.setattr(s3_module, "_MAX_EMPTY_PAGES", 20)
    service.faults[""] = pages_that_never_end(kind)
    refused(lambda: list(service.source().list()), happened)


@pytest.mark.parametrize("kind", ["80 bytes a second", "3 GB sent in chunks"])
def test_page_of_another_length(service, kind, happened):
    """Refused after a limited time, and at a limited length."""
    service.faults[""] = LENGTHS[kind]
    refused(lambda: list(service.source(timeout_s=0.2).list()), happened)


# Keys and passwords


REDIRECTS = [("p/a", status, True) for status in (301, 302, 303, 307, 308)]
REDIRECTS += [("p/a", 301, False), ("p/a", 307, False), ("", 302, True), ("", 307, False)]


@pytest.mark.parametrize(("asked", "status", "token"), REDIRECTS)
def test_redirect_to_another_host(service, status, token, asked, keys, happened):
    """No credential arrives there."""
    seen = []
    with socketserver.TCPServer(("127.0.0.1", 0), recorder(seen)) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://localhost:{elsewhere.server_address[1]}/p/a"
        service.faults[asked] = lambda request: Response("", status, {"Location": address})
        source = with_token(service) if token else service.source()
        refused(lambda: source.read(StoredObject("p/a", 800, f'"{MD5}"')) if asked else list(source.list()), happened)
        elsewhere.shutdown()
    text = json.dumps(seen).casefold()
    assert not any(word in text for word in ("authorization", "token", "credential", "opensesame"))
    assert not seen or not token


def recorder(seen):
    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append([self.path, dict(self.headers)])
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Recorder


@pytest.mark.parametrize(
    "endpoint", ["https://me:0penSesame@host", "http://0penSesame@host/x", "https://a:0penSesame/@h"]
)
def test_password_in_the_endpoint(endpoint, happened):
    """Refused without printing it."""
    content = {"source": {"endpoint": endpoint}}
    with pytest.raises(InputError) as caught:
        settings_file.check(content, Params, Path("params.yaml"))
    happened(f"exit 2: {next(line for line in str(caught.value).splitlines() if 'endpoint' in line)}")
    assert "0penSesame" not in str(caught.value)


def test_remains_of_a_killed_run(tmp_path, monkeypatch, happened):
    """The next run removes folder, keys and sockets of a server whose process was killed; none of a living one."""
    monkeypatch.setattr(server_module.tempfile, "tempdir", str(tmp_path))
    code = (
        "import sys, time; from pathlib import Path; from radsieve.storage import server\n"
        "folder = Path(sys.argv[1]); folder.mkdir(); (folder / 'keys.json').touch()\n"
        "with server._owned(folder) as owner:\n"
        "    owner.write('{\"s3\": 1}\\n'); owner.flush(); print('up', flush=True); time.sleep(60)\n"
    )
    folders = [tmp_path / f"radsieve-{name}" for name in ("killed", "living")]
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE) for folder in folders
    ]
    socket_left = Path(f"/tmp/seaweedfs-s3-grpc-{1 + server_module._GRPC_OFFSET}.sock")
    socket_left.touch()
    try:
        assert [process.stdout.readline() for process in processes] == [b"up\n"] * 2
        processes[0].kill()
        processes[0].wait()
        server_module._remove_remains()
        happened(f"left: {sorted(path.name for path in tmp_path.iterdir())}")
        assert [folder.exists() for folder in folders] == [False, True]
        assert not socket_left.exists()
    finally:
        processes[1].kill()
        socket_left.unlink(missing_ok=True)
