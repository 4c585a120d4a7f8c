"""Make Snakemake's report smaller: images as WebP in place of PNG, and pages that unpack themselves.

Figures are compressed as photographs are, to a tenth of their bytes. Images within a page, which readers grade and
measure, keep every pixel. A page is compressed as a whole (gzip), and a script of a line unpacks it when it is opened.
Snakemake opens pages by their data URI, of which browsers refuse those of more than 2 MB; here they are opened as what
lies in memory (a blob). The files in `results` are not touched.
"""

import argparse
import base64
import gzip
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

_FIGURE = re.compile(r'"data_uri": "data:image/png;charset=utf8;filename=([^;"]*)\.png;base64,([^"]*)"')
_PAGE = re.compile(r'"data_uri": "data:text/html;charset=utf8;filename=([^;"]*);base64,([^"]*)"')
_IMAGE_IN_PAGE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]+=*)")
_PACKED = (
    '<!doctype html><meta charset="utf-8"><title>{title}</title><script>(async()=>{{const packed=atob("{packed}"),'
    "bytes=Uint8Array.from(packed,sign=>sign.charCodeAt(0)),stream=new Blob([bytes]).stream().pipeThrough("
    'new DecompressionStream("gzip")),text=await new Response(stream).text();'
    "document.open();document.write(text);document.close()}})()</script>"
)
# how Snakemake opens a page, and what takes its place
_OPENED = '{ src: this.props.app.state.contentPath, className: "w-full h-screen"'
_AS_BLOB = (
    '{ src: (uri => { const [head, body] = uri.split(/,(.*)/s); const content = head.endsWith(";base64") ?'
    " Uint8Array.from(atob(body), sign => sign.charCodeAt(0)) : decodeURIComponent(body); return URL.createObjectURL("
    'new Blob([content], { type: head.slice(5).split(";")[0] })); })(this.props.app.state.contentPath),'
    ' className: "w-full h-screen"'
)
_PHOTOGRAPHIC = {"quality": 75, "method": 4}
_LOSSLESS = {"lossless": True, "method": 2}
_MAX_SIDE = 16383  # pixels that WebP can have


def shrunk(html: str) -> str:
    """The report with its figures, and the images within its pages, as WebP where that is smaller, and pages packed."""
    return _PAGE.sub(_page, _FIGURE.sub(_figure, html.replace(_OPENED, _AS_BLOB)))


def _figure(found: re.Match[str]) -> str:
    webp = _webp(found[2], _PHOTOGRAPHIC)
    return f'"data_uri": "data:image/webp;charset=utf8;filename={found[1]}.webp;base64,{webp}"' if webp else found[0]


def _page(found: re.Match[str]) -> str:
    page = _IMAGE_IN_PAGE.sub(_image_in_page, base64.b64decode(found[2]).decode("utf-8"))
    packed = base64.b64encode(gzip.compress(page.encode("utf-8"), mtime=0)).decode()
    # not base64 as a whole, which would add a third once more: only the few signs that a URI cannot hold are escaped
    content = quote(_PACKED.format(title=found[1], packed=packed), safe="/+=(){};:,.!")
    return f'"data_uri": "data:text/html;charset=utf8;filename={found[1]},{content}"'


def _image_in_page(found: re.Match[str]) -> str:
    webp = _webp(found[1], _LOSSLESS)
    return f"data:image/webp;base64,{webp}" if webp else found[0]


def _webp(png: str, options: dict[str, Any]) -> str:
    """The image as WebP, both as base64; an empty text if that would not be smaller, or cannot be."""
    with Image.open(BytesIO(base64.b64decode(png))) as image:
        if max(image.size) > _MAX_SIDE or image.mode.startswith("I"):  # WebP has 8 bits
            return ""
        buffer = BytesIO()
        image.convert("RGBA" if image.has_transparency_data else "RGB").save(buffer, "WEBP", **options)
    webp = base64.b64encode(buffer.getvalue()).decode()
    return webp if len(webp) < len(png) else ""


def main() -> None:
    """Rewrite the report that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="what snakemake --report wrote (.html)")
    path: Path = parser.parse_args().report
    before = path.read_text(encoding="utf-8")
    after = shrunk(before)
    path.write_text(after, encoding="utf-8")
    print(f"{path}: {len(after.encode()) / 1e6:.1f} MB, {len(before.encode()) / 1e6:.1f} MB before")


if __name__ == "__main__":
    main()
