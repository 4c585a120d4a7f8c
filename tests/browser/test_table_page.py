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


@pytest.fixture(scope="module")
def below_zero(chromium, tmp_path_factory):
    """A table of 400 rows, most of which wait for the script: numbers, and texts with numbers in them, below zero."""
    folder = tmp_path_factory.mktemp("below_zero")
    (folder / "results/stage").mkdir(parents=True)
    numbers = [(number * 7) % 400 - 200 for number in range(400)]
    texts = [f"{number} mm" for number in numbers]
    frame = pd.DataFrame({"-1": [number / 8 for number in numbers], "text": texts, "wide": [n * 1000 for n in numbers]})
    frame.to_csv(folder / "results/stage/long.csv", index=False)
    table_pages.write(folder / "results", ["stage"], folder / "results/report/tables")
    with opened_page(chromium, folder / "results/report/tables/stage.long.html") as opened:
        yield opened


def cells(page, row):
    return page.locator("tbody tr").nth(row).locator("td").all_inner_texts()


def test_numbers_below_zero_are_shown_and_sorted_alike_in_all_rows(below_zero):
    page, complaints, _ = below_zero
    buttons = page.locator("th button")
    for column in (0, 2):
        buttons.nth(column).click()
        assert cells(page, 0) == ["−25", "−200 mm", "−200,000"]
        assert cells(page, 199) == ["−0.125", "−1 mm", "−1,000"]
        assert cells(page, 201) == ["0.125", "1 mm", "1,000"]
    buttons.nth(1).click()
    signs = [text[0] == "−" for text in page.locator("tbody tr td:nth-child(2)").all_inner_texts()]
    assert signs in ([True] * 200 + [False] * 100, [False] * 200 + [True] * 100)
    assert complaints == []


def test_numbers_below_zero_are_found_by_either_sign_and_copied_with_a_hyphen(below_zero):
    page, _, _ = below_zero
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for wanted in ("-199 mm", "−199 mm"):
        page.locator("input").fill(wanted)
        assert page.locator("output").inner_text() == "1 of 400 rows"
    page.locator("tbody tr").dblclick()
    page.locator("button.onward", has_text="copied 1").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "-1\ttext\twide\n-24.9\t-199 mm\t-199,000"
    page.locator("input").fill("")


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
