"""Simulate knee-like radiographs of known joint-space width, so that every stage can be checked against the truth.

The view is antero-posterior. An image is the sum of what attenuates the beam: soft tissue, the bones' spongy
inside and their dense shell, each a function of the depth below an outline; texture, blur and quantum noise
come on top. The outlines are curves in millimetres in the frame of the knee: x grows to the outer (lateral)
side, y downwards, and the inner (medial) tibial plateau lies at y = 0. The medial joint space narrows with
the grade, while bony spurs (osteophytes) and dense bone beside the joint (sclerosis) grow, as in the scale of
Kellgren and Lawrence (Ann Rheum Dis 16:494-502, 1957, doi 10.1136/ard.16.4.494).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter
from scipy.special import expit

Array = npt.NDArray[np.float64]

IMAGE_HEIGHT_MM = 81.0
WIDEST_JOINT_MM = 5.6
NARROWEST_JOINT_MM = 0.4
ASPECT_ONE_KNEE = 300 / 161
ASPECT_TWO_KNEES = 640 / 161

_REACH_MM = 100.0  # the outlines are tabulated from minus to plus this
_TABLE_STEP_MM = 0.05
_TABLE = np.arange(-_REACH_MM, _REACH_MM, _TABLE_STEP_MM)
_MEDIAL_MM = -21.0  # where the medial joint space is narrowest, for a bone of size 1
_LATERAL_MM = 21.0
_CONDYLE_RADIUS_MM = 60.0


def mm_per_pixel(height: int) -> float:
    """Return the pixel spacing of an image of `height` pixels, in mm."""
    return IMAGE_HEIGHT_MM / height


def severity_of(joint_space_mm: float) -> float:
    """Return how far a joint space has narrowed: 0 at 5.6 mm, 1 at 0.4 mm, linear between."""
    return (WIDEST_JOINT_MM - joint_space_mm) / (WIDEST_JOINT_MM - NARROWEST_JOINT_MM)


def sample_joint_space(grade: int, n_grades: int, rng: np.random.Generator) -> float:
    """Return a joint-space width in mm from the middle 70% of the interval of `grade`, uniformly."""
    severity = (grade + rng.uniform(0.15, 0.85)) / n_grades
    return WIDEST_JOINT_MM - severity * (WIDEST_JOINT_MM - NARROWEST_JOINT_MM)


@dataclass(frozen=True)
class Knee:
    """One knee: lengths in mm, `size` relative to a bone 80 mm wide, `tilt` in radians."""

    joint_space: float
    lateral_space: float
    size: float
    tilt: float
    shift: tuple[float, float]
    outer_side: int  # +1: the outer side is on the right of the image; -1: on its left
    leg: float  # half the width of the leg at the joint
    fat: float  # thickness of the layer below the skin
    calf: float  # how much wider the leg is 40 mm below the joint
    notch: float  # depth of the notch between the condyles
    spines: tuple[float, float]  # heights of the two spines of the tibia
    spurs: tuple[float, float, float, float]  # femur inner, outer; tibia inner, outer
    patella: tuple[float, float]
    waist: tuple[float, float]  # heights at which femur and tibia have narrowed halfway to the shaft

    @classmethod
    def sample(
        cls, rng: np.random.Generator, joint_space: float, outer_side: int, widest_leg: float, sideways: float
    ) -> "Knee":
        """Sample a knee with the given joint space; `sideways` is the maximum distance from the centre."""
        size = rng.uniform(0.86, 1.18)
        severity = severity_of(joint_space)
        spur = 4.5 * max(severity - 0.15, 0.0)
        inner, outer, below_inner, below_outer = spur * rng.uniform(0.4, 1.2, 4)
        return cls(
            joint_space=joint_space,
            lateral_space=rng.uniform(5.2, 6.4),
            size=size,
            tilt=np.radians(rng.uniform(-5, 5)),
            shift=(rng.uniform(-sideways, sideways), rng.uniform(-12, 13)),
            outer_side=outer_side,
            leg=rng.uniform(42 * size + 14, widest_leg),
            fat=rng.uniform(4, 13),
            calf=rng.uniform(-6, 5),
            notch=rng.uniform(4, 9),
            spines=(rng.uniform(1.5, 3.5) + severity, rng.uniform(1, 3) + severity),
            spurs=(inner, outer, below_inner, below_outer),
            patella=(rng.uniform(-2, 10), rng.uniform(-36, -26)),
            waist=(rng.uniform(-56, -40), rng.uniform(22, 32)),
        )


def render_knee(rng: np.random.Generator, joint_space_mm: float, height: int, two_knees: bool = False) -> Array:
    """Return an image (height, width) in [0, 1], bright where the beam is attenuated.

    `joint_space_mm` is the medial joint space; on an image of two knees that of the worse one, the other one
    has a wider joint. One knee gives an image of 300 : 161, two give 640 : 161.
    """
    spacing = mm_per_pixel(height)
    width = round(height * (ASPECT_TWO_KNEES if two_knees else ASPECT_ONE_KNEE))
    if two_knees:
        other = rng.uniform(joint_space_mm, WIDEST_JOINT_MM)
        left, right = rng.permutation([joint_space_mm, other])
        halves = [(left, -1, width // 2), (right, 1, width - width // 2)]
        widest_leg, sideways = 66.0, 7.0  # so that each leg stays in its half
    else:
        halves = [(joint_space_mm, int(rng.choice([-1, 1])), width)]
        widest_leg, sideways = 86.0, 14.0
    parts = [
        _attenuation(Knee.sample(rng, space, side, widest_leg, sideways), (height, w), spacing, rng)
        for space, side, w in halves
    ]
    return _expose(np.hstack(parts), spacing, rng)


def _attenuation(knee: Knee, shape: tuple[int, int], spacing: float, rng: np.random.Generator) -> Array:
    """The attenuation of the beam, (H, W): about 0.6 for soft tissue alone and 1 with bone."""
    x, y = _knee_frame(knee, shape, spacing)
    texture, clouds = _trabeculae(shape, spacing, rng)
    load = severity_of(knee.joint_space) * _bump(x, knee.size * _MEDIAL_MM, 13)
    femur, tibia, fibula = _femur(knee, x, y), _tibia(knee, x, y), _fibula(knee, x, y)
    shaft = _step(np.abs(y), 28, 6)
    inside = _step(np.maximum(femur.depth, tibia.depth), 0.0, 0.3)
    total = _soft_tissue(knee, x, y, rng) * (1 + 0.015 * clouds)
    for bone in (femur, tibia, fibula):
        total += bone.strength * _bone(bone, shaft, texture + 0.05 * clouds, load)
    total += inside * (_patella(knee, x, y) + _inner_lines(knee, x, y)) * (1 + 0.3 * clouds)
    return total + 0.20 * (1 - inside) * _trochlea(knee, x, y)


def _knee_frame(knee: Knee, shape: tuple[int, int], spacing: float) -> tuple[Array, Array]:
    """Coordinates of every pixel in the frame of the knee, in mm."""
    rows, columns = np.indices(shape, dtype=np.float64)
    right = (columns - (shape[1] - 1) / 2) * spacing - knee.shift[0]
    down = (rows - (shape[0] - 1) / 2) * spacing - knee.shift[1]
    cos, sin = np.cos(knee.tilt), np.sin(knee.tilt)
    return knee.outer_side * (right * cos + down * sin), down * cos - right * sin


def _below(curve: Array, along: Array, across: Array) -> Array:
    """Distance from the tabulated curve across = curve(along) to first order, positive beyond it, in mm."""
    index = ((along + _REACH_MM) * (1 / _TABLE_STEP_MM)).astype(np.intp)
    steepness = 1 / np.hypot(1, np.gradient(curve, _TABLE_STEP_MM))
    return (across - curve[index]) * steepness[index]


def _inside(*distances: Array, rounding: float) -> Array:
    """Depth below the outline that several curves enclose, in mm: a smooth minimum, which rounds corners."""
    total = np.zeros_like(distances[0])
    for distance in distances:
        total += np.exp(distance * (-1 / rounding))
    return -rounding * np.log(total)


def _bump(t: Array, centre: Array | float, width: Array | float) -> Array:
    return np.exp(-(((t - centre) / width) ** 2))


def _line(across: Array, width: float, along: Array, centre: float, length: float) -> Array:
    """A soft line of height 1 along across = 0, fading out `length` from the centre of its course."""
    return np.exp(-((across * (1 / width)) ** 2) - ((along - centre) * (1 / length)) ** 2)


def _step(t: Array, centre: float, width: float) -> Array:
    return np.asarray(expit((t - centre) / width))


def _round(depth: Array, radius: float) -> Array:
    """How thick a rounded body is at a depth below its outline: 0 at the edge, 1 from `radius` on."""
    return np.sqrt(1 - (1 - np.clip(depth / radius, 0, 1)) ** 2)


@dataclass(frozen=True)
class _Outline:
    """A bone: depth of every pixel below its outline and below its joint surface in mm; its attenuation."""

    depth: Array
    surface: Array
    strength: float


def _tibial_surface(knee: Knee, x: Array) -> Array:
    """Height of the tibial plateau with its two spines; 0 where the medial joint space is narrowest."""
    s = knee.size

    def surface(x: Array) -> Array:
        ridge = 4.0 * _bump(x, 0.5 * s, 10 * s)
        spines = knee.spines[0] * _bump(x, -4.5 * s, 2.8 * s) + knee.spines[1] * _bump(x, 6 * s, 3.0 * s)
        hollow = 0.9 * _bump(x, -20 * s, 8 * s) + 0.4 * _bump(x, 21 * s, 9 * s)
        rim = 0.02 * np.maximum(np.abs(x) - 29 * s, 0) ** 2
        return hollow - ridge - spines + rim

    return np.asarray(surface(x) - surface(np.array([s * _MEDIAL_MM])))


def _femoral_surface(knee: Knee, x: Array) -> Array:
    """Height of the lower end of the femur: two condyles with a notch between them.

    It is nowhere closer to the tibia than the medial joint space, measured upright.
    """
    s = knee.size
    tibia = _tibial_surface(knee, x)
    outer_level = _tibial_surface(knee, np.array([s * _LATERAL_MM]))[0] - knee.lateral_space
    inner = -knee.joint_space - (x - s * _MEDIAL_MM) ** 2 / (2 * s * _CONDYLE_RADIUS_MM)
    outer = outer_level - (x - s * _LATERAL_MM) ** 2 / (2 * s * _CONDYLE_RADIUS_MM)
    side = _step(x, 1.0, 2.5)
    condyles = inner * (1 - side) + outer * side - knee.notch * _bump(x, 1.0, 8.0 * s)
    return np.asarray(np.minimum(condyles, tibia - knee.joint_space))


def _femur(knee: Knee, x: Array, y: Array) -> _Outline:
    s = knee.size
    half = s * (25 + 14.5 * _step(_TABLE, knee.waist[0] * s, 7 * s))
    inner = half + s * 2.0 * _bump(_TABLE, -25 * s, 7 * s) + knee.spurs[0] * _bump(_TABLE, -6 * s, 2.2)
    outer = half + s * 1.0 * _bump(_TABLE, -19 * s, 9 * s) + knee.spurs[1] * _bump(_TABLE, -6 * s, 2.2)
    surface = -_below(_femoral_surface(knee, _TABLE), x, y)
    sides = _below(-inner, y, x), -_below(outer, y, x)
    return _Outline(_inside(surface, *sides, rounding=3.0 * s), surface, strength=0.31)


def _trochlea(knee: Knee, x: Array, y: Array) -> Array:
    """The front of the femur, which covers all but the lowest part of the notch."""
    s = knee.size
    edge = -knee.joint_space - 4.5 - 0.45 * knee.notch * _bump(_TABLE, 1.0, 9 * s)
    depth = _inside(-_below(edge, x, y), 17 * s - np.abs(x - 1.0), rounding=2.5)
    return _step(depth, 0, 0.8)


def _tibia(knee: Knee, x: Array, y: Array) -> _Outline:
    s = knee.size
    half = s * (19 + 20.0 * _step(-_TABLE, -knee.waist[1] * s, 8 * s))
    inner = half + knee.spurs[2] * _bump(_TABLE, 1.2, 2.2)
    outer = half - s * 1.5 + knee.spurs[3] * _bump(_TABLE, 1.6, 2.2)
    surface = _below(_tibial_surface(knee, _TABLE), x, y)
    sides = _below(-inner, y, x), -_below(outer, y, x)
    return _Outline(_inside(surface, *sides, rounding=0.9 * s), surface, strength=0.31)


def _fibula(knee: Knee, x: Array, y: Array) -> _Outline:
    s = knee.size
    axis = s * 33.5 + 0.09 * (_TABLE - 15)
    half = s * (5.2 + 4.0 * _bump(_TABLE, 20 * s, 9 * s))
    top = s * 11 + 0.05 / s * (_TABLE - s * 34) ** 2
    surface = _below(top, x, y)
    sides = _below(axis - half, y, x), -_below(axis + half, y, x)
    return _Outline(_inside(surface, *sides, rounding=1.5 * s), surface, strength=0.13)


def _bone(bone: _Outline, shaft: Array, texture: Array, load: Array) -> Array:
    """Attenuation of a bone, 1 in its middle: spongy inside, dense shell, denser plate under the joint."""
    thickness = 0.6 + 1.0 * shaft  # of the shell: thin beside the joint, thick along the shaft
    shell = (0.17 + 0.25 * shaft) * _bump(bone.depth, 0.6 * thickness, thickness)
    plate = (0.25 + 0.25 * load) * _bump(bone.surface, 0.7, 0.8 + 1.2 * load)
    sclerosis = 0.30 * load * np.exp(-np.abs(bone.surface) / 5)
    bulk = 0.55 + 0.45 * _round(bone.depth, 14)
    return _step(bone.depth, 0.0, 0.14) * (bulk + shell + plate + sclerosis) * (1 + texture)


def _inner_lines(knee: Knee, x: Array, y: Array) -> Array:
    """Edges seen through the bone: growth-plate scars, back rim of the plateau, walls of the notch."""
    s = knee.size
    scar_above = _below(s * (-24 + 2.5 * np.cos(_TABLE / (7 * s))), x, y)
    scar_below = _below(s * (15 + 1.5 * np.cos(_TABLE / (8 * s) + 1)), x, y)
    rim = _below(_tibial_surface(knee, _TABLE) * 0.4 + 4.0 * s + 0.002 * _TABLE**2 / s, x, y)
    lines = 0.045 * _line(scar_above, 0.9, x, 0, 30 * s)
    lines += 0.040 * _line(scar_below, 0.9, x, 0, 26 * s)
    lines += 0.050 * _line(rim, 0.7, np.abs(x), 20 * s, 12 * s)
    for wall in (-11.0 * s, 12.5 * s):
        leaning = wall + 0.25 * (y + 15) * np.sign(wall)
        lines += 0.045 * _line(x - leaning, 0.9, y, -16 * s, 8 * s)
    return lines


def _patella(knee: Knee, x: Array, y: Array) -> Array:
    across, along = (x - knee.patella[0]) / (21 * knee.size), (y - knee.patella[1]) / (19 * knee.size)
    depth = 20 * knee.size * (1 - np.hypot(across, along))
    return 0.08 * _step(depth, 0.0, 0.5) * (0.4 + 0.6 * _round(depth, 15)) + 0.04 * _bump(depth, 0.8, 0.8)


def _soft_tissue(knee: Knee, x: Array, y: Array, rng: np.random.Generator) -> Array:
    bend = knee.calf * (_TABLE / 40) ** 2 * np.sign(_TABLE)
    waves = [rng.uniform(-2.5, 2.5) * np.sin(_TABLE / 20 + rng.uniform(0, 6)) for _ in range(2)]
    inner = _below(-(knee.leg + bend + waves[0]), y, x)
    outer = -_below(knee.leg - 4 + 0.6 * bend + waves[1], y, x)
    skin = _inside(inner, outer, rounding=4)
    return 0.30 * _round(skin, 20) + 0.36 * _round(skin - knee.fat, 45)


def _trabeculae(shape: tuple[int, int], spacing: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Relative density of spongy bone (upright fine strands, some crossing ones), and of cloudy areas."""
    unit = 0.5 / spacing

    def strands(along: float, across: float) -> Array:
        noise = rng.standard_normal(shape)
        fine = gaussian_filter(noise, (along * unit, across * unit), truncate=3)
        band = fine - gaussian_filter(fine, (2 * along * unit, 3 * across * unit), truncate=3)
        lace = np.exp(0.3 * band / band.std())  # thin bright strands, wide dark meshes
        return np.asarray((lace - lace.mean()) / lace.std())

    clouds = gaussian_filter(rng.standard_normal(shape), 7 * unit, truncate=3)
    return 0.06 * strands(3.0, 0.6) + 0.03 * strands(0.7, 1.6), clouds / clouds.std()


def _expose(attenuation: Array, spacing: float, rng: np.random.Generator) -> Array:
    """The image of an attenuation: uneven beam, blur, quantum noise, contrast and brightness."""
    height, width = attenuation.shape
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    heel = rng.uniform(-0.03, 0.03, 2)
    beam = attenuation + heel[0] * rows + heel[1] * columns - 0.03 * (rows**2 + columns**2)
    blurred = gaussian_filter(beam, 0.22 / spacing)
    grain = gaussian_filter(rng.standard_normal(blurred.shape), 0.25 / spacing)
    noise = rng.uniform(0.004, 0.011) * np.exp(0.5 * blurred) * grain / grain.std()
    gamma, white, black = rng.uniform(0.8, 1.3), rng.uniform(0.66, 0.84), rng.uniform(0.0, 0.08)
    image = black + (white - black) * np.clip(blurred + noise, 0, 1.4) ** gamma
    return np.asarray(np.clip(image, 0, 1))
