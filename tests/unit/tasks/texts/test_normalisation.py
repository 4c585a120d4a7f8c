"""What an edition decides is brought to one form, and names are masked."""

import re

import pytest

from radsieve.tasks.texts.normalisation import MASK, masked, normalised, stripped


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Да — нет", "Да — нет"),
        ("Да – нет", "Да — нет"),
        ("Да -- нет", "Да — нет"),
        ("Да - нет", "Да — нет"),
        ("Да\u00a0—\nнет", "Да — нет"),
        ("кто-то", "кто-то"),
        ("«Ёж» и „ёж“", '"Еж" и "еж"'),
        ("Ах… Ах.... ", "Ах... Ах..."),
        ("бо\u0301льшая", "большая"),
        ("café", "café"),
    ],
)
def test_one_form(raw, expected):
    assert normalised(raw) == expected
    assert normalised(expected) == expected


def test_names_are_masked_and_beginnings_of_sentences_are_not():
    text = 'Вчера видел Ивана. Ивана не узнать! Дом стоял. "Да, — сказал Петр. — Дом".'
    assert masked(text) == f'Вчера видел {MASK}. {MASK} не узнать! Дом стоял. "Да, — сказал {MASK}. — Дом".'


def test_a_word_that_is_written_small_elsewhere_is_no_name():
    assert "Роза красна" in masked("Он нюхал, Роза пахнет. Роза красна, как роза.")


def test_headers_and_notes_are_left_out():
    lines = ["Антон Чехов", "ЁЛКА", "", "Ночь. Антон Чехов", "спит", "в доме", "Примечания", "1", "по-французски"]
    text, head, foot = stripped(lines, "Елка", [re.compile("Антон Чехов")], [re.compile("Примечания")])
    assert (text, head, foot) == ("Ночь. Антон Чехов\nспит\nв доме", 2, 3)


def test_notes_in_the_first_half_are_the_text_of_the_work():
    lines = ["Notes", "from", "a", "cellar"]
    assert stripped(lines, "x", [], [re.compile("Notes")])[0] == "Notes\nfrom\na\ncellar"
