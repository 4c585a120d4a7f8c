"""How chests differ: the variation of anatomy among people, and the findings of patients."""

from dataclasses import dataclass, replace

import numpy as np

from radsieve.phantoms.chest import Chest, Opacity

ADULT_AGE = 18.0
OLD_AGE = 80.0
MAX_DEVIATIONS = 2.5  # no person's sides differ by more standard deviations


@dataclass(frozen=True)
class Person:
    """What stays the same from image to image of one person: sex (F, M), age in years, and the chest."""

    sex: str
    age: float
    chest: Chest


def average_chest(sex: str, age: float) -> Chest:
    """The average chest. Women are smaller and have breasts; bones fade and the aorta grows with age."""
    years = (np.clip(age, ADULT_AGE, OLD_AGE) - ADULT_AGE) / (OLD_AGE - ADULT_AGE)
    woman = sex == "F"
    return Chest(
        lung_width=0.94 if woman else 1.0,
        lung_height=0.95 if woman else 1.0,
        heart=0.95 + 0.13 * float(years),
        aorta=0.9 + 0.4 * float(years),
        body=0.96 if woman else 1.0,
        bone=1.12 - 0.3 * float(years),
        breast=0.27 if woman else 0.0,
        breast_height=0.26 + 0.1 * float(years),
    )


def sample_person(sex: str, asymmetry: float, rng: np.random.Generator) -> Person:
    """Sample an adult; `asymmetry` is the standard deviation of the natural difference between the sides."""
    age = float(rng.uniform(ADULT_AGE, OLD_AGE))
    mean = average_chest(sex, age)
    chest = replace(
        mean,
        lung_width=mean.lung_width * rng.normal(1, 0.05),
        lung_height=mean.lung_height * rng.normal(1, 0.05),
        heart=mean.heart * rng.normal(1, 0.07),
        aorta=mean.aorta * rng.normal(1, 0.15),
        body=mean.body * rng.normal(1, 0.03),
        bone=mean.bone * rng.normal(1, 0.12),
        breast=mean.breast * rng.normal(1, 0.13),
        breast_height=mean.breast_height + rng.normal(0, 0.03),
        asymmetry=float(np.clip(rng.normal(0, asymmetry), -MAX_DEVIATIONS * asymmetry, MAX_DEVIATIONS * asymmetry)),
        form=float(rng.uniform()),
    )
    return Person(sex, age, chest)


def take_image(person: Person, abnormal: bool, arm: bool, rng: np.random.Generator) -> Chest:
    """The chest on one image of a person: posture and exposure vary, findings are added if it is `abnormal`."""
    chest = replace(
        person.chest,
        shift=rng.normal(0, 0.007),
        tilt=rng.normal(0, 0.007),
        lift=rng.normal(0, 0.03),
        exposure=float(np.exp(rng.normal(0, 0.12))),
        noise=float(np.exp(rng.normal(0, 0.25))),
        arm=int(rng.choice([-1, 1])) if arm else 0,
        texture=int(rng.integers(2**63)),
    )
    return with_findings(chest, rng.uniform(0.55, 1), rng) if abnormal else chest


def with_findings(chest: Chest, strength: float, rng: np.random.Generator) -> Chest:
    """Put clouded patches into the lungs, or fluid below one of them; `strength` in [0, 1] says how dense."""
    if rng.random() < 0.25:
        levels = [0.0, 0.0]
        levels[rng.integers(2)] = float(rng.uniform(0.12, 0.2) + 0.2 * strength)
        return replace(chest, effusion=(levels[0], levels[1]))
    patches = [
        Opacity(
            side=int(rng.choice([-1, 1])),
            s=float(rng.uniform(0.25, 0.58)),
            v=float(rng.uniform(-0.45, 0.28)),
            radius=float(rng.uniform(0.09, 0.22)),
            strength=float(np.clip(rng.uniform(0.75, 1.05) * strength, 0, 1)),
            ragged=float(rng.uniform(0.3, 1)),
        )
        for _ in range(rng.integers(1, 5))
    ]
    return replace(chest, opacities=tuple(patches))
