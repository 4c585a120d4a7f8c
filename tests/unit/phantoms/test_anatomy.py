"""People differ as asked for; findings come only where they are asked for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from radsieve.phantoms.anatomy import average_chest, sample_person, take_image, with_findings
from radsieve.phantoms.chest import Chest

seeds = st.integers(0, 2**32)
sexes = st.sampled_from("FM")


def test_women_have_breasts_and_bones_fade_with_age():
    young, old, man = average_chest("F", 20), average_chest("F", 70), average_chest("M", 20)
    assert man.breast == 0 < young.breast == old.breast
    assert old.bone < young.bone == man.bone
    assert man.lung_width > young.lung_width
    assert average_chest("M", 5) == average_chest("M", 18), "the youngest adult stands for those below"
    assert average_chest("M", 99) == average_chest("M", 80)


@given(sexes, seeds, st.floats(0, 0.1))
def test_a_person_is_at_most_two_and_a_half_deviations_asymmetric(sex, seed, spread):
    person = sample_person(sex, spread, np.random.default_rng(seed))
    assert abs(person.chest.asymmetry) <= 2.5 * spread
    assert 18 <= person.age <= 80
    assert (person.chest.breast > 0) == (sex == "F")
    assert person == sample_person(sex, spread, np.random.default_rng(seed))


def test_the_natural_asymmetry_has_the_spread_asked_for():
    generated = [sample_person("M", 0.04, np.random.default_rng(seed)).chest.asymmetry for seed in range(1500)]
    assert abs(np.mean(generated)) < 0.005
    assert 0.036 < np.std(generated) < 0.044


@given(sexes, seeds, st.booleans(), st.booleans())
def test_an_image_shows_its_person_with_the_findings_asked_for(sex, seed, abnormal, arm):
    rng = np.random.default_rng(seed)
    person = sample_person(sex, 0.03, rng)
    image = take_image(person, abnormal, arm, rng)
    kept = ("lung_width", "lung_height", "heart", "body", "bone", "breast", "breast_height", "asymmetry")
    assert [getattr(image, name) for name in kept] == [getattr(person.chest, name) for name in kept]
    assert (image.arm != 0) == arm
    assert (bool(image.opacities) or image.effusion != (0.0, 0.0)) == abnormal


@given(seeds, st.floats(0, 1))
def test_findings_lie_in_the_lungs(seed, strength):
    chest = with_findings(Chest(), strength, np.random.default_rng(seed))
    assert sum(level > 0 for level in chest.effusion) + bool(chest.opacities) == 1
    assert all(0 <= level <= 0.5 for level in chest.effusion)
    for patch in chest.opacities:
        assert patch.side in (-1, 1)
        assert 0.2 < patch.s < 0.7
        assert -0.6 < patch.v < 0.4
        assert 0 <= patch.strength <= 1
