"""Make Snakemake's report smaller: images as WebP in place of PNG, and the whole as a page that unpacks itself.

Figures are compressed as photographs are, to a tenth of their bytes. Images within a page, which readers grade and
measure, keep every pixel. Pages and tables stand as text in the report, which is then compressed as a whole (gzip); a
script of a line unpacks it when it is opened. Snakemake opens pages by their data URI, of which browsers refuse those
of more than 2 MB; here they are opened as what lies in memory (a blob). The files in `results` are not touched.
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
_TEXT = re.compile(r'"data_uri": "data:(text/\w+);charset=utf8;filename=([^;"]*);base64,([^"]*)"')
_IMAGE_IN_PAGE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]+=*)")
_PLAIN = " /+=(){}[];:,.!-_~*@&?$"  # what need not be escaped in a URI that stands within quotation marks
_PACKED = (
    '<!doctype html><meta charset="utf-8"><title>Report</title><p>The report is being unpacked.</p>'
    '<script>(async()=>{{const packed=atob("{packed}"),'
    "bytes=new Uint8Array(packed.length);for(let at=0;at<packed.length;at++)bytes[at]=packed.charCodeAt(at);"
    'const stream=new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")),'
    "text=await new Response(stream).text();"
    "document.open();document.write(text);document.close()}})()</script>\n"
)
# how Snakemake opens a page, and what takes its place
OPENED = '{ src: this.props.app.state.contentPath, className: "w-full h-screen"'
_AS_BLOB = (
    "{ src: (uri => { const [head, body] = uri.split(/,(.*)/s);"
    " return URL.createObjectURL(new Blob([decodeURIComponent(body)],"
    ' { type: head.slice(5).split(";")[0] + ";charset=utf-8" })); })(this.props.app.state.contentPath),'
    ' className: "w-full h-screen"'
)
_PHOTOGRAPHIC = {"quality": 75, "method": 4}
_LOSSLESS = {"lossless": True, "method": 2}
_MAX_SIDE = 16383  # pixels that WebP can have


def packed(html: str) -> str:
    """The report as a page that unpacks itself when it is opened."""
    content = gzip.compress(smaller(html).encode("utf-8"), mtime=0)
    return _PACKED.format(packed=base64.b64encode(content).decode())


def smaller(html: str) -> str:
    """The report with its figures, and the images within its pages, as WebP where that is smaller; texts as text."""
    return _TEXT.sub(_text, _FIGURE.sub(_figure, html.replace(OPENED, _AS_BLOB)))


def _figure(found: re.Match[str]) -> str:
    webp = _webp(found[2], _PHOTOGRAPHIC)
    return f'"data_uri": "data:image/webp;charset=utf8;filename={found[1]}.webp;base64,{webp}"' if webp else found[0]


def _text(found: re.Match[str]) -> str:
    kind, name, content = found.groups()
    text = base64.b64decode(content)
    if kind == "text/html":
        text = _IMAGE_IN_PAGE.sub(_image_in_page, text.decode("utf-8")).encode("utf-8")
    return f'"data_uri": "data:{kind};charset=utf8;filename={name},{quote(text, safe=_PLAIN)}"'


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
    after = packed(before)
    path.write_text(after, encoding="utf-8")
    print(f"{path}: {len(after.encode()) / 1e6:.1f} MB, {len(before.encode()) / 1e6:.1f} MB before")


if __name__ == "__main__":
    main()
