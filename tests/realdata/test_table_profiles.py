"""Profiles of real tables: the published missing counts of CheXpert, what The Game Awards repeat, what headers tell."""

import os
from pathlib import Path

import pandas as pd
import pytest
import use_preset
from defaults import settings

from radsieve.settings import expand
from radsieve.tables.user_tables import read_cells
from radsieve.tasks.profiles.description import count_values, describe, find_duplicates
from radsieve.tasks.profiles.frame import profiled
from radsieve.tasks.profiles.results import sample, tell_target
from radsieve.tasks.rows.joining import join
from radsieve.tasks.rows.packing import pack

DATA = os.environ.get("RADSIEVE_DATA")
ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA, reason="RADSIEVE_DATA does not name the folder of public data"),
]


def of_preset(name, file, preset="tables"):
    """The profile's view of a table with the settings of a preset."""
    chosen = use_preset.settings(preset)
    of_table, of_profile = (
        {keys[-1]: value for keys, value in chosen.items() if keys[:2] == (section, name)}
        for section in ("pack_tables", "profile_tables")
    )
    table = read_cells(Path(str(DATA)) / file)
    packed = settings(f"pack_tables.{name}", **of_table)
    if packed.joined:
        table = join(table, read_cells(expand(packed.joined)), packed.joined_by, name)
    found = pack(table, packed, settings("splits"), name)
    assert found.quarantine.empty
    return profiled(found.rows, found.columns, settings(f"profile_tables.{name}", **of_profile), name)


def test_every_published_missing_count_of_chexpert_is_found():
    """Published of training and validation part together; the latter has 234 rows, of which 32 have no view from
    front or back."""
    data = of_preset("findings", "tables/chexpert_train.csv.gz")
    found = describe(data).set_index("column")["missing"]
    published = pd.read_csv(ROOT / "data/published/table_profiles.csv")
    missing = published[(published["table"] == "findings") & (published["quantity"] == "missing")].set_index("of")
    of_columns = missing.loc[missing.index != "diagnosis", "value"]  # a column that the analysis made
    assert len(of_columns) == 15
    assert len(data.rows) == 223_414
    assert found["AP/PA"] + 32 == of_columns["AP/PA"]
    others = of_columns.drop("AP/PA")
    assert found[others.index].tolist() == others.tolist()


def test_what_the_game_awards_repeat():
    data = of_preset("games", "tables/game_awards.csv")
    assert (len(data.rows), describe(data).set_index("column").loc["company", "missing"]) == (805, 111)
    found = find_duplicates(data).set_index("columns")
    assert found.loc["all columns", "repeated"] == 0
    award = found.loc["year, category"]
    counts = ["distinct", "none_positive", "one_positive", "several_positive", "most_positive"]
    assert award[counts].tolist() == [163, 3, 158, 2, 5]
    assert found.loc["year, nominee", "repeated"] == 228


def test_the_view_alone_tells_pneumonia_in_the_headers_of_rsna():
    """26,684 films, a quarter of them with pneumonia: those taken lying down (AP) more often."""
    data = of_preset("findings", "headers/rsna_dicom_headers.csv.gz", "headers")
    assert (len(data.rows), int(data.rows["_target"].sum())) == (26_684, 6_012)
    found = tell_target(data, sample(data)).set_index("column")
    assert found.loc["ViewPosition", "balanced_accuracy"] == pytest.approx(0.706, abs=5e-4)
    assert found.loc["ViewPosition", "leaks"]


def test_half_of_the_films_of_the_national_library_of_medicine_are_stored_as_negatives():
    data = of_preset("games", "headers/nlm_dicom_headers.csv.gz", "headers")
    counts = count_values(data).set_index(["column", "value"])["rows"]
    assert len(data.rows) == 7469
    assert counts["Photometric Interpretation", "MONOCHROME1"] == 3584
