"""costs.py by hand: an image takes 10 seconds, 40% of which its generator, and a latent a tenth of a second."""

import numpy as np
import pytest
from scipy.stats import beta
from threadpoolctl import threadpool_info, threadpool_limits

from radsieve.generation.sieving.costs import (
    GENERATION,
    SECONDS,
    GeneratorCosts,
    Ratio,
    _Paired,
    filtered,
    first,
    moved,
    savings,
    unsieved,
)
from radsieve.prefilter.thresholds.confusion_measures import Costs, EvaluationSettings, confusion_counts, evaluated

COSTS = GeneratorCosts(generate_seconds=10, predict_seconds=0.1, generator=400, scorer=600)
GOOD = np.array([True, False, False, True, False])
ACCEPTED = np.array([True, True, False, False, False])


def test_every_image_is_generated_and_scored():
    method = unsieved(GOOD, COSTS)
    assert method.seconds(COSTS).tolist() == [10] * 5
    assert method.generation(COSTS).tolist() == [1] * 5
    assert (method.finished.sum(), method.good.sum(), method.tried) == (5, 2, 5)


def test_filtering_pays_for_the_prefix_of_all_and_for_the_rest_of_those_accepted():
    method = filtered(GOOD, ACCEPTED, 100, COSTS)
    assert method.seconds(COSTS) == pytest.approx([10.1, 10.1, 1.1, 1.1, 1.1])
    assert method.generation(COSTS) == pytest.approx([1, 1, 0.25, 0.25, 0.25])
    assert method.good.tolist() == [True, False, False, False, False]


def test_moving_pays_for_three_prefixes_an_evaluation_and_for_images_of_those_that_arrived():
    evaluations = np.array([0, 0, 2, 3, 1])
    arrived, good = np.array([False, False, True, False, True]), np.array([False, False, True, True, False])
    method = moved(filtered(GOOD, ACCEPTED, 100, COSTS), evaluations, arrived, good, 100, COSTS)
    # of the third: its prefix, six more, the other 300 of the generator, 600 of the scorer, and three evaluations
    assert method.multiply_adds.tolist() == [400, 400, 100 + 600 + 300, 100 + 900, 100 + 300 + 300]
    assert method.seconds(COSTS) == pytest.approx([10.1, 10.1, 16.3, 10.4, 13.2])
    assert method.finished.tolist() == [True, True, True, False, True]
    assert method.good.tolist() == [True, False, True, False, False]


def test_a_method_that_is_tried_on_the_first_latents_costs_nothing_beyond():
    method = first(filtered(GOOD, ACCEPTED, 100, COSTS), 3)
    assert method.tried == 3
    assert method.seconds(COSTS) == pytest.approx([10.1, 10.1, 1.1, 0, 0])
    assert first(method, 9).tried == 3


def test_sums_are_made_by_one_thread(monkeypatch):
    """Several add in another order, and the last digits would depend on the machine."""
    ratios, used = _Paired.ratios, []

    def noted(*args):
        used.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return ratios(*args)

    monkeypatch.setattr(_Paired, "ratios", noted)
    with threadpool_limits(2):
        savings([filtered(GOOD, ACCEPTED, 100, COSTS)], unsieved(GOOD, COSTS), COSTS, 50, 0.95, 1)
    assert set(used) == {1}


def of(saving: Ratio) -> tuple[float, float, float]:
    return saving.value, saving.lower, saving.upper


def test_savings_are_ratios_of_the_cost_of_a_good_image():
    (found,) = savings([filtered(GOOD, ACCEPTED, 100, COSTS)], unsieved(GOOD, COSTS), COSTS, 500, 0.9, 1)
    value, lower, upper = of(found[SECONDS])
    assert value == pytest.approx((50 / 2) / (23.5 / 1))
    assert found[GENERATION].value == pytest.approx((5 / 2) / (2.75 / 1))
    assert lower < value < upper


def pool(good: int, images: int, accepted_good: int) -> tuple[np.ndarray, np.ndarray]:
    """The first images are good, and the first of these are accepted."""
    return np.arange(images) < good, np.arange(images) < accepted_good


@pytest.mark.parametrize(("accepted", "lowest", "highest"), [(15, 1.045, 1.363), (20, 1.084, 1.366), (9, 0.946, 1.355)])
def test_all_images_that_a_method_makes_may_be_good_by_luck(accepted, lowest, highest):
    """120 of 150 are good without a method; the bounds are those of Jeffreys' intervals of the shares."""
    costs = GeneratorCosts(0.03, 1e-6, 400, 600)
    good, chosen = pool(120, 150, accepted)
    (found,) = savings([filtered(good, chosen, 0, costs)], unsieved(good, costs), costs, 20000, 0.95, 1)
    value, lower, upper = of(found[SECONDS])
    assert value == pytest.approx(1.25, abs=0.001)
    assert lower == pytest.approx(lowest, abs=0.025)
    assert upper == pytest.approx(highest, abs=0.025)
    counts = confusion_counts(good.astype(int), chosen)
    same = evaluated(counts, EvaluationSettings(Costs(0.03, 1e-6), 20000, 0.95, 2))  # one method for one quantity
    assert (lower, upper) == pytest.approx((same["saving_lower"], same["saving_upper"]), abs=0.01)


def test_no_upper_limit_lies_above_that_of_the_most_that_is_possible():
    costs = GeneratorCosts(0.03, 0.0, 400, 600)
    for good, images, accepted in ((3, 40, 3), (10, 12, 10), (90, 100, 30), (12, 12, 5)):
        flags, chosen = pool(good, images, accepted)
        (found,) = savings([filtered(flags, chosen, 0, costs)], unsieved(flags, costs), costs, 5000, 0.95, 1)
        lowest_share = beta(good + 1, images - good + 1).ppf(0.025)
        assert found[SECONDS].upper <= 1.02 / lowest_share


def test_a_method_is_compared_with_another_on_the_same_latents():
    """It accepts ten good latents that the other rejects, and rejects ten bad ones that the other accepts."""
    costs = GeneratorCosts(0.03, 1e-6, 400, 600)
    good = np.arange(200) < 100
    other = filtered(good, np.arange(200) >= 50, 0, costs)
    one = filtered(good, (np.arange(200) >= 40) & (np.arange(200) < 190), 0, costs)
    (found,) = savings([one], other, costs, 5000, 0.95, 1)
    assert found[SECONDS].value == pytest.approx((150 / 50) / (150 / 60), abs=0.001)
    assert found[SECONDS].lower > 1
    assert found[SECONDS].p_value < 0.01
    (none,) = savings([other], other, costs, 5000, 0.95, 1)
    assert none[SECONDS].lower < 1 < none[SECONDS].upper
    assert none[SECONDS].p_value > 0.5


def test_a_method_without_good_images_saves_nothing_as_far_as_is_known():
    none = filtered(GOOD, np.array([False, True, False, False, False]), 100, COSTS)
    (found,) = savings([none], unsieved(GOOD, COSTS), COSTS, 100, 0.9, 1)
    for one in found.values():
        assert one.value == one.lower == 0 < one.upper
    (found,) = savings([none], unsieved(np.zeros(5, bool), COSTS), COSTS, 100, 0.9, 1)
    assert np.isnan([*of(found[SECONDS]), *of(found[GENERATION])]).all()
