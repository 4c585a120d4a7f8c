"""Answers of a service read within limits of time and size: boto3 waits for ever for one that drips. Listings that do
not contradict themselves."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ResponseStreamingError
from urllib3.exceptions import HTTPError

from radsieve.errors import InputError
from radsieve.storage.objects import StoredObject

MAX_PAGE = 64_000_000  # bytes of a page of a listing, which holds 1,000 keys of at most 1,024 bytes
MAX_OBJECTS = 5_000_000  # of a listing
PATIENCE = 4  # times the seconds that the service has to begin its answer

_PIECE = 1 << 16


class BeyondLimitError(Exception):
    """An answer is too long, or takes too long."""


class Body(Protocol):
    """What a service sends, as urllib3 gives it."""

    def read1(self, amt: int) -> bytes:
        """Return what has arrived, `amt` bytes at most; nothing at the end."""
        ...


class _Read:
    """A body that has been read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> list[bytes]:
        """Return the body in one piece."""
        return [self._content]


def read_within(body: Body, seconds: float, max_bytes: int) -> bytes:
    """Return all of a body. Raises BeyondLimitError, or OSError if it breaks off."""
    end, parts, length = time.monotonic() + seconds, [], 0
    try:
        while piece := body.read1(_PIECE):
            parts.append(piece)
            length += len(piece)
            if length > max_bytes:
                raise BeyondLimitError(f"the answer has more than {max_bytes} bytes")
            if time.monotonic() > end:
                raise BeyondLimitError(f"the answer took more than {seconds:g} seconds")
    except HTTPError as error:
        raise OSError(type(error).__name__) from None
    return b"".join(parts)


def ending(objects: Iterable[StoredObject], wrong: Callable[[str], InputError]) -> Iterator[StoredObject]:
    """Yield the `objects` of a listing. Raises what `wrong` makes of one without end."""
    for count, stored in enumerate(objects):
        if count == MAX_OBJECTS:
            raise wrong(f"it does not end (after {count} objects)")
        yield stored


def checked_listing(
    objects: Iterable[StoredObject], prefix: str, wrong: Callable[[str], InputError]
) -> Iterator[StoredObject]:
    """Yield the `objects` of a listing. Raises what `wrong` makes of what it says against itself: a key twice, one that
    was not asked for, no end."""
    keys: set[str] = set()
    for stored in ending(objects, wrong):
        if not stored.key.startswith(prefix):
            raise wrong(f"it lists {stored.key!r}, which does not lie below the prefix")
        if stored.key in keys:
            raise wrong(f"it lists {stored.key!r} twice")
        keys.add(stored.key)
        yield stored


def limit_answers(client: Any, timeout_s: float) -> None:
    """Let a boto3 client of S3 read its answers within limits, all but the bodies of objects; it raises
    BeyondLimitError. An answer that breaks off is asked for again, as often as the client tries again."""
    send = client._endpoint.http_session.send

    def answer(request: Any, **_: object) -> AWSResponse:
        of_object, request.stream_output = request.stream_output, True
        found = send(request)
        if of_object and found.status_code < 300:
            return found
        try:
            content = read_within(found.raw, PATIENCE * timeout_s, MAX_PAGE)
        except OSError as error:
            raise ResponseStreamingError(error=error) from None
        return AWSResponse(found.url, found.status_code, found.headers, _Read(content))

    client.meta.events.register("before-send.s3", answer)


def follow_no_redirect(client: Any) -> None:
    """Let a boto3 client of S3 ask no other region: a service that sends it from one to the next would never end."""

    def mark(context: dict[str, Any], **_: object) -> None:
        context.setdefault("s3_redirect", {})["redirected"] = True

    client.meta.events.register("before-call.s3", mark)
