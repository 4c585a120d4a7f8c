"""The review page in a headless Chromium, from a key that is pressed to a data set that has changed."""

import csv

import pandas as pd
import pytest
import review
from pages import opened_page, until

from radsieve import tables
from radsieve.curation.review.answers import read_answers
from radsieve.curation.tables import CHANGED_GRADES, EXCLUSIONS, FAULTY_IMAGES, NORMALIZED_DATA, REVIEWED

pytestmark = pytest.mark.browser
HOSTILE = '\'=HYPERLINK("http://x";"y"), "quoted" ‮ Ж'
PARAMS = {"source": {"graders": ["A", "B"], "grades": list(review.GRADES)}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, run_stage, set_params):
    """A folder with the page on four cases: left and right, high and low, twice, open."""
    folder = tmp_path_factory.mktemp("review")
    review.write_images(folder)
    set_params(folder, **PARAMS)
    done = run_stage("make_review", folder, **review.OPTIONS)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def opened(chromium, folder):
    """The page, and what the browser asked for and complained of."""
    with opened_page(chromium, folder / "results/make_review/review.html") as opened:
        yield opened


def begin(page, reader="Ада Ł."):
    page.locator("#reader").fill(reader)
    page.keyboard.press("Enter")
    shown(page)


def shown(page):
    """The pictures of the case that is shown, once they are painted."""
    until(page, "document.getElementById('views').dataset.shown === cases[here].case")


def stored(page, path):
    page.locator("#finish").click()
    with page.expect_download() as download:
        page.locator("#store").click()
    download.value.save_as(path)
    return download.value.suggested_filename


