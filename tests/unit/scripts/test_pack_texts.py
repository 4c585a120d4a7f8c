"""scripts/pack_texts.py on works that were simulated."""

import pandas as pd
from defaults import content

from radsieve.tasks.cases.texts import simulate

OPTIONS = {"works": "works.parquet", "out": "out"}
RESULTS = ["alike.csv", "counts.csv", "metrics.json", "quarantine.csv", "works.csv"]


def test_works_are_packed_and_faults_are_told(tmp_path, run_stage, set_params):
    simulate(tmp_path / "texts", 12, 1)
    (tmp_path / "texts/Alder/latin.txt").write_bytes("Дом".encode("cp1251"))
    set_params(tmp_path, pack_texts=content()["pack_texts"] | {"texts": "texts"})
    done = run_stage("pack_texts", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "36 works of 3 authors" in done.stderr and "1 in quarantine" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == RESULTS
    works = pd.read_parquet(tmp_path / "works.parquet")
    assert not works["text"].str.contains("[«»“”–]|--|ё|Alder|LETTER").any()
    assert works.loc[works["author"] == "Alder", "raw"].str.contains("«").all()
    again = run_stage("pack_texts", tmp_path, works="again.parquet", out="again")
    assert again.returncode == 0, again.stderr
    for name in RESULTS:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "works.parquet").read_bytes()


def test_no_folder(tmp_path, run_stage, set_params):
    set_params(tmp_path, pack_texts=content()["pack_texts"] | {"texts": "nothing"})
    done = run_stage("pack_texts", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert "nothing/Alder: no such folder" in done.stderr
