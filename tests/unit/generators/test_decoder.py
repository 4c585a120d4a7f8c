"""The phantom decoder: images of their latents alone, with the known share of failures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from radsieve.errors import InputError
from radsieve.generators.decoder import GOOD_ASYMMETRY, PhantomDecoder
from radsieve.generators.interface import sample_latents

GROUPS = ["18_24m", "18_24f", "38_44m", "38_44f", "58_64m", "58_64f"]
DECODER = PhantomDecoder(48)


@pytest.mark.parametrize("group", GROUPS)
def test_about_one_image_in_four_is_good(group):
    decoded = DECODER.decode(sample_latents(3000, 7, group), group)
    good = np.array([image.good for image in decoded])
    assert 0.21 < good.mean() < 0.29
    assert 0.3 < np.mean([abs(image.chest.asymmetry) <= GOOD_ASYMMETRY for image in decoded]) < 0.5
    assert 0.5 < np.mean([not image.finding for image in decoded]) < 0.7


@pytest.mark.parametrize("truth", ["symmetric", "normal"])
def test_the_latent_tells_the_truth_in_part_linearly(truth):
    latents = sample_latents(4000, 3, "38_44f")
    decoded = DECODER.decode(latents, "38_44f")
    value = [
        abs(image.chest.asymmetry) <= GOOD_ASYMMETRY if truth == "symmetric" else not image.finding for image in decoded
    ]
    model = LogisticRegression(C=0.1).fit(latents[:2000], value[:2000])
    linear = roc_auc_score(value[2000:], model.decision_function(latents[2000:]))
    assert 0.75 < linear < 0.97, "much of it is linear, the rest is not"


@given(st.integers(1, 7), st.integers(0, 2**32), st.sampled_from(GROUPS))
@settings(max_examples=15, deadline=None)
def test_an_image_does_not_depend_on_its_batch(batch, seed, group):
    latents = sample_latents(7, seed, group)
    whole = DECODER.generate(latents, group)
    parts = [DECODER.generate(latents[start : start + batch], group) for start in range(0, 7, batch)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert whole.shape == (7, 1, 48, 48)
    assert whole.dtype == np.uint8
    assert DECODER.decode(latents[::-1], group)[::-1] == DECODER.decode(latents, group)


def test_close_latents_give_close_chests_and_other_groups_other_images():
    latents = sample_latents(2, 1, "18_24f")
    near = latents + np.float32(1e-3)
    for one, other in zip(DECODER.decode(latents, "18_24f"), DECODER.decode(near, "18_24f"), strict=True):
        assert one.chest.lung_width == pytest.approx(other.chest.lung_width, rel=0.01)
        assert one.chest.asymmetry == pytest.approx(other.chest.asymmetry, rel=0.1)
    assert not np.array_equal(DECODER.generate(latents, "18_24f"), DECODER.generate(latents, "58_64f"))


@pytest.mark.parametrize("group", GROUPS)
def test_breasts_and_arms_on_womens_images_only(group):
    decoded = DECODER.decode(sample_latents(300, 2, group), group)
    woman = group.endswith("f")
    assert all((image.chest.breast > 0) == woman for image in decoded)
    arms = np.mean([image.arm for image in decoded])
    assert 0.15 < arms < 0.4 if woman else arms == 0
    assert all(image.arm == (image.chest.arm != 0) for image in decoded)


def test_findings_are_rendered_where_they_are_said_to_be():
    for image in DECODER.decode(sample_latents(200, 4, "38_44m"), "38_44m"):
        assert image.finding == (bool(image.chest.opacities) or max(image.chest.effusion) > 0)
        assert image.good == (abs(image.chest.asymmetry) <= 0.075 and not image.finding)


def test_no_images_and_no_age():
    assert DECODER.generate(sample_latents(0, 1, "18_24f"), "18_24f").shape == (0, 1, 48, 48)
    with pytest.raises(InputError, match=r"generator\.groups: 'women' names no age and sex"):
        DECODER.generate(sample_latents(1, 1, "women"), "women")
