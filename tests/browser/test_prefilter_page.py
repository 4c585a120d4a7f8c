"""The page on the prefilter in a headless Chromium: it loads nothing, complains of nothing, and its tables work."""

import pytest
from pages import opened_page
from prefilter_results import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(chromium, prefilter_results, run_stage):
    """The page, and what the browser asked for and complained of while it loaded."""
    out = prefilter_results / "browser" / "prefilter.html"
    options = {"results": "results", "published": ROOT / "data/published", "tables": out.parent / "tables", "out": out}
    done = run_stage("report_prefilter", prefilter_results, **options)
    assert done.returncode == 0, done.stderr
    with opened_page(chromium, out) as opened:
        yield opened


def test_nothing_is_asked_for_but_the_page_itself(opened, prefilter_results):
    _, complaints, requests = opened
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [(prefilter_results / "browser/prefilter.html").as_uri()]
    assert complaints == []


def test_every_picture_shows(opened):
    page, _, _ = opened
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) > 20
    assert min(widths) > 0


def test_rules_sort_by_their_saving(opened):
    page, _, _ = opened
    table = page.locator("#thresholds table").first
    table.locator("th", has_text="saving").locator("button").click()
    rules = table.locator("tbody tr td:first-child").all_inner_texts()
    assert rules == ["argmax(2*tpr-fpr)", "argmax(tpr-fpr)", "argmax(precision)"]


def test_a_filter_leaves_the_rows_of_one_group(opened):
    page, _, _ = opened
    decisions = page.locator("#thresholds .table", has_text="What each rule costs and gains")
    decisions.locator("input").fill("58_64f")
    assert decisions.locator("output").inner_text() == "3 of 21 rows"
    assert decisions.locator("tbody tr:visible").count() == 3


def test_links_of_the_contents_lead_somewhere(opened):
    page, _, _ = opened
    targets = page.eval_on_selector_all(".toc a, main a", "links => links.map(link => link.hash)")
    assert len(targets) > 10
    for target in set(targets):
        assert page.locator(target).count() == 1


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
