"""What the study says in a few numbers and in one line."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from defaults import settings

from radsieve.errors import InputError
from radsieve.generation.training_use.study import TrainingResults, TrainingStudy, metrics, summary

STUDY = SimpleNamespace(
    test=SimpleNamespace(labels=np.zeros(6), units=np.array([0, 0, 1, 2, 2, 2])),
    pools=SimpleNamespace(count=40, left_out={"real + screened synthetic": "2 images passed"}),
    options=SimpleNamespace(confidence=0.95),
)
ARMS = pd.DataFrame(
    [("real", 20, 0.7, np.nan, np.nan), ("real", 200, 0.9, np.nan, np.nan), ("synthetic", 0, 0.6, -0.3, 0.01),
     ("real + synthetic", 20, 0.8, 0.1, 0.04), ("real + synthetic", 200, 0.91, 0.01, 0.3)],
    columns=["arm", "real_images", "roc_auc", "gain", "holm"],
)  # fmt: skip
KEPT = pd.DataFrame(
    {
        "classifier": ["trained without", "trained with"] * 2,
        "augmentation": ["zoom", "zoom", "noise", "noise"],
        "preserved": [0, 1, 0, 0],
    }
)
GAPS = pd.DataFrame(
    [("real to synthetic: statistics of real images", "roc_auc", 0.99),
     ("real to synthetic: statistics of real images", "kid", 5.0),
     ("real to synthetic: each with its own statistics", "roc_auc", 0.8)],
    columns=["features", "measure", "value"],
)  # fmt: skip
FOUND = TrainingResults(ARMS, KEPT, GAPS)


def test_the_numbers_that_matter():
    found = metrics(STUDY, FOUND)
    assert (found["test_images"], found["test_units"], found["synthetic_images"]) == (6, 3, 40)
    assert found["roc_auc"] == {"synthetic": 0.6, "real": 0.9, "real + synthetic": 0.91}
    assert found["gains_beyond_chance"] == [
        "synthetic, 0 real images: -0.300",
        "real + synthetic, 20 real images: +0.100",
    ]
    assert found["augmentations_that_keep_the_label"] == {"trained without": [], "trained with": ["zoom"]}
    assert found["domain_roc_auc"] == {
        "real to synthetic: statistics of real images": 0.99,
        "real to synthetic: each with its own statistics": 0.8,
    }
    assert found["left_out"] == STUDY.pools.left_out


def test_one_line():
    assert summary(STUDY, FOUND) == (
        "ROC-AUC with 200 real images: synthetic 0.600, real 0.900, real + synthetic 0.910; real from synthetic images "
        "0.990, adapted 0.800; real + screened synthetic left out: 2 images passed"
    )


def test_more_real_images_than_there_are_before_any_is_looked_at():
    train = SimpleNamespace(labels=np.arange(24) % 2)
    with pytest.raises(
        InputError, match=r"25 real images are requested, but there are 24 in the training split; lower compare_tr"
    ):
        TrainingStudy(train, None, None, None, None, None, settings("compare_training", real_images=[12, 25]))
