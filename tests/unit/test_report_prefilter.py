"""scripts/report_prefilter.py on the made-up results of tests/helpers/prefilter_results.py."""

import re
import shutil

import engines
import pytest
from prefilter_results import GROUPS, NO_SIEVE, ROOT

from radsieve.reports import prefilter

OPTIONS = {
    "results": "results",
    "published": ROOT / "data/published",
    "tables": "results/report/prefilter_tables",
    "out": "results/report/prefilter.html",
}


@pytest.fixture(scope="module")
def written(prefilter_results, run_stage):
    done = run_stage("report_prefilter", prefilter_results, **OPTIONS)
    assert done.returncode == 0, done.stderr
    return prefilter_results / OPTIONS["out"]


@pytest.fixture(scope="module")
def html(written):
    return written.read_text(encoding="utf-8")


def text_of(html: str, start: str, end: str) -> str:
    """What a reader sees between two pieces of markup, its spaces joined."""
    part = re.search(rf"{start}(.*?){end}", html, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def answer_to(html: str, question: str) -> str:
    return text_of(html, rf"<dt>{re.escape(question)}</dt>", "</dd>")


def test_simulated_groups_are_not_passed_off_as_real(html):
    first = text_of(html, '<section id="summary"', "</p>")
    assert (
        f"{', '.join(GROUPS[:-2])} and {GROUPS[-2]}: a simulated twin of the study&#39;s table, not real data" in first
    )
    assert "phantoms: films of the phantom decoder, no real ones either" in first


def test_the_first_lines_answer_four_questions_with_intervals_and_files(html):
    assert answer_to(html, "Does any model beat logistic regression?") == (
        "No: by both paired tests none of 3 models is better than LogReg1 (ROC-AUC 0.750 (0.625 to 0.875)). The best of"
        " them is Boosting, different by 0.062 (-0.125 to 0.125). 2 of 3 are worse."
        " rank_classifiers/ paired.csv rank_classifiers/ summary.csv"
    )
    saving = answer_to(html, "Which threshold, and what does it save?")
    assert (
        "argmax(precision) saves most: a good film takes less time by a factor of 3.000 (2.875 to 3.125) in" in saving
    )
    assert "The stored sieves use argmax(2*tpr-fpr), a factor of 1.250 (1.125 to 1.375) in" in saving
    assert "to 1.750 (1.625 to 1.875) in 18_24f, with 0.125 of the good films lost." in saving
    assert "above 1 for sure in 6 of 6 groups" in saving
    assert "argmax(2*tpr-fpr): the good latents that it keeps cover 0.988 times" in answer_to(
        html, "What diversity does it cost?"
    )
    assert answer_to(html, "Was the promise kept?").startswith(
        "2 of 3 promises of the sieve of phantoms were kept on 20 fresh films. Promised precision 0.500 (0.375 to"
    )


def test_a_reviewer_is_told_what_to_look_at(html):
    notes = re.search(r'<ul class="notes">(.*?)</ul>', html, re.DOTALL)[1]
    assert re.findall(r"<li>(.*?) <a", notes) == [
        "The twin is out of tolerance in 1 figure: correlation of valid and score shape.",
        "1 picture of best and worst could not be made: too few rows.",
        "Group 58_64m, valid: latents.folds = 3: only 1 good of 1000 films; take fewer folds.",
        "ROC-AUC out of tolerance of the published one, groups by model: SVC_lin in 1.",
        f"No sieve for {NO_SIEVE}: no good film.",
        "1 figure of the study&#39;s confusion matrices could not be recomputed.",
        "Not kept: saving.",
    ]


def test_why_a_model_is_far_from_the_published_figure(html):
    assert "<dt>SVC_lin</dt><dd>The exact solution of its problem is w = 0" in html
    assert "<dt>Forest</dt><dd>The number" not in html


def test_the_neighbours_of_the_study_are_counted_from_its_tables(html):
    section = text_of(html, '<section id="exploration"', "</section>")
    assert "is above the share of valid rows in 5 of 6 groups" in section
    assert "more often than chance in 1 of 7 groups, 2.000 times as often" in section


def test_groups_keep_their_names_as_columns(html):
    assert '<button type="button">18_24m</button>' in html


def made_by_stages() -> set[str]:
    """Every file below results that dvc.yaml says the stages of the track write, sieves file by file."""
    outs = {out for stage in engines.stages(ROOT / "dvc.yaml").values() for out in stage.outs}
    found = {out.removeprefix("results/") for out in outs if out.split("/")[1] in prefilter.STAGES}
    models = "select_thresholds/models"
    sieves = {f"{models}/{group}/{name}" for group in GROUPS for name in ("card.json", "model.safetensors")}
    return found - {models} | sieves


def test_every_file_of_the_track_is_listed_with_its_digest(html):
    listed = dict(re.findall(r"<tr><td[^>]*>([^<]+)</td><td[^>]*>([0-9a-f]{64})</td></tr>", html))
    assert made_by_stages() <= set(listed)
    assert {name for name in listed if name.startswith("published/")} == {
        "published/score_statistics.csv",
        "published/valid_precision_by_model.csv",
        "published/valid_rate_by_group.csv",
    }


def test_hostile_text_stays_text(html):
    assert html.count("<script>") == 1
    assert "Choosing latents. &lt;script&gt;alert(1)" in html
    assert "\u202e" not in html


def test_the_same_results_give_the_same_bytes(written, prefilter_results, run_stage):
    first = written.read_bytes()
    run_stage("report_prefilter", prefilter_results, **OPTIONS)
    assert written.read_bytes() == first
    assert str(prefilter_results).encode() not in first


def test_a_missing_result_is_named_with_its_stage(prefilter_results, run_stage, tmp_path):
    shutil.copytree(prefilter_results / "results", tmp_path / "results", ignore=shutil.ignore_patterns("report"))
    shutil.copy(prefilter_results / "params.yaml", tmp_path)
    (tmp_path / "results/select_thresholds/decisions.csv").unlink()
    done = run_stage("report_prefilter", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert "run the stage 'select_thresholds' first" in done.stderr
    assert not (tmp_path / OPTIONS["out"]).exists()


def test_every_table_has_a_page_of_its_own(written, prefilter_results):
    pages = {path.name for path in (prefilter_results / OPTIONS["tables"]).iterdir()}
    expected = {
        "{}.{}.html".format(name.split("/")[0], "-".join(name.removesuffix(".csv").split("/")[1:]))
        for name in made_by_stages()
        if name.endswith(".csv")
    }
    assert pages == expected
    assert "compare_classifiers.18_24m-folds.html" in pages


def test_groups_of_which_nothing_is_published(prefilter_results, run_stage, tmp_path):
    shutil.copytree(prefilter_results / "results", tmp_path / "results", ignore=shutil.ignore_patterns("report"))
    shutil.copy(prefilter_results / "params.yaml", tmp_path)
    path = tmp_path / "results/rank_classifiers/published.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    done = run_stage("report_prefilter", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
