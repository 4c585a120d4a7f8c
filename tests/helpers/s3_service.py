"""An S3 service (moto) in this process that counts requests and answers wrongly where a test asks for it."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from radsieve.storage.credentials import session
from radsieve.storage.objects import StoredObject
from radsieve.storage.s3 import Connection, S3Source

Fault = Callable[[Request], Response | None]
BUCKET = "images"


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


@dataclass
class Service:
    """`reads` counts GET requests by key, `listings` those of listings; `faults` answer instead of the service."""

    endpoint: str = ""
    reads: Counter[str] = field(default_factory=Counter)
    listings: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)

    def put(self, key: str, content: bytes) -> None:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(BUCKET, key, content)

    def delete(self, key: str) -> None:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].delete_object(BUCKET, key)

    def error(self, status: int, code: str, headers=None) -> Fault:
        """A fault that answers as S3 does, with a text that must not reach the user."""
        body = f"<Error><Code>{code}</Code><Message>said by the service</Message></Error>"
        return lambda request: Response(body, status, headers, content_type="application/xml")

    def source(self, bucket: str = BUCKET, prefix: str = "p/", retries: int = 0, **changes) -> S3Source:
        settings = {"endpoint": self.endpoint, "region": "us-east-1", "concurrency": 4, "timeout_s": 20} | changes
        return S3Source(session("KEY", "0penSesame"), Connection(retries=retries, **settings), bucket, prefix)

    def answer(self, environ, start_response):
        request = Request(environ)
        key = re.sub(f"^/{BUCKET}/?", "", request.path)
        if request.method == "GET":
            self.reads[key] += 1 if key else 0
            self.listings += 0 if key else 1
        fault = self.faults.get(key)
        response = fault(request) if fault else None
        return (response or self.application)(environ, start_response)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    found.application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, found.answer, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found.endpoint = f"http://127.0.0.1:{server.server_port}"
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.reset()
    backend.create_bucket(BUCKET, "us-east-1")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def wrong_answer(stored: StoredObject, content: bytes) -> Response:
    """An answer with another content under the ETag of a listed object."""
    return Response(content, headers={"ETag": stored.etag, "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"})
