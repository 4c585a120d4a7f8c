"""Make Snakemake's report smaller: its figures as WebP, which shows images in a tenth of the bytes of PNG.

Every figure keeps its place and its pixels; the files in `results` are not touched.
"""

import argparse
import base64
import re
from io import BytesIO
from pathlib import Path

from PIL import Image

_PNG = re.compile(r'"data_uri": "data:image/png;charset=utf8;filename=([^;"]*)\.png;base64,([^"]*)"')
_QUALITY = 75
_MAX_SIDE = 16383  # pixels that WebP can have


def shrunk(html: str) -> str:
    """The report with its figures as WebP, where that is smaller."""
    return _PNG.sub(_as_webp, html)


def _as_webp(figure: re.Match[str]) -> str:
    content = base64.b64decode(figure[2])
    with Image.open(BytesIO(content)) as picture:
        if max(picture.size) > _MAX_SIDE:
            return figure[0]
        buffer = BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=_QUALITY, method=2)
    if buffer.tell() >= len(content):
        return figure[0]
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f'"data_uri": "data:image/webp;charset=utf8;filename={figure[1]}.webp;base64,{encoded}"'


def main() -> None:
    """Rewrite the report that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="what snakemake --report wrote (.html)")
    path: Path = parser.parse_args().report
    before = path.read_text(encoding="utf-8")
    after = shrunk(before)
    path.write_text(after, encoding="utf-8")
    print(f"{path}: {len(after.encode()) / 1e6:.1f} MB, {len(before.encode()) / 1e6:.1f} MB with PNG")


if __name__ == "__main__":
    main()
