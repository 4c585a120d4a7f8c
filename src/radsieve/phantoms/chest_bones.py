"""The bones of a chest radiograph: ribs, spine, collar bones and shoulders, and the arm of some images."""

import numpy as np

from radsieve.phantoms.chest_frame import Array, Frame, Side, bell, decay, ramp, rounded

_RIBS = 11
_SPACING = 0.137  # from rib to rib at the spine
_DROP = 0.42  # how much lower a rib lies at the breastbone than at the spine
_ANTERIOR = (1, 7)  # the ribs whose front parts show


def bar(across: Array, half_width: float | Array) -> Array:
    """A bone seen from the side: a spongy middle in a denser shell."""
    x = np.abs(across) / half_width
    return ramp((1 - x) * 5) * (0.62 + 0.5 * np.minimum(x, 1) ** 3)


def ribs(side: Side) -> Array:
    """The ribs of a side.

    A rib is a ring around an ellipse (the chest from above) that falls towards the front: at the share x of the half
    width of the cage its back part has fallen by (1 - c) / 2 of the whole drop, its front part by (1 + c) / 2, where
    c = sqrt(1 - x^2). All ribs of a part are thus level lines of one function, computed at once.
    """
    lung, v = side.lung, side.frame.v
    x = np.clip(side.s / lung.cage, 0, 1)
    c = np.sqrt(np.maximum(1 - x * x, 0.02))
    steep = np.hypot(1, np.minimum((0.5 * _DROP) * x / (c * lung.cage), 1.6)).astype(np.float32)
    spacing = np.float32(_SPACING * (0.45 + 0.55 * (lung.base - lung.top) / 1.2))
    first = lung.top + 0.03
    within = ramp((lung.cage - side.s) * 60) * ramp((side.s - 0.055) * 80)
    level = v - first - (0.5 * _DROP) * (1 - c) + 0.05 * x * (1 - x)
    back = _family(level / spacing, spacing / steep, 0, _RIBS, 0.026)
    front = _family((level - _DROP * c) / spacing, spacing / steep, *_ANTERIOR, 0.029)
    cartilage = ramp((x - 0.46) * 9)  # which does not show
    thick = np.minimum(0.75 / c, 1.5)  # seen along its course at the side
    return np.asarray(within * (thick * (back + 0.62 * cartilage * front)))


def _family(number: Array, spacing: Array, first: int, last: int, half_width: float) -> Array:
    """The bars at the whole numbers from `first` to below `last` of a function, which grows by 1 per `spacing`."""
    nearest = np.clip(np.rint(number), first, last - 1)
    return bar((number - nearest) * spacing, half_width)


def collar_bone(side: Side, lift: float) -> Array:
    """The clavicle, bent like an S, thicker at its inner end; its outer end is raised by `lift`."""
    s = side.s
    along = np.clip((s - 0.07) * (1 / 0.86), 0, 1)
    middle = (side.lung.top + 0.17) - (0.15 + lift) * along
    middle -= 0.03 * np.sin((2 * np.pi) * along)
    half_width = 0.029 + 0.014 * decay(along * 9)
    ends = ramp((s - 0.065) * 60) * ramp((0.96 - s) * 30)
    return np.asarray(ends * bar(side.frame.v - middle, half_width))


def shoulder(side: Side) -> Array:
    """The shoulder blade with its spine and outer rim, and the head and shaft of the humerus."""
    s, v = side.s, side.frame.v - (side.lung.top + 0.82)
    inner = s - 0.70 - 0.14 * v
    outer = 0.96 - s - 0.30 * (v + 0.5)
    blade = np.minimum.reduce([inner, outer, v + 0.9 * s - 0.1, 0.2 - v])
    plate = ramp(blade * 90) * (0.35 + 0.5 * decay(np.abs(blade - 0.012) * 70))
    ridge = bar(v + 0.52 + 0.22 * (s - 0.8), 0.026)
    ridge *= ramp((s - 0.74) * 30) * ramp((1.05 - s) * 30)
    head = rounded(0.125 - np.hypot(s - 0.99, v + 0.47), 0.06)
    return np.asarray(plate + 0.7 * ridge + 0.9 * head)


def spine(frame: Frame) -> Array:
    """The vertebrae: bodies with end plates, pedicles, and the spinous processes in the middle."""
    u, v = np.abs(frame.u), frame.v
    level = v * (7.6 - 0.9 * v)  # vertebrae grow downwards
    within = level - np.floor(level)
    disc = np.minimum(within, 1 - within)  # 0 in the middle of a disc, 0.5 in that of a vertebra
    half_width = 0.068 + 0.008 * np.cos(within * (2 * np.pi)) + 0.012 * v
    body = ramp((half_width - u) * 110)
    plates = bell((disc - 0.13) * 16)
    pedicles = bell((u - 0.045) * 75) * bell((within - 0.36) * 9)
    process = bell(u * 90) * bell((within - 0.75) * 5)
    shell = bell((u - half_width) * 90)
    solid = ramp((disc - 0.1) * 14)
    return np.asarray(
        body * (0.3 + 0.3 * solid + 0.3 * plates) + 0.35 * shell * solid + 0.45 * pedicles + 0.5 * process
    )


def arm(frame: Frame, side: int) -> tuple[Array, Array]:
    """Soft tissue and bone of an arm that hangs from the shoulder along the edge `side` of the image."""
    s = frame.u * side - 0.03 * frame.v
    flesh = ramp((frame.v + 0.12) * 5) * rounded(s - 0.80, 0.16)
    shell = np.abs(s - 0.935)
    bone = ramp((frame.v + 0.5) * 20) * ramp((0.05 - shell) * 90)
    return flesh, bone * (0.55 + 9 * shell)
