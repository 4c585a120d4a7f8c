"""Which of the ingested pictures are faulty: scores and ranks of each fault, and what lies above its threshold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.curation import tables as curation_tables
from radsieve.curation.burned_in import Lines, text_lines, text_metrics, text_score
from radsieve.curation.tables import Fault
from radsieve.errors import InputError
from radsieve.imaging.audit.picture_faults import Gray, picture_faults, small
from radsieve.imaging.audit.set_faults import SIDE, off_topic, outliers, pose_faults
from radsieve.parallel import ordered
from radsieve.progress import track

Features = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Read = Callable[[Gray], Lines]

LOOKED_AT = 128  # pixels of the side of the pictures that the network sees
_BATCH = 64
_DIGITS = 6


@dataclass(frozen=True)
class Audit:
    """FAULT_SCORES, FAULTY_IMAGES and TEXT_LINES of `radsieve.curation.tables`, and `metrics`: counts by fault."""

    scores: pd.DataFrame
    faulty: pd.DataFrame
    text: pd.DataFrame
    metrics: dict[str, Any]


def audit_images(
    raw: pd.DataFrame,
    images: pd.DataFrame,
    load: Callable[[str], Gray],
    features: Features,
    thresholds: Mapping[str, float | None],
    threads: int = 1,
    read: Read | None = None,
) -> Audit:
    """Score each picture of `raw` (curation.tables.RAW_DATA), whose files are `images` (IMAGES), for every fault.

    `load` returns the grey values (H, W) in [0, 1] of an `image_path`; each picture is read once, in `threads` threads.
    `features` returns the features (n, D) of square pictures (n, 1, H, H). A picture is faulty if its score reaches the
    threshold of the fault in `thresholds`; None stands for no threshold. `read` returns the lines of text that are
    burned into a picture of grey values; without it none are sought.

    Raises InputError for a file of `raw` that `images` does not know.
    """
    pictures = _pictures(raw, images)
    paths = pictures["image_path"].tolist()
    scored = pd.DataFrame(index=pictures.index, columns=[str(fault) for fault in Fault], dtype="float64")
    poses = np.empty((len(paths), SIDE, SIDE), dtype=np.float32)
    places: list[NDArray[np.float32]] = []
    lines: list[Lines] = []
    for start, looked in _batches(ordered(lambda path: _look(load(path), read), paths, threads), len(paths)):
        rows = slice(start, start + len(looked))
        own = pd.DataFrame([one[0] for one in looked], index=pictures.index[rows])
        scored.loc[own.index, own.columns] = own
        poses[rows] = [one[1] for one in looked]
        places.append(features(np.stack([one[2] for one in looked])[:, None]))
        lines += [one[3] for one in looked]
    for fault, values in pose_faults(poses).items():
        scored[fault] = values
    scored[Fault.OFF_TOPIC] = off_topic(np.concatenate(places)) if places else np.zeros(0)
    width, height = (np.log2(pictures[side].to_numpy("float64")) for side in ("width", "height"))
    scored[Fault.ODD_SIZE] = outliers(width + height)
    scored[Fault.ODD_SHAPE] = outliers(width - height)
    scored[Fault.TEXT] = pd.Series(map(text_score, lines), index=pictures.index, dtype="float64")
    scored = scored.round(_DIGITS) + 0.0  # no -0
    faulty = _faulty(pictures, scored, thresholds)
    metrics = _metrics(len(pictures), faulty)
    if read is not None:
        metrics["text"] = text_metrics(pictures, lines, scored[Fault.TEXT], thresholds[Fault.TEXT])
    return Audit(_with_ranks(pictures, scored), faulty, text_lines(pictures, lines), metrics)


def _pictures(raw: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """Rows of IMAGES with the first path of each picture, in listing order."""
    known = raw.merge(images, on="file_id", how="left", validate="many_to_one")
    missing = known[known["pixel_digest"].isna()]
    if len(missing):
        path = missing.iloc[0]["relative_path"]
        raise InputError(f"{path}: its file_id is in raw_data.csv, not in images.csv; run ingest_images again")
    return known.drop_duplicates("pixel_digest").reset_index(drop=True)


def _look(gray: Gray, read: Read | None) -> tuple[dict[str, float], NDArray[np.float32], NDArray[np.uint8], Lines]:
    """What is kept of a picture: the scores that it has by itself, two small versions, and the lines of text in it."""
    looked_at = np.rint(small(gray, LOOKED_AT) * 255).astype(np.uint8)
    return picture_faults(gray), small(gray, SIDE), looked_at, read(gray) if read else None


def _batches(looked: Iterator[Any], total: int) -> Iterator[tuple[int, list[Any]]]:
    waiting: list[Any] = []
    for number, one in enumerate(track(looked, "auditing images", total), start=1):
        waiting.append(one)
        if len(waiting) == _BATCH or number == total:
            yield number - len(waiting), waiting
            waiting = []


def _with_ranks(pictures: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """FAULT_SCORES: each score followed by its rank, 1 for the worst; equal scores share the lowest rank of theirs."""
    found = pictures[["file_id", "relative_path"]].copy()
    for fault in Fault:
        found[fault] = scored[fault]
        ranks = scored[fault].rank(ascending=False, method="min")
        found[f"{fault}_rank"] = ranks.astype("Int64" if fault == Fault.TEXT else "int64")
    return found


def _faulty(pictures: pd.DataFrame, scored: pd.DataFrame, thresholds: Mapping[str, float | None]) -> pd.DataFrame:
    """FAULTY_IMAGES: by fault, the worst first."""
    found = []
    for fault in Fault:
        threshold = thresholds[fault]
        if threshold is not None:
            worst = scored.loc[scored[fault] >= threshold, fault].sort_values(ascending=False, kind="stable")
            known = pictures.loc[worst.index, ["file_id", "pixel_digest", "relative_path"]]
            found.append(known.assign(fault=fault, rank=range(1, len(worst) + 1), score=worst, threshold=threshold))
    columns = list(curation_tables.FAULTY_IMAGES.columns)
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _metrics(pictures: int, faulty: pd.DataFrame) -> dict[str, Any]:
    counts = faulty["fault"].value_counts()
    return {
        "pictures": pictures,
        "faulty": int(faulty["pixel_digest"].nunique()),
        "faulty_by_fault": {str(fault): int(counts.get(fault, 0)) for fault in Fault},
    }
