"""How a page is asked for: over the network, or from the answers of an earlier run."""

import hashlib
import ipaddress
import socket
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from radsieve import tables
from radsieve.errors import InputError
from radsieve.tasks.tables import ANSWERS

_CHUNK = 65_536
_PATIENCE = 4  # times the seconds that the site has to begin its answer


@dataclass(frozen=True)
class Answer:
    """What came back: `status` (0: nothing), the headers that matter, and the `body`; `too_long`: it was cut."""

    status: int
    kind: str = ""
    etag: str = ""
    location: str = ""
    retry_after: str = ""
    body: bytes = b""
    too_long: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the body; empty where there is none."""
        return hashlib.sha256(self.body).hexdigest() if self.body else ""


class Transport(Protocol):
    """Asks for a page, a path on the one host that is collected."""

    def get(self, page: str, headers: Mapping[str, str]) -> Answer:
        """The answer; one of status 0 if none came."""


class Network:
    """Asks the host `origin`, and no other one: no redirect is followed, no cookie kept, nothing of the environment
    (proxies, passwords) used; what is longer than `max_bytes`, or packed, is not read.
    """

    def __init__(self, origin: str, user_agent: str, timeout_s: float, max_bytes: int) -> None:
        self._origin, self._timeout, self._most = origin, timeout_s, max_bytes
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": user_agent, "Accept": "text/html", "Accept-Encoding": "identity"})

    def get(self, page: str, headers: Mapping[str, str]) -> Answer:
        """Ask for `page`, which begins with a slash."""
        url = f"{self._origin}{page}"
        try:
            with self._session.get(
                url, headers=dict(headers), timeout=self._timeout, allow_redirects=False, stream=True
            ) as found:
                packed = found.headers.get("Content-Encoding", "identity") != "identity"
                body = b"" if packed else self._read(found)
                return Answer(
                    found.status_code,
                    found.headers.get("Content-Type", ""),
                    found.headers.get("ETag", ""),
                    found.headers.get("Location", ""),
                    found.headers.get("Retry-After", ""),
                    body[: self._most],
                    packed or len(body) > self._most,
                )
        except (requests.RequestException, HTTPError):
            return Answer(0)

    def _read(self, found: requests.Response) -> bytes:
        body, end = bytearray(), time.monotonic() + _PATIENCE * self._timeout
        while len(body) <= self._most and (chunk := found.raw.read1(_CHUNK)):
            body += chunk
            if time.monotonic() > end:
                raise requests.Timeout
        return bytes(body)


class Replay:
    """Gives the answers that an earlier run kept in `folder`, in their order; for what it did not ask, status 0."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left: dict[str, deque[dict[str, object]]] = defaultdict(deque)
        self.before: dict[str, str] = {}
        for row in tables.read(ANSWERS, folder / "answers.csv").fillna("").to_dict("records"):
            self._left[str(row["page"])].append({str(name): value for name, value in row.items()})
            self.before.setdefault(str(row["page"]), str(row["before"]))

    def get(self, page: str, headers: Mapping[str, str]) -> Answer:
        """The next answer for `page`. Raises InputError if its body is not what was kept."""
        if not self._left[page]:
            return Answer(0)
        row = self._left[page].popleft()
        kind, etag, location, retry_after = (str(row[name]) for name in ("type", "etag", "location", "retry_after"))
        body = self.body(str(row["digest"]))
        return Answer(int(str(row["status"])), kind, etag, location, retry_after, body, bool(row["too_long"]))

    def body(self, digest: str) -> bytes:
        """The bytes kept under a digest. Raises InputError if they are not there, or others."""
        if not digest:
            return b""
        path = self._folder / digest
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise InputError(f"{path}: not the answer that answers.csv names; collect the pages again")
        return content


def check_public(origin: str, key: str) -> None:
    """Raise InputError, which names the setting `key`, if the host of `origin` is unknown or not on the internet."""
    host = urlsplit(origin).hostname or ""
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise InputError(f"{key} = {origin}: the host is not known: {error}") from None
    inner = sorted(str(one) for one in found if not ipaddress.ip_address(str(one).partition("%")[0]).is_global)
    if inner:
        raise InputError(f"{key} = {origin}: {', '.join(inner)} is no address on the internet; name a public host")
