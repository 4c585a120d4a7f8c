"""A site on loopback, for demonstrations: it answers from `site.json` as `radsieve.tasks.cases.pages` writes it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from radsieve.errors import InputError


@contextmanager
def embedded_site(folder: Path) -> Iterator[str]:
    """Serve the site in `folder` during the block; yields its origin, http://127.0.0.1:PORT.

    Raises InputError if there is no site.
    """
    try:
        site = json.loads((folder / "site.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'site.json'}: not a simulated site: {error}; run generate_cases") from None
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(site: dict[str, list[dict[str, Any]]]) -> type[BaseHTTPRequestHandler]:
    asked: Counter[str] = Counter()
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        """Answers by how often a path was asked for."""

        def do_GET(self) -> None:
            """Answer, or say that nothing has changed."""
            with lock:
                number = asked[self.path]
                asked[self.path] += 1
            answers = site.get(self.path, [{"status": 404, "type": "text/plain", "location": "", "body": ""}])
            answer = answers[min(number, len(answers) - 1)]
            body = answer["body"].encode("latin-1" if answer["type"].startswith("image/") else "utf-8")
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            same = answer["status"] == 200 and self.headers.get("If-None-Match") == etag
            self.send_response(304 if same else answer["status"])
            self.send_header("Content-Type", answer["type"])
            self.send_header("ETag", etag)
            if answer["location"]:
                self.send_header("Location", answer["location"])
            self.send_header("Content-Length", "0" if same else str(len(body)))
            self.end_headers()
            if not same:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
