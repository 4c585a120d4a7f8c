"""Tables of latents that a user brings."""

import latents
import numpy as np
import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.generators.distributions import NORMAL
from radsieve.prefilter.latents import latent_sources, latent_table
from radsieve.prefilter.latents.latent_sources import read_batches

TABLE = latents.latent_table(["a", "b"], 20)
FRAME = latent_table.to_batch(TABLE).to_pandas()
FORMATS = ("csv", "parquet")


def read(frame, tmp_path, kind, allowed=("a", "b")):
    path = tmp_path / f"mine.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return list(read_batches(path, allowed))


@pytest.mark.parametrize("kind", FORMATS)
def test_columns_in_any_order_and_of_any_type(tmp_path, kind):
    frame = FRAME[FRAME.columns[::-1]].astype({"valid": float, "z000": float, "score_shape": np.float64})
    (batch,) = read(frame, tmp_path, kind)
    assert batch.schema == latent_table.schema_of(128)
    pd.testing.assert_frame_equal(batch.to_pandas(), FRAME, rtol=1e-6)


@pytest.mark.parametrize("kind", FORMATS)
def test_valid_as_a_truth_value(tmp_path, kind):
    (batch,) = read(FRAME.astype({"valid": bool}), tmp_path, kind)
    assert batch.column("valid").to_pylist() == TABLE.valid.tolist()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("words", [("no", "yes"), ("N", " Y"), ("False", "TRUE"), ("0.0", "1")])
def test_valid_in_words(tmp_path, kind, words):
    (batch,) = read(FRAME.assign(valid=[words[one] for one in TABLE.valid]), tmp_path, kind)
    assert batch.column("valid").to_pylist() == TABLE.valid.tolist()


@pytest.mark.parametrize("kind", FORMATS)
def test_other_words_of_valid_are_refused_with_what_to_write(tmp_path, kind):
    with pytest.raises(InputError, match=r"column valid: 'maybe'; write 1 or 0"):
        read(FRAME.assign(valid=["maybe"] + ["1"] * (len(FRAME) - 1)), tmp_path, kind)


@pytest.mark.parametrize(("separator", "decimal"), [(";", ","), (";", "."), ("\t", ","), ("|", ".")])
def test_a_csv_as_spreadsheets_write_it(tmp_path, separator, decimal):
    FRAME.to_csv(tmp_path / "mine.csv", index=False, sep=separator, decimal=decimal)
    (batch,) = read_batches(tmp_path / "mine.csv", ("a", "b"))
    pd.testing.assert_frame_equal(batch.to_pandas(), FRAME, rtol=1e-6)


@pytest.mark.parametrize(("kind", "place"), [("csv", "line 9"), ("parquet", "row 8")])
@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("z031", np.nan, "z031 is (empty|not a finite number)"),
        ("z031", np.inf, "z031 is not a finite number"),
        ("score_maxheat", np.nan, "score_maxheat is (empty|not a finite number)"),
        ("score_maxheat", -np.inf, "score_maxheat is not a finite number"),
        ("valid", 0.5, "valid must be 0 or 1"),
        ("group", "c", "group c is not among latents.groups"),
        ("group", None, "group is empty"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, kind, place, column, value, message):
    frame = FRAME.astype({"valid": float})
    frame.loc[7, column] = value
    with pytest.raises(InputError, match=rf"mine\.{kind}: {place}: {message}"):
        read(frame, tmp_path, kind)


@pytest.mark.parametrize(("kind", "place"), [("csv", "line 2, 22"), ("parquet", "row 1, 21")])
def test_valid_that_contradicts_the_scores(tmp_path, kind, place):
    frame = FRAME.copy()
    frame.loc[[0, 20], "valid"] = 1 - frame.loc[[0, 20], "valid"]
    with pytest.raises(InputError, match=f"{place}: valid contradicts the scores"):
        read(frame, tmp_path, kind)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="z064"), "127 latent components, z000 to z127; they have to be numbered"),
        (lambda frame: frame.drop(columns="z000"), "127 latent components, z001 to z127; they have to be numbered"),
        (lambda frame: frame.assign(z1=0.0), "129 latent components, z000 to z127; they have to be numbered"),
        (lambda frame: frame[["group", "valid"]], "no latent components"),
        (lambda frame: frame.drop(columns=["score_shape", "valid"]), "no column valid, score_shape"),
        (lambda frame: frame.assign(image="x"), "unknown columns image; take them out"),
        (lambda frame: frame.head(0), "no rows"),
    ],
)
def test_a_table_of_another_form(tmp_path, kind, change, message):
    with pytest.raises(InputError, match=message):
        read(change(FRAME), tmp_path, kind)


