"""scripts/report_tasks.py on the made-up results of tests/helpers/tasks_results.py."""

import pytest
from report_pages import answer_to, text_of


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("tasks").read_text(encoding="utf-8")


def test_the_summary_says_what_mistakes_were_worth_and_that_tables_are_simulated(html):
    said = answer_to(html, "What were the mistakes worth?")
    assert "In 11 the interval of the difference is above 0, most surely (by its lower limit) for overlapping" in said
    assert "(writer of Alder, memory): accuracy 0.938 where the honest value is 0.062" in said
    assert "(knee, hog 48 linear): macro F1 +0.12 (0.06 to 0.50)" in said
    assert "Below, each mistake has the case with the highest lower limit, which flatters it." in said
    assert "The summary counts the 20 rows of the table" in text_of(html, '<section id="mistakes"', "</section>")
    origin = text_of(html, '<section id="summary"', "</p>")
    assert (
        "Simulated: diabetes, survey, deaths, games, findings, pneumonia, modalities, knee, chest and texts." in origin
    )


def test_the_greatest_of_many_differences_is_in_no_number_of_the_summary(html):
    numbers = text_of(html, '<ul class="numbers"', "</ul>")
    assert "11 of 20" in numbers
    assert "difference from the honest value:" not in html


def test_what_asks_for_attention(html):
    notes = text_of(html, 'class="notes"', "</ul>")
    assert "Left out: 1 image from outside of pneumonia, whose unit is trained or chosen on." in notes
    assert (
        "The accuracy of pneumonia falls from 0.875 (0.812 to 0.938) on test images to 0.625 (0.562 to 0.688)" in notes
    )
    assert "not shown to be above" not in notes
    assert "calls no row of deaths positive, and yet is right in 60.0% of them" in notes
    assert "1 row of diabetes could not be used." in notes


def test_each_table_has_its_models_and_what_is_possible(html):
    section = text_of(html, '<section id="diabetes"', "</section>")
    assert "By the columns known before the visit logistic regression has a ROC-AUC of 0.75 (0.62 to 0.88)." in section
    assert "No model was found to be better (Holm)." in section
    assert "the ROC-AUC would be 0.812" in section or "the ROC-AUC would be 0.813" in section
    assert "Of 1 random split of 80 to 20" in section
    assert "Single splits" not in text_of(html, '<section id="survey"', "</section>")


def test_calibration_subgroups_and_perceptrons_are_numbers(html):
    section = text_of(html, '<section id="diabetes"', "</section>")
    assert "Calibration of diabetes" in section and "expected calibration error" in section
    assert "Different from the other rows in some figure, after Holm: Age = " in section
    assert "SHAP values (log-odds) of boosting" in section and "Perceptrons of diabetes" in section
    assert "Subgroups of survey" not in html


def test_synthetic_rows_are_judged(html):
    section = text_of(html, '<section id="synthesis-diabetes"', "</section>")
    assert "intervals from rows of trees overlap with the real ones by 75% on average" in section
    assert "are told from unseen ones with a ROC-AUC of 0.56" in section
    notes = text_of(html, 'class="notes"', "</ul>")
    assert "6% of the synthetic rows of diabetes by trees equal one that was learnt from, but 0% an unseen one" in notes


def test_published_values_stand_beside_their_protocol(html):
    section = text_of(html, '<section id="mistakes"', "</section>")
    assert "0.927" in section and "MAKE 2025" in section
    assert "They are of real data, and at least some of those above are simulated" in section


def test_the_writer_of_an_author_stands_beside_models_that_count(html):
    section = text_of(html, '<section id="writer-alder"', "</section>")
    assert (
        "gru and 3-gram needs 2.50 (2.25 to 3.25) bits for a character of 1 unseen work (4,000 characters)" in section
    )
    assert "the 5-gram needs the fewest, 2.75 (2.50 to 3.00): 0.25 (−0.50 to 0.50) more." in section
    assert "whoever knows how they were written needs 2.25 bits on average" in section
    assert "they do not say how others would do" in section
    assert "The writer of Alder needs more bits" not in html
    assert "The writer of Birch needs more bits than 5-gram" in text_of(html, 'class="notes"', "</ul>")


def test_works_that_could_not_be_used_are_told(html):
    assert "not encoded as UTF-8" in text_of(html, '<section id="texts"', "</section>")
    assert "1 work could not be used." in text_of(html, 'class="notes"', "</ul>")


def test_published_writers_stand_beside_ours(html):
    section = text_of(html, '<section id="texts"', "</section>")
    assert "Chekhov lstm with self-attention accuracy 0.043" in section
    assert "StyleTextLikeAuthors.ipynb#8" in section


def test_what_is_copied_is_underlined(html):
    section = html[html.index('<section id="writer-alder"') :]
    assert "taken for Birch</em> ab <u>copie</u>d &lt;script&gt;" in section[: section.index("</section>")]
    assert "<u>" not in html[html.index('<section id="writer-birch"') :]


def test_who_wrote_it(html):
    section = text_of(html, '<section id="recognition"', "</section>")
    assert "is characters 0.75 (0.62 to 0.88); 40 chunks of 5 works" in section
    assert "Of 4 texts that writers drew, a share of 0.75" in section
    assert "has 42 characters; unseen works have one of 25." in section
    notes = text_of(html, 'class="notes"', "</ul>")
    assert "The writer of Alder copies long strings of its training works: up to 42 characters." in notes


def test_each_set_of_images_has_its_variants_and_published_figures(html):
    section = text_of(html, '<section id="modalities"', "</section>")
    assert "Validation chooses hog 48 linear (C = 0.01)." in section
    assert "Of 30 published settings, all on 600 images, 11 have as many images right as the best one" in section
    assert "Thresholds and probabilities" not in section
    assert "features aligned" in text_of(html, '<section id="pneumonia"', "</section>")


def test_sets_with_folds_are_said_to_learn_from_validation(html):
    for name in ("pneumonia", "knee"):
        section = text_of(html, f'<section id="{name}"', "</section>")
        assert ("learns from both" in section) == (name == "knee")


def test_what_a_table_adds_to_the_image(html):
    section = text_of(html, '<section id="chest"', "</section>")
    assert "Stacking adds 0.062 (−0.031 to 0.125) to the image alone; the interval includes 0." in section
    assert "Left out: 2 images of chest that no row of the table names, or several." in html


def test_what_tables_hold_and_what_was_collected(html):
    section = text_of(html, '<section id="profile-findings"', "</section>")
    assert "40 rows of 20 units; 2 rows equal an earlier one." in section
    assert "The target is Edema; alone it is told by lab." in section
    assert "<script>alert" not in section
    assert "Published figures beside findings" in section and "missing Pleural Effusion 90,203 6 " in section
    assert "Published figures beside" not in text_of(html, '<section id="profile-survey"', "</section>")
    notes = text_of(html, 'class="notes"', "</ul>")
    assert "Whether lab of findings is missing tells Edema." in notes
    assert "Whether lab of deaths is missing tells the outcome." in notes
    assert "1 part of collected pages could not be read." in notes
    mistakes = text_of(html, '<section id="mistakes"', "</section>")
    assert "uncertain findings counted as absent" in mistakes
    pages = text_of(html, '<section id="pages"', "</section>")
    assert "9 requests" in pages and "1 page not asked for because robots.txt disallows it" in pages
