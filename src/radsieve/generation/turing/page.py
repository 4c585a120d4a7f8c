"""The page of a visual Turing test: one HTML file that holds the images, and not which of them are real."""

import base64
from collections.abc import Sequence

from radsieve.reporting import page

_TEMPLATE = page.Template("turing_test.html", __package__)


def turing_page(test: str, images: Sequence[bytes], pixels: int) -> str:
    """Return the page that shows `images`, PNG files of `pixels` x `pixels`, in this order.

    `test` identifies it in the tables of answers that readers store.
    """
    uris = [f"data:image/png;base64,{base64.b64encode(image).decode()}" for image in images]
    content = {
        "title": "Real or synthetic?",
        "subtitle": "A visual Turing test",
        "contents": (),
        "test": test,
        "images": uris,
        "pixels": pixels,
    }
    return page.render(_TEMPLATE, content, styles=("base.css", "turing_test.css"), scripts=("turing_test.js",))
