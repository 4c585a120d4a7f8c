"""scripts/report_index.py on pages of made-up results: links lead somewhere, and what was not run is not claimed."""

import re
import shutil
from pathlib import Path

import pytest
from report_pages import options

from radsieve.reporting.study import checklists, index
from radsieve.reporting.study.page_cards import PAGES, read_cards

pytestmark = pytest.mark.slow

OPTIONS = {
    "report": "results/report",
    "checklists": "results/report/checklists.html",
    "out": "results/report/index.html",
}
OWN = {"index", "checklists"}


@pytest.fixture(scope="module")
def pages(curation_results, run_stage, track_page):
    """The pages of all tracks by name."""
    done = run_stage("report_curation", curation_results, **options("curation"))
    assert done.returncode == 0, done.stderr
    found = {track: track_page(track) for track in PAGES if track != "curation"}
    return {"curation": curation_results / options("curation")["out"]} | found


@pytest.fixture(scope="module")
def report(pages, set_params, run_stage, tmp_path_factory):
    """Writes the index of some of the pages into a new folder, and returns that of the report."""

    def write(*tracks: str) -> Path:
        folder = tmp_path_factory.mktemp("index")
        (folder / "results/report").mkdir(parents=True)
        for track in tracks:
            for end in (".html", ".json"):
                shutil.copy(pages[track].with_suffix(end), folder / "results/report")
        set_params(folder)
        done = run_stage("report_index", folder, **OPTIONS)
        assert done.returncode == 0, done.stderr
        return folder / "results/report"

    return write


@pytest.fixture(scope="module")
def whole(report):
    return report(*PAGES)


def ids(html):
    return set(re.findall(r'\bid="([^"]+)"', html))


def test_every_link_between_the_pages_leads_to_a_place_that_is_there(whole):
    html = {path.stem: path.read_text(encoding="utf-8") for path in whole.glob("*.html")}
    assert set(html) == set(PAGES) | OWN
    anchors = {name: ids(text) for name, text in html.items()}
    for name, text in html.items():
        links = re.findall(r'href="([a-z]*)(?:\.html)?(?:#([^"]+))?"', text)
        assert {page for page, _ in links if page} | {name} >= set(PAGES) | OWN, "every page leads to every other"
        for page, anchor in links:
            assert not anchor or anchor in anchors[page or name], f"{name}: {page}#{anchor}"


def test_the_index_has_a_few_numbers_of_each_track_with_intervals(whole):
    html = (whole / "index.html").read_text(encoding="utf-8")
    cards = read_cards(whole)
    for track, card in cards.items():
        assert f'<a href="{track}.html">' in html
        assert 1 <= len(card.numbers) <= 4
    assert sum(" to " in label for card in cards.values() for _, label in card.numbers) >= 8
    assert "Not in this run" not in html


def test_the_index_says_what_is_simulated_and_what_its_terms_mean(whole, params):
    html = (whole / "index.html").read_text(encoding="utf-8")
    assert "Everything in this run is simulated" in html
    assert index.terms(["Dice of the lungs"]) == [
        ("Dice", "Overlap of the outline found with the true one, from 0 to 1.")
    ]
    assert "<dt>ROC-AUC</dt>" in html and "Terms in these numbers" in html
    sets = params.pack_images.model_copy(
        update={"skin": params.pack_images.skin.model_copy(update={"images": "$DATA/skin"})}
    )
    said = index._simulated(params.model_copy(update={"pack_images": sets}))
    assert said.startswith("Simulated in this run: the graded images, the images of the sets chest, breast")
    assert "skin" not in said


def test_a_track_that_was_not_run_is_said_to_be_missing(report):
    folder = report("curation")
    html, lists = ((folder / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "checklists"))
    assert "1 of 5 tracks" in html
    assert html.count("Not in this run") == 4
    assert "snakemake --cores all prefilter" in html
    assert 'href="screening.html#' not in lists
    assert "not in this run" in lists


