"""Chekhov, Dostoevsky and Mayakovsky: works, models that count, and what typography and chunks are worth."""

import os
from pathlib import Path

import numpy as np
import pytest
import use_preset
import yaml

from radsieve.settings import Splits
from radsieve.tables.images import Split
from radsieve.tasks.texts.chunks import NORMALISED, RAW, balanced_accuracy, chunks, folds_of
from radsieve.tasks.texts.ngrams import NGram
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.recognition import CHARACTERS, DASH, out_of_fold
from radsieve.tasks.texts.settings import PackTexts
from radsieve.tasks.texts.signs import Signs, alphabet

DATA = os.environ.get("RADSIEVE_DATA")
ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA, reason="RADSIEVE_DATA does not name the folder of public data"),
]


@pytest.fixture(scope="module")
def packed():
    text = use_preset.lay((ROOT / "params.yaml").read_text(), (ROOT / "workflow/presets/default.yaml").read_text())
    params = yaml.safe_load(use_preset.lay(text, (ROOT / "workflow/presets/authors.yaml").read_text()))
    return pack_texts(Path(str(DATA)) / "text", PackTexts(**params["pack_texts"]), Splits(**params["splits"]))


def test_works_are_divided_and_in_every_split(packed):
    """219 lines in capitals in Mayakovsky's file; titles of several lines are one, and five poems are too short."""
    assert packed.metrics["works_of"] == {"Chekhov": 59, "Dostoevsky": 4, "Mayakovsky": 198}
    assert packed.metrics["quarantined"] == 5
    split = packed.works.set_index("work")["split"]
    assert split["Бесы"] == Split.TRAIN
    assert not packed.works["text"].str.contains("Антон Чехов").any()
    assert not packed.works["text"].str.contains("ё|–|…|«").any()


def test_models_that_count(packed):
    """Bits per character of unseen works, by 5-grams of each author's training works."""
    works = packed.works
    letters = alphabet(works.loc[works["split"] == Split.TRAIN, "text"])
    signs = Signs("character", letters)
    bits = {}
    for author, of in works.groupby("author"):
        train, test = (
            [signs.codes(text) for text in of.loc[of["split"] == split, "text"]] for split in (Split.TRAIN, Split.TEST)
        )
        model = NGram.of(train, 5, signs.count)
        bits[author] = float(np.concatenate([model.bits(work) for work in test]).mean())
    assert bits == pytest.approx({"Chekhov": 2.4765, "Dostoevsky": 2.3933, "Mayakovsky": 3.0638}, abs=0.001)


def test_what_typography_and_chunks_of_a_work_are_worth(packed):
    found = {}
    for name, model, form, whole in (
        ("honest", CHARACTERS, NORMALISED, True),
        ("raw", CHARACTERS, RAW, True),
        ("by chunk", CHARACTERS, RAW, False),
        ("dash", DASH, RAW, True),
    ):
        data = chunks(packed.works, form, 500)
        called = out_of_fold(model, data, folds_of(data, 4, 1, whole), 100, 1)
        found[name] = balanced_accuracy(data.authors, called, data.units, 0.95).value
    assert found["honest"] == pytest.approx(0.761, abs=0.005)
    assert found["raw"] == pytest.approx(0.822, abs=0.005)
    assert found["by chunk"] > 0.95
    assert found["dash"] > 0.7
