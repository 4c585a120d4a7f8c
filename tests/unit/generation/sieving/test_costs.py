"""costs.py by hand: an image takes 10 seconds, 40 % of which its generator, and a latent a tenth of a second."""

import numpy as np
import pytest

from radsieve.generation.sieving.costs import (
    GENERATION,
    SECONDS,
    GeneratorCosts,
    filtered,
    first,
    moved,
    savings,
    unsieved,
)

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


def test_savings_are_ratios_of_the_cost_of_a_good_image():
    found = savings(
        [unsieved(GOOD, COSTS), filtered(GOOD, ACCEPTED, 100, COSTS)], unsieved(GOOD, COSTS), COSTS, 200, 0.9, 1
    )
    assert found[0] == {SECONDS: (1, 1, 1), GENERATION: (1, 1, 1)}  # paired: no doubt about the same method
    value, lower, upper = found[1][SECONDS]
    assert value == pytest.approx((50 / 2) / (23.5 / 1))
    assert found[1][GENERATION][0] == pytest.approx((5 / 2) / (2.75 / 1))
    assert lower < value < upper


def test_a_method_without_good_images_saves_nothing():
    none = filtered(GOOD, np.array([False, True, False, False, False]), 100, COSTS)
    (found,) = savings([none], unsieved(GOOD, COSTS), COSTS, 100, 0.9, 1)
    assert found == {SECONDS: (0, 0, 0), GENERATION: (0, 0, 0)}
    (found,) = savings([none], unsieved(np.zeros(5, bool), COSTS), COSTS, 100, 0.9, 1)
    assert np.isnan([*found[SECONDS], *found[GENERATION]]).all()
