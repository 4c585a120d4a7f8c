"""Who wrote a chunk: folds of works, what editions tell, and what writers wrote, evaluated."""

import numpy as np
import pandas as pd
import pytest
from defaults import content

from radsieve.errors import InputError
from radsieve.settings import Splits
from radsieve.tasks.cases.texts import simulate
from radsieve.tasks.texts.chunks import NAMES_KEPT, NORMALISED, RAW, balanced_accuracy, chunks, folds_of
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.recognition import DASH, WORDS, DashRule, out_of_fold
from radsieve.tasks.texts.settings import PackTexts


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    folder = tmp_path_factory.mktemp("works")
    simulate(folder, 12, 1)
    return pack_texts(folder, PackTexts(**content()["pack_texts"]), Splits(**content()["splits"])).works


def score(works, model, form, whole=True):
    data = chunks(works, form, 500)
    called = out_of_fold(model, data, folds_of(data, 4, 1, whole), 50, 1)
    return balanced_accuracy(data.authors, called, data.units, 0.95)


def test_chunks_of_a_work_on_both_sides_and_typography_raise_what_is_recognised(works):
    """The simulated works have three words each that tell the work, and each author's edition has dashes of its own."""
    honest = score(works, WORDS, NORMALISED)
    assert 0.5 < honest.value < 0.9
    assert honest.lower < honest.value < honest.upper
    assert score(works, WORDS, NORMALISED, whole=False).value > honest.value + 0.08
    assert score(works, DASH, RAW).value > 0.95
    assert score(works, DASH, NORMALISED).value == pytest.approx(1 / 3, abs=0.06)


def test_folds_keep_units_whole(works):
    data = chunks(works, NORMALISED, 500)
    fold = folds_of(data, 4, 1)
    assert pd.Series(fold).groupby(data.units).nunique().eq(1).all()
    assert not pd.Series(folds_of(data, 4, 1, whole=False)).groupby(data.units).nunique().eq(1).all()
    with pytest.raises(InputError, match=r"classify_texts\.folds = 20: Alder has only 12 works; take fewer"):
        folds_of(data, 20, 1)


def test_forms_of_a_work(works):
    kept, masked = (chunks(works, form, 500) for form in (NAMES_KEPT, NORMALISED))
    assert all(len(text) <= 500 for text in kept.texts)
    assert sum("¤" in text for text in masked.texts) > len(masked.texts) / 4
    assert not any("¤" in text for text in kept.texts)
    assert kept.rows.groupby("work")["start"].min().eq(0).all()
    short = works.head(1).assign(text="a " * 370)
    assert [len(text) for text in chunks(short, NAMES_KEPT, 500).texts] == [500]
    assert [len(text) for text in chunks(short.assign(text="a " * 380), NAMES_KEPT, 500).texts] == [500, 260]


def test_an_interval_has_a_width_where_all_are_right():
    names = np.array(["a", "b"] * 10, dtype=object)
    found = balanced_accuracy(names, names, np.arange(20), 0.95)
    assert (found.value, found.upper) == (1, 1)
    assert 0.7 < found.lower < 0.9


def test_the_kind_of_dash_alone():
    rule = DashRule().fit(["x — y", "x — y", "x -- y"], np.array(["a", "a", "b"], dtype=object))
    assert rule.predict(["z -- z -- — z", "z — z", "z"]).tolist() == ["b", "a", "a"]


def test_one_author_called_for_all_is_right_in_one_over_their_number_by_definition():
    names = np.array(["a", "b", "c"] * 4, dtype=object)
    found = balanced_accuracy(names, np.full(12, "b", dtype=object), np.arange(12), 0.95)
    assert found.value == pytest.approx(1 / 3)
    assert np.isnan([found.lower, found.upper]).all()
