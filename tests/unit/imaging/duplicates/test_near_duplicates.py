import numpy as np
import pytest

from radsieve.errors import InputError
from radsieve.imaging.duplicates import hash_search, image_similarity, near_duplicates
from radsieve.imaging.duplicates.near_duplicates import CROWD, find_near_duplicates
from radsieve.phantoms.knees import render_knee

FAR_APART = np.arange(1, 30, dtype=np.uint64) * np.uint64(0x0123456789ABCDEF)


def find(images, max_distance=8, min_similarity=0.82):
    hashes = np.stack([FAR_APART[: len(images)], ~FAR_APART[: len(images)]], axis=1)
    return find_near_duplicates(hashes, images.__getitem__, max_distance, min_similarity)


@pytest.fixture(scope="module")
def images():
    return [render_knee(np.random.default_rng(n), 4.0, 128).astype(np.float32) for n in range(5)]


def test_copies_are_grouped_with_the_first_and_others_left_alone(images):
    a, b, c, *_ = images
    found = find([a, b, a[:, ::-1].copy(), c, b * 0.5, a[4:-4, 6:-6]])
    assert found.groups == [[0, 2, 5], [1, 4]]
    assert found.ties[0, 2].mirrored and not found.ties[1, 4].mirrored
    assert found.ties[0, 2].similarity == 1 and found.ties[0, 5].similarity > 0.9
    assert found.ties[1, 4].distance == 0


def test_no_pictures():
    found = find_near_duplicates(np.empty((0, 2), dtype=np.uint64), lambda number: None, 8, 0.8)
    assert (found.groups, found.ties, found.checked) == ([], {}, 0)


def test_close_hashes_of_different_images_are_compared_and_refused(images):
    hashes = np.zeros((3, 2), dtype=np.uint64)
    found = find_near_duplicates(hashes, images.__getitem__, 0, 0.82)
    assert found.checked == 3
    assert found.groups == []


def test_many_equal_hashes_do_not_make_a_quadratic_number_of_candidates():
    count = 20_000
    keys = near_duplicates._candidates(np.zeros((count, 1), dtype=np.uint64), np.zeros(count, dtype=np.uint64), 4)
    first, second = np.divmod(keys, count)
    assert len(keys) == CROWD * (count - CROWD) + CROWD * (CROWD - 1) // 2
    assert set(second[first == 0]) == set(range(1, count))


def test_many_copies_are_compared_with_the_first_only(images):
    copies = [images[0] * (1 - n / 50) for n in range(25)]
    found = find(copies)
    assert found.groups == [list(range(25))]
    assert found.checked == 24


def test_negatives_are_found_as_they_are_and_mirrored(images):
    films = [np.asarray(image, dtype=np.float32) for image in images[:3]]
    copies = [1 - films[0], np.ascontiguousarray(1 - 0.6 * films[1][:, ::-1])]
    pictures = [*films, *copies]
    found = find(pictures)
    assert found.groups == [[0, 3], [1, 4]]
    assert [found.ties[pair].transform for pair in ((0, 3), (1, 4))] == ["negative", "negative, mirrored"]
    assert found.ties[0, 3].similarity > 0.99


def test_ties_do_not_chain(monkeypatch):
    """0 - 1 - 2 - 3 in a row: only neighbours are similar, so 0 takes 1 along, and 2 takes 3."""
    monkeypatch.setattr(image_similarity, "pyramid", lambda canvas: canvas)
    monkeypatch.setattr(image_similarity, "canvas", lambda gray: gray)
    monkeypatch.setattr(image_similarity, "flat", lambda canvas: np.zeros((1, 1), dtype=bool))
    monkeypatch.setattr(image_similarity, "oriented", lambda number, orientation: -100.0 if orientation else number)
    monkeypatch.setattr(image_similarity, "registered", lambda a, b: (0.9 if abs(a - b) == 1 else 0.1, None))
    monkeypatch.setattr(near_duplicates, "_view_hashes", lambda load, n: np.zeros((n, 4, 1), dtype=np.uint64))
    found = find_near_duplicates(np.zeros((4, 2), dtype=np.uint64), float, 4, 0.8)
    assert found.groups == [[0, 1], [2, 3]]
    assert set(found.ties) == {(0, 1), (1, 2), (2, 3)}


def test_what_is_just_not_alike_enough_is_kept_apart(images):
    a, b, *_ = images
    noisy = (0.45 * a + 0.55 * b).astype(np.float32)
    hashes = np.zeros((2, 2), dtype=np.uint64)
    similarity = find_near_duplicates(hashes, [a, noisy].__getitem__, 0, 0.05).ties[0, 1].similarity
    for limit, margin, tied, missed in (
        (similarity + 0.05, 0.1, False, True), (similarity + 0.05, 0.02, False, False),
        (similarity - 0.05, 0.1, True, False),
    ):  # fmt: skip
        found = find_near_duplicates(hashes, [a, noisy].__getitem__, 0, limit, margin)
        assert ((0, 1) in found.ties, (0, 1) in found.misses) == (tied, missed)
        assert bool(found.groups) == tied


def test_a_pair_that_is_tied_after_a_miss_is_no_miss(monkeypatch):
    """0 and 2 are compared as they are first, which misses; in a group of one picture also mirrored, which ties."""
    monkeypatch.setattr(image_similarity, "pyramid", lambda canvas: canvas)
    monkeypatch.setattr(image_similarity, "canvas", lambda gray: gray)
    monkeypatch.setattr(image_similarity, "flat", lambda canvas: np.zeros((1, 1), dtype=bool))
    monkeypatch.setattr(image_similarity, "oriented", lambda number, orientation: -number if orientation else number)
    monkeypatch.setattr(image_similarity, "registered", lambda a, b: (0.9 if abs(a - b) == 1 or b < 0 else 0.75, None))
    comparison = near_duplicates._Comparison(
        np.zeros((3, 2), np.uint64), np.zeros((3, 4, 1), np.uint64), float, 0.8, 0.1
    )
    assert not comparison.tied(0, 2, [0])
    assert set(comparison.result.misses) == {(0, 2)}
    assert comparison.tied(0, 2)
    assert comparison.result.misses == {}


def test_too_many_candidates_stop_with_the_key_to_change(monkeypatch):
    monkeypatch.setattr(hash_search, "MAX_PAIRS", 100)
    with pytest.raises(InputError, match=r"hash_distance = 3"):
        near_duplicates._candidates(np.zeros((50, 1), dtype=np.uint64), np.zeros(50, dtype=np.uint64), 3)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_large_box_does_not_tie_different_pictures(images, level):
    """But copies below it are tied, mirrored ones too."""

    def covered(image):
        height, width = (round(side * 0.5**0.5) for side in image.shape)
        down, right = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
        image = image.clip(0.05, 0.95)
        image[down : down + height, right : right + width] = level
        return image

    boxed = [covered(image) for image in images]
    first, second = (image_similarity.pyramid(image_similarity.canvas(image)) for image in boxed[:2])
    assert image_similarity.similarity(first, second) > 0.82  # so the box alone would tie them
    copies = [boxed[0][::2, ::2].repeat(2, 0).repeat(2, 1), boxed[1][:, ::-1].copy()]
    assert find(boxed + copies).groups == [[0, 5], [1, 6]]
