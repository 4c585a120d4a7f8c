"""Generated lesions: exact masks, darker than the skin around them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from radsieve.phantoms.lesion import Lesion, render_lesion, sample_lesion

ROUND = Lesion(irregularity=0, softness=0.012)


def test_a_regular_lesion_is_a_disc():
    image, mask = render_lesion(ROUND, 200)
    assert image.shape == (200, 200, 3)
    assert image.dtype == np.uint8
    at = (np.arange(200) + 0.5) / 100 - 1
    radius = np.hypot(at[:, None], at)
    assert mask[radius < 0.499].all()
    assert not mask[radius > 0.501].any()


@pytest.mark.parametrize(("x", "y"), [(0.2, -0.3), (-0.25, 0.1)])
def test_the_mask_lies_where_the_lesion_does(x, y):
    _, mask = render_lesion(replace(ROUND, x=x, y=y, radius=0.3), 200)
    down, right = np.argwhere(mask).mean(axis=0)
    assert ((right + 0.5) / 100 - 1, (down + 0.5) / 100 - 1) == pytest.approx((x, y), abs=0.01)


def test_the_border_of_the_mask_is_where_the_image_changes():
    image, mask = render_lesion(replace(ROUND, irregularity=0.3, contrast=0.9), 256)
    grey = image.mean(axis=2)
    inside, outside = ndimage.binary_erosion(mask, iterations=3), ~ndimage.binary_dilation(mask, iterations=3)
    threshold = (np.median(grey[inside]) + np.median(grey[outside])) / 2
    found = ndimage.gaussian_filter(grey, 1) < threshold
    assert (found & mask).sum() / (found | mask).sum() > 0.93


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_every_lesion_is_darker_than_the_skin_beside_it(seed):
    lesion = replace(sample_lesion(np.random.default_rng(seed)), hairs=0)
    image, mask = render_lesion(lesion, 96)
    assert ndimage.label(mask, np.ones((3, 3)))[1] == 1
    assert 0.005 < mask.mean() < 0.8
    inside = ndimage.binary_erosion(mask, iterations=2)
    beside = ndimage.binary_dilation(mask, iterations=12) & ~ndimage.binary_dilation(mask, iterations=4)
    assert image[inside].mean() < image[beside].mean()


@given(st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_parameters_give_the_same_image(seed):
    lesion = sample_lesion(np.random.default_rng(seed))
    assert lesion == sample_lesion(np.random.default_rng(seed))
    once, again = render_lesion(lesion, 48), render_lesion(lesion, 48)
    assert np.array_equal(once[0], again[0])
    assert np.array_equal(once[1], again[1])


def test_hairs_darken_the_image_and_leave_the_mask():
    bare, shaded = render_lesion(ROUND, 128), render_lesion(replace(ROUND, hairs=8), 128)
    assert np.array_equal(bare[1], shaded[1])
    assert (shaded[0].astype(int) - bare[0] < -40).any(axis=2).mean() > 0.01


def test_lesions_of_low_contrast_on_all_skins_occur():
    generated = [sample_lesion(np.random.default_rng(seed)) for seed in range(400)]
    assert 0.2 < np.mean([lesion.contrast < 0.3 for lesion in generated]) < 0.4
    assert 0.25 < np.mean([lesion.hairs > 0 for lesion in generated]) < 0.45
    assert min(lesion.skin for lesion in generated) < 0.1
    assert max(lesion.skin for lesion in generated) > 2.4
    corners = [render_lesion(replace(ROUND, skin=tone), 64)[0][:8, :8].mean() for tone in (0.0, 1.0, 2.0, 3.0)]
    assert corners == sorted(corners, reverse=True)
    assert corners[0] > corners[-1] + 80


def test_redder_and_darker_as_asked_for():
    brown, red = (render_lesion(replace(ROUND, blood=share), 64) for share in (0.0, 0.9))
    share = [image[mask][:, 0].mean() / image[mask].mean() for image, mask in (brown, red)]
    assert share[1] > share[0]
    faint, strong = (render_lesion(replace(ROUND, contrast=contrast), 64) for contrast in (0.2, 0.9))
    assert strong[0][strong[1]].mean() < faint[0][faint[1]].mean() - 30
