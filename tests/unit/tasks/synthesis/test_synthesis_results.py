"""Everything of a table at once: copies give everything away, other rows nothing, and units stay whole."""

import numpy as np
import pandas as pd
import pytest
from defaults import content, settings

from radsieve.errors import InputError
from radsieve.settings import Compute
from radsieve.tasks.synthesis.fidelity import fidelity
from radsieve.tasks.synthesis.frames import Frame
from radsieve.tasks.synthesis.results import synthesis_results
from radsieve.tasks.synthesis.settings import QuestionSettings

COMPUTE = Compute(**content()["compute"])


def packed(rows, per_unit=1):
    random = np.random.default_rng(8)
    x, z = random.normal(size=(2, rows))
    truth = (random.random(rows) < 1 / (1 + np.exp(1 - 1.5 * x))).astype(int)
    units = [f"u{n // per_unit:05d}" for n in range(rows)]
    fixed = {"_row": np.arange(2, rows + 2), "_unit": units, "_split": "train", "_target": truth}
    return pd.DataFrame(fixed | {"x": x, "z": z, "site": np.where(z + random.normal(size=rows) > 0, "a", "b")})


COLUMNS = pd.DataFrame(
    [("x", "number", "before", 0, 9), ("z", "number", "at", 0, 9), ("site", "code", "after", 0, 2)],
    columns=["column", "kind", "known", "missing", "distinct"],
)
QUESTIONS = [
    QuestionSettings(name="x", kind="odds_ratio", exposure="x", level=None, adjust=["z"]),
    QuestionSettings(name="site", kind="share", exposure="site", level="a", adjust=[]),
]


@pytest.fixture(scope="module")
def options():
    chosen = settings("synthesize_tables.diabetes", repeats=2, fewer_rows=[60], compared_rows=200)
    return chosen.model_copy(update={"questions": tuple(QUESTIONS)})


@pytest.fixture(scope="module")
def found(options):
    results = synthesis_results(packed(900), COLUMNS, options, COMPUTE, "x")
    return {schema.name: schema.validate(table) for schema, table in results.tables}, results


def test_copies_give_everything_away_and_other_real_rows_nothing(found):
    privacy = found[0]["privacy"].set_index("generator")
    for measure in ("nearer_to_train", "membership_auc", "equal_train"):
        assert privacy.loc["copies", measure] == 1.0, measure
    for name in ("again", "marginals"):
        member = privacy.loc[name]
        assert member["membership_auc_lower"] < 0.5 < member["membership_auc_upper"]
        assert member["nearer_to_train_lower"] < 0.5 < member["nearer_to_train_upper"]
    assert privacy.loc["smote", "membership_auc_lower"] > 0.6
    leaks = found[0]["leaks"]
    mistakes = leaks[leaks["protocol"] != "honest"]
    assert len(mistakes) == 4 and (mistakes["difference_lower"] > 0).all()


def test_membership_is_that_of_the_same_real_rows_by_all_and_paired(found):
    leaks = found[0]["leaks"].set_index(["metric", "protocol"])
    privacy = found[0]["privacy"].set_index("generator")
    of = leaks.loc["membership_auc"]
    assert (of[["evaluated", "units", "honest_units"]] == 400).all(axis=None), "200 learnt from, 200 unseen"
    assert of.loc["copies", "honest"] == privacy.loc["trees", "membership_auc"]
    near = of.loc["near_copies"]
    reaches = [(row["value"] - row["lower"], row["upper"] - row["value"]) for _, row in of.iterrows()]
    apart = np.hypot(reaches[of.index.get_loc("honest")][1], reaches[of.index.get_loc("near_copies")][0])
    assert near["difference"] - near["difference_lower"] < apart, "narrower than of independent rows"
    assert leaks.loc[("nearer_to_train", "copies"), "units"] == 200


def test_rows_of_a_unit_lie_on_one_side_of_a_model_that_tells_rows_apart(options):
    """Five rows of a unit are alike, so that a model that has seen some of them knows the others."""
    random = np.random.default_rng(3)
    rows = packed(900, per_unit=5)
    rows[["x", "z"]] = np.repeat(random.normal(size=(180, 2)), 5, axis=0) + 0.001 * random.normal(size=(900, 2))
    columns = COLUMNS[COLUMNS["column"] != "site"]
    frame = Frame.of(rows, columns, np.arange(900) // 5)
    real, again = (frame.taken(np.flatnonzero(np.arange(900) // 5 % 2 == part)) for part in (0, 1))
    told = fidelity(real, {"again": again}, options.model_copy(update={"compared_rows": 450}))
    told = told[told["part"] == "rows"].iloc[0]
    assert told["lower"] < 0.5 < told["upper"]
    few = fidelity(real.taken(np.arange(5)), {"again": again}, options)
    assert few.loc[few["part"] == "rows", "value"].isna().all(), "no unit is left to judge by"


def test_trees_keep_the_conclusion_that_marginals_lose(found):
    whole = found[0]["conclusions"]
    whole = whole[(whole["rows"] == 300) & (whole["question"] == "x")].set_index("generator")
    assert whole.loc["trees", "same_verdict"] == 1 and whole.loc["trees", "overlap"] > 0.3
    assert whole.loc["marginals", "same_verdict"] == 0
    assert set(found[0]["conclusions"]["rows"]) == {60, 300}
    assert found[0]["conclusions"]["rows_per_variable"].min() == 60 / 4


def test_models_of_synthetic_rows_are_judged_on_unseen_real_ones(found):
    used = found[0]["use"].set_index(["generator", "model"])
    assert used.loc[("copies", "logistic"), "difference"] == 0
    assert used.loc[("marginals", "logistic"), "difference"] < -0.05
    assert used.loc[("trees", "logistic"), "roc_auc"] > 0.65


def test_real_rows_are_not_told_from_unseen_ones(found):
    told = found[0]["fidelity"]
    told = told[told["part"] == "rows"].set_index("generator")
    for name in ("again", "copies"):
        assert told.loc[name, "lower"] < 0.5 < told.loc[name, "upper"]


def test_units_are_whole(options):
    chosen = options.model_copy(update={"generators": ("marginals",), "fewer_rows": (), "repeats": 1})
    found = synthesis_results(packed(300, per_unit=3), COLUMNS, chosen, COMPUTE, "x")
    assert found.metrics["rows"] % 3 == 0


def test_fewer_rows_than_parts(options):
    rows = packed(30)
    rows["_target"] = (np.arange(30) < 2).astype(int)
    with pytest.raises(InputError, match="only 2 units have rows of the outcome 1"):
        synthesis_results(rows, COLUMNS, options, COMPUTE, "x")
