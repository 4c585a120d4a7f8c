"""Models in files of skops."""

from zipfile import ZipFile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from radsieve.errors import InputError
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
    skops.io.dump(FunctionTransformer(func=pytest.main), tmp_path / "model.skops")
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
