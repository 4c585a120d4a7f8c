"""The phantom decoder: a fixed map from latent vectors to chests, which stands in for a GAN with known failures.

It generates well-formed chests for some latents and asymmetric or clouded ones for the others. How asymmetric and how
clouded an image is depends on the latent partly along one direction each, which a linear model can learn, and partly on
products and waves of other directions, which it cannot. All directions are fixed by `DIRECTIONS_SEED`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from radsieve.errors import InputError
from radsieve.generators.interface import LATENT_COMPONENTS, Latents
from radsieve.parallel import ordered
from radsieve.phantoms.anatomy import MAX_DEVIATIONS, average_chest, with_findings
from radsieve.phantoms.chest import Chest, render_chest

DIRECTIONS_SEED = 128
GOOD_ASYMMETRY = MAX_DEVIATIONS * 0.03  # with its default spread generate_chests simulates nobody who is less symmetric

_TRAITS = (
    "width", "height", "heart", "body", "bone", "breast", "exposure", "shift",
    "asymmetry", "asymmetry_a", "asymmetry_b", "asymmetry_wave", "side", "form",
    "finding", "finding_a", "finding_b", "finding_wave", "arm",
)  # fmt: skip
_TYPICAL_ASYMMETRY = 0.092
_FINDING_FROM = 0.25  # of a standard deviation: about 40% of the images have findings
_THREADS = 2
_GROUP = re.compile(r"(\d+)_(\d+)([mf])")


@dataclass(frozen=True)
class Decoded:
    """What one latent stands for: the chest, and whether a true image could look like it."""

    chest: Chest
    finding: bool
    arm: bool

    @property
    def good(self) -> bool:
        """Whether the chest is as symmetric as people are and shows no finding."""
        return abs(self.chest.asymmetry) <= GOOD_ASYMMETRY and not self.finding


class PhantomDecoder:
    """A generator of chest phantoms; groups are named by age and sex, such as 18_24f."""

    channels = 1

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        directions = np.random.default_rng(DIRECTIONS_SEED).standard_normal((LATENT_COMPONENTS, len(_TRAITS)))
        self._directions = np.linalg.qr(directions)[0] * np.sqrt(3)  # a uniform component has the variance 1/3

    def generate(self, latents: Latents, group: str) -> npt.NDArray[np.uint8]:
        """Return the images (n, 1, pixels, pixels). Raises InputError for a group that names no age and sex."""
        images = np.empty((len(latents), 1, self.pixels, self.pixels), np.uint8)
        generated = ordered(
            lambda image: render_chest(image.chest, self.pixels).image, self.decode(latents, group), _THREADS
        )
        for row, image in zip(images, generated, strict=True):
            row[0] = image
        return images

    def decode(self, latents: Latents, group: str) -> Sequence[Decoded]:
        """Return what each of the `latents` (n, 128) stands for."""
        sex, age = sex_and_age(group)
        # each latent by itself: sums over a whole batch are rounded differently, depending on its size
        traits = [dict(zip(_TRAITS, (latent @ self._directions).tolist(), strict=True)) for latent in latents]
        return [
            _decode(average_chest(sex, age), trait, _texture(latent))
            for trait, latent in zip(traits, latents, strict=True)
        ]


def sex_and_age(group: str) -> tuple[str, float]:
    """Return the sex (F, M) and the middle of the age range that the name of a group gives, such as 18_24f.

    Raises InputError for any other name.
    """
    found = _GROUP.fullmatch(group)
    if not found:
        raise InputError(f"params.yaml, generator.groups: '{group}' names no age and sex; write for instance 18_24f")
    return found[3].upper(), (int(found[1]) + int(found[2])) / 2


def _decode(mean: Chest, trait: dict[str, float], texture: int) -> Decoded:
    """Put a chest together from traits, each about standard normal."""
    strangeness = (
        0.75 * trait["asymmetry"]
        + 0.45 * trait["asymmetry_a"] * trait["asymmetry_b"]
        + 0.5 * float(np.sin(3 * trait["asymmetry_wave"]))
    )
    cloud = (
        0.8 * trait["finding"]
        + 0.45 * trait["finding_a"] * trait["finding_b"]
        + 0.4 * float(np.sin(3 * trait["finding_wave"]))
    )
    size = min(_TYPICAL_ASYMMETRY * float(np.exp(0.75 * strangeness)), 0.45)
    woman = mean.breast > 0
    chest = replace(
        mean,
        lung_width=mean.lung_width * (1 + 0.05 * trait["width"]),
        lung_height=mean.lung_height * (1 + 0.05 * trait["height"]),
        heart=mean.heart * (1 + 0.06 * trait["heart"]),
        body=mean.body * (1 + 0.03 * trait["body"]),
        bone=mean.bone * (1 + 0.1 * trait["bone"]),
        breast=mean.breast * (1 + 0.12 * trait["breast"]),
        exposure=float(np.exp(0.1 * trait["exposure"])),
        shift=0.007 * trait["shift"],
        asymmetry=size if trait["side"] > 0 else -size,
        form=float(ndtr(trait["form"])),
        arm=int(np.sign(trait["side"])) if woman and trait["arm"] > 0.6 else 0,
        texture=texture,
    )
    finding = cloud > _FINDING_FROM
    if finding:
        strength = 0.45 + 0.55 * min(cloud - _FINDING_FROM, 1.0)
        chest = with_findings(chest, strength, np.random.default_rng([texture, 1]))
    return Decoded(chest, finding, chest.arm != 0)


def _texture(latent: npt.NDArray[np.float32]) -> int:
    """A seed that depends on the latent alone, so that an image does not depend on the batch in which it is
    generated."""
    digest = hashlib.sha256(np.ascontiguousarray(latent, dtype="<f4").tobytes()).digest()
    return int.from_bytes(digest[:7])
