"""What the pages of all tracks have in common, on the made-up results of tests/helpers."""

import re
from importlib import import_module

import pytest
from made_up import results_of
from prefilter_results import GROUPS
from report_pages import copy_results, options

from radsieve.generation.report.turing import UNPUBLISHED

PUBLISHED = {
    "screening": {"screening_figures.csv", "score_statistics.csv", "valid_rate_by_group.csv"},
    "prefilter": {"score_statistics.csv", "valid_precision_by_model.csv", "valid_rate_by_group.csv"},
    "generation": {"thresholds_18_24m.csv"},
    "tasks": {"task_mistakes.csv", "table_profiles.csv", "classifier_figures.csv", "author_figures.csv"},
}
NEEDED = {
    "screening": "score_images/scaling.csv",
    "prefilter": "select_thresholds/decisions.csv",
    "generation": "compare_sieving/methods.csv",
    "tasks": "classify_rows/survey/leaks.csv",
}
MODELS = "select_thresholds/models"
SIEVES = {f"{MODELS}/{group}/{name}" for group in GROUPS for name in ("card.json", "model.safetensors")}


@pytest.fixture(params=list(NEEDED))
def track(request):
    return request.param


@pytest.fixture
def page(track, track_page):
    return track_page(track)


@pytest.fixture
def html(page):
    return page.read_text(encoding="utf-8")


def made_by_stages(track, folder):
    """Every file below results that dvc.yaml says the stages of the track write, sieves file by file."""
    made = set(results_of(import_module(f"radsieve.{track}.report.page_content").STAGES, folder))
    return made - {MODELS} | SIEVES if MODELS in made else made


def test_every_file_of_the_track_is_listed_with_its_digest(track, html, made_up_results):
    listed = set(re.findall(r"<tr><td[^>]*>([^<]+)</td><td[^>]*>[0-9a-f]{64}</td></tr>", html))
    expected = made_by_stages(track, made_up_results(track)) | {f"published/{name}" for name in PUBLISHED[track]}
    assert sorted(listed - expected) == []
    assert sorted(expected - listed) == []


def test_every_table_has_a_page_of_its_own(track, made_up_results, page):
    expected = {
        "{}.{}.html".format(name.split("/")[0], "-".join(name.removesuffix(".csv").split("/")[1:]))
        for name in made_by_stages(track, made_up_results(track))
        if name.endswith(".csv") and name not in UNPUBLISHED
    }
    assert {path.name for path in (made_up_results(track) / options(track)["tables"]).iterdir()} == expected


def test_hostile_text_stays_text(track, html, made_up_results):
    tables = (made_up_results(track) / options(track)["tables"]).iterdir()
    shown = [html, *(table.read_text(encoding="utf-8") for table in tables)]
    assert html.count("<script>") == 1
    assert any("&lt;script&gt;alert(1)" in text for text in shown)
    assert not any("<script>alert" in text or "\u202e" in text for text in shown)


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes(track, page, made_up_results, run_stage, tmp_path):
    first = page.read_bytes()
    copy_results(made_up_results(track), tmp_path)
    run_stage(f"report_{track}", tmp_path, **options(track))
    assert (tmp_path / options(track)["out"]).read_bytes() == first
    assert str(made_up_results(track)).encode() not in first


def test_a_missing_result_is_named_with_its_stage(track, made_up_results, run_stage, tmp_path):
    copy_results(made_up_results(track), tmp_path)
    (tmp_path / "results" / NEEDED[track]).unlink()
    done = run_stage(f"report_{track}", tmp_path, **options(track))
    assert done.returncode == 2
    assert f"run the stage '{NEEDED[track].partition('/')[0]}' first" in done.stderr
    assert not (tmp_path / options(track)["out"]).exists()
