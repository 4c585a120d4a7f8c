"""Do two images show the same picture? Hashes of views find candidates, registration and correlation decide.

Both work on a canvas: the image shrunk to 128 x 128 and stretched to [0, 1]. All coordinates are fractions of the side
of the canvas, from -1/2 to 1/2. The hash of a whole image is too different once 5% are cut off or the image is turned
by 3 degrees; so its central window is hashed, both as it is and in the views that a cropped or turned copy would show,
and copies are found by the hash of one of their views.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

Gray = NDArray[np.float32]
Canvas = NDArray[np.float32]
Pyramid = tuple[Canvas, ...]
Affine = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIDE = 128
_LEVELS = (32, 64, 128)
_STEPS = (12, 8, 5)  # maximum number of Gauss-Newton steps on each level
_DETAIL = (0.06, 0.06, 0.03)  # standard deviation of the blur that separates detail from shared anatomy
_ALIGNED = 0.45  # half of the side of the window that is registered
_COMPARED = 0.42  # and correlated: what lies outside may be the black corners of a turned copy
_HOPELESS = (0.4, 0.7, -1.0)  # images that correlate less on a level are not registered on the next
_LARGEST = 0.15  # largest shift, and change of scale, turn or shear

_LEVEL, _LARGE, _EDGE = 1 / 255, 0.02, 5  # of grey; share of the canvas; pixels that the details of an edge reach
_FEW = 50  # pixels that do not decide

_WINDOW = 0.84  # side of the view that is hashed
_HASHED = 32  # pixels of a view's side, as in imagehash.phash
_VIEWS = (
    [(0.0, 1.0, 0.0, 0.0)]  # turn in degrees, scale, shift to the right, shift down
    + [(turn, 1.0, 0.0, 0.0) for turn in (-3.0, -1.5, 1.5, 3.0)]
    + [(0.0, 0.95, x, y) for x in (-0.025, 0.0, 0.025) for y in (-0.025, 0.0, 0.025)]
)
VIEWS = len(_VIEWS)
ORIENTATIONS = ("as it is", "mirrored", "negative", "mirrored negative")


def canvas(gray: Gray) -> Canvas:
    """Return the image `gray` (H, W) as canvas (128, 128); an image of one level becomes 0 throughout."""
    low, high = gray.min(), gray.max()
    stretched = (gray - low) / (high - low) if high > low else np.zeros_like(gray)
    image = Image.fromarray(stretched.astype(np.float32))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32)


def view_hashes(image: Canvas, aspect: float) -> NDArray[np.uint64]:
    """Return the 64-bit hashes (4, V) of the views of a canvas in each of ORIENTATIONS.

    View 0 is the central window as it is. `aspect` is width / height of the image. A hash is made as by
    imagehash.phash: which of the 8 x 8 lowest cosine frequencies are above their median.
    """
    smooth = ndimage.uniform_filter(image, 3, mode="nearest")
    pixels = ndimage.map_coordinates(smooth, _view_positions(aspect), order=1, mode="nearest")
    low = fft.dctn(pixels.reshape(-1, _HASHED, _HASHED), axes=(1, 2))[:, :8, :8]
    mirrored = low * np.where(
        np.arange(8) % 2, -1, 1
    )  # of these views, mirrored; the set of views is its own mirror image
    constant = np.zeros((8, 8))
    constant[0, 0] = 4 * _HASHED**2  # the transform of an image of ones: that of the negative is it less the image's
    every = [low, mirrored, constant - low, constant - mirrored]
    frequencies = np.stack(every).reshape(len(ORIENTATIONS), len(_VIEWS), 64)
    bits = frequencies > np.median(frequencies, axis=2, keepdims=True)
    return np.packbits(bits, axis=2).view(">u8")[..., 0].astype(np.uint64)


def pyramid(image: Canvas) -> Pyramid:
    """Return the details of a canvas at 32, 64 and 128 pixels a side, scaled to the same contrast everywhere.

    All knees look alike when blurred; what distinguishes them, whatever the exposure, are their details.
    """
    return tuple(
        _detail(image.reshape(side, SIDE // side, side, SIDE // side).mean(axis=(1, 3)), blur * side)
        for side, blur in zip(_LEVELS, _DETAIL, strict=True)
    )


def mirrored(levels: Pyramid) -> Pyramid:
    """Return the pyramid of the left-right mirror image."""
    return tuple(np.ascontiguousarray(level[:, ::-1]) for level in levels)


def negative(levels: Pyramid) -> Pyramid:
    """Return the pyramid of the negative."""
    return tuple(-level for level in levels)


def oriented(levels: Pyramid, orientation: int) -> Pyramid:
    """Return the pyramid of the image in one of ORIENTATIONS, by its number."""
    turned = mirrored(levels) if orientation % 2 else levels
    return negative(turned) if orientation >= 2 else turned


def similarity(a: Pyramid, b: Pyramid) -> float:
    """Return the correlation of the details of two images in [-1, 1], after image b was registered to image a.

    No BLAS is used: its sums depend on the number of threads, and its threads slow each other down here. Registration
    is an affine map (shift, turn, scale, shear) of at most 15%, found from coarse to fine by Gauss-Newton steps with
    gain and offset of the grey values free (Lucas and Kanade 1981; Baker and Matthews, IJCV 56, 2004). The correlation
    is over the common central part. Images without detail, such as blank ones, have similarity 0.
    """
    return registered(a, b)[0]


def registered(a: Pyramid, b: Pyramid) -> tuple[float, Affine]:
    """Return the `similarity` and the map by which positions of image a are found in image b."""
    affine = np.zeros(6, dtype=np.float64)
    correlation = 0.0
    for target, moving, steps, hopeless in zip(a, b, _STEPS, _HOPELESS, strict=True):
        affine = _register(target, moving, affine, steps)
        correlation = _correlation(target, moving, affine)
        if correlation < hopeless:
            break
    return correlation, affine


def flat(image: Canvas) -> Mask:
    """Return where a canvas is of its lowest or highest level over a large area, with the details of its edge.

    Such areas are boxes, collimation and what was cut off: they tell where an image was covered, not what it shows.
    """
    found = np.zeros(image.shape, dtype=bool)
    for extreme in (image <= image.min() + _LEVEL, image >= image.max() - _LEVEL):
        areas, count = ndimage.label(ndimage.binary_opening(extreme, iterations=2))
        large = np.flatnonzero(np.bincount(areas.ravel(), minlength=count + 1) >= _LARGE * image.size)
        found |= np.isin(areas, large[large > 0])
    return np.asarray(ndimage.binary_dilation(found, iterations=_EDGE)) if found.any() else found


def similarity_beside(a: Pyramid, b: Pyramid, affine: Affine, flats: tuple[Mask, Mask]) -> float:
    """Return the correlation of images a and b, registered by `affine`, where not both of their `flats` are.

    0 if hardly anything is left.
    """
    return _correlation(a[-1], b[-1], affine, flats)


@lru_cache(maxsize=64)
def _view_positions(aspect: float) -> NDArray[np.float64]:
    """Positions (2, V, 32 * 32) of the views' pixels on the canvas, in pixels: rows, columns."""
    centres = (np.arange(_HASHED) + 0.5) / _HASHED - 0.5
    y, x = (part.ravel() * _WINDOW for part in np.meshgrid(centres, centres, indexing="ij"))
    views = []
    for degrees, scale, right, down in _VIEWS:
        cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        columns = (cosine * x * aspect - sine * y) / aspect * scale + right
        rows = (sine * x * aspect + cosine * y) * scale + down
        views.append(np.stack([rows, columns]))
    return _to_pixels(np.stack(views, axis=1), SIDE)


