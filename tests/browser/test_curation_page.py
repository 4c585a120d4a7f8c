"""The page on curation in a headless Chromium: it loads nothing, complains of nothing, and its tables work."""

import pytest
from pages import opened_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(chromium, curation_results, run_stage):
    """The page, and what the browser asked for and complained of while it loaded."""
    out = curation_results / "browser" / "curation.html"
    options = {"results": "results", "published": "published", "tables": out.parent / "tables", "out": out}
    done = run_stage("report_curation", curation_results, **options)
    assert done.returncode == 0, done.stderr
    with opened_page(chromium, out) as opened:
        yield opened


def test_nothing_is_asked_for_but_the_page_itself(opened, curation_results):
    _, complaints, requests = opened
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [(curation_results / "browser/curation.html").as_uri()]
    assert complaints == []


def test_every_picture_shows(opened):
    page, _, _ = opened
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) >= 5
    assert min(widths) > 0


def column(page, table, number):
    return table.locator(f"tbody tr td:nth-child({number})").all_inner_texts()


def test_a_click_sorts_and_a_second_one_turns_the_order_round(opened):
    page, _, _ = opened
    table = page.locator("#left-out table").first
    button = table.locator("th button").nth(1)
    button.click()
    assert column(page, table, 2) == ["1", "1", "2"]
    assert table.locator("th").nth(1).get_attribute("aria-sort") == "ascending"
    button.focus()
    page.keyboard.press("Enter")
    assert column(page, table, 2) == ["2", "1", "1"]


def test_numbers_sort_as_numbers_with_missing_ones_last(opened):
    page, _, _ = opened
    table = page.locator("#leakage table").first
    for _ in range(2):
        table.locator("th button").nth(2).click()
        texts = column(page, table, 3)
        numbers = [float(text) for text in texts if text != "–"]
        assert texts[len(numbers) :] == ["–"] * (len(texts) - len(numbers))
        assert numbers == sorted(numbers, reverse=_ == 1)


def test_a_filter_hides_other_rows(opened):
    page, _, _ = opened
    section = page.locator("#left-out .table", has=page.locator("input")).first
    section.locator("input").fill("broken")
    assert section.locator("tbody tr:visible").count() == 1
    assert section.locator("output").inner_text() == "1 of 4 rows"


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
