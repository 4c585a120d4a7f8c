"""Addresses of headings, tables and figures, the contents, and links from what is shown to its files."""

import json
import re

import pandas as pd
import pytest

from radsieve.reporting import page
from radsieve.reporting.linking import linked
from radsieve.reporting.places import Places, slug, table_page_name
from radsieve.reporting.rows import encoded

MACROS = page._environment("radsieve.reporting").get_template("macros.html").module


def shown_table(title, source, frame=None):
    frame = pd.DataFrame({"name": ["a", "b"], "share": [0.25, 0.5]}) if frame is None else frame
    return str(MACROS.table(page.table(frame, title, source)))  # type: ignore[attr-defined]


def cards(*numbers):
    return str(MACROS.numbers(numbers))  # type: ignore[attr-defined]


def section(anchor, heading, *parts):
    return f'<section id="{anchor}" aria-labelledby="{anchor}-heading">\n<h2>{heading}</h2>{"".join(parts)}</section>'


def ids(html):
    return re.findall(r' id="([^"]*)"', html)


def test_addresses_come_from_titles_and_are_those_of_one_thing_only():
    html = linked(
        section("first", "First", "<h3>Curves</h3>", shown_table("Scores", "a/x.csv"), shown_table("Scores", "b/x.csv"))
        + section(
            "second", "Second", "<h3>Curves</h3>", shown_table("Scores", "b/x.csv"), shown_table("First", "c.csv")
        )
    )
    assert len(set(ids(html))) == len(ids(html))
    assert {"curves-first", "curves-second", "scores-a-x", "scores-b-x", "first-c"} <= set(ids(html))


def test_an_address_does_not_change_with_what_stands_before():
    alone = linked(section("s", "S", shown_table("Skill of graders", "a.csv")))
    after = linked(section("s", "S", shown_table("Other", "b.csv"), shown_table("Skill of graders", "a.csv")))
    assert "skill-of-graders" in ids(alone) and "skill-of-graders" in ids(after)


def test_the_contents_have_headings_tables_and_figures():
    html = linked(
        "<!--outline:s-->" + section("s", "S", shown_table("T1", "a.csv"), "<h3>H</h3>", shown_table("T2", "b"))
    )
    contents = html.partition("<section")[0]
    below = '<li><a href="#h">H</a><ol>\n<li><a href="#t2">T2</a></li>\n</ol></li>'
    assert contents == f'<ol><li><a href="#t1">T1</a></li>\n{below}</ol>'


