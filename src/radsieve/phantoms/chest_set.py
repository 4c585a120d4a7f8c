"""A set of chest radiographs as a hospital would have it: patients with several images, some of them abnormal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from radsieve import files
from radsieve.imaging.png import png_of
from radsieve.parallel import ordered
from radsieve.phantoms.anatomy import sample_person, take_image
from radsieve.phantoms.chest import Chest, ChestImage, render_chest
from radsieve.phantoms.tables import CHEST_TRUTH

_THREADS = 2


@dataclass(frozen=True)
class PlannedImage:
    """One image: its name, what is known of it (a row of CHEST_TRUTH), and the anatomy to render."""

    name: str
    truth: dict[str, object]
    chest: Chest

    @property
    def label(self) -> str:
        """For a grid: sex and finding."""
        return f"{'women' if self.truth['sex'] == 'F' else 'men'}, {self.truth['finding']}"

    @property
    def caption(self) -> str:
        """For a grid: name, patient, and whether an arm lies on the image."""
        return f"{self.name}, {self.truth['patient']}{', arm' if self.truth['arm'] else ''}"


def plan_chests(
    images: int, seed: int, images_per_patient: int, abnormal_share: float, arm_share: float, asymmetry: float
) -> list[PlannedImage]:
    """Plan `images` images; patients have 1 to `images_per_patient` of them, men and women alternate.

    `abnormal_share` of the images show findings; an arm lies on `arm_share` of the women's images and on none of the
    men's; `asymmetry` is the standard deviation of the natural difference between the sides.
    """
    return list(_plan(images, seed, images_per_patient, abnormal_share, arm_share, asymmetry))


def truth_table(planned: list[PlannedImage]) -> pd.DataFrame:
    """What is known of every image (CHEST_TRUTH)."""
    return pd.DataFrame([image.truth for image in planned], columns=list(CHEST_TRUTH.columns))


def write_chests(planned: Sequence[PlannedImage], pixels: int, folder: Path) -> Iterator[ChestImage]:
    """Yield each image of `pixels` x `pixels`, in order, after its PNG files are written below `folder`.

    They are images/NAME, lungs/NAME and, for a woman, breasts/NAME: the image and the true masks, 0 or 255.
    """

    def write(image: PlannedImage) -> ChestImage:
        rendered = render_chest(image.chest, pixels)
        files.write_bytes(folder / "images" / image.name, png_of(rendered.image))
        files.write_bytes(folder / "lungs" / image.name, png_of(rendered.lungs))
        if image.chest.breast:
            files.write_bytes(folder / "breasts" / image.name, png_of(rendered.breasts))
        return rendered

    return ordered(write, planned, _THREADS)


def truth_metrics(truth: pd.DataFrame) -> dict[str, int]:
    """Count the images, patients, women's images, abnormal ones and those with an arm of `truth` (CHEST_TRUTH)."""
    return {
        "images": len(truth),
        "patients": int(truth["patient"].nunique()),
        "women": int((truth["sex"] == "F").sum()),
        "abnormal": int((truth["finding"] == "abnormal").sum()),
        "arms": int(truth["arm"].sum()),
    }


def _plan(
    images: int, seed: int, images_per_patient: int, abnormal_share: float, arm_share: float, asymmetry: float
) -> Iterator[PlannedImage]:
    made = patient = 0
    while made < images:
        rng = np.random.default_rng([seed, patient])  # a patient does not depend on how many precede
        sex = "FM"[patient % 2]
        person = sample_person(sex, asymmetry, rng)
        for _ in range(min(int(rng.integers(1, images_per_patient + 1)), images - made)):
            abnormal = bool(rng.random() < abnormal_share)
            arm = sex == "F" and bool(rng.random() < arm_share)
            name = f"{made:05}.png"
            truth = {
                "image": name,
                "patient": f"P{patient:04}",
                "sex": sex,
                "age": person.age,
                "finding": "abnormal" if abnormal else "normal",
                "arm": int(arm),
                "asymmetry": abs(person.chest.asymmetry),
            }
            yield PlannedImage(name, truth, take_image(person, abnormal, arm, rng))
            made += 1
        patient += 1