def test_text_where_a_number_belongs(tmp_path):
    frame = FRAME.astype({"z005": object})
    frame.loc[3, "z005"] = "high"
    with pytest.raises(InputError, match=r"cannot be read as CSV: .*'high'"):
        read(frame, tmp_path, "csv")
    with pytest.raises(InputError, match="column z005 does not hold what it should"):
        read(frame.astype({"z005": str}), tmp_path, "parquet")


def test_a_row_cut_short(tmp_path):
    FRAME.to_csv(tmp_path / "mine.csv", index=False)
    with (tmp_path / "mine.csv").open("a") as file:
        file.write("a,0,0.5\n")
    with pytest.raises(InputError, match="cannot be read as CSV"):
        list(read_batches(tmp_path / "mine.csv", None))


def test_two_columns_of_one_name(tmp_path):
    double = FRAME.assign(again=0).rename(columns={"again": "valid"})
    with pytest.raises(InputError, match="several columns are called valid"):
        read(double, tmp_path, "csv")


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
def test_no_table_at_all(tmp_path, name):
    with pytest.raises(InputError, match="not found"):
        list(read_batches(tmp_path / name, None))
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match="cannot be read as"):
        list(read_batches(tmp_path / name, None))


def test_rows_are_counted_over_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(latent_sources, "_BATCH", 16)
    monkeypatch.setattr(latent_sources, "_BLOCK", 2**15)
    assert len(read(FRAME, tmp_path, "csv")) > 1
    assert len(read(FRAME, tmp_path, "parquet")) == 3
    frame = FRAME.copy()
    frame.loc[39, "z000"] = np.inf
    with pytest.raises(InputError, match="row 40: z000"):
        read(frame, tmp_path, "parquet")
    with pytest.raises(InputError, match="line 41: z000"):
        read(frame, tmp_path, "csv")


@pytest.mark.parametrize("kind", FORMATS)
def test_any_number_of_components_numbered_with_or_without_zeros(tmp_path, kind):
    table = latents.latent_table(["a"], 20, components=1030)
    frame = latent_table.to_batch(table).to_pandas()
    bare = frame.rename(columns={name: f"z{int(name[1:])}" for name in frame.columns if name[1:].isdigit()})
    for given in (frame, bare[bare.columns[::-1]]):
        (batch,) = read(given, tmp_path, kind)
        assert batch.schema == latent_table.schema_of(1030)
        pd.testing.assert_frame_equal(batch.to_pandas(), frame, rtol=1e-6)


def test_parquet_by_its_short_ending(tmp_path):
    (batch,) = read(FRAME, tmp_path, "parquet")
    (tmp_path / "mine.parquet").rename(tmp_path / "mine.pq")
    (again,) = read_batches(tmp_path / "mine.pq", None)
    assert again.equals(batch)


def test_values_that_the_distribution_cannot_have(tmp_path):
    frame = FRAME.copy()
    frame.loc[3, "z005"] = 2.5
    frame.to_parquet(tmp_path / "mine.parquet", index=False)
    with pytest.raises(InputError, match=r"row 4: latents lie outside of \[-1, 1\].* set it to normal"):
        list(read_batches(tmp_path / "mine.parquet", None))
    assert list(read_batches(tmp_path / "mine.parquet", None, NORMAL))
    frame.loc[6, "z007"] = -8.5
    frame.to_parquet(tmp_path / "mine.parquet", index=False)
    with pytest.raises(InputError, match=r"row 7: latents lie outside of \[-8, 8\]"):
        list(read_batches(tmp_path / "mine.parquet", None, NORMAL))
