"""docs/results.md: what is between the marks of a preset comes from results, and nothing else is touched."""

import json
import re
from pathlib import Path

import defaults
import earlier_splits
import pandas as pd
import pytest
import result_tables
import write_results

from radsieve.errors import InputError

ROOT = Path(__file__).parents[3]
DICE = {"test_images": 57, "test_patients": 23, "dice": 0.9579, "dice_lower": 0.9539, "dice_upper": 0.9616}
DECISIONS = """group,rule,estimate,stored,base_rate,saving,saving_lower,saving_upper,good_images_lost
a,argmax(tpr-fpr),nested folds,0,0.2,9,8,10,0.5
a,argmax(2*tpr-fpr),card,1,0.2,1.25,1.1,1.4,0.044
a,argmin(seconds per good image),nested folds,0,0.2,2.0,1.7,2.4,0.567
"""
REACTIONS = """alteration,score,images,share_before,share_after,share_lower,share_upper
mirrored,score_shape,10,1,0.8,0.49,0.94
mirrored,valid,10,1,0.3,0.11,0.6
darker,score_shape,10,1,0.9,0.6,0.98
darker,valid,10,1,0.5,0.24,0.76
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "train_segmenter/chest/metrics.json": json.dumps(DICE),
        "train_segmenter/skin/metrics.json": json.dumps({"test_images": 18, "dice": None}),
        "select_thresholds/decisions.csv": DECISIONS,
        "score_images/reactions.csv": REACTIONS,
    }.items():
        path = tmp_path / "results" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "params.yaml").write_text(defaults.text())
    start, end = write_results.marks("default")
    (tmp_path / "page.md").write_text(f"# Results\n\n{start}\nold 0.123\n{end}\n\n# Other\n\nBy hand: 1.\n")
    return tmp_path


def write(folder, *more):
    options = {"results": folder / "results", "params": folder / "params.yaml", "page": folder / "page.md"}
    write_results.main([*(part for name, value in options.items() for part in (f"--{name}", str(value))), *more])
    return (folder / "page.md").read_text()


def rows(page, title):
    table = page.partition(f"### {title}")[2].split("\n\n")[1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_the_section_of_the_preset_is_written_anew_and_nothing_else(folder):
    page = write(folder)
    assert page.startswith("# Results\n\n<!-- ")
    assert page.endswith("\n\n# Other\n\nBy hand: 1.\n")
    assert "0.123" not in page
    assert "## Preset `default`" in page
    assert write(folder) == page


def test_values_are_those_of_the_results_with_their_intervals(folder):
    page = write(folder)
    assert rows(page, "Segmentation, test split")[2:] == [
        ["test images", "57", "18"],
        ["test patients", "23", "–"],
        ["dice", "0.9579 (0.9539 to 0.9616)", "–"],
    ]
    assert [(row[1], row[4]) for row in rows(page, "Stored sieves")[2:]] == [
        ("argmax(2*tpr-fpr)", "1.25 (1.10 to 1.40)"),
        ("argmin(seconds per good image)", "2.00 (1.70 to 2.40)"),
    ]
    assert rows(page, "Share of altered copies") == [
        ["alteration", "images", "score shape", "valid"],
        ["---"] * 4,
        ["mirrored", "10", "0.80 (0.49 to 0.94)", "0.30 (0.11 to 0.60)"],
        ["darker", "10", "0.90 (0.60 to 0.98)", "0.50 (0.24 to 0.76)"],
    ]


def test_only_the_tracks_asked_for_are_shown(folder):
    page = write(folder, "--tracks", "screening")
    assert "Segmentation" in page
    assert "Sieves, evaluated" not in page
    with pytest.raises(InputError, match="no result of generation"):
        write(folder, "--tracks", "generation")


def test_tables_of_several_files_stand_together_and_can_be_chosen_by_folder(folder):
    header = "protocol,model,metric,evaluated,value,lower,upper,honest,difference\n"
    for name, value in (("classify_rows/deaths", 0.75), ("train_classifier/knee", 0.875)):
        path = folder / "results" / name / "leaks.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"{header}honest,m,roc_auc,9,0.5,,,0.5,\nby_row,m,roc_auc,9,{value},0.5,1,0.5,{value - 0.5}\n")
    shown = rows(write(folder, "--tracks", "tasks"), "What mistakes were worth")
    assert [(row[0], row[5]) for row in shown[2:]] == [
        ("deaths", "0.75 (0.50 to 1.00)"),
        ("knee", "0.88 (0.50 to 1.00)"),
    ]
    assert [row[-1] for row in shown] == ["published", "---", "–", "–"], "of accuracy by rows none is known"
    one = rows(write(folder, "--tracks", "tasks", "--only", "knee"), "What mistakes were worth")
    assert [row[0] for row in one[2:]] == ["knee"]


def test_an_interval_without_width_is_none(folder):
    path = folder / "results/train_writer/Alder/entropy.csv"
    path.parent.mkdir(parents=True)
    path.write_text("model,works,bits,lower,upper\nuniform,3,5.125,5.125,5.125\nlstm,3,2.5,2.25,2.75\n")
    shown = rows(write(folder, "--tracks", "tasks"), "Bits per character")
    assert [row[-1] for row in shown[2:]] == ["5.12", "2.50 (2.25 to 2.75)"]


def test_published_values_stand_beside_mistakes(folder):
    path = folder / "results/classify_rows/deaths/leaks.csv"
    path.parent.mkdir(parents=True)
    path.write_text("protocol,model,metric,value\nlabels_1_2,one unit,accuracy,0.75\nlabels_1_2,one unit,roc_auc,0.5\n")
    shown = rows(write(folder, "--tracks", "tasks"), "What mistakes were worth")
    assert [row[-1] for row in shown[2:]] == ["0.927", "–"]
    several = pd.DataFrame([("knee", "by_row", "macro_f1")], columns=["task", "protocol", "metric"])
    assert result_tables.published(several) == ["0.902, 0.911, 0.903"]


def test_what_is_not_up_to_date_is_refused(monkeypatch):
    monkeypatch.setattr(write_results.asking_dvc, "dvc_status", lambda: {"train_segmenter@chest": ["changed inputs"]})
    write_results.up_to_date(["prefilter"])
    with pytest.raises(InputError, match="not up to date: train_segmenter"):
        write_results.up_to_date(["prefilter", "screening"])
    write_results.up_to_date(["screening"], ["skin"])
    with pytest.raises(InputError, match="not up to date: train_segmenter"):
        write_results.up_to_date(["screening"], ["skin", "chest"])


def test_a_preset_without_marks_gets_them_at_the_end():
    page = write_results.placed("# Results\n", "skin", "text")
    assert page == write_results.placed(page, "skin", "text")
    assert page.startswith("# Results\n\n<!-- written by workflow/write_results.py: skin -->\n\ntext")


def test_the_page_has_a_place_for_each_preset_with_results_and_says_what_is_older():
    page = (ROOT / write_results.PAGE).read_text(encoding="utf-8")
    marked = re.findall(r"<!-- written by workflow/write_results.py: (\S+) -->(.*?)<!-- end of \1 -->", page, re.DOTALL)
    tasks = ["tables", "pneumonia", "modalities", "modalities-networks", "knee-grade", "chest-table", "authors"]
    assert [name for name, _ in marked] == ["default", "chest", "skin", "chest-loop", "knee", *tasks]
    for name, text in marked:
        assert f"## Preset `{name}`" in text
        assert "Not run yet" in text or re.search(r"params.yaml `[0-9a-f]{12}`", text)
    first, _, older = page.partition("\n## Figures of earlier versions\n")
    assert "(preset `" not in first
    assert "before `assign_splits`" in older


def test_what_each_set_divided_by_itself_gave_stands_beside_it(folder, monkeypatch):
    figures = [
        "preset,file,measure,value,lower,upper",
        "default,train_segmenter/chest/metrics.json,dice,0.95,0.94,0.96",
    ]
    figures += ["default,train_segmenter/chest/metrics.json,iou,0.9,,", "skin,train_sex/metrics.json,dice,1,,"]
    (folder / "earlier.csv").write_text("\n".join(figures))
    monkeypatch.setattr(earlier_splits, "FIGURES", folder / "earlier.csv")
    assert rows(write(folder), earlier_splits.TITLE)[2:] == [
        ["train_segmenter/chest", "dice", "0.950 (0.940 to 0.960)", "0.9579 (0.9539 to 0.9616)"],
        ["train_segmenter/chest", "iou", "0.900", "–"],
    ]
    monkeypatch.undo()
    assert earlier_splits.TITLE not in write(folder)


def test_figures_of_earlier_splits_are_of_presets_and_within_their_intervals():
    known = pd.read_csv(earlier_splits.FIGURES)
    presets = {path.stem for path in (ROOT / "workflow/presets").glob("*.yaml")}
    assert set(known["preset"]) <= presets
    assert not known.duplicated(["preset", "file", "measure"]).any()
    with_interval = known.dropna()
    assert (with_interval["lower"] <= with_interval["value"]).all()
    assert (with_interval["value"] <= with_interval["upper"]).all()
