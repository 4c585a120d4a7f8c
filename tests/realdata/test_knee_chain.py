"""The two-expert knee set through the whole curation track: the published counts, exactly."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from project import fresh, keep

DATA = Path(os.environ.get("RADSIEVE_DATA", "no such folder")).resolve()
PUBLISHED = Path(__file__).parents[2] / "data/published/knee_counts.csv"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not (DATA / "knee").is_dir(), reason="RADSIEVE_DATA does not name a folder with knee/"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = fresh(tmp_path_factory.mktemp("knee") / "radsieve", {"RADSIEVE_DATA": str(DATA)})
    keep(project, "curation")
    project.call("python", "workflow/use_preset.py", "knee")
    project.snakemake()
    return project


@pytest.fixture(scope="module")
def table(project):
    return lambda name: pd.read_csv(project.folder / "results" / name)


@pytest.fixture(scope="module")
def published():
    return pd.read_csv(PUBLISHED).set_index("quantity")["value"]


def test_what_came_in(table, published):
    raw = table("ingest_images/raw_data.csv")
    assert list(raw.columns) == ["expert", "file_id", "severity", "relative_path"]
    assert len(raw) == published["png_objects"] == 3300
    assert raw["file_id"].nunique() == published["unique_images"] == 1633
    assert set(raw["expert"].value_counts()) == {published["images_per_expert"]}
    assert len(table("ingest_images/quarantine.csv")) == 0


def test_listing_order_is_the_source_s(table):
    """Its first and last rows, and the row numbers of the paths that it removes."""
    raw = table("ingest_images/raw_data.csv")
    assert raw["relative_path"][0] == "MedicalExpert-I/0Normal/NormalG0 (1).png"
    assert raw["relative_path"][4] == "MedicalExpert-I/0Normal/NormalG0 (102).png"
    assert raw["relative_path"][3299].startswith("MedicalExpert-II/4Severe/SevereG4 (99)")
    assert raw["file_id"][0].startswith("c7284c66fa8ec0ab4594e5dcd44866f408238f685e999e")
    assert raw["relative_path"][216] == "MedicalExpert-I/0Normal/NormalG0 (294).png"
    assert raw["relative_path"][1432] == "MedicalExpert-I/3Moderate/ModerateG3 (89).png"


def test_removed_paths(table, published):
    removed = table("find_duplicates/deleted_paths.csv")["relative_path"]
    assert len(removed) == 34
    assert set(removed.str.split("/").str[0].value_counts()) == {published["removed_paths_per_expert"]}
    assert removed[0] == "MedicalExpert-I/0Normal/NormalG0 (294).png"


def test_agreement(table, published):
    counts = table("measure_agreement/contingency.csv")
    counts = counts[counts["count"] > 0]
    found = {f"I{a}_II{b}": n for a, b, n in counts[["label_a", "label_b", "count"]].itertuples(index=False)}
    assert found == {"I0_II0": 502, "I0_II1": 11, "I1_II1": 474, "I2_II2": 227, "I3_II3": 213, "I4_II4": 206}
    assert all(found[name] == published[name] for name in found)
    assert len(table("measure_agreement/cross_check.csv")) == 1633
    different = table("measure_agreement/different_severity.csv")
    assert different["file_id"].nunique() == published["disagreements"] == 11
    assert list(different.columns) == ["file_id", "severity", "relative_path"]


def test_experts_agree_better_with_each_other_than_with_themselves(table, project):
    """Computed from the files by other means: 569 pairs of one picture, 54 of them with equal pixels."""
    consistency = table("find_duplicates/consistency.csv").set_index(["expert", "kind"])
    pixels, everything = consistency.xs("pixels", level="kind"), consistency.xs("all", level="kind")
    assert sorted(pixels["share"].round(3)) == [0.944, 0.963]
    assert sorted(everything["share"].round(3)) == [0.891, 0.895]
    apart = everything["pairs"] - everything["same"]
    assert sorted(apart) == [60, 62]
    metrics = json.loads((project.folder / "results/find_duplicates/metrics.json").read_text())
    assert metrics["contradictions_in_common"] == 56
    page = (project.folder / "results/report/curation.html").read_text()
    assert "Graders agree better with each other" in page


def test_units_hold_what_shows_the_same_picture(table):
    normalized = table("normalize_labels/normalized_data.csv").set_index("file_id")
    pairs = table("find_duplicates/pairs.csv")
    kept = pairs[pairs["file_id_a"].isin(normalized.index) & pairs["file_id_b"].isin(normalized.index)]
    units = normalized[~normalized.index.duplicated()]["unit"]
    assert (kept["file_id_a"].map(units) == kept["file_id_b"].map(units)).all()
    assert normalized.groupby("unit")["split"].agg(lambda splits: len(set(splits))).eq(1).all()
    alone = normalized[~normalized.index.isin({*pairs["file_id_a"], *pairs["file_id_b"]})]
    shares = alone.drop_duplicates("unit")["split"].value_counts(normalize=True)
    assert len(alone) > 1000  # four standard deviations of a share of 20% of more than 500 units
    assert shares["test"] == pytest.approx(0.2, abs=0.07) and shares["validation"] == pytest.approx(0.2, abs=0.07)


def test_normalized_data(table, project):
    normalized = table("normalize_labels/normalized_data.csv")
    assert len(normalized) == 3244
    assert set(normalized["severity"]) == {0, 1, 2, 3, 4}
    exclusions = table("normalize_labels/exclusions.csv")
    assert len(normalized) + len(exclusions) == 3300
    page = (project.folder / "results/report/curation.html").read_text()
    assert "11 of 11" in page
    assert "3,278" in page


def test_sixteen_bit_images_are_not_clipped(table):
    images = table("ingest_images/images.csv")
    deep = images[images["bit_depth"] == 16]
    assert len(deep) == 70
    assert deep["mean_brightness"].between(0.05, 0.9).all()


def test_size_tells_the_highest_grade(table):
    raw = table("ingest_images/raw_data.csv").merge(table("ingest_images/images.csv"), on="file_id")
    severe = raw[raw["severity"] == "4Severe"]
    assert set(zip(severe["width"], severe["height"], strict=True)) == {(300, 162)}
    leaks = table("normalize_labels/leakage.csv").set_index("attribute")["leaks"]
    assert leaks["dimensions"]


def test_second_run_has_nothing_to_do(project):
    assert "Nothing to be done" in project.snakemake()
    assert json.loads(project.dvc("status", "--json")) == {"workflow/dvc.yaml:trace_inputs": ["always changed"]}
