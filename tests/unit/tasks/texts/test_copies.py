"""Strings that a text has from others."""

from radsieve.tasks.texts.copies import Source, share_copied, spans

SOURCE = Source(["the quick brown fox jumps over", "the lazy dog sleeps in the sun"])


def test_the_longest_string_from_each_place():
    text = "a quick brown fox jumps high"
    found = SOURCE.matches(text)
    copied = " quick brown fox jumps "
    assert found[1] == len(copied) == found.max()
    assert found[5] == len(copied) - 4
    assert found[0] == 0 and found[-1] == 0
    assert spans(found, 20) == [(1, 1 + len(copied))]
    assert spans(found, 24) == []


def test_no_string_spans_two_works():
    assert SOURCE.matches("jumps overthe lazy dog sleeps").max() == len("the lazy dog sleeps")


def test_two_copies_that_meet_are_one_part():
    text = "quick brown fox" + "lazy dog sleeps"
    assert spans(SOURCE.matches(text), 13) == [(0, 30)]


def test_shares():
    found = SOURCE.matches("quick brown fox")
    assert share_copied(found, 13) == 1
    assert share_copied(found, 15) == 1
    assert share_copied(found, 16) == 0
    assert share_copied(SOURCE.matches("nothing of the kind is here"), 13) == 0
    assert SOURCE.matches("short").max() == 0
