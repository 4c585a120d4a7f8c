"""Pictures with known truth for the image tasks: slices of scans, knees by two readers, and chests of another hospital.

Each set holds what a mistake of evaluation feeds on: slices of one scan are nearly alike, every knee is there once for
each reader, and the chest images of the other hospital are blurred, of less contrast, and more often abnormal.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter, zoom

from radsieve import files
from radsieve.imaging.png import png_of
from radsieve.phantoms.chest import render_chest
from radsieve.phantoms.chest_set import plan_chests
from radsieve.phantoms.knees import render_knee, sample_joint_space

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

KINDS = ("abdomen", "breast", "chest", "hand", "head", "pelvis")
GRADES = ("0Normal", "1Doubtful", "2Mild", "3Moderate", "4Severe")
READERS = ("reader_1", "reader_2")
SLICES_PER_SCAN = 3
_SLICE_PIXELS, _KNOTS = 32, 5
_KIND, _SCAN, _SLICE, _NOISE = 0.7, 1.0, 0.2, 0.35  # how much of a slice is of its kind, its scan, itself, and noise
_KNEE_HEIGHT = 64
_DISAGREEMENT = 0.1  # of the knees, to which the second reader gives the next grade
_CHEST_PIXELS = 64
_ABNORMAL_OUTSIDE = 0.8  # of the chest images of the other hospital
_FEVER = 0.7  # degrees that a finding adds
_BLUR, _CONTRAST, _LIGHT = 0.6, 0.8, 30.0  # pixels; times; grey levels added


def write(folder: Path, scans: int, knees_made: int, chests_made: int, seed: int) -> dict[str, int]:
    """Write the slices, knees and chests below `folder`, and chests.csv; return how many images of each there are."""
    table, rendered = chests(chests_made, seed)
    sets = {"slices": slices(scans, seed), "knees": knees(knees_made, seed), "chests": rendered}
    counts = dict.fromkeys(sets, 0)
    for name, images in sets.items():
        for path, pixels in images:
            files.write_bytes(folder / name / path, png_of(pixels))
            counts[name] += 1
    files.write_text(folder / "chests.csv", table.to_csv(index=False, lineterminator="\n"))
    return counts


def slices(scans: int, seed: int) -> Iterator[tuple[str, Bytes]]:
    """Path and pixels of each slice: of every kind so many `scans` of three slices each, (32, 32) each.

    A slice is a smooth pattern of its kind, a stronger one of its scan, and little of its own: to know the scan is to
    know the kind.
    """
    for number, kind in enumerate(KINDS):
        of_kind = _pattern(np.random.default_rng([seed, 10, number]))
        for scan in range(scans):
            random = np.random.default_rng([seed, 11, number, scan])
            of_scan = _pattern(random)
            for place in range(SLICES_PER_SCAN):
                own = _SLICE * _pattern(random) + _NOISE * random.standard_normal((_SLICE_PIXELS, _SLICE_PIXELS))
                yield (
                    f"{kind}/{number}{scan:03}_{place}.png",
                    _grey(128 + 40 * (_KIND * of_kind + _SCAN * of_scan + own)),
                )


def knees(pictures: int, seed: int) -> Iterator[tuple[str, Bytes]]:
    """Path and pixels of each of so many knees, once for each reader, below the grade that the reader gives it.

    The second reader gives every tenth knee, on average, the next grade.
    """
    for number in range(pictures):
        random = np.random.default_rng([seed, 12, number])
        grade = number % len(GRADES)
        space = sample_joint_space(grade, len(GRADES), random)
        pixels = np.asarray(render_knee(random, space, _KNEE_HEIGHT, False), dtype=float)
        image = _grey(pixels * 255)
        off = 1 if random.random() < _DISAGREEMENT else 0
        for reader, given in zip(READERS, (grade, min(grade + off, len(GRADES) - 1)), strict=True):
            yield f"{reader}/{GRADES[given]}/{number:04}.png", image


def chests(images: int, seed: int) -> tuple[pd.DataFrame, Iterator[tuple[str, Bytes]]]:
    """A table of the chest images of another hospital, and path and pixels of each.

    Its columns are image, patient, sex, age, finding; temperature, which is higher by 0.7 degrees with a finding; view,
    which tells something of the finding; and report, which follows from it but for one in 33.
    """
    planned = plan_chests(images, seed + 1_000_003, 1, _ABNORMAL_OUTSIDE, 0.0, 0.03)
    columns = ["image", "patient", "sex", "age", "finding"]
    table = pd.DataFrame([one.truth for one in planned])[columns]
    table["patient"] = "other " + table["patient"]
    random = np.random.default_rng([seed, 13])
    abnormal = (table["finding"] == "abnormal").to_numpy()
    table["temperature"] = np.round(37 + _FEVER * abnormal + 0.5 * random.standard_normal(images), 1)
    table["view"] = np.where(random.random(images) < np.where(abnormal, 0.7, 0.2), "AP", "PA")
    table["report"] = np.where(abnormal ^ (random.random(images) < 0.03), "opacity", "clear")

    def rendered() -> Iterator[tuple[str, Bytes]]:
        for one in planned:
            image = render_chest(one.chest, _CHEST_PIXELS).image.astype(float)
            yield one.name, _grey(_CONTRAST * gaussian_filter(image, _BLUR) + _LIGHT)

    return table, rendered()


def _pattern(random: np.random.Generator) -> Floats:
    """A smooth field (32, 32) of mean 0 and standard deviation 1."""
    field = zoom(random.standard_normal((_KNOTS, _KNOTS)), _SLICE_PIXELS / _KNOTS, order=3)
    return np.asarray((field - field.mean()) / field.std())


def _grey(values: Floats) -> Bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
