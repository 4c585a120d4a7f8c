"""Models of rows that are stored: they predict as they did, and others are refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from defaults import COMPUTE, changed, settings
from sklearn.feature_selection import VarianceThreshold

from radsieve.errors import InputError
from radsieve.stats import models
from radsieve.stats.models import read_model, write_model
from radsieve.stats.resampling import Estimate
from radsieve.stats.thresholds import youden
from radsieve.tasks.rows.folds import folded
from radsieve.tasks.rows.models import NONE, pipeline, preparation
from radsieve.tasks.rows.prepared import Prepared, prepared
from radsieve.tasks.rows.reading import Reading
from radsieve.tasks.rows.stored import fit_stored, read_stored
from radsieve.tasks.tables import Model

HOW = [Reading("age", "number", ("NA",), limits=(0, 120)), Reading("dose", "number", ("0",))]
HOW += [Reading("grade", "order", levels=("low", "high")), Reading("site", "code", ("98",)), Reading("empty", "number")]
COLUMNS = pd.DataFrame(
    [(one.column, "number" if one.kind == "order" else one.kind, "before", 0, 9) for one in HOW],
    columns=["column", "kind", "known", "missing", "distinct"],
)
NAMES = COLUMNS["column"].tolist()


def rows(count=300, seed=1):
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"_unit": [f"u{n:03d}" for n in range(count)], "age": random.integers(20, 90, count) * 1.0})
    table["dose"] = np.where(random.random(count) < 0.2, np.nan, random.normal(size=count))
    table["grade"] = random.integers(1, 3, count) * 1.0
    table["site"] = random.choice([f"s{n}" for n in range(60)] + ["", "common"] * 60, count)
    table["empty"] = np.nan
    chance = 1 / (1 + np.exp(-(table["age"] - 55) / 10 - (table["site"] == "common")))
    return table.assign(_target=(random.random(count) < chance).astype(int))


def stored(model, tmp_path, **options):
    chosen = changed(settings("classify_rows.diabetes", trees=10), **options)
    data = folded(rows(), 1000, 3, 1, "x")
    score = np.linspace(0, 1, 300)
    found = fit_stored(data, COLUMNS, HOW, chosen, COMPUTE, model, score, Estimate(0.75, 0.7, 0.8))
    found.save(tmp_path / "model.skops")
    return data, score, chosen, read_stored(tmp_path / "model.skops")


def as_text(table):
    """The cells as a user has them, of which the packed ones were made."""
    cells = pd.DataFrame({"age": table["age"].map("{:g}".format), "site": table["site"].replace("", "98")})
    cells["dose"] = table["dose"].map(lambda value: "0" if np.isnan(value) else repr(value))
    return cells.assign(grade=table["grade"].map({1.0: "low", 2.0: "high"}), empty="", note="kept by no model")


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("seed", [1, 2])
def test_rows_are_prepared_as_scikit_learn_prepares_them(seed):
    """Missing numbers, an empty column, rare and unknown codes, and a number that is missing in new rows alone."""
    train, new = rows(), rows(100, seed).assign(site=lambda of: of["site"].where(of.index % 9 > 0, "nowhere"))
    new.loc[3, ["age", "empty"]] = np.nan, 7.0
    fitted = preparation(COLUMNS, NAMES).fit(train[NAMES], train["_target"])
    plain = Prepared.from_card(json.loads(json.dumps(prepared(fitted).card())))
    assert plain == prepared(fitted)
    found = plain.transform({name: new[name] for name in NAMES})
    assert found.shape == (100, plain.width)
    assert np.array_equal(found, np.asarray(fitted.transform(new[NAMES]), dtype=float))


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("model", [Model.LOGISTIC, Model.FOREST, Model.EXTRA_TREES, Model.BOOSTING])
def test_a_model_comes_back_and_predicts_as_it_did(model, tmp_path):
    data, score, chosen, found = stored(model, tmp_path)
    whole = pipeline(COLUMNS, NAMES, model, NONE, chosen.trees, chosen.seed).fit(data.rows[NAMES], data.truth)
    probability, faults = found.probability(as_text(data.rows), "new.csv")
    assert (probability == whole.predict_proba(data.rows[NAMES])[:, 1]).all()
    assert not any(wrong.any() for *_, wrong in faults)
    assert found.card["threshold"] == youden(data.truth, score)
    table, quarantine = found.predictions(as_text(data.rows), "new.csv")
    assert quarantine.empty and table["line"].tolist() == list(range(2, 302))
    assert (table["called"] == (probability >= found.card["threshold"])).all()
    before = (tmp_path / "model.skops").read_bytes()
    stored(model, tmp_path)
    assert (tmp_path / "model.skops").read_bytes() == before


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("model", [Model.PERCEPTRON, Model.GRU])
def test_a_network_comes_back(model, tmp_path):
    from radsieve.tasks.rows import networks

    net = {"layers": (4,), "epochs": 2, "dropout": 0.0}
    default = settings("classify_rows.diabetes")
    options = {"perceptrons": (changed(default.perceptrons[0], **net),), "recurrent": changed(default.recurrent, **net)}
    data, _, chosen, found = stored(model, tmp_path, **options)
    of = chosen.perceptrons[0] if model is Model.PERCEPTRON else chosen.recurrent
    device = networks.choose_device(COMPUTE).device
    fitted = preparation(COLUMNS, NAMES).fit(data.rows[NAMES], data.truth)
    features = np.asarray(fitted.transform(data.rows[NAMES]), dtype=float)
    whole = networks.fit(model, of, features, data.truth, chosen.seed, device)
    assert (found.probability(as_text(data.rows), "x")[0] == networks.predict(whole, features)).all()


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_the_card_says_from_how_many_rows_a_model_learnt(tmp_path):
    """A network takes whole units up to `network_rows`, other models all rows."""
    net = changed(settings("classify_rows.diabetes").perceptrons[0], layers=(4,), epochs=1)
    data, *_, whole = stored(Model.LOGISTIC, tmp_path, network_rows=100)
    *_, part = stored(Model.PERCEPTRON, tmp_path, network_rows=100, perceptrons=(net,))
    first = data.rows.sort_values("_unit").iloc[:100]
    assert whole.card["learnt_from"] == {"rows": 300, "positive": int(data.truth.sum()), "units": 300}
    assert part.card["learnt_from"] == {"rows": 100, "positive": int(first["_target"].sum()), "units": 100}
    assert part.card["rows"] == part.card["units"] == 300


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_rows_that_cannot_be_read_are_told_by_line(tmp_path):
    *_, found = stored(Model.LOGISTIC, tmp_path)
    table = as_text(rows(4))
    table["age"] = ["NA", "130", "old", "7"]
    table["grade"] = ["low", "high", "low", "middle"]
    table.loc[4] = ""
    predicted, quarantine = found.predictions(table, "new.csv")
    assert predicted["line"].tolist() == [2]
    assert quarantine.to_numpy().tolist() == [
        [3, "age", "outside of 0 to 120", "130"],
        [4, "age", "not a number", "old"],
        [5, "grade", "unknown level", "middle"],
        [6, "age", "empty row", ""],
    ]
    with pytest.raises(InputError, match=r"new\.csv: no column age, site, which the model needs"):
        found.predictions(table.drop(columns=["age", "site"]), "new.csv")


def damaged(change):
    """Change what the file of a model holds: its card, and its classifier."""

    def write(path):
        content = read_model(path)
        card = json.loads(content["card"])
        other = change(card, content["model"])
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(models, "check_trees", lambda model: None)  # which would not write it
            write_model(path, {"card": json.dumps(card), "model": content["model"] if other is None else other})

    return write


def of_other_features(card, model):
    card["preparation"]["numbers"].pop()
    card["columns"] = [one for one in card["columns"] if one["column"] != "empty"]


def beyond(card, model):
    nodes = model._predictors[0][0].nodes
    nodes["feature_idx"][nodes["is_leaf"] == 0] = 200


def child(card, model):
    model._predictors[0][0].nodes["left"][0] = 10_000


def fewer_columns(card, model):
    """A step of its own that leaves one column, of which the trees then ask for others."""
    first = np.zeros((2, model.n_features_in_))
    first[1, 0] = 1
    model._preprocessor = VarianceThreshold().fit(first)


def of_another_kind(card, model):
    next(one for one in card["columns"] if one["column"] == "dose")["kind"] = "code"


def twice(card, model):
    card["columns"].append(card["columns"][0])


HOSTILE = {
    "a code for a number": (of_another_kind, "other columns"),
    "a column twice": (twice, "other columns"),
    "another version": (lambda card, model: card.update(version=1), "version"),
    "another model": (lambda card, model: card.update(model="forest"), "is no forest"),
    "no threshold": (lambda card, model: card.pop("threshold") and None, "threshold"),
    "a scale of 0": (lambda card, model: card["preparation"]["numbers"][0].update(scale=0), "scale"),
    "more to read": (lambda card, model: card.update(more=1), "more"),
    "other columns": (lambda card, model: card["columns"].pop() and None, "other columns"),
    "other features": (of_other_features, "for other rows"),
    "a network without arrays": (lambda card, model: card.update(network={}), "without its arrays"),
    "a feature that is not there": (beyond, "features that are not there"),
    "a child that is not there": (child, "leads outside"),
    "columns made anew": (fewer_columns, "preparation of its own"),
    "no classifier": (lambda card, model: {"a": 1}, "dict is no boosting"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("kind", HOSTILE)
def test_files_that_are_no_such_model_are_refused(kind, tmp_path):
    change, message = HOSTILE[kind]
    stored(Model.BOOSTING, tmp_path)
    damaged(change)(tmp_path / "model.skops")
    with pytest.raises(InputError, match=message):
        read_stored(tmp_path / "model.skops")


def many(card, model):
    model.estimators_ = [model.estimators_[0]] * 2001


GREEDY = {
    "trees without number": (Model.FOREST, many, "2001 trees, more than 2000"),
    "threads without number": (Model.FOREST, lambda card, model: setattr(model, "n_estimators", 10**6), "1000000"),
    "classes without number": (Model.FOREST, lambda card, model: setattr(model, "n_classes_", 10**12), "10{12}"),
    "more outputs": (Model.EXTRA_TREES, lambda card, model: setattr(model.estimators_[3], "n_outputs_", 9), "outputs"),
    "iterations without number": (
        Model.BOOSTING,
        lambda card, model: setattr(model, "_predictors", model._predictors * 21),
        "2100 trees, more than 2000",
    ),
    "more trees an iteration": (
        Model.BOOSTING,
        lambda card, model: setattr(model, "n_trees_per_iteration_", 10**6),
        "1000000",
    ),
    "coefficients without number": (
        Model.LOGISTIC,
        lambda card, model: setattr(model, "coef_", np.zeros((10**5, model.coef_.shape[1]))),
        "100000",
    ),
}


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("kind", GREEDY)
def test_files_that_ask_for_much_memory_or_time_are_refused(kind, tmp_path):
    model, change, message = GREEDY[kind]
    stored(model, tmp_path)
    damaged(change)(tmp_path / "model.skops")
    with pytest.raises(InputError, match=rf"model\.skops.*{message}"):
        read_stored(tmp_path / "model.skops")


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("key", ["threshold", "confidence"])
def test_a_number_that_json_writes_beyond_all_is_refused(key, tmp_path):
    """1e999 is no constant such as Infinity, and is read as one."""
    *_, found = stored(Model.LOGISTIC, tmp_path)
    text = json.dumps({**found.card, key: "here"}).replace('"here"', "1e999")
    write_model(tmp_path / "model.skops", {"card": text, "model": found.classifier})
    with pytest.raises(InputError, match="1e999 in its card"):
        read_stored(tmp_path / "model.skops")


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
@pytest.mark.parametrize("model", [Model.LOGISTIC, Model.FOREST])
def test_no_row_is_lost_of_which_a_model_gives_no_probability(model, tmp_path):
    """Trees cannot take what is beyond single precision, and infinite log-odds cancel out."""
    *_, found = stored(model, tmp_path)
    table = as_text(rows(4))
    card = json.loads(json.dumps(found.card))
    next(one for one in card["preparation"]["numbers"] if one["column"] == "dose")["scale"] = 1e-300
    table["dose"] = ["1e29", "1", "2", "3"]
    with pytest.raises(InputError, match=r"new\.csv: the model gives no probability of 4 rows"):
        replace(found, card=card).predictions(table, "new.csv")
    if model is Model.LOGISTIC:
        found.classifier.coef_[:] = np.resize([1e308, -1e308], found.classifier.coef_.shape)
        table["age"], table["dose"] = "100", "9e9"
        with pytest.raises(InputError, match="no probability"):
            found.predictions(table, "new.csv")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="not found"):
        read_stored(tmp_path / "model.skops")
    write_model(tmp_path / "model.skops", {"weights": 1})
    with pytest.raises(InputError, match="another kind of model"):
        read_stored(tmp_path / "model.skops")
    (tmp_path / "model.skops").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(InputError, match="not a model in a file of skops"):
        read_stored(tmp_path / "model.skops")


def test_codes_that_the_model_does_not_know_are_told_and_no_row_at_all_is_an_error(tmp_path, caplog):
    *_, model = stored(Model.LOGISTIC, tmp_path)
    cells = as_text(rows(6)).assign(site=["common", "common", "Common", "1.0", "1.0", "98"])
    model.predictions(cells, "new.csv")
    assert "site: codes that the model does not tell apart" in caplog.text and "'1.0' (2)" in caplog.text
    with pytest.raises(InputError, match=r"new\.csv: no row can be used; the first fault: line 2, column age: .*old"):
        model.predictions(cells.assign(age="old"), "new.csv")
