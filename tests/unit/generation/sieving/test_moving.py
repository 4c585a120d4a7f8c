"""moving.py: where latents go, how often they are evaluated, and what holds them back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from radsieve.generation.sieving.moving import Path, move

SLOPE = np.array([2.0, 0.0], np.float32)


def ascend(latents):
    return latents.astype(float) @ SLOPE, np.tile(SLOPE, (len(latents), 1))


def test_steps_by_hand():
    start = np.array([[0.0, 0.5], [-0.75, 0.5]], np.float32)
    found = move(start, ascend, target=1.0, spread=4.0, path=Path(steps=3, stride=0.5, pull=0))
    # each step is 0.5 times 2 / 4 along the first axis, and 0.5 of the score
    assert found.evaluations.tolist() == [3, 4]
    assert found.arrived.tolist() == [True, False]
    assert found.latents.tolist() == [[0.5, 0.5], [0.0, 0.5]]


def test_a_latent_that_is_there_stays():
    start = np.array([[0.5, 0.0]], np.float32)
    found = move(start, ascend, 1.0, 1.0, Path(5, 0.5, 0.1))
    assert (found.arrived[0], found.evaluations[0]) == (True, 1)
    assert found.latents.tolist() == start.tolist()


def test_the_pull_limits_the_move():
    start = np.zeros((1, 2), np.float32)
    found = move(start, ascend, 1.9, 1.0, Path(60, 0.05, 4))
    assert not found.arrived[0]
    np.testing.assert_allclose(found.latents, [[0.5, 0]], atol=1e-3)  # where 2 = 4 x distance


def test_nothing_moves_by_a_constant_score():
    start = np.zeros((2, 2), np.float32)
    found = move(start, lambda latents: (np.zeros(len(latents)), np.zeros_like(latents)), 1.0, 0.0, Path(5, 1, 0))
    assert not found.arrived.any()
    assert found.latents.tolist() == start.tolist()


def test_no_latents():
    found = move(np.empty((0, 2), np.float32), ascend, 1.0, 1.0, Path(5, 1, 0))
    assert len(found.latents) == len(found.arrived) == 0


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), st.floats(0.01, 5), st.floats(0, 2), st.floats(-3, 8))
def test_latents_stay_in_the_cube_and_arrive_where_they_say(seed, stride, pull, target):
    random = np.random.default_rng(seed)
    slope = random.normal(size=6).astype(np.float32)
    start = random.uniform(-1, 1, (8, 6)).astype(np.float32)
    found = move(
        start, lambda z: (z.astype(float) @ slope, np.tile(slope, (len(z), 1))), target, 1.0, Path(7, stride, pull)
    )
    assert np.abs(found.latents).max() <= 1
    assert (found.arrived == (found.latents.astype(float) @ slope >= target)).all()
    assert (found.evaluations <= 8).all()
