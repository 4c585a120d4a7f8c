"""Plan and generate a graded set of phantoms in which duplicates, disagreements and broken objects are planted.

Everything follows from the seed: each image has random numbers of its own, so that neither its number nor the
order of generation changes another image.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from radsieve.errors import InputError
from radsieve.parallel import ordered
from radsieve.phantoms.knees import Array, render_knee, sample_joint_space
from radsieve.phantoms.planted_faults import plant

NEAR_KINDS = ("resized", "re-encoded", "brighter", "cropped", "rotated", "mirrored")
BROKEN_KINDS = ("empty", "cut off", "text", "bomb")
FAULT_KINDS = ("blurred", "border", "caption")  # of planted_faults, at the last of its strengths
# of the images below the highest grade, so that the shape of an image reveals something of its grade
TWO_KNEES_SHARE = 0.4
STORAGE_SHARES = {"L": 0.60, "RGB": 0.32, "I;16": 0.08}
ROTATION_DEGREES = 2.0
CROPPED_SHARE = 0.05
RESIZED_TO = 0.75
_SAVED_BY: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 4}, "JPEG": {"quality": 80}, "TIFF": {"compression": "tiff_lzw"}
}  # fmt: skip

_PLAN, _FACTS, _IMAGE, _NAMES, _FAULTS = range(5)  # streams of random numbers
_STRENGTH = 2  # of a planted fault: the strongest


@dataclass(frozen=True)
class PlannedPhantom:
    """One picture: its true grade, medial joint space in mm, and how it is stored."""

    number: int
    grade: int
    joint_space_mm: float
    two_knees: bool
    storage: str


_NO_IMAGE = PlannedPhantom(number=-1, grade=-1, joint_space_mm=float("nan"), two_knees=False, storage="")


@dataclass(frozen=True)
class PlantedObject:
    """One object to be written: `planted` and `image` as in phantoms.tables.PHANTOM_TRUTH."""

    relative_path: str
    image: int
    planted: str


@dataclass(frozen=True)
class PhantomPlan:
    """What will be generated.

    `disagreements` counts pairs of an image and a grader who gives a wrong grade, `conflicts` those of an image and
    a grader who gives different grades to two objects of the same bytes.
    """

    images: list[PlannedPhantom]
    objects: list[PlantedObject]
    disagreements: int
    conflicts: int

    def truth(self) -> pd.DataFrame:
        """Return the table phantoms.tables.PHANTOM_TRUTH, in listing order (bytes of the path)."""
        rows = [
            (planted.relative_path, planted.image, planted.planted, image.grade, image.joint_space_mm)
            for planted in sorted(self.objects, key=lambda planted: planted.relative_path.encode())
            for image in [self.images[planted.image] if planted.image >= 0 else _NO_IMAGE]
        ]
        return pd.DataFrame(rows, columns=["relative_path", "image", "planted", "truth", "joint_space_mm"])


def plan_phantoms(
    graders: Sequence[str],
    grades: Sequence[str],
    *,
    images: int,
    seed: int,
    disagreement: float,
    exact_duplicates: int,
    near_duplicates: int,
    broken: bool,
    faulty: bool,
) -> PhantomPlan:
    """Decide which images there are, who grades them how, and what is planted; nothing for `images` = 0.

    Every grader gets every image, under names that do not pair across graders. The first one gives the true grade; each
    other one grades the share `disagreement` of the images one step off, preferably images without copies.
    `exact_duplicates` images are there twice; the last of them gets two different grades from the last grader.
    `near_duplicates` images are copied in each of the ways in NEAR_KINDS, and as many into another file of equal
    pixels. If `faulty`, images without copies have a fault each, as far as there are any: those in FAULT_KINDS.

    Raises InputError if more exact duplicates than images are requested, or a name cannot be a folder.
    """
    if {".", ".."} & {*graders, *grades}:
        raise InputError("source.graders, source.grades: '.' and '..' are not names of folders; use others")
    if images == 0:
        return PhantomPlan([], [], 0, 0)
    if exact_duplicates > images:
        raise InputError(f"generate_phantoms.exact_duplicates = {exact_duplicates}: must be <= images = {images}")
    rng = np.random.default_rng([seed, _PLAN])
    true_grades = (rng.permutation(images) % len(grades)).tolist()
    pictures = [_sample_image(seed, number, grade, len(grades)) for number, grade in enumerate(true_grades)]
    order = rng.permutation(images).tolist()
    copies = _copies(order, exact_duplicates, near_duplicates)
    copied = {image for image, _ in copies}
    whole = [image for image in reversed(order) if image not in copied] if faulty else []
    kinds = {image: f"fault: {fault}" for image, fault in zip(whole, FAULT_KINDS, strict=False)}
    off = round(disagreement * images)
    objects: list[PlantedObject] = []
    for index, grader in enumerate(graders):
        given = [image.grade for image in pictures]
        without_copies_first = sorted(rng.permutation(images).tolist(), key=copied.__contains__)
        for image in without_copies_first[: off if index else 0]:
            given[image] = _neighbour(given[image], len(grades), rng)
        entries = [(n, kinds.get(n, "image"), given[n]) for n in range(images)]
        entries += [(n, kind, given[n]) for n, kind in copies]
        if exact_duplicates and index == len(graders) - 1:
            conflict = images + exact_duplicates - 1
            image, planted, grade = entries[conflict]
            entries[conflict] = (image, planted, _neighbour(grade, len(grades), rng))
        objects += _named(entries, grader, grades, pictures, np.random.default_rng([seed, _NAMES, index]))
    if broken:
        objects += [_broken_object(kind, n, graders, grades) for n, kind in enumerate(BROKEN_KINDS)]
    return PhantomPlan(pictures, objects, off * (len(graders) - 1), int(exact_duplicates > 0))


def render_object_contents(
    plan: PhantomPlan, seed: int, height: int, threads: int = 1
) -> Iterator[tuple[PlantedObject, bytes]]:
    """Yield every object of `plan` with its bytes, image by image; images are `height` pixels high."""
    wanted: dict[int, list[PlantedObject]] = {}
    for planted in plan.objects:
        wanted.setdefault(planted.image, []).append(planted)

    def contents_of(image: PlannedPhantom) -> dict[str, bytes]:
        pixels = render_knee(_image_rng(seed, image.number), image.joint_space_mm, height, image.two_knees)
        found: dict[str, bytes] = {}
        for kind in {planted.planted for planted in wanted[image.number]}:
            if kind.startswith("fault: "):
                rng = np.random.default_rng([seed, _FAULTS, image.number])
                single = pixels.astype(np.float32)
                faulty = plant(kind.removeprefix("fault: "), _STRENGTH, single, single, rng)
                found[kind] = _content(faulty.astype(np.float64), image.storage, kind)
            else:
                found[kind] = _content(pixels, image.storage, kind)
        return found

    for image, contents in zip(plan.images, ordered(contents_of, plan.images, threads), strict=True):
        yield from ((planted, contents[planted.planted]) for planted in wanted[image.number])
    for planted in wanted.get(-1, []):
        yield planted, _broken_content(planted.planted.removeprefix("broken: "))


def _image_rng(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, _IMAGE, number])


def _sample_image(seed: int, number: int, grade: int, n_grades: int) -> PlannedPhantom:
    rng = np.random.default_rng([seed, _FACTS, number])
    storage = rng.choice(list(STORAGE_SHARES), p=list(STORAGE_SHARES.values()))
    two_knees = grade < n_grades - 1 and rng.random() < TWO_KNEES_SHARE
    return PlannedPhantom(number, grade, sample_joint_space(grade, n_grades, rng), bool(two_knees), str(storage))


def _copies(order: Sequence[int], exact: int, near: int) -> list[tuple[int, str]]:
    """Image and kind of every copy; images are taken in turn, so that few images have several copies."""
    kinds = ["exact duplicate"] * exact + near * [
        "pixel duplicate",
        *(f"near: {kind}" for kind in NEAR_KINDS),
    ]
    return [(order[n % len(order)], kind) for n, kind in enumerate(kinds)]


def _neighbour(grade: int, n_grades: int, rng: np.random.Generator) -> int:
    """One grade above or below, evenly where both exist."""
    return int(rng.choice([g for g in (grade - 1, grade + 1) if 0 <= g < n_grades]))


def _named(
    entries: Sequence[tuple[int, str, int]],
    grader: str,
    grades: Sequence[str],
    images: Sequence[PlannedPhantom],
    rng: np.random.Generator,
) -> list[PlantedObject]:
    """Number one grader's objects (image, kind, given grade) within each grade, in random order."""
    objects = []
    last = [0] * len(grades)
    for image, planted, grade in (entries[i] for i in rng.permutation(len(entries))):
        last[grade] += 1
        name = f"{_stem(grades[grade], grade)} ({last[grade]})"
        if last[grade] % 10 == 7:
            name += " Röntgen 膝"
        extension = _extension(images[image].storage, planted)
        objects.append(PlantedObject(f"{grader}/{grades[grade]}/{name}.{extension}", image, planted))
    return objects


