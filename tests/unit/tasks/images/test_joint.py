"""Joint networks of image and table: what they compute, learn, and do without one of both."""

from math import tanh

import numpy as np
import pytest
import torch
from defaults import content
from sklearn.metrics import roc_auc_score

from radsieve.tasks.images.joint import JointNetwork, fit_joint, joint_logits, left_out
from radsieve.tasks.images.settings import JointSettings

BOTH, NO_IMAGE, NO_TABLE = np.array([True, True]), np.array([False, True]), np.array([True, False])


def settings(**changed):
    return JointSettings.model_validate(content()["fuse_modalities"]["joint"] | changed)


def plain_network(join):
    """One unit for each modality; of the image the sum of two features counts, of the table its one column."""
    network = JointNetwork([2, 1], join, width=1)
    with torch.no_grad():
        for part in network.parameters():
            part.fill_(0)
        for branch in network.branches:
            branch[0].weight.fill_(1)
        network.last.weight.copy_(torch.arange(1.0, 1 + network.last.in_features)[None])
        network.last.bias.fill_(0.25)
        network.absent[0].fill_(0.5)
    return network


@pytest.mark.parametrize(
    ("join", "of"),
    [
        ("concat", lambda image, table: image + 2 * table + 0.25),
        ("sum", lambda image, table: image + table + 0.25),
        ("product", lambda image, table: (1 + image) * (1 + table) + 0.25),
    ],
)
def test_joins_by_hand(join, of):
    inputs = [np.array([[1.0, 3.0]]), np.array([[-0.5]])]
    image, table = tanh((1 + 3) / 2), tanh(-0.5)
    for there, expected in ((BOTH, of(image, table)), (NO_IMAGE, of(0.5, table)), (NO_TABLE, of(image, 0))):
        assert joint_logits(plain_network(join), inputs, there) == pytest.approx([expected], abs=1e-6)


def test_one_modality_is_left_out_and_never_both():
    there = left_out(10_000, 0.2, torch.Generator().manual_seed(1))
    assert there.any(dim=1).all()
    assert (~there).float().mean(dim=0).tolist() == pytest.approx([0.2, 0.2], abs=0.015)
    assert not left_out(100, 0.5, torch.Generator().manual_seed(1)).all(dim=1).any()
    assert left_out(100, 0.0, torch.Generator().manual_seed(1)).all()


def rows(count=300):
    """Image and table of which neither alone tells the class, but whether their signs agree."""
    random = np.random.default_rng(1)
    image, table = random.standard_normal((count, 2)), random.standard_normal((count, 1))
    truth = (image[:, 0] * table[:, 0] > 0).astype(np.int64)
    order = random.permutation(count)
    return [image, table], truth, [(order[: count // 2], order[count // 2 :])]


def test_a_product_learns_what_only_both_together_tell():
    inputs, truth, parts = rows()
    areas = {}
    for join in ("sum", "product"):
        network = fit_joint(inputs, truth, parts, join, settings(modality_dropout=0.1, batch=32), seed=1)
        areas[join] = roc_auc_score(truth, joint_logits(network, inputs, BOTH))
    assert areas["product"] > 0.9
    assert areas["sum"] < 0.7


def test_the_vector_of_what_is_absent_is_learnt_only_if_something_is_left_out():
    inputs, truth, parts = rows(60)
    for share, learnt in ((0.0, False), (0.3, True)):
        network = fit_joint(inputs, truth, parts, "concat", settings(epochs=3, modality_dropout=share), seed=1)
        assert [bool(one.abs().max() > 0) for one in network.absent] == [learnt, learnt]


def test_as_many_epochs_as_are_best_on_unseen_rows_and_the_same_each_time():
    inputs, _, parts = rows(60)
    noise = np.random.default_rng(2).permutation(np.arange(60) % 2)
    long = fit_joint(inputs, noise, parts, "sum", settings(epochs=40, batch=8), seed=1)
    again = fit_joint(inputs, noise, parts, "sum", settings(epochs=40, batch=8), seed=1)
    assert all(torch.equal(one, other) for one, other in zip(long.parameters(), again.parameters(), strict=True))
    spread = joint_logits(long, inputs, BOTH).std()
    learnt = (parts[0][1], parts[0][1])  # chosen on the rows that it learns from: more epochs are better
    assert (
        joint_logits(fit_joint(inputs, noise, [learnt], "sum", settings(epochs=40, batch=8), 1), inputs, BOTH).std()
        > spread
    )