def _to_pixels(position: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    return (position + 0.5) * side - 0.5


def _detail(image: Canvas, blur: float) -> Canvas:
    detail = image - ndimage.gaussian_filter(image, blur, mode="nearest")
    contrast = np.sqrt(ndimage.gaussian_filter(detail * detail, blur, mode="nearest"))
    return np.asarray(detail / (contrast + 0.02 * image.std() + 1e-6), dtype=np.float32)


@lru_cache(maxsize=len(_LEVELS))
def _grid(side: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Basis (3, P) of affine maps at the pixels to be aligned: 1, x, y; and their mask (side, side)."""
    centres = (np.arange(side) + 0.5) / side - 0.5
    y, x = np.meshgrid(centres, centres, indexing="ij")
    chosen = (np.abs(x) <= _ALIGNED) & (np.abs(y) <= _ALIGNED)
    return np.stack([np.ones(chosen.sum()), x[chosen], y[chosen]]), chosen


def _register(target: Canvas, moving: Canvas, affine: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Improve `affine`, by which positions of `target` are found in `moving`: x and y displacement on (1, x, y)."""
    # not cv2.findTransformECC: five times as fast, but it misses 10 of 1,051 pairs of the knee set that this ties
    side = len(target)
    basis, chosen = _grid(side)
    slopes = [slope * side for slope in np.gradient(moving)]
    for _ in range(steps):
        positions, inside = _displaced(basis, affine, side, _ALIGNED)
        here = target[chosen][inside]
        there, down, right = (
            ndimage.map_coordinates(image, positions[:, inside], order=1, mode="nearest") for image in (moving, *slopes)
        )
        part = basis[:, inside]
        system = np.concatenate([right * part, down * part, [there, np.ones_like(there)]])
        normal = np.einsum("ip,jp->ij", system, system)
        normal[np.diag_indices(8)] += 1e-3 * np.diag(normal) + 1e-9  # damped: images without detail have no solution
        *move, gain, _offset = np.linalg.solve(normal, np.einsum("ip,p->i", system, here))
        step = np.clip(np.asarray(move) / max(gain, 0.5), -0.05, 0.05)
        affine = np.clip(affine + step, -_LARGEST, _LARGEST)
        if np.abs(step).max() < 0.1 / side:
            break
    return affine


def _displaced(
    basis: NDArray[np.float64], affine: NDArray[np.float64], side: int, half: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Positions (2, P), in pixels, of the pixels of `basis` in the other image, and which are in both central
    windows."""
    _one, x, y = basis
    columns, rows = np.stack([x, y]) + np.einsum("kn,np->kp", affine.reshape(2, 3), basis)
    inside = np.max(np.abs([x, y, columns, rows]), axis=0) <= half
    return _to_pixels(np.stack([rows, columns]), side), inside


def _correlation(target: Canvas, moving: Canvas, affine: Affine, flats: tuple[Mask, Mask] | None = None) -> float:
    side = len(target)
    basis, chosen = _grid(side)
    positions, inside = _displaced(basis, affine, side, _COMPARED)
    here = target[chosen][inside].astype(np.float64)
    there = ndimage.map_coordinates(moving, positions[:, inside], order=1, mode="nearest").astype(np.float64)
    if flats is not None:
        covered = (
            ndimage.map_coordinates(flats[1].astype(np.float32), positions[:, inside], order=0, mode="nearest") > 0
        )
        kept = ~(flats[0][chosen][inside] & covered)
        if kept.sum() < _FEW:
            return 0.0
        here, there = here[kept], there[kept]
    here, there = here - here.mean(), there - there.mean()
    norm = np.sqrt(np.sum(here * here) * np.sum(there * there))
    return float(np.sum(here * there) / norm) if norm > 1e-9 else 0.0
