"""The page of a visual Turing test: one HTML file that holds the films, and not which of them are real."""

import base64
from collections.abc import Sequence

from radsieve.reports import page

_TEMPLATE = page.Template("turing_test.html", __package__)


def turing_page(test: str, films: Sequence[bytes], pixels: int) -> str:
    """Return the page that shows `films`, PNG files of `pixels` x `pixels`, in this order.

    `test` names it in the tables of answers that it gives its readers.
    """
    uris = [f"data:image/png;base64,{base64.b64encode(film).decode()}" for film in films]
    content = {
        "title": "Real or synthetic?",
        "subtitle": "A visual Turing test",
        "contents": (),
        "test": test,
        "films": uris,
        "pixels": pixels,
    }
    return page.render(_TEMPLATE, content, styles=("base.css", "turing_test.css"), scripts=("turing_test.js",))
