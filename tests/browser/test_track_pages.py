"""The pages of the tracks in a headless Chromium: they load nothing, complain of nothing, and their tables work."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pages import opened_page, until

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


@pytest.fixture(scope="module")
def tasks(chromium, track_page):
    with opened_page(chromium, track_page("tasks")) as opened:
        yield opened


@pytest.fixture(params=["screening", "prefilter", "generation", "tasks"])
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
    assert len(widths) >= 10
    assert min(widths) > 0


def test_estimates_sort_by_their_value_and_not_by_their_interval(screening):
    page, _, _ = screening
    table = page.locator("#symmetry table", has_text="bad for each good one, after").first
    heading = table.locator("th", has_text="bad for each good one, after")
    models = table.locator("tbody tr td:first-child")
    heading.click()
    assert models.all_inner_texts() == ["logistic regression", "always accept"]
    heading.click()
    assert models.all_inner_texts() == ["always accept", "logistic regression"]
    assert heading.get_attribute("aria-sort") == "descending"


def test_rules_sort_by_their_saving(prefilter):
    page, _, _ = prefilter
    table = page.locator("#thresholds table").first
    table.locator("th", has_text="median saving (groups from, to)").click()
    rules = table.locator("tbody tr td:first-child").all_inner_texts()
    assert rules == ["argmax(2*tpr-fpr)", "argmax(2*tpr-fpr)", "argmax(tpr-fpr)", "argmax(precision)"]


def test_a_filter_leaves_the_rows_of_one_group(prefilter):
    page, _, _ = prefilter
    decisions = page.locator("#thresholds .table", has_text="What each rule costs and gains")
    decisions.locator("input").fill("58_64f")
    assert decisions.locator("output").inner_text() == "4 of 28 rows"
    assert decisions.locator("tbody tr:visible").count() == 4
    decisions.locator("input").fill("")


def test_every_link_leads_somewhere(opened):
    page, _, _ = opened
    folder = Path(unquote(urlsplit(page.url).path)).parent
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    inside = {unquote(link[1:]) for link in links if link.startswith("#")}
    files = {unquote(link.partition("#")[0]) for link in links if not link.startswith(("#", "https://"))}
    assert len(inside) > 20
    assert len(files) > 20
    ids = page.eval_on_selector_all("[id]", "elements => elements.map(element => element.id)")
    assert len(ids) == len(set(ids))
    assert inside <= set(ids)
    others = {
        f"{name}.html" for name in ("index", "curation", "screening", "prefilter", "generation", "tasks", "checklists")
    }
    # other stages write the other pages, and the documents lie in the project only
    ours = [name for name in files if not name.startswith("../../docs/") and name not in others]
    assert [name for name in ours if not (folder / name).exists()] == []


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_numbers_and_answers_lead_to_their_files_and_to_the_tables_made_from_them(generation):
    page, _, _ = generation
    chips, jumps = page.locator("#summary a.source"), page.locator("#summary a.jump")
    assert chips.count() == page.locator("#summary .source").count() > 10
    assert jumps.count() > 10
    for jump in jumps.all():
        target = page.locator(jump.get_attribute("href"))
        table = target if target.locator(".source").count() else page.locator(".table", has=target)
        chip = jump.locator("xpath=preceding-sibling::*[1]")
        assert table.locator(".source").first.text_content() == chip.text_content()


def test_the_contents_unfold_where_the_reader_is(prefilter):
    page, _, _ = prefilter
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator("#thresholds h3").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#thresholds h3').scrollIntoView()")
    page.wait_for_selector(".toc li.current a[href='#thresholds']")
    assert page.locator(".toc li ol a:visible").count() >= 3
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.locator(".toc li a:visible").count() == 0
    page.locator(".toc summary").click()
    assert page.locator(".toc li a:visible").count() > 5
    assert page.locator(".toc").bounding_box()["y"] == 0
    page.locator(".toc li a").first.click()
    page.set_viewport_size({"width": 1280, "height": 800})


def test_tabs_go_past_a_table_in_a_few_steps(prefilter):
    page, _, _ = prefilter
    table = page.locator("#thresholds .table", has_text="What each rule costs and gains")
    stops = table.evaluate(
        "table => [...table.querySelectorAll('a, button, input, [tabindex]')]"
        ".filter((each) => each.tabIndex >= 0).length"
    )
    assert stops <= 9
    first = table.locator("th button").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.parentElement.cellIndex") == 1
    still = page.eval_on_selector_all(
        ".scroll[tabindex]",
        "boxes => boxes.filter((box) => box.scrollWidth <= box.clientWidth + 1"
        " && box.scrollHeight <= box.clientHeight + 1).length",
    )
    assert still == 0


def test_pictures_open_zoom_compare_and_close(screening):
    page, complaints, _ = screening
    page.set_viewport_size({"width": 1280, "height": 800})
    opener = page.locator("button.enlarge").first
    opener.focus()
    page.keyboard.press("Enter")
    viewer = page.locator("dialog.viewer")
    image = viewer.locator("img").first
    assert viewer.is_visible()
    until(page, "document.querySelector('.viewer img').style.transform.includes('scale')")

    def zoom():
        return image.evaluate("image => image.getBoundingClientRect().width / image.naturalWidth")

    before = zoom()
    page.keyboard.press("+")
    assert zoom() == pytest.approx(1.25 * before, rel=1e-3)
    page.keyboard.press("1")
    assert zoom() == pytest.approx(1, rel=1e-3)
    left = image.bounding_box()["x"]
    page.keyboard.press("ArrowLeft")
    assert image.bounding_box()["x"] == pytest.approx(left + 60)
    assert image.evaluate("image => image.style.filter") == "none"
    viewer.get_by_role("slider", name="window").fill("0.5")
    assert "window-level" in image.evaluate("image => image.style.filter")
    viewer.get_by_label("Grey values as they are (r)").click()
    assert image.evaluate("image => image.style.filter") == "none"
    viewer.locator("select").select_option(index=1)
    until(page, "document.querySelector('.stage').dataset.mode === 'beside'")
    assert viewer.locator(".view:visible").count() == 2
    viewer.get_by_label("space bar").click()
    assert viewer.locator(".view:visible").count() == 1
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert page.evaluate("document.activeElement.className") == "enlarge"
    assert complaints == []


def test_window_and_level_map_grey_values_as_they_say(screening):
    page, _, _ = screening
    page.locator("button.enlarge").first.click()
    viewer = page.locator("dialog.viewer")
    viewer.get_by_role("slider", name="window").fill("0.5")
    viewer.get_by_role("slider", name="level").fill("0.6")
    curve = page.locator("#window-level feFuncG")
    slope, intercept = (float(curve.get_attribute(name)) for name in ("slope", "intercept"))
    assert slope * 0.35 + intercept == pytest.approx(0)  # level - window / 2 becomes black
    assert slope * 0.85 + intercept == pytest.approx(1)
    page.keyboard.press("Escape")


def test_the_dark_scheme_leaves_grey_values_alone(screening):
    page, _, _ = screening
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 31)"
    altered = page.eval_on_selector_all(
        "main img",
        """images => images.filter((image) => {
          for (let each = image; each; each = each.parentElement) {
            const style = getComputedStyle(each);
            if (style.filter !== "none" || style.opacity !== "1" || style.mixBlendMode !== "normal") return true;
          }
          return false;
        }).length""",
    )
    assert altered == 0
    page.emulate_media(color_scheme="light")


_BROKEN = """cells => cells.flatMap((cell) => {
  const found = [], texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/[^\\s\u00a0/_-]+/g)) {
    const range = document.createRange();
    range.setStart(texts.currentNode, word.index);
    range.setEnd(texts.currentNode, word.index + word[0].length);
    const lines = new Set([...range.getClientRects()].filter((each) => each.width).map((each) => Math.round(each.top)));
    if (lines.size > 1) found.push(word[0]);
  }
  return found;
})"""


def test_nothing_is_wider_than_a_sheet_of_paper_and_no_word_of_a_narrow_column_is_broken(opened):
    page, _, _ = opened
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less margins of 1 cm at 96 dots per inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert page.eval_on_selector_all("th, td.number, td.short", _BROKEN) == []
    heights = page.eval_on_selector_all("figure img", "images => images.map((image) => image.clientHeight)")
    assert max(heights) <= 0.9 * 1047  # a figure fits on a page with its caption
    frames = page.eval_on_selector_all("figure", "all => all.map((one) => getComputedStyle(one).breakInside)")
    assert set(frames) <= {"avoid"}  # no caption is parted from its figure
    breaks = page.eval_on_selector_all(".numbers li", "all => all.map((tile) => getComputedStyle(tile).breakInside)")
    assert set(breaks) == {"avoid"}  # no number is cut by the end of a page
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_figures_stay_legible_on_a_phone(screening):
    page, _, _ = screening
    page.set_viewport_size({"width": 390, "height": 800})
    shares = page.eval_on_selector_all(
        "main figure img", "images => images.map((each) => each.width / each.naturalWidth)"
    )
    assert min(shares) >= 0.7
    page.set_viewport_size({"width": 1280, "height": 800})
