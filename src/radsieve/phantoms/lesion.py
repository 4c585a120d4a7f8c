"""Simulate skin lesions as a dermatoscope shows them, with exact masks.

Skin and pigments absorb light by the law of Beer and Lambert: an image is the light reflected by bare skin, times
exp(-amount of pigment x absorption of red, green and blue by the pigment). Lengths are in half widths of the image; x
grows to the right and y downwards from its middle.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radsieve.phantoms.noise import clouds

Array = npt.NDArray[np.floating]

_SKIN = np.array([[0.95, 0.83, 0.79], [0.90, 0.72, 0.60], [0.76, 0.53, 0.40], [0.50, 0.33, 0.25]])  # light to dark
_MELANIN = np.array([1.0, 1.75, 2.2], dtype=np.float32)
_BLOOD = np.array([0.25, 1.3, 1.1], dtype=np.float32)
_HAIR = np.array([0.9, 1.0, 1.05], dtype=np.float32)
_HARMONICS = np.arange(2, 26)
_LOW_CONTRAST = 0.3  # share of the lesions


@dataclass(frozen=True)
class Lesion:
    """One lesion on skin.

    `x`, `y` and `radius` say where it is; `irregularity` is the relative size of the waves of its outline. `contrast`
    is the amount of pigment, `softness` how far it fades out at the border, `core` how much more of it there is in a
    spot inside, and `blood` how much of the colour is red. `skin` runs from 0 (light) to 3 (dark). `light` are the
    gains of red, green and blue; `vignette` is how much darker the corners are, `hairs` how many hairs lie across.
    """

    x: float = 0.0
    y: float = 0.0
    radius: float = 0.5
    irregularity: float = 0.2
    contrast: float = 0.8
    softness: float = 0.03
    core: float = 0.0
    blood: float = 0.2
    skin: float = 0.5
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignette: float = 0.2
    hairs: int = 0
    seed: int = 0


def sample_lesion(rng: np.random.Generator) -> Lesion:
    """Sample a lesion at random: most are clear, nearly a third hardly darker than the skin, some lie under hairs."""
    low = rng.random() < _LOW_CONTRAST
    red, green, blue = (1 + rng.normal(0, 0.04, 3)).tolist()
    return Lesion(
        x=rng.normal(0, 0.14),
        y=rng.normal(0, 0.14),
        radius=float(np.clip(rng.lognormal(-0.95, 0.35), 0.14, 0.75)),
        irregularity=rng.uniform(0.05, 0.4),
        contrast=rng.uniform(0.14, 0.3) if low else rng.uniform(0.3, 0.95),
        softness=float(np.exp(rng.uniform(np.log(0.012), np.log(0.06)))),
        core=float(max(rng.normal(0.5, 0.7), 0)),
        blood=float(rng.beta(1.2, 3)),
        skin=float(3 * rng.beta(1.1, 1.8)),
        light=(red, green, blue),
        vignette=float(np.clip(rng.exponential(0.2), 0, 0.7)),
        hairs=int(rng.integers(3, 16)) if rng.random() < 0.35 else 0,
        seed=int(rng.integers(2**63)),
    )


def render_lesion(lesion: Lesion, pixels: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Render `lesion` as a square image: RGB of 8 bits, (pixels, pixels, 3), and its mask, (pixels, pixels)."""
    rng = np.random.default_rng(lesion.seed)
    at = ((2 * np.arange(pixels) + 1 - pixels) / pixels).astype(np.float32)
    x, y = np.meshgrid(at, at)
    depth = _depth(lesion, x, y, rng)
    melanin, blood = _pigments(lesion, x, y, depth, pixels, rng)
    taken = melanin[..., None] * _MELANIN + blood[..., None] * _BLOOD
    for _ in range(lesion.hairs):
        taken += _hair(x, y, rng)[..., None] * _HAIR
    shown = _bare_skin(lesion, x, y, pixels, rng) * np.exp(-taken)
    shown += rng.standard_normal(shown.shape, dtype=np.float32) * 0.01
    return np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8), depth > 0


def _depth(lesion: Lesion, x: Array, y: Array, rng: np.random.Generator) -> Array:
    """How deep inside the outline, a circle with random waves, a pixel lies; negative outside."""
    dx, dy = x - lesion.x, y - lesion.y
    sizes = lesion.irregularity * rng.standard_normal(len(_HARMONICS)) / _HARMONICS**1.25
    phases = rng.uniform(0, 2 * np.pi, len(_HARMONICS))
    turns = np.linspace(-np.pi, np.pi, 2049)
    outline = 1 + (sizes * np.cos(turns[:, None] * _HARMONICS + phases)).sum(axis=1)
    outline = (lesion.radius * np.maximum(outline, 0.4)).astype(np.float32)
    index = np.rint((np.arctan2(dy, dx) + np.pi) * (2048 / (2 * np.pi))).astype(np.intp)
    return np.asarray(outline[index] - np.hypot(dx, dy))


def _pigments(
    lesion: Lesion, x: Array, y: Array, depth: Array, pixels: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Amounts of melanin and of blood: uneven, in patches and a fine network, fading out at the border."""
    inside = 1 / (1 + np.exp(-np.clip(depth / lesion.softness, -20, 20)))
    angle, far = rng.uniform(0, 2 * np.pi), lesion.radius * rng.uniform(0, 0.4)
    spot = np.hypot(x - lesion.x - far * np.cos(angle), y - lesion.y - far * np.sin(angle)) / (0.45 * lesion.radius)
    patches, network, dots = (clouds(pixels, knots, rng) for knots in (9, 30, 75))
    uneven = np.clip(1 + 0.22 * patches + 0.12 * network + 0.1 * dots, 0.35, 2)
    amount = lesion.contrast * inside * uneven * (1 + lesion.core * np.exp(-np.minimum(spot**2, 30)))
    around = 0.03 * np.clip(1 + clouds(pixels, 14, rng), 0, None)  # the small vessels of the skin
    return amount * (1 - lesion.blood), amount * 1.3 * lesion.blood + around


def _bare_skin(lesion: Lesion, x: Array, y: Array, pixels: int, rng: np.random.Generator) -> Array:
    low = min(int(lesion.skin), len(_SKIN) - 2)
    tone = (_SKIN[low] + (lesion.skin - low) * (_SKIN[low + 1] - _SKIN[low])) * lesion.light
    corners = lesion.vignette * np.clip((x**2 + y**2) / 2, 0, 1) ** 1.5
    light = 1 - corners + 0.015 * clouds(pixels, 7, rng) + 0.012 * clouds(pixels, 100, rng)
    return np.asarray(light[..., None] * tone.astype(np.float32))


def _hair(x: Array, y: Array, rng: np.random.Generator) -> Array:
    """How much light a hair absorbs: a bent line of some length."""
    angle, offset, bend = rng.uniform(0, np.pi), rng.uniform(-0.9, 0.9), rng.normal(0, 0.35)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    across = (across - offset - bend * along**2).astype(np.float32) / rng.uniform(0.006, 0.011)
    reach = np.clip((rng.uniform(0.4, 1.3) - np.abs(along - rng.normal(0, 0.4))) * 20, 0, 1)
    return np.asarray(rng.uniform(0.5, 1.4) * reach * np.exp(-np.minimum(across**2, 30)))
