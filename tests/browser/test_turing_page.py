"""The page of the visual Turing test in a headless Chromium: read by keyboard, from the first image to the table."""

import pytest
from pages import opened_page
from turing import OPTIONS, SMALL, write_images

from radsieve import tables
from radsieve.generation.tables import TURING_ANSWERS, TURING_KEY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory, run_stage, set_params):
    """A folder with the page and the key of 4 real and 4 synthetic images."""
    folder = tmp_path_factory.mktemp("turing")
    write_images(folder)
    set_params(folder, make_turing_test=SMALL)
    done = run_stage("make_turing_test", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def opened(chromium, folder):
    """The page, and what the browser asked for and complained of."""
    with opened_page(chromium, folder / OPTIONS["out"] / "turing_test.html") as opened:
        yield opened


def begin(page, reader="Ada L."):
    page.locator("#reader").fill(reader)
    page.keyboard.press("Enter")


def place(page):
    """What is shown of the place, and the one image that is seen."""
    seen = page.locator("#images img:visible")
    assert seen.count() == 1
    return page.locator("#place").inner_text(), seen.get_attribute("alt")


def test_nothing_is_asked_for_but_the_page_itself(opened, folder):
    page, complaints, requests = opened
    begin(page)
    assert page.locator("#images img:visible").evaluate("image => image.naturalWidth") == 32
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [(folder / OPTIONS["out"] / "turing_test.html").as_uri()]
    assert complaints == []


def test_a_reading_by_keyboard(opened, folder, tmp_path):
    page, complaints, _ = opened
    begin(page)
    assert place(page) == ("Image 1 of 8", "Image 1 of 8")
    for number, pressed in enumerate(["r", "s", "ArrowLeft", "ArrowRight", "R", "s"], start=2):
        page.keyboard.press(pressed)
        assert place(page) == (f"Image {number} of 8", f"Image {number} of 8")
        assert page.locator("#progress").evaluate("bar => bar.value") == number - 1
    page.keyboard.press("Backspace")
    page.keyboard.press("u")
    assert place(page)[0] == "Image 5 of 8"
    for pressed in "ssrr":
        page.keyboard.press(pressed)
    assert page.locator("#done").is_visible()
    assert page.locator("#thanks").evaluate("heading => heading === document.activeElement")
    with page.expect_download() as download:
        page.locator("#store").press("Enter")
    key = tables.read(TURING_KEY, folder / OPTIONS["out"] / "key.csv")
    test = key["test"].iloc[0]
    assert download.value.suggested_filename == f"turing_test_{test}_Ada_L..csv"
    download.value.save_as(tmp_path / "answers.csv")
    answers = tables.read(TURING_ANSWERS, tmp_path / "answers.csv")
    assert answers["place"].tolist() == list(range(1, 9))
    assert "".join(answer[0] for answer in answers["answer"]) == "rsrsssrr"
    assert set(answers["reader"]) == {"Ada L."}
    assert set(answers["test"]) == {test}
    assert "Stored as turing_test" in page.locator("#stored").inner_text()
    assert complaints == []


def test_the_table_of_a_reader_is_scored(opened, folder, run_stage, set_params, tmp_path):
    page, _, _ = opened
    begin(page, "Zoë")
    key = tables.read(TURING_KEY, folder / OPTIONS["out"] / "key.csv")
    for kind in key["kind"]:
        page.locator(f"#{kind}").click()
    with page.expect_download() as download:
        page.locator("#store").click()
    download.value.save_as(tmp_path / "answers" / download.value.suggested_filename)
    set_params(tmp_path, score_turing_test={"answers": "answers", "bootstrap": 100})
    (tmp_path / "published").mkdir()
    (tmp_path / "published/generation_figures.csv").write_text("quantity,value\nsynthetic_taken_for_real,0.47\n")
    options = {"key": folder / OPTIONS["out"] / "key.csv", "published": "published", "out": "out"}
    done = run_stage("score_turing_test", tmp_path, **options)
    assert done.returncode == 0, done.stderr
    assert "1 reader, 8 answers: 0% of the synthetic images taken for real" in done.stderr


def test_back_from_the_end(opened):
    page, _, _ = opened
    begin(page)
    for _ in range(8):
        page.keyboard.press("r")
    page.locator("#back").click()
    assert place(page)[0] == "Image 8 of 8"
    page.keyboard.press("s")
    assert page.locator("#done").is_visible()
    page.keyboard.press("s")
    assert page.evaluate("answers.length") == 8


def test_no_answer_is_given_by_chance(opened):
    """Keys mean nothing before the start, as shortcuts of the browser, or while they are held down."""
    page, _, _ = opened
    page.locator("#reader").press_sequentially("rsu")
    assert page.locator("#reader").input_value() == "rsu"
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    page.evaluate('document.dispatchEvent(new KeyboardEvent("keydown", {key: "r", repeat: true}))')
    page.keyboard.press("u")
    assert place(page)[0] == "Image 1 of 8"
    assert page.locator("#undo").is_disabled()


@pytest.mark.parametrize("name", ["", "   ", "=1+1", "a,b", '"x'])
def test_a_name_that_a_table_cannot_hold(opened, name):
    page, _, _ = opened
    begin(page, name)
    assert page.locator("#start").is_visible()
    assert page.locator("#trial").is_hidden()


def test_everything_is_reached_with_the_tabulator(opened):
    page, _, _ = opened
    begin(page)
    page.keyboard.press("r")
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["real", "synthetic", "undo"]
    page.keyboard.press("Enter")
    assert place(page)[0] == "Image 1 of 8"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_show_the_same_image(opened, scheme):
    page, _, _ = opened
    page.emulate_media(color_scheme=scheme)
    begin(page)
    light = page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") > 128
    assert light == (scheme == "light")
    assert page.locator("#images img:visible").evaluate("image => getComputedStyle(image).filter") == "none"


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    begin(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
