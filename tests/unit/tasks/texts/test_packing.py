"""Works become one table: units, splits, and what goes to quarantine."""

import os

import pytest
from defaults import content

from radsieve import tables
from radsieve.errors import InputError
from radsieve.settings import Splits
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.settings import PackTexts
from radsieve.tasks.texts.tables import WORKS

SPLITS = Splits(validation_share=0.3, test_share=0.3, seed=1)


def settings(**changes):
    return PackTexts(**(content()["pack_texts"] | {"authors": ["a"], "shortest": 20} | changes))


def words(number, count=60):
    return " ".join(f"w{number}x{place}" for place in range(count))


@pytest.fixture
def folder(tmp_path):
    for number in range(12):
        (tmp_path / "a").mkdir(exist_ok=True)
        (tmp_path / f"a/{number}.txt").write_text(words(number), encoding="utf-8")
    return tmp_path


def test_what_cannot_be_used_is_in_quarantine(folder):
    (folder / "a/latin.txt").write_bytes("Дом".encode("cp1251") * 20)
    (folder / "a/empty.txt").write_text(" \n")
    (folder / "a/novel.docx").write_bytes(b"PK")
    (folder / "a/._0.txt").write_bytes(b"Mac OS X\xff")
    (folder / "a/short.txt").write_text("A word.")
    (folder / "a/zero.txt").write_text("nul\x00" * 20)
    found = pack_texts(folder, settings(), SPLITS)
    assert found.quarantine.drop(columns="file").to_numpy().tolist() == [
        ["empty", "empty", "0 characters"],
        ["latin", "not encoded as UTF-8", "byte 1"],
        ["novel", "not a plain text", "its name does not end in .txt"],
        ["short", "shorter than 20 characters", "7 characters"],
        ["zero", "holds a control character", "U+0000 at character 4"],
    ]
    assert len(found.works) == 12 == found.metrics["works"]
    assert found.metrics["quarantined"] == 5


def test_equal_and_nearly_equal_works_are_one_unit(folder):
    (folder / "a/copy.txt").write_text(words(3).replace(" ", "\n— "))
    (folder / "a/near.txt").write_text(words(4, 50) + " and an end of its own")
    found = pack_texts(folder, settings(), SPLITS)
    unit = found.works.set_index("work")["unit"]
    assert unit["copy"] == unit["3"]
    assert unit["near"] == unit["4"]
    assert unit.nunique() == 12
    assert found.works.groupby("unit")["split"].nunique().eq(1).all()
    pair = found.alike.set_index("work_a").loc["4"]
    assert (pair["work_b"], round(pair["share"], 3)) == ("near", round(43 / 49, 3))


def test_a_split_depends_on_no_other_work(folder):
    before = pack_texts(folder, settings(), SPLITS).works.set_index("work")["split"]
    (folder / "a/13.txt").write_text(words(13))
    after = pack_texts(folder, settings(), SPLITS).works.set_index("work")["split"]
    assert after[before.index].tolist() == before.tolist()


def test_a_file_of_several_works_is_divided_at_their_titles(tmp_path):
    (tmp_path / "a").mkdir()
    poems = "".join(f"ПЕСНЯ {'АБВГДЕЖЗИКЛМНО'[n]} \nО ЧЕМ-ТО\n{words(n)}\n" for n in range(12))
    (tmp_path / "a/all.txt").write_text(f"Предисловие\n{poems}ПЕСНЯ А О ЧЕМ-ТО\n{words(20)}\n", encoding="utf-8")
    found = pack_texts(tmp_path, settings(divided=["a"]), SPLITS)
    names = found.works["work"].tolist()
    assert names[0] == "all/ПЕСНЯ А О ЧЕМ-ТО"
    assert names[-1] == "all/ПЕСНЯ А О ЧЕМ-ТО (2)"
    assert len(names) == 13
    assert found.works["text"].tolist()[0] == words(0)


def test_bad_input(folder):
    with pytest.raises(InputError, match="b: no such folder"):
        pack_texts(folder, settings(authors=["a", "b"]), SPLITS)
    (folder / "b").mkdir()
    (folder / "b/one.txt").write_text("x")
    with pytest.raises(InputError, match=r"no work of b can be used; the first fault: b/one\.txt: one: shorter"):
        pack_texts(folder, settings(authors=["a", "b"]), SPLITS)
    (folder / "b/one.txt").write_text(words(1))
    with pytest.raises(InputError, match=r"b has no work in the .* split.*set another splits\.seed"):
        pack_texts(folder, settings(authors=["a", "b"]), SPLITS)
    with pytest.raises(InputError, match=r"pack_texts\.title: not a regular expression"):
        pack_texts(folder, settings(title="("), SPLITS)


def test_what_is_no_file_and_names_that_are_no_text(folder):
    """They cost their own work alone."""
    (folder / "a/folder.txt").mkdir()
    (folder / "a/lost.txt").symlink_to("nowhere")
    (folder / "a/round.txt").symlink_to("round.txt")
    (folder / "a" / os.fsdecode(b"\xff.txt")).write_text(words(70))
    (folder / "a/CAPITALS.TXT").write_text(words(71))
    found = pack_texts(folder, settings(), SPLITS)
    assert found.quarantine[["work", "reason"]].to_numpy().tolist() == [
        ["lost", "no file"],
        ["round", "no file"],
    ]
    assert {"CAPITALS", "\\udcff"} < set(found.works["work"])
    tables.write(WORKS, found.works, folder / "works.parquet")
