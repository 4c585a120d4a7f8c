import numpy as np
from sklearn.linear_model import LogisticRegression

from radsieve.prefilter.classifiers.joint_logistic import fit_groups, fit_ordered


def generate(rows, seed, components=5):
    generator = np.random.default_rng(seed)
    latents = generator.uniform(-1, 1, (rows, components)).astype(np.float32)
    return latents, 1.5 * latents[:, 0] + generator.logistic(size=rows)


def test_one_threshold_is_a_logistic_regression():
    latents, value = generate(500, 0)
    model = LogisticRegression(C=0.1, tol=1e-8).fit(latents, value > 0.5)
    (found,) = fit_ordered(latents, (value > 0.5)[:, None], 0.1)
    np.testing.assert_allclose(found.weights, model.coef_[0], atol=2e-3)
    np.testing.assert_allclose(found.intercept, model.intercept_[0], atol=2e-3)


def test_thresholds_share_their_slope_and_are_in_order():
    latents, value = generate(2000, 1)
    found = fit_ordered(latents, value[:, None] > [-1, 0, 1], 1.0)
    for model in found:
        np.testing.assert_array_equal(model.weights, found[0].weights)
    np.testing.assert_allclose(found[0].weights, [1.5, 0, 0, 0, 0], atol=0.2)
    np.testing.assert_allclose([model.intercept for model in found], [1, 0, -1], atol=0.2)


def test_groups_as_a_logistic_regression_with_the_group_as_context():
    parts = [(latents, (value > cut).astype(np.int8)) for cut in (0, 1) for latents, value in [generate(400, cut)]]
    latents, target = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    context = np.repeat(np.eye(2), 400, axis=0)
    heavy = 100  # so that the intercepts are hardly penalised
    shared = LogisticRegression(C=0.1, fit_intercept=False, tol=1e-9, max_iter=5000)
    shared.fit(np.hstack([latents, heavy * context]), target)
    for place, model in enumerate(fit_groups(parts, 0.1, None)):
        np.testing.assert_allclose(model.weights, shared.coef_[0, :5], atol=3e-3)
        np.testing.assert_allclose(model.intercept, heavy * shared.coef_[0, 5 + place], atol=3e-3)
    own = np.hstack([np.sqrt(0.1) * latents * context[:, [place]] for place in (0, 1)])  # C = 0.1 * 0.1
    slopes = LogisticRegression(C=0.1, fit_intercept=False, tol=1e-9, max_iter=5000)
    slopes.fit(np.hstack([latents, own, heavy * context]), target)
    coefficients = slopes.coef_[0]
    for place, model in enumerate(fit_groups(parts, 0.1, 0.01)):
        expected = coefficients[:5] + np.sqrt(0.1) * coefficients[5 + 5 * place : 10 + 5 * place]
        np.testing.assert_allclose(model.weights, expected, atol=3e-3)


def test_a_group_without_good_rows_only_gets_a_low_intercept():
    latents, value = generate(300, 2)
    none = np.zeros(300, dtype=np.int8)
    found = fit_groups([(latents, (value > 0).astype(np.int8)), (latents, none)], 0.1, 0.01)
    assert found[1].intercept < -4
    assert found[0].weights[0] > 0.5
