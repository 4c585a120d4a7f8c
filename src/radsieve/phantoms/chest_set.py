"""A set of chest films as a hospital would have it: patients with several films each, half of the films abnormal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from radsieve.phantoms.anatomy import draw_person, take_film
from radsieve.phantoms.chest import Chest
from radsieve.phantoms.tables import CHEST_TRUTH


@dataclass(frozen=True)
class PlannedFilm:
    """One film: its name, what is known of it (a row of CHEST_TRUTH), and the anatomy to draw."""

    name: str
    truth: dict[str, object]
    chest: Chest

    @property
    def label(self) -> str:
        """For a sheet: sex and finding."""
        return f"{'women' if self.truth['sex'] == 'F' else 'men'}, {self.truth['finding']}"

    @property
    def caption(self) -> str:
        """For a sheet: name, patient, and whether an arm lies on the film."""
        return f"{self.name}, {self.truth['patient']}{', arm' if self.truth['arm'] else ''}"


def plan_chests(
    films: int, seed: int, films_per_patient: int, abnormal_share: float, arm_share: float, asymmetry: float
) -> list[PlannedFilm]:
    """Plan `films` films; patients have 1 to `films_per_patient` of them, men and women take turns.

    `abnormal_share` of the films show findings; an arm lies on `arm_share` of the women's films and on none of the
    men's; `asymmetry` is the standard deviation of the natural difference between the sides.
    """
    return list(_plan(films, seed, films_per_patient, abnormal_share, arm_share, asymmetry))


def truth_table(planned: list[PlannedFilm]) -> pd.DataFrame:
    """What is known of every film (CHEST_TRUTH)."""
    return pd.DataFrame([film.truth for film in planned], columns=list(CHEST_TRUTH.columns))


def _plan(
    films: int, seed: int, films_per_patient: int, abnormal_share: float, arm_share: float, asymmetry: float
) -> Iterator[PlannedFilm]:
    made = patient = 0
    while made < films:
        rng = np.random.default_rng([seed, patient])  # a patient does not depend on how many come before
        sex = "FM"[patient % 2]
        person = draw_person(sex, asymmetry, rng)
        for _ in range(min(int(rng.integers(1, films_per_patient + 1)), films - made)):
            abnormal = bool(rng.random() < abnormal_share)
            arm = sex == "F" and bool(rng.random() < arm_share)
            name = f"{made:05}.png"
            truth = {
                "film": name,
                "patient": f"P{patient:04}",
                "sex": sex,
                "age": person.age,
                "finding": "abnormal" if abnormal else "normal",
                "arm": int(arm),
                "asymmetry": abs(person.chest.asymmetry),
            }
            yield PlannedFilm(name, truth, take_film(person, abnormal, arm, rng))
            made += 1
        patient += 1
