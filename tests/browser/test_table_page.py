"""The page of one table in a headless Chromium: sorting, filtering and copying cover all its rows."""

import pandas as pd
import pytest
from pages import opened_page

from radsieve.reporting import table_pages

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("table_page")
    (folder / "results/stage").mkdir(parents=True)
    names = ["all", *(f"image {number}" for number in range(1000))]
    frame = pd.DataFrame({"image": names, "share": [0.5, *(number / 1000 for number in range(1000))]})
    frame.to_csv(folder / "results/stage/long.csv", index=False)
    table_pages.write(folder / "results", ["stage"], folder / "results/report/tables")
    with opened_page(chromium, folder / "results/report/tables/stage.long.html") as opened:
        yield opened


def first_cells(page):
    return page.locator("tbody tr td:first-child").all_inner_texts()


def test_a_filter_finds_rows_beyond_those_that_are_shown(opened):
    page, complaints, _ = opened
    assert len(first_cells(page)) == 300
    page.locator("input").fill("image 987")
    assert first_cells(page) == ["image 987"]
    assert page.locator("output").inner_text() == "1 of 1,000 rows"
    page.locator("input").fill("")
    assert complaints == []


def test_sorting_covers_all_rows_and_totals_stay(opened):
    page, _, _ = opened
    share = page.locator("th button").nth(1)
    share.click()
    share.click()
    assert first_cells(page)[:2] == ["image 999", "image 998"]
    assert page.locator("tfoot td").first.inner_text() == "all"
    assert "all" not in first_cells(page)


def test_more_rows_are_shown_step_by_step(opened):
    page, _, _ = opened
    page.locator("input").fill("image")
    for shown in (600, 900, 1000):
        page.locator(".cut button").click()
        assert page.locator("tbody tr").count() == shown
    assert page.locator(".cut button").count() == 0
    page.locator("input").fill("")


def test_a_row_is_copied_with_its_headings(opened):
    page, _, _ = opened
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("input").fill("image 42")
    page.locator("tbody tr", has_text="0.042").dblclick()
    page.locator(
        "button.onward", has_text="copied 1"
    ).first.wait_for()  # a function would be evaluated, which the page forbids
    assert page.evaluate("navigator.clipboard.readText()") == "image\tshare\nimage 42\t0.042"
    page.locator("input").fill("")


def test_the_file_itself_is_one_click_away(opened):
    page, _, _ = opened
    assert page.locator("a.source").get_attribute("href") == "../../stage/long.csv"
    assert page.locator("a[download]").count() == 1
