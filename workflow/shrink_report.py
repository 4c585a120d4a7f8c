"""Make Snakemake's report smaller: its images as WebP, in place of PNG.

Figures are compressed as photographs are, to a tenth of their bytes. Images within a page, which readers grade and
measure, keep every pixel. The files in `results` are not touched.
"""

import argparse
import base64
import re
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

_FIGURE = re.compile(r'"data_uri": "data:image/png;charset=utf8;filename=([^;"]*)\.png;base64,([^"]*)"')
_PAGE = re.compile(r'"data_uri": "data:text/html;charset=utf8;filename=([^;"]*);base64,([^"]*)"')
_IMAGE_IN_PAGE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]+=*)")
_PHOTOGRAPHIC = {"quality": 75, "method": 2}
_LOSSLESS = {"lossless": True, "method": 2}
_MAX_SIDE = 16383  # pixels that WebP can have


def shrunk(html: str) -> str:
    """The report with its figures, and the images within its pages, as WebP where that is smaller."""
    return _PAGE.sub(_page, _FIGURE.sub(_figure, html))


def _figure(found: re.Match[str]) -> str:
    webp = _webp(found[2], _PHOTOGRAPHIC)
    return f'"data_uri": "data:image/webp;charset=utf8;filename={found[1]}.webp;base64,{webp}"' if webp else found[0]


def _page(found: re.Match[str]) -> str:
    page = _IMAGE_IN_PAGE.sub(_image_in_page, base64.b64decode(found[2]).decode("utf-8"))
    encoded = base64.b64encode(page.encode("utf-8")).decode()
    return f'"data_uri": "data:text/html;charset=utf8;filename={found[1]};base64,{encoded}"'


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
