"""scripts/report_prefilter.py on the made-up results of tests/helpers/prefilter_results.py."""

import re

import pandas as pd
import pytest
from prefilter_results import GROUPS, NO_SIEVE
from report_pages import answer_to, copy_results, options, text_of

from radsieve.prefilter.report import models, sieve, thresholds

OPTIONS = options("prefilter")


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("prefilter").read_text(encoding="utf-8")


def test_simulated_groups_are_not_passed_off_as_real(html):
    first = text_of(html, '<section id="summary"', '<dl class="answers">')
    assert (
        f"{', '.join(GROUPS[:-2])} and {GROUPS[-2]}: a simulated twin of the study&#39;s table, not real data" in first
    )
    assert "phantoms: images of the phantom decoder, no real ones either" in first


def test_the_first_lines_answer_four_questions_with_intervals_and_files(html):
    assert answer_to(html, "Does any model beat logistic regression?") == (
        "Not shown: none of 3 models is better than LogReg1 (ROC-AUC 0.75 (0.62 to 0.88)) by both paired tests. The"
        " most favourable difference is that of Boosting, 0.06 (−0.12 to 0.12); adjusted for the number of models, p"
        " = 0.50 by DeLong&#39;s test and p = 0.50 by the corrected t-test. 2 of 3 are worse."
        " rank_classifiers/ paired.csv rank_classifiers/ summary.csv"
    )
    saving = answer_to(html, "Which threshold, and what does it save?")
    assert "argmax(precision) (greatest share of good images among those accepted) has the highest lower" in saving
    assert "3.00" not in saving
    assert "as was set beforehand; by their cards it saves a factor of 1.25 (1.12 to 1.38) in" in saving
    assert "to 1.75 (1.62 to 1.88) in 18_24f, with 0.125 of the good images lost." in saving
    assert "The interval of their factor lies above 1 in 6 of 6 groups" in saving
    diversity = answer_to(html, "What diversity does it cost?")
    assert "argmax(2*tpr-fpr) (stored): relative to as many" in diversity
    assert "have a coverage of 0.988" in diversity
    assert "on nested folds, one-sided and not adjusted: " in diversity
    checked = answer_to(html, "Does the sieve do what was expected?")
    assert "2 of 3 independent quantities of the sieve of phantoms are compatible with what was expected." in checked
    assert "fewer good images than expected, by tests adjusted for 1 group (Holm): 18_24m." in checked


def test_a_reviewer_is_told_what_to_look_at(html):
    notes = re.search(r'<ul class="notes">(.*?)</ul>', html, re.DOTALL)[1]
    assert re.findall(r"<li>(.*?) <a", notes) == [
        "The twin is out of tolerance in 1 figure: correlation of valid and score shape.",
        "1 map of best and worst could not be made: too few rows.",
        "Group 58_64m, valid: latents.folds = 3: only 1 good of 1000 images; take fewer folds.",
        f"ROC-AUC of {GROUPS[0]} out of tolerance of the published one: SVC_lin.",
        f"No sieve for {NO_SIEVE}: no good image.",
        "1 figure of the study&#39;s confusion matrices could not be recomputed.",
        "Not as expected: saving.",
    ]


def test_columns_have_headings_and_no_symbols(track_page):
    for track in ("screening", "prefilter", "generation"):
        found = set(re.findall(r"<th [^>]*>([^<]*)</th>", track_page(track).read_text(encoding="utf-8")))
        assert not found & {"tn", "fp", "fn", "tp", "tpr", "fpr", "c", "holm", "lower", "upper", "p value", "severity"}


def test_shares_of_latents_accepted_say_of_which_latents(html):
    assert "share of the table&#39;s latents accepted" in html
    assert "share of fresh latents accepted, observed" in html
    assert sieve.named(pd.Series(["acceptance_rate", "precision_ratio"])).tolist() == [
        "share accepted of the latents sampled for these images",
        "share of good images, sieved divided by unsieved",
    ]


def test_groups_in_which_a_rule_chose_a_threshold_are_counted_of_all():
    rows = [("a", "r", 0, 0.2, ""), ("b", "r", 0, 0.0, ""), ("a", "s", 0, 0.1, "")]
    decisions = pd.DataFrame(rows, columns=["group", "rule", "stored", "threshold", "reason"])
    assert thresholds._of_groups("r", 0, decisions) == "1 of 2; accepts everything in b"
    assert thresholds._of_groups("s", 0, decisions) == "1 of 1"


def test_what_lies_out_of_tolerance_has_a_reason_or_is_said_to_have_none():
    assert models._reasons(["SVC_lin", "kNN10", "kNN30"])["kNN10 and kNN30"].startswith("No cause is known")
    assert models._reasons(["SVC_lin"]) == {"SVC_lin": models.REASONS["SVC_lin"]}
    assert "3,000 in a" in models._fewer_rows({"a": 3000, "b": 10_000})
    assert models._fewer_rows({"b": 10_000}) == ""


def test_why_a_model_is_far_from_the_published_figure(html):
    assert "<dt>SVC_lin</dt><dd>The exact solution of its problem is w = 0" in html
    assert "<dt>Forest</dt><dd>The number" not in html


def test_the_neighbours_of_the_study_are_counted_from_its_tables(html):
    section = text_of(html, '<section id="exploration"', "</section>")
    assert "is above the share of valid rows in 5 of 6 groups" in section
    assert "more often than chance in 1 of 7 groups, 2 times as often" in section


def test_groups_keep_their_names_as_columns(html):
    assert ">18_24m</th>" in html


def test_the_card_of_a_sieve_is_shown_as_text(html):
    assert "Choosing latents. &lt;script&gt;alert(1)" in html


def test_groups_of_which_nothing_is_published(made_up_results, run_stage, tmp_path):
    copy_results(made_up_results("prefilter"), tmp_path)
    path = tmp_path / "results/rank_classifiers/published.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    done = run_stage("report_prefilter", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr


def test_what_stored_sieves_were_expected_to_do_is_drawn_beside_what_they_did(html):
    figure = re.search(r'<figure class="picture" id="the-stored-sieves[^>]*>.*?</figure>', html, re.DOTALL)[0]
    assert 'src="data:image/png;base64,' in figure
    assert "check_sieve/" in figure