def _stem(folder: str, grade: int) -> str:
    """What file names begin with: NormalG0 for the folder 0Normal."""
    return f"{re.sub(r'^[0-9]+', '', folder)}G{grade}"


def _extension(storage: str, planted: str) -> str:
    if planted == "near: re-encoded":
        return "jpg"
    return "tif" if planted == "pixel duplicate" and storage == "I;16" else "png"


def _broken_object(kind: str, number: int, graders: Sequence[str], grades: Sequence[str]) -> PlantedObject:
    grader, grade = graders[number % len(graders)], number % len(grades)
    return PlantedObject(f"{grader}/{grades[grade]}/{_stem(grades[grade], grade)} ({kind}).png", -1, f"broken: {kind}")


def _content(pixels: Array, storage: str, planted: str) -> bytes:
    """The file of an image in [0, 1], or of its copy of the kind `planted`."""
    if planted.startswith("near: "):
        copy = _altered(_stored(pixels, "L"), planted.removeprefix("near: "))
        return _encoded(copy, "JPEG" if planted == "near: re-encoded" else "PNG")
    if planted == "pixel duplicate":
        other = {"L": "RGB", "RGB": "L", "I;16": "I;16"}[storage]
        return _encoded(_stored(pixels, other), "TIFF" if storage == "I;16" else "PNG")
    return _encoded(_stored(pixels, storage), "PNG")