@pytest.fixture
def places(tmp_path):
    results, tables = tmp_path / "results", tmp_path / "results/report/x_tables"
    for path in (results / "stage/in one/a b.csv", tmp_path / "published/p.csv", tables / "stage.in one-a b.html"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return Places(results / "report/x.html", results, tmp_path / "published", tables)


def test_files_are_linked_from_where_the_page_lies(places):
    assert places.file("stage/in one/a b.csv") == "../stage/in%20one/a%20b.csv"
    assert places.file("published/p.csv") == "../../published/p.csv"
    assert places.file("stage/<set>/a.csv") == "../stage/"
    assert places.file("installed packages") == places.file("stage/missing.csv") == places.file("<stage>/a.csv") == ""
    assert places.table_page("stage/in one/a b.csv") == "x_tables/stage.in%20one-a%20b.html"
    assert places.table_page("published/p.csv") == ""


def test_nothing_outside_of_the_project_is_linked(places, tmp_path):
    (tmp_path / "results/stage/up").symlink_to(tmp_path.parent)
    outside = tmp_path.parent / f"{tmp_path.name}.csv"
    outside.touch()
    (tmp_path / "results/stage/pointed.csv").symlink_to(outside)
    assert (tmp_path / "results" / f"stage/../../../{outside.name}").is_file()
    for name in (f"stage/../../../{outside.name}", "stage/pointed.csv", f"stage/up/{outside.name}", "stage/up/<set>/a"):
        assert places.file(name) == "", name
    assert places.file("stage/../stage/in one/a b.csv") == "../stage/in%20one/a%20b.csv"


def test_results_on_another_disk_are_linked(tmp_path):
    disk = tmp_path / "disk"
    (disk / "stage").mkdir(parents=True)
    (disk / "stage/a.csv").touch()
    (tmp_path / "project").mkdir()
    results = tmp_path / "project/results"
    results.symlink_to(disk)
    assert Places(results / "report/x.html", results).file("stage/a.csv") == "../stage/a.csv"


def test_the_table_of_a_file_leads_to_it_and_to_its_page(places):
    html = linked(section("s", "S", shown_table("T", "stage/in one/a b.csv")), places)
    assert re.findall('href="([^"#]+)"', html) == [
        "../stage/in%20one/a%20b.csv",
        "x_tables/stage.in%20one-a%20b.html",
        "../stage/in%20one/a%20b.csv",
    ]


def test_a_name_of_two_files_is_two_links(places):
    html = linked(cards(page.Number("1", "x", "stage/in one/a b.csv + published/p.csv")), places)
    assert re.findall('href="([^"#]+)"', html) == ["../stage/in%20one/a%20b.csv", "../../published/p.csv"]


def test_a_number_leads_to_the_row_that_shows_it():
    frame = pd.DataFrame({"group": ["men", "women"], "v": [0.51, 0.73], "lower": [0.4, 0.6], "upper": [0.62, 0.86]})
    shown = pd.DataFrame({"group": frame["group"], "share": page.estimates(frame, "v")})
    html = linked(
        section(
            "s",
            "S",
            cards(
                page.estimated(page.ShownEstimate(0.73, 0.6, 0.86), "found", "f.csv"), page.Number("9", "rows", "f.csv")
            ),
            shown_table("Found", "f.csv", shown),
        )
    )
    assert re.findall('class="jump" href="([^"]*)"', html) == ["#found-row-women", "#found"]
    assert re.search('<tr id="found-row-women"><td[^>]*>women</td>', html)


def test_a_link_for_more_says_where_it_leads():
    html = linked(str(MACROS.points([("s", "Look here.")], "")) + section("s", "Leakage &amp; more"))  # type: ignore[attr-defined]
    assert '<a class="more" href="#s">Leakage &amp; more</a>' in html


def test_slugs_keep_letters_of_any_script():
    assert [slug(text) for text in ("Kappa, by grade (95%)", "Снимок_1", "!")] == [
        "kappa-by-grade-95",
        "снимок-1",
        "item",
    ]
    assert table_page_name("s", page.Path("g/a.csv")) == "s.g-a.html"


def test_rows_beyond_the_first_are_all_there_until_the_limit():
    frame = pd.DataFrame({"n": range(1000), "name": "</script>"})
    table = page.table(frame, "T", "f.csv")
    rest = json.loads(table.rest)
    assert (len(rest), table.covered, rest[0]) == (700, 1000, ["300", "</script>"])
    assert "<" not in table.rest
    short = page.table(frame, "T", "f.csv", limit=2000)
    assert 300 < short.covered < 500
    assert f"cover the first {short.covered} of 1,000 rows" in shown_table_of(short)


def shown_table_of(table):
    return str(MACROS.table(table, filter=True))  # type: ignore[attr-defined]


def test_cells_are_text_alone_where_that_tells_their_order():
    column = pd.DataFrame({"p_value": [0.5, 1e-9], "n": [1234, 5], "file_id": ["a" * 64, "b"]})
    cells = [list(row) for row in zip(*(page.cells(column[name]) for name in column), strict=True)]
    rows = json.loads(encoded(cells, 10_000)[0])
    assert rows == [["0.50", "1,234", ["aaaaaaaaaaaa…", "", "", "a" * 64]], [["<0.001", "1e-09"], "5", "b"]]


def test_totals_stand_apart():
    frame = pd.DataFrame({"grade": ["all", "0", "1"], "n": [3, 1, 2]})
    table = page.table(frame, "T", "f.csv")
    assert [row[0].text for row in table.rows] == ["0", "1"]
    assert [row[0].text for row in table.totals] == ["all"]
    assert re.search(r"<tfoot>\s*<tr><td[^>]*>all</td>", shown_table_of(table))
    twice = page.table(pd.DataFrame({"g": ["all", "all", "a"], "n": [1, 2, 3]}), "T", "f.csv")
    assert not twice.totals
    asked = page.table(frame, "T", "f.csv", totals=pd.Series([False, True, False]))
    assert [row[0].text for row in asked.totals] == ["0"]


@pytest.mark.parametrize("stop", [".", ",", ").", ";"])
def test_a_stop_stays_with_the_name_of_the_file_before_it(stop):
    chip = str(MACROS.source("stage/x.csv"))  # type: ignore[attr-defined]
    html = linked(f"<p>Row by row: {chip}{stop} More of {chip} here.</p>")
    kept = re.findall('<span class="kept">(.*?</span>[^<]*)</span>', html)
    assert [re.sub("<[^>]*>", "", one) for one in kept] == [f"stage/x.csv{stop}"]
