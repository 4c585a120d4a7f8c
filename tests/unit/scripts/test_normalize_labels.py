"""scripts/normalize_labels.py on the small run of tests/conftest.py."""

import json

import pandas as pd
from PIL import Image

from radsieve import tables
from radsieve.curation import tables as curation_tables


def test_every_object_is_kept_or_left_out(curation_results):
    results = curation_results / "results"
    kept = tables.read(curation_tables.NORMALIZED_DATA, results / "normalize_labels/normalized_data.csv")
    left = tables.read(curation_tables.EXCLUSIONS, results / "normalize_labels/exclusions.csv")
    raw = tables.read(curation_tables.RAW_DATA, results / "ingest_images/raw_data.csv")
    listed = [*raw["relative_path"], "A/0Normal/broken.png"]
    assert sorted([*kept["relative_path"], *left["relative_path"]]) == sorted(listed)
    assert left["rule"].tolist() == ["quarantine", "disagreement", "duplicate (bytes)", "disagreement"]
    assert (len(kept), len(listed)) == (22, 26)


def test_leakage_grades_and_metrics(curation_results):
    folder = curation_results / "results/normalize_labels"
    leakage = tables.read(curation_tables.LEAKAGE, folder / "leakage.csv").set_index("attribute")
    assert leakage.loc["width", "leaks"]
    assert pd.isna(leakage.loc["height", "balanced_accuracy"])
    grades = tables.read(curation_tables.GRADES, folder / "grades.csv")
    assert grades["count"].tolist() == [4, 4, 3, 3, 4, 4]
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["listed"] == 26
    assert metrics["left_out"] == {"disagreement": 2, "duplicate (bytes)": 1, "quarantine": 1}
    assert leakage.index[leakage["leaks"]].tolist() == ["dimensions", "width", "aspect_ratio"]
    assert metrics["leaking_attributes"] == 1  # all three say which images are 300 pixels wide
    assert metrics["balanced_accuracy"]["width"] == round(leakage.loc["width", "balanced_accuracy"], 6)
    with Image.open(folder / "leakage.png") as picture:
        assert picture.width > 500


def test_disagreements_settled_by_the_consensus(tmp_path, run_stage, set_params, early_results, normalize_options):
    set_params(tmp_path, normalize_labels={"disagreements": "dawid_skene"})
    early_results(tmp_path / "results")
    done = run_stage("normalize_labels", tmp_path, **normalize_options)
    assert done.returncode == 0, done.stderr
    changed = tables.read(curation_tables.CHANGED_GRADES, tmp_path / "results/normalize_labels/changed_grades.csv")
    assert changed[["relative_path", "given", "agreed"]].to_numpy().tolist() == [["B/2Mild/01.png", 2, 1]]
    assert changed["evidence"].tolist() == ["A: 1Doubtful; B: 2Mild (rule: dawid_skene)"]


def test_pictures_with_a_chosen_fault_are_left_out(tmp_path, run_stage, set_params, early_results, normalize_options):
    set_params(tmp_path, normalize_labels={"faults": ["inverted"]})
    early_results(tmp_path / "results")
    done = run_stage("normalize_labels", tmp_path, **normalize_options)
    assert done.returncode == 0, done.stderr
    left = tables.read(curation_tables.EXCLUSIONS, tmp_path / "results/normalize_labels/exclusions.csv")
    faulty = left[left["rule"] == "fault"]
    assert faulty["relative_path"].tolist() == ["A/1Doubtful/01.png", "B/2Mild/01.png"]
    assert faulty["evidence"].tolist() == ["inverted (negative): score 0.900, threshold 0.3"] * 2
    assert "disagreement" not in set(left["rule"])


def test_a_run_without_images(tmp_path, run_stage, set_params, normalize_options):
    set_params(tmp_path, source={"endpoint": "none"})
    inputs = {
        "raw_data": curation_tables.RAW_DATA,
        "images_table": curation_tables.IMAGES,
        "quarantine": curation_tables.QUARANTINE,
        "groups": curation_tables.DUPLICATE_GROUPS,
        "pairs": curation_tables.DUPLICATE_PAIRS,
        "faulty": curation_tables.FAULTY_IMAGES,
        "consensus": curation_tables.CONSENSUS,
    }
    for option, schema in inputs.items():
        tables.write(schema, pd.DataFrame(columns=list(schema.columns)), tmp_path / normalize_options[option])
    done = run_stage("normalize_labels", tmp_path, **normalize_options)
    assert done.returncode == 0, done.stderr
    assert tables.read(curation_tables.NORMALIZED_DATA, tmp_path / "results/normalize_labels/normalized_data.csv").empty


def test_a_missing_table_is_named(tmp_path, run_stage, set_params, normalize_options):
    set_params(tmp_path)
    done = run_stage("normalize_labels", tmp_path, **normalize_options)
    assert done.returncode == 2
    assert "raw_data.csv: not found" in done.stderr
