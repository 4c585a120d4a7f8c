"""Pages in a browser."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def opened_page(chromium, path) -> Iterator[tuple]:
    """The page at `path`, and what the browser complained of and asked for while it loaded."""
    page = chromium.new_page()
    complaints, requests = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    yield page, complaints, requests
    page.close()


def until(page, holds: str, seconds: float = 30) -> None:
    """Wait until a JavaScript expression holds; wait_for_function would evaluate a text, which pages forbid."""
    end = time.monotonic() + seconds
    while not page.evaluate(holds):
        assert time.monotonic() < end, f"not within {seconds} s: {holds}"
        page.wait_for_timeout(50)
