"""Pages: by script, by HTML, broken, and none at all."""

import json

import pytest

from radsieve.tasks.pages.reading import read_page

HTML = "text/html; charset=utf-8"


def script(data):
    return f'<script id="__NEXT_DATA__">{json.dumps(data)}</script>'.encode()


def awards(*nominees):
    return {"props": {"pageProps": {"year": 2020, "awards": [{"name": "Best", "nominees": list(nominees)}]}}}


def test_the_data_of_the_script_come_first():
    page = script(awards({"name": " A\n b", "caption": "C", "winner": True}, {"name": "D"})) + b"<section class=award>"
    assert read_page(page, HTML).nominees == (("2020", "Best", "A b", "C", "1"), ("2020", "Best", "D", "", ""))


@pytest.mark.parametrize(("year", "read"), [(2020, "2020"), ("2020 ", "2020"), (None, ""), (True, ""), ([2020], "")])
def test_a_year_is_a_number_or_a_text(year, read):
    found = awards({"name": "A"})
    found["props"]["pageProps"]["year"] = year
    assert read_page(script(found), HTML).nominees[0][0] == read


@pytest.mark.parametrize(
    "broken", [7, None, {}, {"name": ""}, {"name": 5}, {"name": "x" * 301}, [1], {"name": "a\ud800"}, {"name": "a\0b"}]
)
def test_a_broken_entry_is_told_by_its_place_and_the_others_stay(broken):
    found = read_page(script(awards({"name": "A"}, broken)), HTML)
    assert [one[2] for one in found.nominees] == ["A"]
    assert [fault[:2] for fault in found.faults] == [("award 1, nominee 2", "not a nominee")]


def test_without_a_script_or_with_a_broken_one_html_is_read():
    body = "<h1>2021</h1><section class='award x'><h2>Best</h2><li class='winner'><b>A</b><i>C</i><li><i>no name</i>"
    for page, faults in ((body, 1), ('<script id="__NEXT_DATA__">{"props": [}</script>' + body, 2)):
        found = read_page(page.encode(), HTML)
        assert found.nominees == (("2021", "Best", "A", "C", "1"),)
        assert len(found.faults) == faults


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"\x89PNG", "image/png", "not a page"),
        (b"{}", "application/json", "not a page"),
        (b"\xff\xfe", HTML, "not encoded as UTF-8"),
        (b"<p>nothing</p>", HTML, "neither awards nor links"),
        (script({"props": []}), HTML, "not the data of awards"),
        (script({"props": {"pageProps": []}}), HTML, "not the data of awards"),
        (script({"props": {"pageProps": None}}), HTML, "not the data of awards"),
        (b"<div>" * 400_000, HTML, "nested too deeply"),
        (b"<p " + b" ".join(b"x%d" % number for number in range(250_000)) + b">", HTML, "nested too deeply"),
        (b'<script id="__NEXT_DATA__">' + b"[" * 100_000 + b"</script>", HTML, "not the data of awards"),
    ],
)
def test_what_is_no_page_of_awards(body, kind, reason):
    found = read_page(body, kind)
    assert not found.nominees and [one[1] for one in found.faults] == [reason]


def test_long_pages_that_are_not_deep_are_read():
    """Scripts, elements that end by themselves, and data in an attribute."""
    rows = (
        "<ul>" + "<li>x<wbr>y" * 5000 + "</ul>" + "<svg><path d='M0 0'/></svg>" * 2000 + f"<img src='{'a b ' * 5000}'>"
    )
    page = f"<script>{'i<n;' * 5000}</script>{rows}<a href='/next'>y</a>"
    found = read_page(page.encode(), HTML)
    assert (found.links, found.faults) == (("/next",), ())
