"""Generated chests: the masks are those of what was generated, measured on the images without the generator's help."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from radsieve.phantoms.chest import Chest, Opacity, relative_size, render_chest

SIZE = 64

chests = st.builds(
    Chest,
    lung_width=st.floats(0.85, 1.15),
    lung_height=st.floats(0.85, 1.15),
    heart=st.floats(0.8, 1.3),
    breast=st.sampled_from([0.0, 0.2, 0.3]),
    breast_height=st.floats(0.2, 0.4),
    asymmetry=st.floats(-0.4, 0.4),
    form=st.floats(0, 1),
    shift=st.floats(-0.05, 0.05),
    tilt=st.floats(-0.05, 0.05),
    effusion=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
    texture=st.integers(0, 2**63),
)


def areas(mask):
    """Pixels of the mask on the left and on the right half of the image."""
    half = mask.shape[1] // 2
    return int(mask[:, :half].sum()), int(mask[:, half:].sum())


@given(chests, st.sampled_from([32, 64, 81]))
@settings(max_examples=40, deadline=None)
def test_mirrored_parameters_give_the_mirrored_masks(chest, pixels):
    generated, other = render_chest(chest, pixels), render_chest(chest.mirrored(), pixels)
    assert np.array_equal(other.lungs, generated.lungs[:, ::-1])
    assert np.array_equal(other.breasts, generated.breasts[:, ::-1])


@given(chests, st.integers(32, 140))
@settings(max_examples=40, deadline=None)
def test_a_symmetric_chest_has_masks_symmetric_about_the_middle_of_the_image(chest, pixels):
    generated = render_chest(replace(chest, asymmetry=0, shift=0, tilt=0), pixels)
    assert np.array_equal(generated.lungs, generated.lungs[:, ::-1])
    assert np.array_equal(generated.breasts, generated.breasts[:, ::-1])


@given(chests)
@settings(max_examples=25, deadline=None)
def test_one_lung_on_each_side_of_the_axis_and_within_the_image(chest):
    lungs = render_chest(chest, 2 * SIZE).lungs
    assert not lungs[[0, -1]].any()
    assert not lungs[:, [0, -1]].any()
    column = np.arange(2 * SIZE) - (2 * SIZE - 1) / 2 - chest.shift * SIZE
    rows, columns = np.nonzero(lungs)
    u = (column[columns] + np.sin(chest.tilt) * (rows - SIZE)) / SIZE
    assert np.abs(u).min() > 0.08, "the lungs leave the mediastinum free"
    for side in (u < 0, u > 0):
        one = np.zeros_like(lungs)
        one[rows[side], columns[side]] = True
        parts, _ = ndimage.label(one, np.ones((3, 3)))
        assert np.bincount(parts[one]).max() > 0.98 * one.sum(), "in one piece, but for the tip of its lower corner"


@given(chests)
@settings(max_examples=15, deadline=None)
def test_the_same_anatomy_gives_the_same_image(chest):
    once, again = render_chest(chest, SIZE), render_chest(chest, SIZE)
    assert np.array_equal(once.image, again.image)
    assert once.image.dtype == np.uint8
    assert once.image.shape == once.lungs.shape == once.breasts.shape == (SIZE, SIZE)
    assert not np.array_equal(once.image, render_chest(replace(chest, texture=chest.texture + 1), SIZE).image)


def test_findings_and_exposure_leave_the_masks_as_they_are():
    chest = Chest(breast=0.28)
    plain = render_chest(chest, SIZE)
    patch = Opacity(side=-1, s=0.4, v=0.0, radius=0.15, strength=0.9)
    for other in (
        replace(chest, opacities=(patch,), effusion=(0.3, 0.0)),
        replace(chest, exposure=1.3, noise=2.0, bone=0.5, heart=1.3, arm=1, texture=5),
    ):
        generated = render_chest(other, SIZE)
        assert np.array_equal(generated.lungs, plain.lungs)
        assert np.array_equal(generated.breasts, plain.breasts)
        assert not np.array_equal(generated.image, plain.image)


@pytest.mark.parametrize("asymmetry", [-0.2, 0.2])
def test_the_mask_lies_where_the_image_is_dark(asymmetry):
    generated = render_chest(Chest(asymmetry=asymmetry, noise=0.1, heart=0.8), 256)
    near = ndimage.binary_dilation(generated.lungs, iterations=6)
    inner, outer = ndimage.binary_erosion(generated.lungs, iterations=6), near & ~generated.lungs
    threshold = (np.median(generated.image[inner]) + np.median(generated.image[outer])) / 2
    dark = generated.image < threshold
    assert dark[inner].mean() > 0.75, "ribs, vessels and the heart cover part of a lung"
    assert dark[outer].mean() < 0.15


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("form", [0.0, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
def test_the_asymmetry_is_the_greatest_difference_of_width_or_height(side, form, share):
    generated = render_chest(Chest(asymmetry=side * share, form=form), 512).lungs
    smaller, full = (generated[:, ::side][:, 256:], generated[:, ::-side][:, 256:])
    width, height = (np.ptp(np.argwhere(smaller)[:, axis]) / np.ptp(np.argwhere(full)[:, axis]) for axis in (1, 0))
    assert (width, height) == pytest.approx(relative_size(Chest(asymmetry=share, form=form), 1), abs=0.02)
    assert min(width, height) == pytest.approx(1 - share, abs=0.02)
    assert relative_size(Chest(asymmetry=share, form=form), -1) == (1, 1)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_lung_shrinks_with_the_asymmetry_and_the_other_stays(side):
    full = areas(render_chest(Chest(), 128).lungs)
    assert full[0] == full[1]
    smaller = [areas(render_chest(Chest(asymmetry=side * share), 128).lungs) for share in (0.05, 0.1, 0.2, 0.4)]
    shrunk, kept = (0, 1) if side < 0 else (1, 0)
    assert all(pair[kept] == full[kept] for pair in smaller)
    left = [pair[shrunk] / full[shrunk] for pair in smaller]
    assert left == pytest.approx([0.95**2, 0.9**2, 0.8**2, 0.6**2], abs=0.03), "width and height shrink alike"


def test_a_raised_diaphragm_lifts_the_base_of_its_lung():
    generated = render_chest(Chest(asymmetry=0.2, form=1.0), 256).lungs
    left, right = (np.argwhere(half)[:, 0] for half in (generated[:, :128], generated[:, 128:]))
    assert left.max() - right.max() > 20
    assert abs(int(left.min()) - int(right.min())) < 10


def test_an_opacity_clouds_its_own_lung_at_its_place():
    chest = Chest(noise=0.1)
    plain = render_chest(chest, 128).image.astype(int)
    patch = Opacity(side=1, s=0.45, v=-0.1, radius=0.15, strength=1.0)
    change = render_chest(replace(chest, opacities=(patch,)), 128).image - plain
    at = np.indices((128, 128)) * 2 / 127 - 1
    distance = np.hypot(at[1] - 0.45, at[0] + 0.1)
    assert change[distance < 0.08].mean() > 30
    assert np.abs(change[distance > 0.4]).max() <= 2
    assert np.abs(change[:, :64]).max() <= 2


@pytest.mark.parametrize(("effusion", "half"), [((0.35, 0.0), 0), ((0.0, 0.35), 1)])
def test_fluid_fills_the_lower_part_of_its_lung(effusion, half):
    chest = Chest(noise=0.1)
    plain, generated = render_chest(chest, 128), render_chest(replace(chest, effusion=effusion), 128)
    change = np.where(plain.lungs, generated.image.astype(int) - plain.image, 0)
    halves = change[:, :64], change[:, 64:]
    rows = np.argwhere(halves[half] > 30)[:, 0]
    lung = np.argwhere(plain.lungs)[:, 0]
    assert np.abs(halves[1 - half]).max() <= 2
    assert rows.min() > np.median(lung)
    assert len(rows) > 100


@pytest.mark.parametrize("side", [-1, 1])
def test_an_arm_lies_along_its_edge_of_the_image(side):
    chest = Chest(noise=0.1)
    change = render_chest(replace(chest, arm=side), 128).image.astype(int) - render_chest(chest, 128).image
    inner, edge = change[:, 16:-16], change[90:, :8] if side < 0 else change[90:, -8:]
    assert np.abs(inner).max() <= 3, "the lungs stay as they are"
    assert edge.mean() > 30


def test_breasts_are_brighter_than_the_same_lungs_without():
    with_breasts, without = render_chest(Chest(breast=0.28), 128), render_chest(Chest(), 128)
    assert not without.breasts.any()
    change = with_breasts.image.astype(int) - without.image
    assert change[with_breasts.breasts & with_breasts.lungs].mean() > 8
    assert np.abs(change[~ndimage.binary_dilation(with_breasts.breasts, iterations=2)]).max() <= 3


def test_an_image_is_like_itself_at_another_resolution():
    small, large = (render_chest(Chest(breast=0.28, noise=0.1), pixels) for pixels in (128, 256))
    halved = large.image.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.abs(halved - small.image).mean() < 8
    assert (large.lungs[::2, ::2] != small.lungs).mean() < 0.02
