"""scripts/report_tasks.py on the made-up results of tests/helpers/tasks_results.py."""

import pytest
from report_pages import answer_to, text_of


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("tasks").read_text(encoding="utf-8")


def test_the_summary_says_what_mistakes_were_worth_and_that_tables_are_simulated(html):
    said = answer_to(html, "What were the mistakes worth?")
    assert "cases of a mistake and a model the value is higher than the honest one by more than its interval," in said
    assert "most by SMOTE before the folds (diabetes, logistic): 0.938 for 0.750." in said
    assert "survey, logistic, SMOTE before the folds: 0.19 (0.06 to 0.31)" in said
    assert "Simulated: diabetes, survey and deaths." in text_of(html, '<section id="summary"', "</p>")


def test_what_asks_for_attention(html):
    notes = text_of(html, 'class="notes"', "</ul>")
    assert "calls no row of deaths positive, and yet is right in 60.0% of them" in notes
    assert "1 row of diabetes could not be used." in notes


def test_each_table_has_its_models_and_what_is_possible(html):
    section = text_of(html, '<section id="diabetes"', "</section>")
    assert "By the columns known before the visit logistic regression has a ROC-AUC of 0.75 (0.62 to 0.88)." in section
    assert "No model was found to be better (Holm)." in section
    assert "the ROC-AUC would be 0.812" in section or "the ROC-AUC would be 0.813" in section
    assert "Of 1 random split of 80 to 20" in section
    assert "Single splits" not in text_of(html, '<section id="survey"', "</section>")


def test_published_values_stand_beside_their_protocol(html):
    section = text_of(html, '<section id="mistakes"', "</section>")
    assert "0.927" in section and "MAKE 2025" in section
    assert "They are of real data, and at least some of those above are simulated" in section