def test_from_the_keyboard_to_a_changed_data_set(opened, folder, run_stage, set_params, normalize_options, tmp_path):
    page, complaints, requests = opened
    begin(page)
    page.keyboard.press("d")  # left and right: different pictures
    shown(page)
    page.keyboard.press("r")
    page.keyboard.type("sdx01")  # letters of a reason are no answers
    page.locator("#reason").fill(HOSTILE)
    page.keyboard.press("Enter")
    page.keyboard.press("s")  # high and low: the same
    shown(page)
    page.keyboard.press("x")  # twice: leave out
    shown(page)
    page.keyboard.press("1")  # open: 1Doubtful, which nobody had said
    assert page.locator("#done").is_visible()
    assert page.locator("#count").inner_text() == "4 of 4 cases are answered."
    with page.expect_download() as download:
        page.locator("#store").press("Enter")
    download.value.save_as(tmp_path / "answers/ada.csv")
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [page.url]

    with (tmp_path / "answers/ada.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["answer"] for row in rows] == ["different", "same", "leave out", "1Doubtful"]
    assert rows[1]["reason"] == f"'{HOSTILE}", "guarded against spreadsheets"
    found = read_answers(tmp_path / "answers", review.GRADES)
    assert found["reason"].tolist()[1] == HOSTILE
    assert set(found["reader"]) == {"Ада Ł."}

    set_params(
        tmp_path, **PARAMS, normalize_labels={"reviewed": "answers", "duplicates": ["near"], "leakage_permutations": 20}
    )
    (tmp_path / "results").symlink_to(folder / "results")
    tables.write(
        FAULTY_IMAGES, pd.DataFrame(columns=list(FAULTY_IMAGES.columns)), folder / "results/audit_images/faulty.csv"
    )
    done = run_stage("normalize_labels", tmp_path, **normalize_options | {"out": "out"})
    assert done.returncode == 0, done.stderr
    assert "review: 4 answers of 1 reader, cases: 4 decided" in done.stderr
    kept = tables.read(NORMALIZED_DATA, tmp_path / "out/normalized_data.csv")
    grades = kept.assign(name=kept["relative_path"].str.split("/").str[-1]).groupby("name")["severity"].agg(set)
    assert grades.to_dict() == {
        "open.png": {1}, "left.png": {1}, "right.png": {2}, "clear.png": {2}, "high.png": {0},
    }  # fmt: skip
    left = tables.read(EXCLUSIONS, tmp_path / "out/exclusions.csv")
    assert sorted(left["rule"]) == ["duplicate (near)"] * 2 + ["reviewed"] * 3
    assert "left out by Ада Ł." in left.loc[left["rule"] == "reviewed", "evidence"].iloc[0]
    changed = tables.read(CHANGED_GRADES, tmp_path / "out/changed_grades.csv")
    assert changed[["given", "agreed"]].to_numpy().tolist() == [[0, 1], [2, 1]]
    assert changed["evidence"].tolist() == ["1Doubtful by Ада Ł.; experts: A: 0Normal; B: 2Mild"] * 2
    answers = tables.read(REVIEWED, tmp_path / "out/reviewed.csv")
    assert set(answers["state"]) == {"decided"}
    assert "time" not in answers


def test_answers_stay_in_the_browser_and_are_read_elsewhere(opened, chromium, folder, tmp_path):
    page, _, _ = opened
    begin(page, "Bo")
    page.keyboard.press("2")
    page.reload()
    begin(page, "Cy")
    assert page.locator("#place").inner_text() == "Case 1 of 4, 0 answered"
    page.reload()
    begin(page, "Bo")
    assert page.locator("#place").inner_text() == "Case 2 of 4, 1 answered"
    page.keyboard.press("ArrowLeft")
    shown(page)
    pressed = page.locator("#answers button[aria-pressed=true]")
    assert pressed.inner_text().endswith("2Mild")
    page.keyboard.press("r")
    page.keyboard.type("later")
    page.locator("#reason").evaluate("one => { one.value += ' \u2028 on'; reasoned(); }")  # as pasted
    assert stored(page, tmp_path / "bo.csv").startswith("review_Bo_p")
    table = (tmp_path / "bo.csv").read_text(encoding="utf-8-sig").replace(",", ";")
    assert ';"later \u2028 on";' in table, "some readers of tables take the sign for the end of a row"
    (tmp_path / "bo.csv").write_text(table, encoding="utf-8-sig", newline="")  # as spreadsheets of some countries do
    context = chromium.new_context()
    other = context.new_page()
    other.goto(page.url)
    other.locator("#reader").fill("Bo")
    other.locator("#load").set_input_files(tmp_path / "bo.csv")
    until(other, "document.getElementById('loaded').textContent.includes('1 answers of Bo')")
    other.keyboard.press("Tab")
    other.locator("#begin button").click()
    shown(other)
    assert other.locator("#place").inner_text() == "Case 2 of 4, 1 answered"
    other.keyboard.press("p")
    assert other.locator("#reason").input_value() == "later \u2028 on"
    other.keyboard.press("Backspace")
    assert other.locator("#place").inner_text() == "Case 1 of 4, 0 answered"
    context.close()


def painted(page, number=0):
    """The red channel of what is on the canvas."""
    whole = "getImageData(0, 0, views[n].canvas.width, views[n].canvas.height)"
    return page.evaluate(f"n => [...views[n].canvas.getContext('2d').{whole}.data]", number)[::4]


def test_what_is_seen_changes_and_the_image_does_not(opened, folder):
    page, _, _ = opened
    begin(page, "Di")
    names = {one: name for name, one in review.digests().items()}
    first, second = (names[one] for one in page.evaluate("cases[here].pictures"))
    assert painted(page) == review.pixels(first).ravel().tolist()
    assert painted(page, 1) == review.pixels(second).ravel().tolist()
    page.locator("#window").fill("50")
    assert painted(page) != review.pixels(first).ravel().tolist()
    page.keyboard.press("w")
    assert painted(page) == review.pixels(first).ravel().tolist()
    before = page.evaluate("views[0].canvas.style.transform")
    page.locator("#views .view").first.click()
    assert page.evaluate("zoom.factor") == 2
    assert page.evaluate("views[0].canvas.style.transform") != before
    page.keyboard.press("z")
    assert "at 100%" in page.locator("figcaption").first.inner_text()
    page.keyboard.press("m")
    assert "mirrored" in page.locator("figcaption").nth(1).inner_text()
    page.keyboard.press("f")
    assert page.locator("#views figure:visible").count() == 1
    page.keyboard.press("f")
    assert page.locator("#views figure:visible").count() == 2


def test_sixteen_bits_come_whole(opened):
    page, _, _ = opened
    begin(page, "Ed")
    page.keyboard.press("n")
    shown(page)
    names = {one: name for name, one in review.digests().items()}
    number = [names[one] for one in page.evaluate("cases[here].pictures")].index("low")
    values = page.evaluate("n => [...views[n].picture.values]", number)
    assert values == review.pixels("low").ravel().tolist()
    assert "16 bits" in page.locator("figcaption").nth(number).inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_scheme_alters_an_image(opened, scheme):
    page, _, _ = opened
    page.emulate_media(color_scheme=scheme)
    begin(page, "Fi")
    styles = page.locator("#views, #views *").evaluate_all("all => all.map((one) => getComputedStyle(one).filter)")
    assert set(styles) == {"none"}


def test_nothing_is_wider_than_a_narrow_window(opened):
    page, _, _ = opened
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    begin(page, "Gé")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
