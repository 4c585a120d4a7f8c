from io import BytesIO

import imagehash
import numpy as np
import pytest
from PIL import Image

from radsieve.imaging.duplicates import image_similarity
from radsieve.phantoms.knees import render_knee


def image(seed, joint_space_mm=4.0):
    return render_knee(np.random.default_rng(seed), joint_space_mm, 161).astype(np.float32)


def altered(gray, kind):
    image = Image.fromarray(np.rint(gray * 255).astype(np.uint8))
    match kind:
        case "resized":
            image = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
        case "stretched":
            image = image.resize((image.width, image.height * 2), Image.Resampling.LANCZOS)
        case "re-encoded":
            buffer = BytesIO()
            image.save(buffer, "JPEG", quality=40)
            image = Image.open(buffer)
        case "brighter":
            image = image.point(lambda value: min(value * 1.15 + 10, 255))
        case "cropped":
            image = image.crop((0, round(image.height * 0.05), round(image.width * 0.95), image.height))
        case "rotated":
            image = image.rotate(3, Image.Resampling.BICUBIC)
        case "turned back":
            image = image.rotate(-2, Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=np.float32) / 255


def pyramid(gray):
    return image_similarity.pyramid(image_similarity.canvas(gray))


def views(gray):
    return image_similarity.view_hashes(image_similarity.canvas(gray), gray.shape[1] / gray.shape[0])


KINDS = ["resized", "stretched", "re-encoded", "brighter", "cropped", "rotated", "turned back"]


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_similar_once_registered(kind):
    original = image(1)
    assert image_similarity.similarity(pyramid(original), pyramid(altered(original, kind))) > 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found_by_the_hash_of_a_view(kind):
    original = image(1)
    copy = altered(original, kind)
    distances = [
        np.bitwise_count(views(original)[0] ^ views(copy)[0, 0]).min(),
        np.bitwise_count(views(copy)[0] ^ views(original)[0, 0]).min(),
    ]
    assert min(distances) <= 8


def test_a_shift_is_undone():
    wide = image(2)
    left, right = wide[:, :-12], wide[:, 12:]
    assert image_similarity.similarity(pyramid(left), pyramid(right)) > 0.95


def test_mirror_image_is_similar_to_the_mirrored_image_only():
    original = image(3)
    mirrored = pyramid(original[:, ::-1])
    assert image_similarity.similarity(image_similarity.mirrored(pyramid(original)), mirrored) == pytest.approx(1)
    assert image_similarity.similarity(pyramid(original), mirrored) < 0.8


def test_views_of_the_mirror_image_are_the_mirrored_views():
    original = image(3)
    plain, mirrored, negative, both = views(original)
    assert np.bitwise_count(views(original[:, ::-1])[0, 0] ^ mirrored[0]) <= 2
    assert np.bitwise_count(plain[0] ^ mirrored[0]) > 10
    assert (views(1 - original)[0] == negative).mean() > 0.9 and (views(1 - original)[1] == both).mean() > 0.9


def test_different_images_are_not_similar():
    pyramids = [pyramid(image(seed, 1 + seed % 5)) for seed in range(8)]
    similarities = [image_similarity.similarity(a, b) for i, a in enumerate(pyramids) for b in pyramids[:i]]
    assert max(similarities) < 0.8


def test_exposure_changes_nothing():
    original = image(4)
    assert image_similarity.similarity(pyramid(original), pyramid(original * 0.25 + 0.1)) == pytest.approx(1, abs=1e-3)
    assert (views(original) == views(original * 0.5)).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (200, 200)])
def test_blank_images_are_similar_to_nothing(shape):
    blank = np.full(shape, 0.4, dtype=np.float32)
    assert image_similarity.similarity(pyramid(blank), pyramid(blank)) == 0
    assert image_similarity.similarity(pyramid(image(5)), pyramid(blank)) == 0
    assert views(blank).shape == (4, image_similarity.VIEWS)


def test_the_first_view_is_hashed_as_imagehash_does():
    rng = np.random.default_rng(0)
    coarse = rng.random((16, 16)).astype(np.float32)
    canvas = np.asarray(Image.fromarray(coarse).resize((128, 128), Image.Resampling.BICUBIC))
    margin = round((1 - 0.84) / 2 * 128)
    window = canvas[margin:-margin, margin:-margin]
    expected = int(str(imagehash.phash(Image.fromarray(np.clip(window * 255, 0, 255).astype(np.uint8)))), 16)
    assert int(image_similarity.view_hashes(canvas, 1.0)[0, 0] ^ np.uint64(expected)).bit_count() <= 6
