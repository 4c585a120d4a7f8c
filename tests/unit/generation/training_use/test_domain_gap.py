"""How far images of two domains are apart."""

import numpy as np
import pytest

from radsieve.errors import InputError
from radsieve.generation.training_use.domain_gap import COLUMNS, domain_gap, gaps

SETTINGS = {"folds": 4, "resamples": 200, "confidence": 0.95, "seed": 1}


def points(count, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1, (count, 5))


def each(count):
    return np.arange(count)


def test_domains_that_are_apart_and_domains_that_are_not():
    far = domain_gap(points(60), points(50, 2, seed=1), (each(60), each(50)), **SETTINGS).set_index("measure")
    assert far.loc["roc_auc", "value"] > 0.98
    assert far.loc["kid", "lower"] > 0
    same = domain_gap(points(60), points(50, seed=1), (each(60), each(50)), **SETTINGS).set_index("measure")
    for measure, at_rest in (("roc_auc", 0.5), ("kid", 0)):
        assert same.loc[measure, "lower"] < at_rest < same.loc[measure, "upper"]


def test_domains_that_are_never_confused_may_still_overlap():
    """No resample of 20 units a side can differ from 1; Newcombe's interval keeps a width."""
    apart = domain_gap(points(20), points(20, 50, seed=1), (each(20), each(20)), **SETTINGS).set_index("measure")
    assert apart.loc["roc_auc", ["value", "upper"]].tolist() == [1, 1]
    assert 0.7 < apart.loc["roc_auc", "lower"] < 0.98


def test_a_patient_is_never_known_from_another_fold():
    """Each patient has features of its own and nothing tells the domains apart: only a leak could."""
    random = np.random.default_rng(3)
    centres = random.normal(0, 10, (24, 5))
    features = np.repeat(centres, 6, axis=0) + random.normal(0, 0.01, (144, 5))
    units = (np.repeat(each(12), 6), np.repeat(each(12), 6))
    found = domain_gap(features[:72], features[72:], units, **SETTINGS).set_index("measure")
    assert found.loc["roc_auc", "value"] < 0.8
    assert found.loc["roc_auc", "upper"] - found.loc["roc_auc", "lower"] > 0.25  # 24 patients, not 144 images


def test_before_and_after_by_name():
    real = points(60)
    pairs = {"before": (real, points(50, 2, seed=1)), "after": (real, points(50, seed=1))}
    found = gaps(pairs, (each(60), each(50)), **SETTINGS)
    assert list(found) == COLUMNS
    assert found["features"].tolist() == ["before", "before", "after", "after"]
    values = found.set_index(["features", "measure"])["value"]
    assert values["before", "roc_auc"] > values["after", "roc_auc"]


def test_too_few_patients():
    with pytest.raises(InputError, match="3 units of one domain, too few for 4 folds"):
        domain_gap(points(12), points(50), (np.arange(12) % 3, each(50)), **SETTINGS)
