"""Simulated works: their entropy rate, and that normalising them gives back what was written."""

import re

import numpy as np
import pytest

from radsieve.tasks.cases.texts import authors, simulate, write_work
from radsieve.tasks.texts.normalisation import normalised, stripped


@pytest.mark.parametrize("author", authors(1), ids=lambda author: author.name)
def test_the_entropy_rate_is_that_of_a_long_text(author):
    """The mean of -log2 p of the signs of a long text comes near it (Shannon, McMillan, Breiman)."""
    text = write_work(author, 1, 1, topics=False, characters=40_000)
    places = np.array(['аеинорстлкм —"'.index(sign) for sign in text])
    bits = -np.log2(author.chain[places[:-2], places[1:-1], places[2:]])
    assert bits.mean() == pytest.approx(author.entropy_rate(topics=False), rel=0.01)


def test_topics_lower_the_rate_for_whoever_knows_them():
    author = authors(1)[0]
    assert author.entropy_rate() < author.entropy_rate(topics=False)


def test_editions_differ_and_normalising_undoes_it(tmp_path):
    simulate(tmp_path, 3, 1)
    for author in authors(1):
        edited = (tmp_path / author.name / "Letter 2.txt").read_text(encoding="utf-8")
        raw, header, _ = stripped(edited.splitlines(), "Letter 2", [re.compile(author.name)], [])
        assert header == 2
        assert normalised(raw) == write_work(author, 2, 1)
        assert raw != normalised(raw)
