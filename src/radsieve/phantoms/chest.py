"""Simulate chest radiographs of known anatomy, with exact masks of the lungs and the breasts.

The view is postero-anterior. An image is the sum of what attenuates the beam (the logarithm of the remaining
intensity): soft tissue as thick as the body there, less the air of the lungs, plus heart, vessels and bones. Lengths
are in half widths of the image (see `radsieve.phantoms.chest_frame`). Both lungs have the same outline, mirrored,
unless `asymmetry`, `shift` or `tilt` say otherwise; the masks include the parts of the lungs behind the heart, fluid
and other shadows, as those of the annotators of public chest sets do.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from radsieve.phantoms.chest_bones import arm, collar_bone, ribs, shoulder, spine
from radsieve.phantoms.chest_frame import SIDES, Array, Frame, Points, Side, decay, image_frame, ramp, rounded, side_of
from radsieve.phantoms.chest_texture import expose, vessels
from radsieve.phantoms.noise import clouds

Flags = npt.NDArray[np.bool_]

_LUNG_WIDTH, _LUNG_HEIGHT = 0.67, 1.21
# Half widths of the shadow between the lungs by level: 0 at the apex of a lung, 1 at the dome of the diaphragm.
_LEVELS = (-0.5, 0.0, 0.15, 0.28, 0.37, 0.45, 0.55, 0.66, 0.78, 0.90, 1.0, 1.12, 1.3)
_LEFT_BORDER = (0.10, 0.10, 0.10, 0.115, 0.155, 0.125, 0.15, 0.185, 0.27, 0.375, 0.435, 0.44, 0.30)
_RIGHT_BORDER = (0.10, 0.10, 0.105, 0.115, 0.12, 0.12, 0.13, 0.15, 0.185, 0.205, 0.195, 0.16, 0.12)
_KNOB = 0.37  # level of the arch of the aorta


@dataclass(frozen=True)
class Opacity:
    """A shadow in a lung: `side` -1 or 1, place (s, v), radius, how much of the air it displaces, and how ragged it
    is."""

    side: int
    s: float
    v: float
    radius: float
    strength: float
    ragged: float = 0.0


@dataclass(frozen=True)
class Chest:
    """The anatomy of one image. 1 stands for the average adult, lengths are in half widths of the image.

    `asymmetry` is the share by which one lung (and breast) is smaller than the other: the one at image left (the
    patient's right) if negative. `form` in [0, 1] says how: 0 narrower, 1 shorter with a raised diaphragm, 0.5
    both, so that `asymmetry` is always the greatest relative difference of width or height. `effusion` is the share
    of the height of a lung that fluid fills, for image left and image right. `heart_side` is 1 for a heart at image
    right (the patient's left), where it usually lies, and -1 for dextrocardia. `arm` is the side (-1, 1) on which
    an arm lies on the image, or 0. `breast` is the radius, 0 for none, `breast_height` its place. `lift` raises the
    outer ends of the collar bones. `bone` and `exposure` scale the contrast of bones and of the whole image;
    `texture` seeds vessels, tissue and noise.
    """

    lung_width: float = 1.0
    lung_height: float = 1.0
    heart: float = 1.0
    aorta: float = 1.0
    body: float = 1.0
    bone: float = 1.0
    lift: float = 0.0
    breast: float = 0.0
    breast_height: float = 0.3
    asymmetry: float = 0.0
    form: float = 0.5
    shift: float = 0.0
    tilt: float = 0.0
    exposure: float = 1.0
    noise: float = 1.0
    arm: int = 0
    heart_side: int = 1
    effusion: tuple[float, float] = (0.0, 0.0)
    opacities: tuple[Opacity, ...] = ()
    texture: int = 0

    def mirrored(self) -> "Chest":
        """The mirror image, whose masks are the mirrored masks (vessels, tissue and noise are random anew)."""
        return replace(
            self,
            asymmetry=-self.asymmetry,
            shift=-self.shift,
            tilt=-self.tilt,
            arm=-self.arm,
            heart_side=-self.heart_side,
            effusion=self.effusion[::-1],
            opacities=tuple(replace(opacity, side=-opacity.side) for opacity in self.opacities),
        )


@dataclass(frozen=True)
class ChestImage:
    """A rendered image (H, W) of 8 bits and what it shows: masks (H, W) of the lungs and of the breasts."""

    image: npt.NDArray[np.uint8]
    lungs: Flags
    breasts: Flags


def render_chest(chest: Chest, pixels: int) -> ChestImage:
    """Render `chest` as a square image of `pixels`; the same anatomy gives the same image."""
    rng = np.random.default_rng(chest.texture)
    frame = image_frame(pixels, chest.shift, chest.tilt)
    sides = [_side(chest, frame, sign) for sign in SIDES]
    slow, patchy, fine = (clouds(pixels, knots, rng) for knots in (9, 22, 60))
    body = _body(chest, frame)
    inside = body > 0
    dense = body * (1 + 0.03 * slow + 0.015 * fine)
    bones, tree = spine(frame), vessels(frame, sides, rng)
    lungs, breasts = np.zeros((2, pixels, pixels), dtype=bool)
    for side in sides:
        part = (slice(None), side.frame.part)
        breast, below = _breast(chest, side), _below_diaphragm(side)
        lungs[part] |= side.lung.depth > 0
        breasts[part] |= breast > 0
        air = _air(chest, side, patchy[part])
        dense[part] -= air * (body[part] - 0.36 * tree[part])
        dense[part] += 0.22 * rounded(breast, 0.6) + 0.05 * below
        bones[part] += ribs(side) * (1 - 0.45 * below)
        bones[part] += 1.25 * collar_bone(side, chest.lift) + 0.6 * shoulder(side)
    dense += inside * (0.135 * chest.bone) * bones - _airways(chest, frame, sides)
    if chest.arm:
        flesh, humerus = arm(frame, chest.arm)
        dense += 0.34 * flesh + (0.16 * chest.bone) * humerus
    return ChestImage(expose(np.maximum(dense, 0), chest.exposure, chest.noise, rng), lungs, breasts)


def relative_size(chest: Chest, sign: int) -> tuple[float, float]:
    """Width and height of the lung on side `sign`, relative to their full size."""
    smaller = abs(chest.asymmetry) if chest.asymmetry * sign > 0 else 0.0
    return 1 - smaller * min(2 * (1 - chest.form), 1), 1 - smaller * min(2 * chest.form, 1)


def _side(chest: Chest, frame: Frame, sign: int) -> Side:
    width, height = relative_size(chest, sign)
    full = _LUNG_HEIGHT * chest.lung_height
    return side_of(frame, sign, _LUNG_WIDTH * chest.lung_width * width, full * height, 0.8 * full * (1 - height))


def _body(chest: Chest, frame: Frame) -> Array:
    """Thickness of the soft tissue of neck, shoulders and trunk: about 1 in its middle, 0 beside the body."""

    def half_width(v: Points) -> Points:
        trunk = 0.95 * chest.body + 0.03 * v
        armpit = 0.5 * (1 - np.tanh((v + 0.22) / 0.14))
        return np.asarray(trunk + (1.35 - trunk) * armpit)

    u = np.abs(frame.u)
    beside = frame.along(half_width)
    neck = decay((u / 0.34) ** 4)
    slope = (-1.0) + 0.17 * u * u - 0.5 * neck
    edge = np.minimum(beside - u, 0.85 * (frame.v - slope))
    ellipse = np.sqrt(np.clip(1 - (u / beside) ** 2, 0, 1)) * 0.5 + 0.5
    thicker_below = 0.84 + 0.12 * frame.v
    return np.asarray(rounded(edge, 0.32) * ellipse * thicker_below)


def _air(chest: Chest, side: Side, patchy: Array) -> Array:
    """The share of the body's thickness that is air: less near the border, behind the heart and where it is clouded."""
    lung, s, v = side.lung, side.s, side.frame.v
    air = ramp(lung.depth * 160) * (1 - 0.45 * decay(lung.depth * 14))
    air *= 0.66 - 0.05 * (v - lung.top)
    heart = ramp(_border(chest, side) * 70) * 0.88
    clear = (1 - heart) * (1 - 0.25 * decay(lung.below_dome * -22))
    for opacity in chest.opacities:
        if opacity.side == side.sign:
            distance = np.hypot(s - opacity.s, v - opacity.v) * (1 / opacity.radius)
            distance += (0.3 * opacity.ragged) * patchy
            clear *= 1 - opacity.strength * decay(np.maximum(distance, 0) ** 3)
    if level := chest.effusion[SIDES.index(side.sign)]:
        surface = lung.base + 0.2 - level * (lung.base + 0.2 - lung.top)
        meniscus = (surface + 0.06) - 0.5 * (s - 0.25) ** 2
        clear *= 1 - 0.95 * ramp((v - meniscus) * 22)
    return np.asarray(air * clear)


def _border(chest: Chest, side: Side) -> Array:
    """Depth below the outline of the heart and the great vessels."""
    left = side.sign == chest.heart_side
    levels = np.asarray(_LEVELS)
    widths = np.asarray(_LEFT_BORDER if left else _RIGHT_BORDER)
    widths = 0.1 + (widths - 0.1) * np.where(levels > 0.6, chest.heart, 1) * np.where(levels == _KNOB, chest.aorta, 1)
    outline = PchipInterpolator(levels, widths, extrapolate=False)
    lung = side.lung

    def border(v: Points) -> Points:
        level = (v - lung.top) / (lung.base - lung.top)
        return np.asarray(outline(np.clip(level, levels[0], levels[-1])))

    return np.asarray(side.frame.along(border) - side.s)


def _below_diaphragm(side: Side) -> Array:
    return ramp(side.lung.below_dome * 60) * (side.s > 0)


def _breast(chest: Chest, side: Side) -> Array:
    """How far inside the breast of a side a pixel lies: 1 in the middle, 0 at the outline, negative outside."""
    if not chest.breast:
        return np.full_like(side.s, -1)
    size = relative_size(chest, side.sign)[0]
    radius, height = chest.breast * size, chest.breast_height - 0.4 * (1 - size)
    across = (side.s - 0.47) / radius
    down = side.frame.v - height
    down = down / np.where(down > 0, (0.85 * radius), (1.4 * radius))
    return np.asarray(1 - np.hypot(across, down))


def _airways(chest: Chest, frame: Frame, sides: list[Side]) -> Array:
    """Air in the trachea and the main bronchi, and gas in the stomach below the dome on the heart's side."""
    top = min(side.lung.top for side in sides)
    u, v = frame.u * chest.heart_side, frame.v - top
    fork = 0.47
    trachea = ramp((0.036 - np.abs(u + 0.012)) * 90) * ramp((fork - v) * 40)
    aside = np.abs(u + 0.012) - 0.75 * (v - fork)
    bronchi = ramp((0.026 - np.abs(aside)) * 80) * ramp((v - fork + 0.02) * 60)
    bronchi *= ramp((fork + 0.16 - v) * 20)
    dome = next(side.lung for side in sides if side.sign == chest.heart_side).base
    bubble = np.hypot((u - 0.36) / 0.13, (frame.v - (dome + 0.13)) / 0.06)
    gas = ramp((1 - bubble) * 5)
    return np.asarray(0.11 * trachea + 0.05 * bronchi + 0.12 * gas)
