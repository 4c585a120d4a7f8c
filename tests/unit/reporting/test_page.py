"""Building blocks of pages: escaping, numbers, tables, figures, and the policy that admits the page's own code only."""

import base64
import hashlib
import io
import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from matplotlib.figure import Figure
from PIL import Image

from radsieve import files
from radsieve.reporting import page

BASE = page.Template("base.html")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (np.bool_(False), "no"),
        (3300, "3,300"),
        (np.int64(12), "12"),
        (0.98765, "0.988"),
        (-0.5, "-0.500"),
        (0.0, "0"),
        (0.0003, "0.0003"),
        (-0.000012345, "-1.2 × 10⁻⁵"),
        (1234.0, "1,234"),
        (1234.56, "1,235"),
        ("a\nb", r"a\nb"),
    ],
)
def test_values_as_a_reader_sees_them(value, text):
    assert page.show(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_960, "1,000 kB"),
        (117_400_000, "117 MB"),
        (2_500_000_000, "2.5 GB"),
        (4e15, "4,000 TB"),
    ],
)
def test_bytes_in_a_unit_that_suits(count, text):
    assert page.show_bytes(count) == text


def test_characters_that_cannot_be_seen_or_reorder_text_are_escaped():
    assert page.visible("a\u202eb\x00\u200b\ud800") == r"a\u202eb\x00\u200b\ud800"
    assert page.visible("снимок C:\\x é") == "снимок C:\\x é"


@given(st.text())
def test_what_is_shown_is_printable_and_can_be_written(text):
    shown = page.visible(text)
    assert shown.isprintable()
    shown.encode()


def test_a_long_table_is_cut_and_says_so():
    table = page.table(pd.DataFrame({"n_images": range(1000), "name": "x"}), "T", "f.csv")
    assert (len(table.rows), table.total) == (page.MAX_ROWS, 1000)
    assert table.columns == ["n images", "name"]
    assert table.kinds == ["number", "short"]
    assert "The first 300 of 1,000 rows" in render_table(table)


def test_numbers_are_sorted_by_their_value_and_missing_ones_have_none():
    table = page.table(pd.DataFrame({"x": [21.333, None]}), "T", "f.csv")
    assert [(row[0].text, row[0].order) for row in table.rows] == [("21.3", "21.333"), ("–", "")]


def test_identities_are_shortened_and_long_text_may_wrap():
    digest = "0123456789abcdef" * 4
    table = page.table(pd.DataFrame({"file_id": [digest], "sha256": [digest], "item": ["image 7"]}), "T", "f.csv")
    assert [cell.text for cell in table.rows[0]] == ["0123456789ab…", digest, "image 7"]
    assert table.rows[0][0].whole == digest
    assert table.kinds == ["short", "long", "short"]


@pytest.mark.parametrize(("count", "text"), [(0, "0 pairs"), (1, "1 pair"), (1200, "1,200 pairs")])
def test_numbers_of_things_in_words(count, text):
    assert page.count_of(count, "pair") == text


def test_an_empty_table_says_so():
    assert "the table is empty" in render_table(page.table(pd.DataFrame({"x": []}), "T", "f.csv"))


def test_a_figure_becomes_a_data_uri(tmp_path):
    files.write_figure(tmp_path / "x.png", Figure(figsize=(1, 1)))
    figure = page.figure(tmp_path / "x.png", "T", "x.png", "a blank")
    kind, content = figure.uri.split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content) == (tmp_path / "x.png").read_bytes()


HOSTILE = "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(1)>\n\u202e"


class Tags(HTMLParser):
    """Counts elements and collects what the page shows and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def render_table(table: page.Table) -> str:
    macros = page._environment("radsieve.reporting").get_template("macros.html").module
    return str(macros.table(table, filter=True))  # type: ignore[attr-defined]


def render_base(**context: object) -> str:
    return page.render(BASE, {"title": "T", "subtitle": "S", "contents": [], **context})


def test_hostile_text_stays_text():
    table = page.table(pd.DataFrame({HOSTILE: [HOSTILE]}), HOSTILE, HOSTILE)
    tags = Tags(render_table(table))
    assert not {"script", "img"} & set(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    tags = Tags(render_base(title=HOSTILE, subtitle=HOSTILE, contents=[(HOSTILE, HOSTILE)]))
    assert tags.tags.count("script") == 1
    assert not [name for name, _ in tags.attributes if name.startswith("on")]


def test_numbers_below_zero_have_a_minus_sign_where_they_are_read():
    html = page._with_minus_signs(
        render_table(page.table(pd.DataFrame({"change": [-0.25], "n": ["-3.png"]}), "-1", ""))
    )
    assert ">−0.250<" in html
    assert 'data-order="-0.25"' in html
    assert ">-3.png<" in html
    html = render_base(subtitle="by -0.5")
    assert "by −0.5" in html
    assert page._with_minus_signs("<code>--by -1</code><script>x = -1</script>").count("−") == 0


def test_the_policy_admits_exactly_the_style_and_the_script_of_the_page():
    html = render_base()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "http" not in policy
    assert "style" not in [name for name, _ in Tags(html).attributes]


def test_a_name_that_the_context_lacks_is_an_error():
    with pytest.raises(UndefinedError):
        page.render(BASE, {"title": "T", "contents": []})


def test_estimates_show_their_interval_and_sort_by_their_value():
    frame = pd.DataFrame({"v": [0.5, 12.0, None], "lower": [0.4, None, None], "upper": [0.6, None, None]})
    table = page.table(pd.DataFrame({"share": page.estimates(frame, "v")}), "T", "f.csv")
    cells = [row[0] for row in table.rows]
    assert [(cell.text, cell.order, cell.interval) for cell in cells] == [
        ("0.50", "0.5", "0.40 to 0.60"),
        ("12", "12.0", ""),
        ("–", "", ""),
    ]
    assert table.kinds == ["number"]
    assert '<span class="interval">0.40 to 0.60</span>' in render_table(table)


def test_an_interval_without_width_is_none():
    """1.000 (1.000 to 1.000) would say that all is known, where resamples cannot differ."""
    frame = pd.DataFrame({"v": [1.0, 0.5], "v_lower": [1.0, 0.5], "v_upper": [1.0, 1.0]})
    assert [one.interval for one in page.folded(frame, ["v"])["v"]] == ["", "0.50 to 1.00"]
    assert [one.text for one in page.folded(frame, ["v"])["v"]] == ["1", "0.50"]


def test_an_estimate_as_a_number_of_the_summary():
    number = page.estimated(page.ShownEstimate(0.5, 0.4, 0.6), "accuracy", "f.csv")
    assert (number.value, number.label) == ("0.50", "accuracy (0.40 to 0.60)")
    assert page.estimated(page.ShownEstimate(0.5, math.nan, math.nan), "accuracy", "f.csv").label == "accuracy"


def test_figures_of_images_are_shown_as_webp(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "x.png")
    shown = page.figure(tmp_path / "x.png", "T", "x.png", "noise", "x.csv", images=True)
    kind, content = shown.uri.split(",")
    assert kind == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert picture.size == (64, 64)
    assert shown.plotted_from == "x.csv"


def test_values_and_their_bounds_become_one_column():
    frame = pd.DataFrame({"name": ["a"], "share": [0.5], "share_lower": [0.25], "share_upper": [float("nan")]})
    folded = page.folded(frame, ["share"])
    assert list(folded.columns) == ["name", "share"]
    assert (folded["share"].iloc[0].value, folded["share"].iloc[0].lower) == (0.5, 0.25)
