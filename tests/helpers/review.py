"""A few graded images with everything that readers are asked about, and answers of readers.

Of two experts, A and B, and three grades. By name of the picture: `open` is graded differently by the two, `twice` by A
alone (a conflict), `left` and `right` are tied as nearly the same and graded differently by each, `low` (16 bits) and
`high` are just not alike enough, on `clear` all is said.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from radsieve import files, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.review.answers import ANSWERS
from radsieve.curation.review.cases import case_id
from radsieve.imaging.decode import pixel_digest
from radsieve.imaging.facts import facts_of

GRADES = ("0Normal", "1Doubtful", "2Mild")
GIVEN = {  # of each picture: the grades of A and of B
    "open": ([0], [2]),
    "twice": ([0, 1], [1]),
    "left": ([1], [1]),
    "right": ([2], [2]),
    "low": ([0], [0]),
    "high": ([0], [0]),
    "clear": ([2], [2]),
}
OPTIONS = {
    "raw_data": "results/ingest_images/raw_data.csv",
    "images_table": "results/ingest_images/images.csv",
    "images": "data/images",
    "duplicates": "results/find_duplicates",
    "consensus": "results/measure_agreement/consensus.csv",
    "out": "results/make_review",
}


def pixels(name: str) -> np.ndarray:
    """The picture of that name: noise, `low` of 16 bits and wider than the others."""
    random = np.random.default_rng(list(GIVEN).index(name))
    if name == "low":
        return random.integers(1000, 5000, (40, 64)).astype(np.uint16)
    return random.integers(20, 230, (40, 48)).astype(np.uint8)


def digests() -> dict[str, str]:
    """The digest of the pixels of each picture."""
    return {name: pixel_digest(pixels(name)) for name in GIVEN}


def write_images(folder: Path) -> dict[str, str]:
    """Write data/images and what the stages before make_review write; return the digest of each picture."""
    (folder / "data/images").mkdir(parents=True)
    raw, image_rows, digests = [], [], {}
    for name, by_expert in GIVEN.items():
        path = folder / f"data/images/{name}.png"
        Image.fromarray(pixels(name)).save(path)
        content = path.read_bytes()
        file_id = f"{hashlib.sha256(content).hexdigest()}:{hashlib.md5(content).hexdigest()}"
        facts = facts_of(content, 10**6)
        digests[name] = facts.pixel_digest
        image_rows.append({"file_id": file_id, "image_path": path.name, "byte_size": len(content)} | facts.row())
        for expert, grades in zip("AB", by_expert, strict=True):
            raw += [(expert, file_id, GRADES[grade], f"{expert}/{GRADES[grade]}/{name}.png") for grade in grades]
    images = pd.DataFrame(image_rows)
    file_of = dict(zip(digests, images["file_id"], strict=True))
    order = list(curation_tables.RAW_DATA.columns)
    listed = pd.DataFrame(raw, columns=order).sort_values("relative_path", ignore_index=True)
    tied = listed[listed["file_id"].isin([file_of["left"], file_of["right"]])]
    columns = list(curation_tables.DUPLICATE_GROUPS.columns)
    near = tied.assign(group=1, kind="near", distance=3, similarity=0.95)
    near[columns[-1]] = np.arange(len(tied)) == 0
    written = {
        "ingest_images": [(curation_tables.RAW_DATA, listed), (curation_tables.IMAGES, images)],
        "find_duplicates": [
            (curation_tables.DUPLICATE_PAIRS, [(file_of["left"], file_of["right"], "near", "mirrored", 3, 0.95)]),
            (curation_tables.BORDERLINE_PAIRS, [(file_of["high"], file_of["low"], "none", 5, 0.80)]),
            (curation_tables.DUPLICATE_GROUPS, near[columns]),
        ],
        "measure_agreement": [(curation_tables.CONSENSUS, [])],
    }
    written["ingest_images"].append((curation_tables.QUARANTINE, []))
    for stage, found in written.items():
        for schema, rows in found:
            table = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=list(schema.columns))
            tables.write(schema, table, folder / f"results/{stage}/{schema.name}.csv")
    files.write_json(folder / "results/find_duplicates/metrics.json", {"min_similarity": 0.82, "borderline": 0.1})
    return digests


def answers(digests: dict[str, str], *rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Rows of (pictures, answer, reader, reason), the pictures as `open` or `left right`, each later than the last."""
    found = []
    for minute, (names, answer, reader, reason) in enumerate(rows):
        pictures = sorted(digests[name] for name in names.split())
        question = "same" if "high" in names.split() or answer == "same" else "grade"
        other = pictures[1] if len(pictures) > 1 else ""
        time = f"2026-01-01T10:{minute:02}:00.000Z"
        found.append((case_id(question, pictures), question, pictures[0], other, answer, reason, reader, time))
    return pd.DataFrame(found, columns=ANSWERS)
