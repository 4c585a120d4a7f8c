"""Each protocol repeats its mistake: with planted tables, in which its sign is known."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from defaults import settings

from radsieve.tasks.rows import protocols
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.models import preparation
from radsieve.tasks.rows.protocols import Study, leaks
from radsieve.tasks.rows.settings import ProtocolName, Weighted
from radsieve.tasks.settings import ProfileProtocol
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
    assert found.loc["smote_first", "evaluated"] > found.loc["honest", "evaluated"] == 300


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


def test_labels_1_and_2_find_no_positive_row():
    random = np.random.default_rng(5)
    x = random.normal(size=200)
    rows = table((x + random.normal(size=200) > 1).astype(int), a=x)
    found = by_protocol(leaks(study(rows, columns(a="before"), "labels_1_2")), "accuracy")
    share = (rows["_target"] == 0).mean()
    assert 0.5 < found.loc["labels_1_2", "value"] <= share
    assert found.loc["labels_1_2", "value"] < found.loc["labels_1_2", "honest"]
    nothing = by_protocol(leaks(study(rows.assign(a=0.0), columns(a="before"), "labels_1_2")), "accuracy")
    assert nothing.loc["labels_1_2", "value"] == pytest.approx(share), "every row is called 1"


def test_the_model_beside_labels_1_and_2_is_fitted_once(monkeypatch):
    fitted, evaluate_arms = [], protocols.evaluate_arms
    monkeypatch.setattr(protocols, "evaluate_arms", lambda *of: fitted.append(of[3]) or evaluate_arms(*of))
    random = np.random.default_rng(5)
    rows = table(random.integers(0, 2, 60), a=random.normal(size=60))
    found = leaks(study(rows, columns(a="before"), "labels_1_2", models=("logistic",)))
    assert set(found["protocol"]) == {"honest", "labels_1_2"} and len(fitted) == 1


def test_a_row_that_is_called_neither_1_nor_2_is_wrong():
    """One negative row lies so far off that a unit which has not seen it calls it 0."""
    random = np.random.default_rng(5)
    x = random.normal(size=200)
    rows = table((x + random.normal(size=200) > 1).astype(int), a=np.append(x[1:], -1000.0))
    rows.loc[199, "_target"] = 0
    found = by_protocol(leaks(study(rows, columns(a="before"), "labels_1_2")), "accuracy")
    assert found.loc["labels_1_2", "value"] == pytest.approx((rows["_target"] == 0).mean() - 1 / 200)


def test_codes_alone_have_no_medians():
    random = np.random.default_rng(9)
    rows = table(random.integers(0, 2, 100), site=random.choice(["x", "y"], 100))
    described = columns(site="before").assign(kind="code")
    found = leaks(study(rows, described, "class_medians", "class_medians_smote_first", models=("logistic",)))
    assert set(found["protocol"]) == {"honest"}


def test_smote_before_the_folds_leaves_units_whole():
    """As many rows of both outcomes: none is made. Rows of a unit are copies, whose random outcome would be known."""
    random = np.random.default_rng(6)
    truth = np.repeat(random.permutation(np.arange(100) % 2), 3)
    rows = table(truth, a=np.repeat(random.normal(size=100), 3), b=np.repeat(random.normal(size=100), 3))
    rows["_unit"] = [f"u{n // 3}" for n in range(300)]
    found = by_protocol(leaks(study(rows, columns(a="before", b="before"), "smote_first")))
    assert found.loc["smote_first", "value"] == pytest.approx(found.loc["honest", "value"], abs=0.05)


def test_of_a_code_with_thousands_of_levels_the_rarest_share_a_column():
    random = np.random.default_rng(8)
    codes = pd.DataFrame({"site": [f"s{n % 7}" if n % 2 else f"rare {n}" for n in range(4000)]})
    described = pd.DataFrame([("site", "code", "before", 0, 9)],
                             columns=["column", "kind", "known", "missing", "distinct"])  # fmt: skip
    fitted = preparation(described, ["site"]).fit(codes, random.integers(0, 2, 4000))
    assert fitted.transform(codes).shape == (4000, 50)
    unseen = fitted.transform(pd.DataFrame({"site": ["nowhere", "rare 0"]}))
    assert (unseen.sum(axis=1) == 1).all()


def test_settings_and_schemas_name_the_same():
    assert set(ProtocolName.__args__) | set(ProfileProtocol.__args__) <= {str(one) for one in Protocol}
    assert set(Weighted.__args__) <= {str(one) for one in Model}
    assert all(first != second for first, second in pairwise(Protocol))
