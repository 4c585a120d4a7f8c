"""The pages of the tracks in a headless Chromium: they load nothing, complain of nothing, and their tables work."""

import pytest
from pages import opened_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def screening(chromium, track_page):
    with opened_page(chromium, track_page("screening")) as opened:
        yield opened


@pytest.fixture(scope="module")
def prefilter(chromium, track_page):
    with opened_page(chromium, track_page("prefilter")) as opened:
        yield opened


@pytest.fixture(scope="module")
def generation(chromium, track_page):
    with opened_page(chromium, track_page("generation")) as opened:
        yield opened


@pytest.fixture(params=["screening", "prefilter", "generation"])
def opened(request):
    return request.getfixturevalue(request.param)


def test_nothing_is_asked_for_but_the_page_itself(opened):
    page, complaints, requests = opened
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [page.url.partition("#")[0]]
    assert complaints == []


def test_every_picture_shows(opened):
    page, _, _ = opened
    widths = page.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) >= 20
    assert min(widths) > 0


def test_estimates_sort_by_their_value_and_not_by_their_interval(screening):
    page, _, _ = screening
    table = page.locator("#symmetry table").first
    heading = table.locator("th", has_text="bad per good after")
    models = table.locator("tbody tr td:first-child")
    heading.locator("button").click()
    assert models.all_inner_texts() == ["logistic regression", "always accept"]
    heading.locator("button").click()
    assert models.all_inner_texts() == ["always accept", "logistic regression"]
    assert heading.get_attribute("aria-sort") == "descending"


def test_rules_sort_by_their_saving(prefilter):
    page, _, _ = prefilter
    table = page.locator("#thresholds table").first
    table.locator("th", has_text="saving (and range)").locator("button").click()
    rules = table.locator("tbody tr td:first-child").all_inner_texts()
    assert rules == ["argmax(2*tpr-fpr)", "argmax(tpr-fpr)", "argmax(precision)"]


def test_a_filter_leaves_the_rows_of_one_group(prefilter):
    page, _, _ = prefilter
    decisions = page.locator("#thresholds .table", has_text="What each rule costs and gains")
    decisions.locator("input").fill("58_64f")
    assert decisions.locator("output").inner_text() == "3 of 21 rows"
    assert decisions.locator("tbody tr:visible").count() == 3


def test_links_of_the_contents_lead_somewhere(opened):
    page, _, _ = opened
    targets = page.eval_on_selector_all(".toc a, main a", "links => links.map(link => link.hash).filter(Boolean)")
    assert len(targets) > 10
    for target in set(targets):
        assert page.locator(target).count() == 1


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_numbers_and_answers_lead_to_the_tables_they_come_from(generation):
    page, _, _ = generation
    sources = page.locator("#summary .source")
    links = page.locator("#summary a:has(.source)")
    assert links.count() == sources.count() > 10
    for link in links.all():
        table = page.locator(link.get_attribute("href"))
        assert table.locator(".source").first.text_content() == link.text_content()
