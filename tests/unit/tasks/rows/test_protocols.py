"""Each protocol repeats its mistake: with planted tables, in which its sign is known."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from defaults import settings

from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.settings import ProtocolName, Weighted
from radsieve.tasks.tables import Model, Protocol


def study(rows, columns, *protocols, models=("extra_trees",)):
    chosen = settings("classify_rows.diabetes", protocols=["honest", *protocols], protocol_models=list(models),
                      trees=30, folds=4)  # fmt: skip
    return Study(folded(rows, 10_000, 4, 1, "x"), columns, chosen)


def table(truth, **features):
    return pd.DataFrame({"_unit": [f"u{n}" for n in range(len(truth))], "_target": truth, **features})


def columns(**known):
    return pd.DataFrame([(name, "number", when, 0, 9) for name, when in known.items()],
                        columns=["column", "kind", "known", "missing", "distinct"])  # fmt: skip


@pytest.fixture(scope="module")
def noise():
    """Rows whose outcome nothing predicts, one in five positive, a third of the values missing."""
    random = np.random.default_rng(7)
    features = {name: np.where(random.random(300) < 0.33, np.nan, random.normal(size=300)) for name in "abc"}
    rows = table((random.random(300) < 0.2).astype(int), **features)
    return rows, columns(a="before", b="before", c="before")


def by_protocol(found, metric="roc_auc"):
    return found[found["metric"] == metric].set_index("protocol")


def test_of_noise_the_honest_protocol_finds_nothing_and_mistakes_find_much(noise):
    found = by_protocol(leaks(study(*noise, "smote_first", "class_medians", "class_medians_smote_first")))
    assert found.loc["honest", "lower"] < 0.5 < found.loc["honest", "upper"]
    for protocol in ("smote_first", "class_medians", "class_medians_smote_first"):
        assert found.loc[protocol, "lower"] > 0.6, protocol
        assert found.loc[protocol, "difference_lower"] > 0, protocol
        assert found.loc[protocol, "difference"] == pytest.approx(
            found.loc[protocol, "value"] - found.loc["honest", "value"]
        )
    assert found.loc["smote_first", "rows"] > found.loc["honest", "rows"] == 300


def test_fitting_medians_and_scales_on_all_rows_changes_little(noise):
    found = by_protocol(leaks(study(*noise, "fitted_on_all", models=("logistic",))))
    assert abs(found.loc["fitted_on_all", "difference"]) < 0.03


def test_called_outcomes_have_a_smaller_area_than_probabilities():
    random = np.random.default_rng(2)
    x = random.normal(size=400)
    rows = table((random.random(400) < 1 / (1 + np.exp(-2 * x))).astype(int), a=x)
    found = by_protocol(leaks(study(rows, columns(a="before"), "hard_labels", models=("logistic",))))
    assert found.loc["hard_labels", "difference_upper"] < 0


def test_what_is_known_afterwards_takes_part_in_its_protocol_alone():
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, 200)
    rows = table(truth, a=random.normal(size=200), b=truth + 0.1 * random.normal(size=200))
    found = by_protocol(leaks(study(rows, columns(a="before", b="after"), "after_outcome")))
    assert found.loc["honest", "upper"] < 0.7
    assert found.loc["after_outcome", "value"] > 0.99
    without = leaks(study(rows, columns(a="before", b="before"), "after_outcome"))
    assert "after_outcome" not in set(without["protocol"]), "no column is known only afterwards"


def test_labels_1_and_2_answer_the_same_always():
    random = np.random.default_rng(5)
    x = random.normal(size=200)
    rows = table((x + random.normal(size=200) > 1).astype(int), a=x)
    found = by_protocol(leaks(study(rows, columns(a="before"), "labels_1_2")), "accuracy")
    assert found.loc["labels_1_2", "value"] == pytest.approx((rows["_target"] == 0).mean())
    assert found.loc["labels_1_2", "value"] < found.loc["labels_1_2", "honest"]


def test_settings_and_schemas_name_the_same():
    assert set(ProtocolName.__args__) == {str(one) for one in Protocol}
    assert set(Weighted.__args__) <= {str(one) for one in Model}
    assert all(first != second for first, second in pairwise(Protocol))
