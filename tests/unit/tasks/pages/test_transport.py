"""Requests over a socket: nothing that identifies, no cookie, no redirect, no more than the limit."""

from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic, sleep

import pytest

from radsieve.tasks.pages.transport import Network


@contextmanager
def server(respond):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            respond(self)

        def log_message(self, format, *args):
            pass

    found = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{found.server_address[1]}"
    finally:
        found.shutdown()
        found.server_close()


def sent(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_the_name_is_sent_and_cookies_proxies_and_passwords_are_not(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    seen = []

    def respond(handler):
        seen.append(dict(handler.headers))
        sent(handler, 302 if len(seen) == 1 else 200, b"x", Set_Cookie="a=b", Location="http://127.0.0.1:1/")

    with server(respond) as origin:
        network = Network(origin, "radsieve/1.0 (me)", 5, 1000)
        assert network.get("/", {}).status == 302
        assert network.get("/", {"If-None-Match": "e"}).body == b"x"
    assert [one["User-Agent"] for one in seen] == ["radsieve/1.0 (me)"] * 2
    assert not {"Cookie", "Authorization", "Referer"} & set(seen[1])
    assert seen[1]["If-None-Match"] == "e"


@pytest.mark.parametrize(("body", "headers"), [(b"x" * 5000, {}), (b"x", {"Content_Encoding": "gzip"})])
def test_what_is_too_long_or_packed_is_not_read(body, headers):
    with server(lambda handler: sent(handler, 200, body, **headers)) as origin:
        found = Network(origin, "r", 5, 1000).get("/", {})
    assert found.too_long and len(found.body) <= 1000


def test_an_answer_that_drips_is_given_up():
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"x")
                sleep(0.05)

    with server(drip) as origin:
        begin = monotonic()
        assert Network(origin, "r", 0.2, 1000).get("/", {}).status == 0
        assert monotonic() - begin < 3


def test_no_answer_is_status_0():
    with server(lambda handler: handler.connection.close()) as origin:
        assert Network(origin, "r", 5, 1000).get("/", {}).status == 0
    assert Network(origin, "r", 0.2, 1000).get("/", {}).status == 0
