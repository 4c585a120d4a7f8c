"""The curves of a classifier's held-out images."""

import numpy as np
import pandas as pd
import pytest

from radsieve.screening.classifiers.evaluation import roc_table
from radsieve.screening.tables import ROC
from radsieve.stats.resampling import clustered_wilson


def test_curves_have_at_most_500_thresholds_with_both_ends_and_the_same_intervals():
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, 1200)
    units = np.arange(1200) // 2
    predictions = pd.DataFrame({"truth": truth, "probability": random.random(1200), "unit": units.astype(str)})
    found = ROC.validate(roc_table(predictions, 0.95))
    assert len(found) == 500
    assert found["threshold"].iloc[[0, -1]].tolist() == [
        predictions["probability"].max(), predictions["probability"].min(),
    ]  # fmt: skip
    row, of = found.iloc[250], truth == 1
    bounds = clustered_wilson((predictions["probability"] >= row["threshold"]).to_numpy()[of], units[of], 0.95)
    assert row[["tpr_lower", "tpr_upper"]].tolist() == pytest.approx(bounds)
