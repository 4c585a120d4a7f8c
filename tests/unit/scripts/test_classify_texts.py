"""scripts/classify_texts.py on works that were simulated, and on writers that were trained for a moment."""

import json

import pandas as pd
import pytest
from defaults import COMPUTE, content

from radsieve import tables
from radsieve.settings import Splits
from radsieve.tasks.cases.texts import AUTHORS, simulate
from radsieve.tasks.texts.packing import pack_texts
from radsieve.tasks.texts.settings import PackTexts
from radsieve.tasks.texts.tables import CHUNK_COMPARISON, DRAWN, ENTROPY_MATRIX, EVALUATED, EVALUATED_TEXTS, WORKS

pytestmark = pytest.mark.slow

OUTPUTS = [
    "comparison.csv", "confusion.csv", "confusion.png", "entropy.png", "entropy_matrix.csv", "evaluated.csv",
    "leaks.csv", "markers.csv", "metrics.json", "predictions.csv", "samples.csv",
]  # fmt: skip
OPTIONS = {"works": "works.parquet", "writers": "writers"}
NETWORK = {"net": "gru", "width": 4, "embedding": 4, "dropout": 0.1, "epochs": 1, "learning_rate": 0.01}
SETTINGS = {"protocols": ["honest", "by_chunk"], "protocol_models": ["characters"], "resamples": 100, "folds": 2,
            "models": ["characters", "dash", "network", "writers"],
            "network": NETWORK}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, set_params):
    from radsieve.networks.device import choose_device
    from radsieve.tables.images import Split
    from radsieve.tasks.texts.settings import TrainWriter
    from radsieve.tasks.texts.training import train
    from radsieve.tasks.texts.writer_results import signs_of, texts_of

    found = tmp_path_factory.mktemp("classify")
    simulate(found / "texts", 12, 1)
    works = pack_texts(found / "texts", PackTexts(**content()["pack_texts"]), Splits(**content()["splits"])).works
    tables.write(WORKS, works, found / "works.parquet")
    device = choose_device(COMPUTE)
    settings = TrainWriter(**(content()["train_writer"] | {"width": 8, "embedding": 8, "epochs": 1}))
    for author in AUTHORS:
        texts = texts_of(works, author)
        state, signs = found / author, signs_of(works, author, settings)
        writer = train(texts[Split.TRAIN], texts[Split.VALIDATION], signs, settings, device, state).writer
        writer.save(found / f"writers/{author}/best.safetensors", {})
        copied = texts[Split.TRAIN][0][100:400]
        drawn = [
            (0.5, 1, copied),
            (0.5, 2, "бгд " * 50),
            *((1.0, n, text[:300]) for n, text in enumerate(texts["test"], 1)),
        ]
        tables.write(DRAWN, pd.DataFrame(drawn, columns=list(DRAWN.columns)), found / f"writers/{author}/samples.csv")
    set_params(found, compute=COMPUTE, classify_texts=content()["classify_texts"] | SETTINGS)
    return found


@pytest.fixture(scope="module")
def first(folder, run_stage):
    """The results of a run."""
    return written(folder, run_stage, "first")


def written(folder, run_stage, out):
    done = run_stage("classify_texts", folder, **OPTIONS, out=out)
    assert done.returncode == 0, done.stderr
    assert "of what writers drew is recognised, at most 300 characters copied" in done.stderr
    assert sorted(path.name for path in (folder / out).iterdir()) == OUTPUTS
    return folder / out


def test_authors_are_told_apart(first):
    comparison = tables.read(CHUNK_COMPARISON, first / "comparison.csv")
    found = {(row.model, row.text, row.evaluated): row.balanced_accuracy for row in comparison.itertuples()}
    assert found["dash", "raw", "folds"] > 0.9
    assert found["writers", "names_kept", "test"] > 0.8
    assert json.loads((first / "metrics.json").read_text())["longest_copied"] == 300


def test_results_the_same_twice(folder, first, run_stage):
    second = written(folder, run_stage, "second")
    for name in OUTPUTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_each_author_costs_least_under_the_own_writer(first):
    matrix = tables.read(ENTROPY_MATRIX, first / "entropy_matrix.csv")
    best = matrix.sort_values("bits").groupby("author")["writer"].first()
    assert best.index.tolist() == best.tolist()
    assert (matrix["lower"] < matrix["bits"]).all()


def test_a_planted_copy_is_found_and_told(first):
    evaluated = tables.read(EVALUATED, first / "evaluated.csv")
    assert evaluated["kind"].tolist() == ["sample", "sample", "unseen"] * 3
    assert evaluated.loc[evaluated["temperature"] == 0.5, "longest_copied"].eq(300).all()
    assert evaluated.loc[evaluated["kind"] == "unseen", "longest_copied"].lt(60).all()
    texts = tables.read(EVALUATED_TEXTS, first / "samples.csv")
    planted = texts[(texts["temperature"] == 0.5) & (texts["number"] == 1)]
    assert planted["copied"].eq("0-300").all()
    assert texts.loc[texts["number"] == 2, "longest_copied"].iloc[0] == 0


def test_no_writer(folder, run_stage, tmp_path):
    done = run_stage("classify_texts", folder, works="works.parquet", writers="nowhere", out=tmp_path)
    assert done.returncode == 2
    assert "nowhere/Alder/best.safetensors: not found" in done.stderr
