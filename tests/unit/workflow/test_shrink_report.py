"""Snakemake's report: figures become WebP, pages and tables text, and the whole a page that unpacks itself."""

import base64
import hashlib
import io
import json
import urllib.request
from urllib.parse import unquote

import numpy as np
import pytest
import shrink_report
from PIL import Image


def data_uri(content):
    return f'"data_uri": "data:image/png;charset=utf8;filename=a b.png;base64,{base64.b64encode(content).decode()}"'


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_images_become_smaller_and_stay_in_place():
    grain = np.random.default_rng(1).integers(0, 256, (96, 128), dtype=np.uint8)
    before = f'<script>results = {{{data_uri(png(grain))}, "text/csv": 1}}</script>'
    after = shrink_report.smaller(before)
    assert len(after) < len(before)
    assert after.startswith("<script>results = {") and after.endswith(', "text/csv": 1}</script>')
    kind, content = after.split("base64,")
    assert "data:image/webp;charset=utf8;filename=a b.webp;" in kind
    with Image.open(io.BytesIO(base64.b64decode(content.partition('"')[0]))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (128, 96))


def test_what_is_too_long_for_webp_stays():
    report = data_uri(png(np.zeros((16400, 1), np.uint8)))
    assert shrink_report.smaller(report) == report


START = '"data_uri": "data:text/html;charset=utf8;filename=page.html;base64,'


def text_of(report):
    return unquote(report.partition("filename=page.html,")[2].removesuffix('"}'))


def test_images_within_a_page_keep_every_pixel():
    grain = np.random.default_rng(2).integers(0, 256, (40, 64), dtype=np.uint8).repeat(4, axis=0)
    page = f'<img src="data:image/png;base64,{base64.b64encode(png(grain)).decode()}" alt="Übersicht">'
    report = f'{{{START}{base64.b64encode(page.encode()).decode()}"}}'
    after = shrink_report.smaller(report)
    assert len(after) < len(report)
    kind, content = text_of(after).removeprefix('<img src="').removesuffix('" alt="Übersicht">').split(";base64,")
    assert kind == "data:image/webp"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert np.array_equal(np.asarray(picture.convert("L")), grain)


def test_a_table_stands_as_text():
    content = base64.b64encode(b'name,"a ""b""",\xc3\xa4\n1,100%,#\n').decode()
    after = shrink_report.smaller(f'{{"data_uri": "data:text/csv;charset=utf8;filename=t.csv;base64,{content}"}}')
    uri = json.loads(after)["data_uri"]
    with urllib.request.urlopen("data:" + uri.removeprefix("data:").replace("filename=t.csv", "a=b")) as read:
        assert read.read() == b'name,"a ""b""",\xc3\xa4\n1,100%,#\n'


@pytest.mark.browser
def test_the_report_unpacks_itself_and_opens_pages_of_any_length(chromium, tmp_path):
    """Even a page that forbids all scripts but its own."""
    digest = base64.b64encode(hashlib.sha256(b"document.title = 'ran'").digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'"
    html = (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"></head>'
        f"<body><h1>Größe # 100%</h1><!--{'x' * 3_000_000}--><script>document.title = 'ran'</script></body></html>"
    )
    results = f'{{{START}{base64.b64encode(html.encode()).decode()}"}}'
    report = (
        f"<!doctype html><meta charset='utf-8'><title>é</title><body><script>const results = {results};"
        f"const app = {{ props: {{ app: {{ state: {{ contentPath: results.data_uri }} }} }} }};"
        f"(function () {{ const options = {shrink_report.OPENED} }}; const frame = document.createElement('iframe');"
        "frame.src = options.src; document.body.append(frame); }).call(app);</script>"
    )
    (tmp_path / "report.html").write_text(shrink_report.packed(report), encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    frame = page.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "Größe # 100%"
    assert frame.locator("html").evaluate("() => document.title") == "ran"
    assert page.title() == "é"
    page.close()


def test_sixteen_bits_stay_as_they_are():
    report = data_uri(png(np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)))
    assert shrink_report.smaller(report) == report
