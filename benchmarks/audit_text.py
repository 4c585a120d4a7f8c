"""How well audit_images finds text that was burned into real pictures, as a table, and what it finds as they are.

    python benchmarks/audit_text.py --data DATA --out FILE.md --found FOLDER

`DATA` is the folder with `knee`, `pneumonia` and `chest`; needs the packages of `pip install -e '.[text]'`. `FOLDER`
gets each picture in which text or a marker was found though none was planted, with boxes, to be looked at.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from radsieve import params
from radsieve.curation.burned_in import text_score
from radsieve.imaging.audit.text_lines import Gray, Line, TextReader
from radsieve.imaging.decode import load_grayscale
from radsieve.stats.resampling import wilson

SETS = {
    "knee": ("knee", "*.png"),
    "paediatric chest": ("pneumonia", "*.jp*g"),
    "COVID-19 image data collection": ("chest/images", "*.*"),
}
TEXTS = ("DOE JANE 1957", "PATIENT ID 0042317", "12.03.1957", "1957-03-12")
SHARES = (0.03, 0.05, 0.1)  # of the shorter side: the height of capital letters
PICTURES, SEED = 60, 7
_CAPITAL = 0.729  # height of a capital letter of the font, of its size
_FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--found", type=Path, required=True)
    args = parser.parse_args()
    args.found.mkdir(parents=True, exist_ok=True)
    threshold = params.load(Path("params.yaml")).audit_images.thresholds.text
    reader, rows = TextReader(), []
    for number, (name, (folder, pattern)) in enumerate(SETS.items()):
        paths = sorted((args.data / folder).rglob(pattern))
        chosen = np.random.default_rng([SEED, number]).choice(len(paths), PICTURES, replace=False)
        images = [load_grayscale(paths[one]) for one in sorted(chosen)]
        begin, found = time.process_time(), [reader.lines(image) or [] for image in images]
        spent = 1000 * (time.process_time() - begin) / PICTURES
        for place, (image, lines) in enumerate(zip(images, found, strict=True)):
            if any(line.letters and line.confidence >= 0.5 for line in lines):
                _shown(image, lines).save(args.found / f"{folder.replace('/', '-')}_{place:02}.png")
        reached = sum((text_score(lines) or 0) >= threshold for lines in found)
        row = {"pictures": name, "found unplanted": f"{reached} of {PICTURES}", "CPU ms a picture": f"{spent:.0f}"}
        for share in SHARES:
            rng = np.random.default_rng([SEED, number, round(1000 * share)])
            hits = sum(_hit(reader, image, share, threshold, rng) for image in images)
            low, high = wilson(hits, PICTURES, 0.95)
            row[f"{share:.0%}"] = f"{hits} of {PICTURES} ({low:.2f} to {high:.2f})"
        rows.append(row)
        print(row, flush=True)
    args.out.write_text(_markdown(pd.DataFrame(rows)), encoding="utf-8")


def _hit(reader: TextReader, image: Gray, share: float, threshold: float, rng: np.random.Generator) -> bool:
    """Whether text on the planted line reaches the threshold: half of a line that was found lies on it."""
    changed, planted = _planted(image, share, rng)
    lines = [line for line in reader.lines(changed) or [] if _overlap(line.box, planted) >= 0.5]
    return (text_score(lines) or 0) >= threshold


def _planted(image: Gray, share: float, rng: np.random.Generator) -> tuple[Gray, tuple[float, ...]]:
    """The picture with one of those TEXTS that fit, in bright letters somewhere, and the box around it in shares."""
    height, width = image.shape
    font = ImageFont.truetype(str(_FONT), share * min(image.shape) / _CAPITAL)
    sizes = {text: font.getbbox(text) for text in TEXTS}
    fitting = [text for text, (left, _, right, _) in sizes.items() if right - left <= 0.96 * width]
    text = fitting[rng.integers(len(fitting))]
    left, top, right, bottom = sizes[text]
    x, y = int(rng.integers(0, width - (right - left) + 1)), int(rng.integers(0, height - (bottom - top) + 1))
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).text((x - left, y - top), text, fill=255, font=font)
    letters = np.asarray(mask, dtype=np.float32) / 255
    box = (y / height, x / width, (y + bottom - top) / height, (x + right - left) / width)
    return image * (1 - letters) + letters * max(0.9, float(image.max())), box


def _overlap(found: tuple[float, ...], planted: tuple[float, ...]) -> float:
    """Share of the box `found` that lies on `planted`."""
    sides = [max(0.0, min(found[i + 2], planted[i + 2]) - max(found[i], planted[i])) for i in (0, 1)]
    return sides[0] * sides[1] / ((found[2] - found[0]) * (found[3] - found[1]))


def _shown(image: Gray, lines: Sequence[Line]) -> Image.Image:
    """The picture with a box around each line, and letters, letters in a row and confidence beside it."""
    shown = Image.fromarray(np.rint(image * 255).astype(np.uint8)).convert("RGB").resize((640, 640))
    draw = ImageDraw.Draw(shown)
    for line in lines:
        top, left, bottom, right = (640 * side for side in line.box)
        draw.rectangle((left, top, right, bottom), outline=(255, 0, 0))
        draw.text((left, max(0, top - 12)), f"{line.letters} {line.in_a_row} {line.confidence:.2f}", fill=(255, 255, 0))
    return shown


def _markdown(table: pd.DataFrame) -> str:
    lines = [list(table.columns), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
