"""Figures in Snakemake's report become WebP, and nothing else in it changes."""

import base64
import gzip
import hashlib
import io
import json
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
    after = shrink_report.shrunk(before)
    assert len(after) < len(before)
    assert after.startswith("<script>results = {") and after.endswith(', "text/csv": 1}</script>')
    kind, content = after.split("base64,")
    assert "data:image/webp;charset=utf8;filename=a b.webp;" in kind
    with Image.open(io.BytesIO(base64.b64decode(content.partition('"')[0]))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (128, 96))


def test_what_is_too_long_for_webp_stays():
    report = data_uri(png(np.zeros((16400, 1), np.uint8)))
    assert shrink_report.shrunk(report) == report


START = '"data_uri": "data:text/html;charset=utf8;filename=page.html;base64,'


def unpacked(report):
    content = unquote(report.partition("filename=page.html,")[2].removesuffix('"}'))
    return gzip.decompress(base64.b64decode(content.split('atob("')[1].partition('"')[0])).decode()


def test_images_within_a_page_keep_every_pixel():
    grain = np.random.default_rng(2).integers(0, 256, (40, 64), dtype=np.uint8).repeat(4, axis=0)
    page = f'<img src="data:image/png;base64,{base64.b64encode(png(grain)).decode()}" alt="Übersicht">'
    report = f'{{{START}{base64.b64encode(page.encode()).decode()}"}}'
    after = shrink_report.shrunk(report)
    assert len(after) < len(report)
    kind, content = unpacked(after).removeprefix('<img src="').removesuffix('" alt="Übersicht">').split(";base64,")
    assert kind == "data:image/webp"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert np.array_equal(np.asarray(picture.convert("L")), grain)


@pytest.mark.browser
def test_a_page_unpacks_itself_when_it_is_opened(chromium):
    """Even one that forbids all scripts but its own."""
    digest = base64.b64encode(hashlib.sha256(b"document.title = 'ran'").digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'"
    html = (
        f'<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="{policy}"></head>'
        "<body><h1>Größe # 100%</h1><script>document.title = 'ran'</script></body></html>"
    )
    after = shrink_report.shrunk(f'{{{START}{base64.b64encode(html.encode()).decode()}"}}')
    page = chromium.new_page()
    page.set_content(f'<iframe src="{json.loads(after)["data_uri"]}"></iframe>')
    frame = page.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "Größe # 100%"
    assert frame.locator("html").evaluate("() => document.title") == "ran"
    page.close()


def test_sixteen_bits_stay_as_they_are():
    report = data_uri(png(np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)))
    assert shrink_report.shrunk(report) == report
