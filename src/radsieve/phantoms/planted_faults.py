"""Faults planted in pictures at three strengths, so that a search for them can be held to what is known."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

Gray = npt.NDArray[np.float32]
Plant = Callable[[Gray, float, Gray, np.random.Generator], Gray]


def _blank(image: Gray, left: float, _other: Gray, rng: np.random.Generator) -> Gray:
    level = rng.uniform(0.1, 0.9)
    return _f32(level + left * (image - image.mean()) + rng.normal(0, 0.01, image.shape))


def _clipped(image: Gray, share: float, _other: Gray, rng: np.random.Generator) -> Gray:
    """Overexposed: the brightest `share` of the pixels become white."""
    high = np.quantile(image, 1 - share)
    return _f32(image / max(float(high), 0.05))


def _blurred(image: Gray, share: float, _other: Gray, _rng: np.random.Generator) -> Gray:
    return _f32(ndimage.gaussian_filter(image, share * min(image.shape)))


def _noisy(image: Gray, sigma: float, _other: Gray, rng: np.random.Generator) -> Gray:
    return _f32(image + rng.normal(0, sigma, image.shape))


def _inverted(image: Gray, contrast: float, _other: Gray, _rng: np.random.Generator) -> Gray:
    inverse = image.max() + image.min() - image
    return _f32(inverse.mean() + contrast * (inverse - inverse.mean()))


def _turned(image: Gray, degrees: float, _other: Gray, rng: np.random.Generator) -> Gray:
    if degrees % 90:
        return _f32(ndimage.rotate(image, degrees * rng.choice([-1, 1]), reshape=False, order=1, mode="constant"))
    return np.ascontiguousarray(np.rot90(image, round(degrees / 90) * (1 if degrees == 180 else rng.choice([1, 3]))))


def _mirrored(image: Gray, degrees: float, other: Gray, rng: np.random.Generator) -> Gray:
    """The harder to see, the more it is turned besides."""
    mirror = np.ascontiguousarray(image[:, ::-1])
    return _turned(mirror, degrees, other, rng) if degrees else mirror


def _cut_off(image: Gray, share: float, _other: Gray, rng: np.random.Generator) -> Gray:
    """Beyond a straight, slightly oblique edge there is nothing but noise: `share` of the picture."""
    angle = rng.choice([0, 0.5, 1, 1.5]) * np.pi + rng.uniform(-0.1, 0.1)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    along = np.cos(angle) * (x / image.shape[1] - 0.5) + np.sin(angle) * (y / image.shape[0] - 0.5)
    dark = image.min() + np.abs(rng.normal(0, 0.01, image.shape)).astype(np.float32)
    return np.where(along > np.quantile(along, 1 - share), dark, image)


def _collage(image: Gray, parts: float, other: Gray, _rng: np.random.Generator) -> Gray:
    """An inset (1), two pictures side by side (2), or two by two (4)."""
    height, width = image.shape
    if parts == 1:
        whole = image.copy()
        inset = _resized(other, (width // 3, height // 3))
        whole[: inset.shape[0], : inset.shape[1]] = inset
        return whole
    rows = 2 if parts == 4 else 1
    tiles = [_resized(one, (width // 2, height // rows)) for one in (image, other)]
    lines = [np.concatenate(tiles[:: 1 if row % 2 == 0 else -1], axis=1) for row in range(rows)]
    return np.concatenate(lines)


def _border(image: Gray, share: float, _other: Gray, rng: np.random.Generator) -> Gray:
    width = max(1, round(share * min(image.shape)))
    return np.pad(image, width, constant_values=rng.choice([0, 0.5, 1]))


def _caption(image: Gray, size: float, _other: Gray, rng: np.random.Generator) -> Gray:
    """White letters (size below 0.1 of the height), or a white or black box of that share of both sides."""
    height, width = image.shape
    if size < 0.1:
        drawn = Image.new("L", (width, height))
        font = ImageFont.load_default(max(8, round(size * height)))
        place = (rng.uniform(0.02, 0.4) * width, rng.choice([0.03, 0.9]) * height)
        ImageDraw.Draw(drawn).text(place, "AP SUPINE 12:40", fill=255, font=font)
        letters = np.asarray(drawn, dtype=np.float32) / 255
        return _f32(image * (1 - letters) + letters * max(float(image.max()), 0.5))
    boxed = image.copy()
    h, w = round(size * height), round(size * width)
    top, left = rng.integers(0, height - h), rng.integers(0, width - w)
    boxed[top : top + h, left : left + w] = rng.choice([0, 1])
    return boxed


def _off_topic(_image: Gray, _strength: float, other: Gray, _rng: np.random.Generator) -> Gray:
    return other


def _size(image: Gray, factor: float, _other: Gray, rng: np.random.Generator) -> Gray:
    scale = factor ** (rng.choice([-1, 1]) * rng.uniform(0.9, 1.1))
    return _resized(image, tuple(max(16, round(side * scale)) for side in image.shape[::-1]))


def _aspect(image: Gray, factor: float, _other: Gray, rng: np.random.Generator) -> Gray:
    height, width = image.shape
    scale = factor ** (rng.choice([-1, 1]) * rng.uniform(0.9, 1.1))
    return _resized(image, (round(width * scale**0.5), round(height / scale**0.5)))


def _f32(image: npt.ArrayLike) -> Gray:
    return np.asarray(image, dtype=np.float32)


def _resized(image: Gray, size: Sequence[int]) -> Gray:
    made = Image.fromarray(np.ascontiguousarray(image)).resize((size[0], size[1]), Image.Resampling.BILINEAR)
    return np.asarray(made, dtype=np.float32)


# fault: how it is planted, and its strengths from weak to strong
FAULTS: dict[str, tuple[Plant, tuple[float, float, float]]] = {
    "blank": (_blank, (0.15, 0.05, 0.0)),
    "clipped": (_clipped, (0.1, 0.25, 0.5)),
    "blurred": (_blurred, (0.005, 0.01, 0.02)),
    "noisy": (_noisy, (0.02, 0.05, 0.1)),
    "inverted": (_inverted, (0.3, 0.6, 1.0)),
    "turned": (_turned, (15, 90, 180)),
    "mirrored": (_mirrored, (10, 5, 0)),
    "cut_off": (_cut_off, (0.1, 0.2, 0.4)),
    "collage": (_collage, (1, 2, 4)),
    "border": (_border, (0.01, 0.03, 0.1)),
    "caption": (_caption, (0.05, 0.12, 0.3)),
    "off_topic": (_off_topic, (1, 2, 3)),
    "odd_size": (_size, (1.25, 1.6, 2.5)),
    "odd_shape": (_aspect, (1.15, 1.4, 2.0)),
}


def plant_some(
    fault: str, strength: int, images: Sequence[Gray], others: Sequence[Gray], count: int, seed: int
) -> dict[int, Gray]:
    """Plant a fault in `count` of `images`, drawn at random; return these by their places.

    Image i of those drawn is put together with, or replaced by, image i of `others`, again and again if there are few.
    """
    number = list(FAULTS).index(fault)
    rng = np.random.default_rng([seed, number, strength])
    places = np.sort(rng.choice(len(images), count, replace=False)).tolist()
    return {
        place: plant(fault, strength, images[place], others[number % len(others)], rng)
        for number, place in enumerate(places)
    }


def plant(fault: str, strength: int, image: Gray, other: Gray, rng: np.random.Generator) -> Gray:
    """Return `image` (H, W), grey values in [0, 1], with a fault of FAULTS planted at `strength` 0, 1 or 2.

    `other` is the second picture of a collage, or the one that is off the topic.
    """
    how, strengths = FAULTS[fault]
    return np.clip(how(image, strengths[strength], other, rng), 0, 1).astype(np.float32)
