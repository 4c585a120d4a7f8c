"""Models in files of skops."""

import io
import json
from zipfile import ZipFile

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from radsieve.errors import InputError
from radsieve.stats import models
from radsieve.stats.models import read_model, write_model

FEATURES = np.random.default_rng(0).random((200, 3))
LABELS = (FEATURES[:, 0] + FEATURES[:, 1] > 1).astype(int)


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        lambda: DecisionTreeClassifier(max_depth=4, random_state=1),
    ],
    ids=["logistic regression", "tree"],
)
def test_a_model_comes_back_and_its_bytes_do_not_depend_on_the_run(tmp_path, make):
    kept, contents = [], set()
    for number in range(8):
        kept.append([object() for _ in range(1000 * number)])  # so that every model lies elsewhere in memory
        model = make().fit(FEATURES, LABELS)
        write_model(tmp_path / "model.skops", model)
        contents.add((tmp_path / "model.skops").read_bytes())
    assert len(contents) == 1
    assert (read_model(tmp_path / "model.skops").predict_proba(FEATURES) == model.predict_proba(FEATURES)).all()
    with ZipFile(tmp_path / "model.skops") as stored:
        assert {member.date_time[0] for member in stored.infolist()} == {1980}
        assert not [name for name in stored.namelist() if "pickle" in name]


def test_a_forest_that_learnt_with_missing_values_comes_back(tmp_path):
    """scikit-learn divides what is missing from what is given at infinity."""
    features = np.column_stack([np.where(LABELS == 1, np.nan, FEATURES[:, 0]), FEATURES[:, 1]])
    model = RandomForestClassifier(3, random_state=0).fit(features, LABELS)
    assert any(np.isinf(one.tree_.threshold).any() for one in model.estimators_)
    write_model(tmp_path / "model.skops", model)
    assert (read_model(tmp_path / "model.skops").predict_proba(features) == model.predict_proba(features)).all()


def test_foreign_types_are_refused(tmp_path):
    write_model(tmp_path / "model.skops", FunctionTransformer(func=pytest.main))
    with pytest.raises(InputError, match=r"model\.skops: holds types that are not trusted.*main"):
        read_model(tmp_path / "model.skops")


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model.skops"
    with pytest.raises(InputError, match="not found"):
        read_model(path)
    write_model(path, DecisionTreeClassifier().fit(FEATURES, LABELS))
    for content in (path.read_bytes()[:-400], b"\x80\x04K\x01.", b""):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a model in a file of skops, or truncated"):
            read_model(path)


def rewritten(path, change, more=None):
    """The members of a file of skops with another schema, and some more of them."""
    with ZipFile(path) as stored:
        members = {name: stored.read(name) for name in stored.namelist()} | (more or {})
    schema = json.loads(members["schema.json"])
    change(schema)
    members["schema.json"] = json.dumps(schema).encode()
    with ZipFile(path, "w") as out:
        for name, content in members.items():
            out.writestr(name, content)


@pytest.mark.parametrize(
    ("name", "said"),
    [("__id__", "__id__ 7 stands in it twice"), ("file", r"file \d+\.npy stands in it twice")],
)
def test_what_stands_in_a_file_twice_is_refused(tmp_path, name, said):
    """A few bytes each would let one array fill the memory."""
    path = tmp_path / "model.skops"
    write_model(path, [np.zeros(9), np.ones(9)])

    def share(schema):
        first, second = schema["content"]
        first["__id__"] = 7
        second[name] = first[name]

    rewritten(path, share)
    with pytest.raises(InputError, match=said):
        read_model(path)


def test_an_array_under_another_name_is_checked_too(tmp_path):
    path, content = tmp_path / "model.skops", io.BytesIO()
    write_model(path, [np.zeros(9)])
    np.lib.format.write_array_header_1_0(content, {"descr": "<f8", "fortran_order": False, "shape": (10**11,)})
    rewritten(path, lambda schema: schema["content"][0].update(file="a.bin"), {"a.bin": content.getvalue()})
    with pytest.raises(InputError, match=r"a\.bin: not an array of its length"):
        read_model(path)


def test_a_file_has_no_say_in_threads_and_prints_nothing(tmp_path):
    model = RandomForestClassifier(3, random_state=0).fit(FEATURES, LABELS)
    model.n_jobs, model.verbose = 5000, 100
    write_model(tmp_path / "model.skops", {"model": model})
    found = read_model(tmp_path / "model.skops")["model"]
    assert (found.n_jobs, found.verbose) == (None, 0)


def test_trees_of_any_depth_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "model.skops"
    order = np.arange(64).reshape(-1, 1)
    model = DecisionTreeClassifier(random_state=0).fit(order, order.ravel() % 2)
    write_model(path, model)
    monkeypatch.setattr(models, "_MAX_DEPTH", model.get_depth())
    read_model(path)
    monkeypatch.setattr(models, "_MAX_DEPTH", model.get_depth() - 1)
    with pytest.raises(InputError, match=f"deeper than {model.get_depth() - 1}"):
        read_model(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=f"cannot be stored: .* deeper than {model.get_depth() - 1}"):
        write_model(path, model)
    assert path.read_bytes() == before
