"""The generated images hold what their truth says; the joint space is measured without the generator's help."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from radsieve.phantoms.knees import Knee, mm_per_pixel, render_knee, sample_joint_space, severity_of

scales = st.integers(2, 60)


def measured_joint_space(image: np.ndarray, spacing: float) -> float:
    """Narrowest dark band between two bright bones, in mm: its width at half its depth, column by column."""
    smooth = ndimage.gaussian_filter1d(image, 1 / spacing, axis=1)
    depth = ndimage.grey_closing(smooth, size=(int(13 / spacing), 1)) - smooth  # how dark against above and below
    edge = int(10 / spacing)
    deepest = edge + depth[edge:-edge].argmax(axis=0)
    levels = depth[deepest, np.arange(image.shape[1])]
    band = [_width(*column) for column in zip(depth.T, deepest, levels / 2, strict=True)]
    crosses_the_joint = levels > 0.5 * np.percentile(levels, 95)
    return float(np.percentile(ndimage.median_filter(band, 9)[crosses_the_joint], 5) * spacing)


def _width(column: np.ndarray, deepest: int, level: float) -> float:
    """Width around `deepest` over which `column` is above `level`, between pixels by linear interpolation."""
    if level <= 0:
        return 0.0
    first, last = deepest, deepest
    while first > 0 and column[first] > level:
        first -= 1
    while last < len(column) - 1 and column[last] > level:
        last += 1
    above = first + (level - column[first]) / max(column[first + 1] - column[first], 1e-9)
    below = last - (level - column[last]) / max(column[last - 1] - column[last], 1e-9)
    return below - above


@pytest.mark.parametrize("joint_space", [0.6, 1.2, 2.0, 3.0, 4.0, 5.0, 5.5])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_image_has_the_joint_space_of_its_truth(joint_space, seed):
    image = render_knee(np.random.default_rng([seed, round(10 * joint_space)]), joint_space, 322)
    assert measured_joint_space(image, mm_per_pixel(322)) == pytest.approx(joint_space, abs=1.5 * mm_per_pixel(322))


def test_the_joint_space_at_the_default_height():
    for number, joint_space in enumerate(np.linspace(1.0, 5.5, 10)):
        image = render_knee(np.random.default_rng(number), joint_space, 161)
        assert measured_joint_space(image, mm_per_pixel(161)) == pytest.approx(joint_space, abs=mm_per_pixel(161))


@given(scales, st.integers(0, 2**32 - 1), st.data())
def test_the_joint_space_of_a_grade_lies_in_its_interval(n_grades, seed, data):
    grade = data.draw(st.integers(0, n_grades - 1))
    joint_space = sample_joint_space(grade, n_grades, np.random.default_rng(seed))
    assert grade < n_grades * severity_of(joint_space) < grade + 1


def test_severity_is_linear_between_the_widest_and_the_narrowest_joint():
    assert [severity_of(width) for width in (5.6, 3.0, 0.4)] == pytest.approx([0, 0.5, 1])


def test_spurs_grow_with_the_grade():
    spurs = [sum(Knee.sample(np.random.default_rng(3), width, 1, 80, 10).spurs) for width in (5.5, 4.0, 2.0, 0.5)]
    assert spurs[0] == 0
    assert spurs == sorted(spurs)
    assert spurs[-1] > 8


@pytest.mark.parametrize("height", [96, 161, 322])
def test_shapes_and_range(height):
    one, two = (render_knee(np.random.default_rng(1), 3.0, height, two_knees=two) for two in (False, True))
    assert one.shape == (height, round(height * 300 / 161))
    assert two.shape == (height, round(height * 640 / 161))
    for image in (one, two):
        assert 0 <= image.min() < 0.15
        assert 0.4 < image.max() <= 1


def test_the_same_seed_generates_the_same_image():
    first, second, other = (render_knee(np.random.default_rng(seed), 3.0, 96) for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_the_outer_side_is_left_or_right():
    """The fibula, below the joint, is on the outer side; knees of either side are generated."""
    sides = set()
    for seed in range(8):
        image = render_knee(np.random.default_rng(seed), 5.0, 161)
        below = image[-8:].mean(axis=0)
        bone = np.flatnonzero(below > 0.8 * below.max())
        middle = image[40:60].mean(axis=0)
        femur = np.flatnonzero(middle > 0.8 * middle.max())
        sides.add(bool(bone.mean() > femur.mean()))
    assert sides == {False, True}
