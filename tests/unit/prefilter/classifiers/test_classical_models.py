"""nearest.py, trees.py, logistic_variants.py and perceptrons.py, compared with scikit-learn's and PyTorch's own."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from radsieve.networks.adam import Adam
from radsieve.prefilter.classifiers.logistic_variants import BEYOND, PUBLISHED, logistic_scores
from radsieve.prefilter.classifiers.nearest import NEIGHBOURS, nearest_scores
from radsieve.prefilter.classifiers.perceptrons import LAYERS, PerceptronSettings, _network, perceptron_scores
from radsieve.prefilter.classifiers.split import FoldData
from radsieve.prefilter.classifiers.trees import BOOSTING, NAMES, _model, tree_scores

TRAINING = PerceptronSettings(steps=40, batch=32, learning_rate=0.005, device=torch.device("cpu"))


def make_split(rows=600, components=8, seed=0):
    generator = np.random.default_rng(seed)
    latents = generator.uniform(-1, 1, (rows, components)).astype(np.float32)
    score = 2 * latents[:, :1] + generator.normal(size=(rows, 1)) - 1
    target = (score[:, 0] > 0).astype(np.int8)
    known = np.arange(rows) < rows * 2 // 3
    return FoldData(latents[known], target[known], score[known], latents[~known], 1), target[~known]


def test_neighbours_as_scikit_learn():
    split, _ = make_split()
    found = nearest_scores(split, tuple(NEIGHBOURS))
    for name, count in NEIGHBOURS.items():
        expected = KNeighborsClassifier(count).fit(split.latents, split.target).predict_proba(split.held_out)[:, 1]
        np.testing.assert_allclose(found[name], expected, atol=1e-12)
    np.testing.assert_array_equal(nearest_scores(split, ("kNN3",))["kNN3"], found["kNN3"])


def test_fewer_rows_than_neighbours_are_all_neighbours():
    split, _ = make_split(30)
    assert nearest_scores(split, ("kNN30",))["kNN30"] == pytest.approx(split.target.mean())


def test_logistic_regressions_as_scikit_learn():
    split, _ = make_split()
    found = logistic_scores(split, PUBLISHED)
    models = {
        "LogReg.01": LogisticRegression(C=0.01),
        "LogReg.1": LogisticRegression(C=0.1),
        "LogReg1": LogisticRegression(),
        "LogReg10": LogisticRegression(C=10),
        "LogReg.1_I1": LogisticRegression(C=0.1, l1_ratio=1, solver="liblinear", random_state=1),
    }
    for name, model in models.items():
        expected = model.fit(split.latents, split.target).predict_proba(split.held_out)[:, 1]
        np.testing.assert_allclose(found[name], expected, atol=2e-3)


def test_logistic_variants_find_what_they_are_for():
    generator = np.random.default_rng(5)
    latents = generator.uniform(-1, 1, (1500, 6)).astype(np.float32)
    score = (latents[:, 0] ** 2 - 0.6 + generator.normal(0, 0.1, 1500))[:, None]
    target = (score[:, 0] > 0).astype(np.int8)
    split = FoldData(latents[:1000], target[:1000], score[:1000], latents[1000:], 1)
    found = logistic_scores(split, ("LogReg.1", *BEYOND))
    areas = {name: roc_auc_score(target[1000:], scores) for name, scores in found.items()}
    assert areas["LogReg.1"] < 0.65
    assert areas["LogReg.1_squares"] > 0.95
    assert found["LogReg.1_balanced"].mean() == pytest.approx(0.5, abs=0.02)
    assert abs(found["LogReg.1"].mean() - target.mean()) < 0.03


def test_trees_tell_and_are_named_by_their_depth():
    split, truth = make_split()
    found = tree_scores(split, (*NAMES, BOOSTING))
    for name, scores in found.items():
        assert roc_auc_score(truth, scores) > 0.6, name
        np.testing.assert_array_equal(scores, tree_scores(split, (name,))[name])
    assert _model("Tree5", 1).max_depth == 5
    assert _model("Tree10", 1).max_depth == 10
    assert _model("Forest", 1).n_estimators == 10


def test_networks_have_the_published_layers():
    def widths(name):
        layers = _network(128, name, torch.Generator())
        return [layer.out_features for layer in layers if isinstance(layer, torch.nn.Linear)]

    assert widths("MLP") == [256, 256, 128, 128, 64, 64, 32, 32, 16, 16, 16, 16, 16, 16, 1]
    assert [len(widths(f"MLP_{number}")) for number in (1, 2, 3, 4)] == [1, 2, 3, 6]
    order = [type(layer).__name__ for layer in _network(128, "MLP", torch.Generator())]
    assert [place for place, kind in enumerate(order) if kind == "BatchNorm1d"] == [4, 9, 14]


def test_adam_as_in_pytorch():
    def trained(make):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
        optimizer = make(list(network.parameters()), 0.01)
        for rows in torch.randn(20, 8, 3):
            network(rows).square().mean().backward()
            optimizer.step()
            network.zero_grad(set_to_none=False)
        return torch.cat([part.detach().flatten() for part in network.parameters()])

    assert torch.equal(trained(Adam), trained(torch.optim.Adam))


def test_networks_learn_alike_in_every_run():
    split, truth = make_split(components=20)
    found = perceptron_scores(split, tuple(LAYERS), TRAINING)
    for name in ("MLP_2", "MLP_3", "MLP_4"):
        assert roc_auc_score(truth, found[name]) > 0.8, name
    for name, scores in found.items():
        assert ((scores > 0) & (scores < 1)).all()
        np.testing.assert_array_equal(scores, perceptron_scores(split, (name,), TRAINING)[name])


def test_a_constant_component_is_no_trouble():
    split, _ = make_split(120)
    split.latents[:, 3] = split.held_out[:, 3] = 0.5
    names = (*PUBLISHED, *BEYOND)
    for scores in (*logistic_scores(split, names).values(), *tree_scores(split, (*NAMES, BOOSTING)).values()):
        assert np.isfinite(scores).all()