def test_the_same_pages_give_the_same_bytes(report, whole):
    again = report(*PAGES)
    for name in OWN:
        assert (again / f"{name}.html").read_bytes() == (whole / f"{name}.html").read_bytes()


def test_the_counts_above_a_checklist_are_those_of_its_rows(whole):
    html = (whole / "checklists.html").read_text(encoding="utf-8")
    for name in checklists.NAMES:
        part = re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)[0]
        states = re.findall(r'<span class="mark [a-z]*">([^<]*)</span>', part)
        head = " ".join(re.search(r"<p>(\d+ items; .*?)\.", part, re.DOTALL)[1].split())
        told = {state: int(count) for state, count in re.findall(r"([a-z ]*[a-z]): (\d+)", head)}
        assert {state.strip(): count for state, count in told.items()} == {
            one: states.count(one) for one in set(states)
        }
        assert head.startswith(f"{len(states)} items; ")


def test_what_no_page_says_is_never_answered(whole, params):
    about = params.about
    said = dict.fromkeys(type(about.study).model_fields, "Said.")
    told = params.model_copy(update={"about": about.model_copy(update={"study": about.study.model_copy(update=said)})})
    for name, numbers in (("claim", "3 5 15 37 41"), ("tripod_ai", "3c 27c")):
        items = {one.item.number: one for one in answered(name, whole, told)}
        assert {items[number].state for number in numbers.split()} == {checklists.State.YOURS}
    (software,) = (one for one in answered("claim", whole, params) if one.item.number == "43")
    assert (software.state, software.to_fill) == (checklists.State.YOURS, ("about.study.availability",))


def test_what_is_stated_of_some_data_alone_is_answered_in_part(whole, params):
    sets = params.pack_images.model_copy(
        update={"skin": params.pack_images.skin.model_copy(update={"images": "$DATA/skin"})}
    )
    (found,) = (
        one
        for one in answered("claim", whole, params.model_copy(update={"pack_images": sets}))
        if one.item.number == "13"
    )
    assert (found.state, found.to_fill) == (checklists.State.PARTLY, ("about.lesions.acquisition",))
    assert found.links


def answered(name, folder, params):
    return checklists.answered(checklists.checklist(name).items, read_cards(folder), params)


def test_every_place_that_a_checklist_names_is_on_a_page(whole):
    cards = read_cards(whole)
    for name in checklists.NAMES:
        for item in checklists.checklist(name).items:
            for page, anchor in item.pages:
                assert anchor in cards[page].sections, f"{name} {item.number}: {page}#{anchor}"


def test_what_is_not_stated_is_for_the_authors_to_answer(whole, params):
    funding = checklists.checklist("claim").items[43]
    (found,) = checklists.answered([funding], read_cards(whole), params)
    assert (found.state, found.to_fill) == (checklists.State.YOURS, ("about.study.funding",))
    html = (whole / "checklists.html").read_text(encoding="utf-8")
    row = re.search(r'<tr id="claim-44">.*?</tr>', html, re.DOTALL)[0]
    assert "yours to answer" in row and "about.study.funding" in row
    about = params.about.model_copy(update={"study": params.about.study.model_copy(update={"funding": "None."})})
    (stated,) = checklists.answered([funding], read_cards(whole), params.model_copy(update={"about": about}))
    assert (stated.state, stated.to_fill) == (checklists.State.ANSWERED, ())


@pytest.mark.parametrize(("name", "items"), [("claim", 44), ("tripod_ai", 52), ("metric", 15)])
def test_a_checklist_is_complete(name, items):
    numbers = [item.number for item in checklists.checklist(name).items]
    assert len(numbers) == len(set(numbers)) == items
    assert all(
        key.partition(".")[2] in checklists.LABELS for item in checklists.checklist(name).items for key in item.about
    )


@pytest.fixture(scope="module")
def params():
    import defaults

    from radsieve import settings_file
    from radsieve.params import Params

    return settings_file.check(defaults.content(), Params, Path("params.yaml"))
