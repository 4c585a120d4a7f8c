"""The page on screening in a headless Chromium: it loads nothing, complains of nothing, and its tables work."""

import pytest
from pages import opened_page
from screening_results import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(chromium, screening_results, run_stage):
    """The page, and what the browser asked for and complained of while it loaded."""
    out = screening_results / "browser" / "screening.html"
    options = {"results": "results", "published": ROOT / "data/published", "tables": out.parent / "tables", "out": out}
    done = run_stage("report_screening", screening_results, **options)
    assert done.returncode == 0, done.stderr
    with opened_page(chromium, out) as opened:
        yield opened


def test_nothing_is_asked_for_but_the_page_itself(opened, screening_results):
    _, complaints, requests = opened
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [(screening_results / "browser/screening.html").as_uri()]
    assert complaints == []


def test_every_picture_shows(opened):
    page, _, _ = opened
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) > 20
    assert min(widths) > 0


def test_estimates_sort_by_their_value_and_not_by_their_interval(opened):
    page, _, _ = opened
    table = page.locator("#symmetry table").first
    heading = table.locator("th", has_text="bad per good after")
    models = table.locator("tbody tr td:first-child")
    heading.locator("button").click()
    assert models.all_inner_texts() == ["logistic regression", "always accept"]
    heading.locator("button").click()
    assert models.all_inner_texts() == ["always accept", "logistic regression"]
    assert heading.get_attribute("aria-sort") == "descending"


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
