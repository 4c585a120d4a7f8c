"""Listings of a cloud without the keys at which obstore ends them: those with a folder that is empty, `.` or `..`, or
with a control character.

A server on loopback passes on what obstore asks of the service, whatever credentials it asks with, and takes such keys
out of the answers. It follows no redirect, and sends nothing to another host.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass
from xml.sax.saxutils import unescape

import urllib3

from radsieve.storage.bounded_answers import MAX_OBJECTS, MAX_PAGE, PATIENCE, BeyondLimitError, Body, read_within
from radsieve.storage.objects import StoredObject
from radsieve.storage.s3 import Connection

# each stops where the next one begins: a page of beginnings alone takes no longer than another
_ENTRY = re.compile(r"<(Contents|Blob)>(?:(?!<\1>).)*?</\1>", re.DOTALL)
_NAME = re.compile(r"<(?:Key|Name)( Encoded=\"true\")?>([^<]*)</(?:Key|Name)>")
_SIZE, _ETAG = re.compile(r"<(?:Size|Content-Length)>(\d{1,18})<"), re.compile(r"<(?:ETag|Etag)>([^<]*)<")
_NUMBER = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));")
_NOT_PASSED_ON = {"host", "accept-encoding", "connection"}


@contextmanager
def listing_relay(connection: Connection) -> Iterator[tuple[str, list[StoredObject]]]:
    """Yield the URL of a relay to the endpoint of `connection`, there during the block, and the list to which it adds
    the objects that it takes out."""
    left_out: list[StoredObject] = []
    pool = _pool(connection)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
            try:
                found = pool.request(
                    "GET",
                    connection.endpoint.rstrip("/") + self.path,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    timeout=connection.timeout_s,
                    preload_content=False,
                )
                content = read_within(cast(Body, found), PATIENCE * connection.timeout_s, MAX_PAGE)
                if found.status == 200:
                    content = _without_odd_keys(content, left_out)
                if len(left_out) > MAX_OBJECTS:
                    raise BeyondLimitError(f"the listing has more than {MAX_OBJECTS} odd keys")
            except (urllib3.exceptions.HTTPError, OSError, BeyondLimitError):
                self.send_error(502)
                return
            self.send_response(found.status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", left_out
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pool(connection: Connection) -> urllib3.PoolManager:
    parts = urllib3.util.parse_url(connection.endpoint)
    proxy = None if connection.is_loopback or proxy_bypass(parts.host or "") else getproxies().get(parts.scheme or "")
    return urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()


def _without_odd_keys(page: bytes, left_out: list[StoredObject]) -> bytes:
    """A page of a listing without the entries of odd keys, which are added to `left_out`."""

    def kept(entry: re.Match[str]) -> str:
        name, size = _NAME.search(entry[0]), _SIZE.search(entry[0])
        if not name or not size:
            return entry[0]
        key = _plain(name[2])
        key = unquote(key) if name[1] else key
        if not _is_odd(key):
            return entry[0]
        etag = _ETAG.search(entry[0])
        left_out.append(StoredObject(key, int(size[1]), _plain(etag[1]) if etag else ""))
        return ""

    return _ENTRY.sub(kept, page.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    numbers = _NUMBER.sub(lambda found: chr(min(int(found[1] or found[2], 16 if found[1] else 10), 0x10FFFF)), text)
    return unescape(numbers, {"&quot;": '"', "&apos;": "'"})


def _is_odd(key: str) -> bool:
    folders = key.removesuffix("/").split("/")
    return any(name in ("", ".", "..") for name in folders) or any(ord(sign) < 32 or ord(sign) == 127 for sign in key)