def _stored(pixels: Array, storage: str) -> Image.Image:
    """An image in [0, 1] as 8-bit grey (L, or RGB with equal channels) or 16-bit grey (3/4 of its range)."""
    if storage == "I;16":
        return Image.fromarray(np.rint(pixels * 49151).astype(np.uint16))
    image = Image.fromarray(np.rint(pixels * 255).astype(np.uint8))
    return image.convert(storage)


def _altered(image: Image.Image, kind: str) -> Image.Image:
    width, height = image.size
    match kind:
        case "resized":
            return image.resize((round(width * RESIZED_TO), round(height * RESIZED_TO)), Image.Resampling.LANCZOS)
        case "brighter":
            return image.point(lambda value: min(value * 1.15 + 10, 255))
        case "cropped":
            dx, dy = round(width * CROPPED_SHARE / 2), round(height * CROPPED_SHARE / 2)
            return image.crop((dx, dy, width - dx, height - dy))
        case "rotated":
            return image.rotate(ROTATION_DEGREES, Image.Resampling.BICUBIC)
        case "mirrored":
            return ImageOps.mirror(image)
        case _:  # re-encoded: the same picture, stored with loss
            return image


def _encoded(image: Image.Image, file_format: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **_SAVED_BY[file_format])
    return buffer.getvalue()


def _broken_content(kind: str) -> bytes:
    match kind:
        case "empty":
            return b""
        case "text":
            return b"This is no image, whatever its name says.\n"
        case "cut off":
            gradient = np.add.outer(np.arange(161), np.arange(300)).astype(np.uint8)
            whole = _encoded(Image.fromarray(gradient), "PNG")
            return whole[: len(whole) // 2]
        case _:  # bomb: a few bytes that claim 60,000 x 60,000 pixels
            header = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
            chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
            return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
