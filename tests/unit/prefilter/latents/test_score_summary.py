"""Statistics, correlations and pass rates by group and by source."""

import numpy as np
import pandas as pd
import pytest
from latents import latent_table, write

from radsieve.errors import InputError
from radsieve.prefilter.latents import score_summary
from radsieve.prefilter.latents.latent_table import LatentTable

SOURCE = {"a": "twin", "b": "screened", "c": "twin"}
TABLE = latent_table(["a", "b", "c"], 50)


def test_groups_of_one_source_are_pooled():
    found = score_summary.statistics(TABLE, SOURCE)
    parts = found[["source", "group"]].drop_duplicates()
    assert list(parts.itertuples(index=False, name=None)) == [
        ("twin", "all"), ("twin", "a"), ("twin", "c"), ("screened", "b")
    ]  # fmt: skip
    counts = found[found["statistic"] == "count"].set_index(["source", "group"])["valid"]
    assert counts["twin", "all"] == 100
    twin = np.concatenate([TABLE.of("a").scores[:, 0], TABLE.of("c").scores[:, 0]])
    pooled = found[(found["group"] == "all")].set_index("statistic")["score_shape"]
    assert pooled["50%"] == pytest.approx(np.median(twin))
    assert pooled["std"] == pytest.approx(twin.std(ddof=1))


def test_correlations_are_matrices_with_the_valid_rows_first():
    found = score_summary.correlations(TABLE, SOURCE)
    matrix = found[found["group"] == "b"].set_index("score")
    scores = TABLE.of("b").scores
    assert matrix.index[0] == "valid"
    assert matrix.loc["score_shape", "score_maxheat"] == pytest.approx(np.corrcoef(scores[:, 0], scores[:, 2])[0, 1])
    assert matrix.loc["valid", "valid"] == pytest.approx(1)


def test_pass_rates_with_wilsons_interval():
    valid = np.array([1] * 2 + [0] * 8, dtype=np.int8)
    scores = np.full((10, 5), 0.5)
    scores[2:, 1] = -1
    table = LatentTable(("a",), np.zeros(10, dtype=int), valid, scores, np.zeros((10, 128), dtype=np.float32))
    found = score_summary.pass_rates(table, {"a": "table"}, 0.95).set_index("score")
    assert found.loc["valid", ["rows", "passed"]].tolist() == [10, 2]
    assert found.loc["score_shape", "share"] == 1
    assert found.loc["score_abnormal", ["lower", "upper"]].tolist() == pytest.approx([0.0567, 0.5098], abs=1e-4)


def test_a_group_that_is_not_listed(tmp_path):
    write(TABLE, tmp_path)
    listed = pd.read_csv(tmp_path / "groups.csv")
    assert score_summary.read_sources(tmp_path / "groups.csv", TABLE) == dict.fromkeys("abc", "twin")
    listed[listed["group"] != "b"].to_csv(tmp_path / "groups.csv", index=False)
    with pytest.raises(InputError, match=r"groups\.csv: it lacks the group 'b'"):
        score_summary.read_sources(tmp_path / "groups.csv", TABLE)
