"""Snakemake's report: one file that opens without a network, with categories and tables that can be sorted."""

import sys

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def opened(project, chromium):
    project.snakemake("--report", "report.html")
    project.call(sys.executable, "workflow/shrink_report.py", "report.html")
    page = chromium.new_page()
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((project.folder / "report.html").as_uri())
    yield page, requests, errors
    page.close()


def test_it_opens_without_a_network_and_shows_every_stage(opened, project):
    page, requests, errors = opened
    page.get_by_text("Results", exact=True).first.click()
    page.get_by_text("Curation", exact=True).first.click()
    for stage in ("ingest_images", "find_duplicates", "measure_agreement", "make_review", "normalize_labels"):
        assert page.get_by_text(stage, exact=True).first.is_visible()
    page.get_by_text("find_duplicates", exact=True).first.click()
    for kind in ("table to sort", "table as CSV", "figure"):
        assert page.get_by_text(kind, exact=True).first.is_visible()
    assert project.git("rev-parse", "--short=12", "HEAD").strip() in page.content()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert errors == []


def test_a_page_opens_whatever_its_length(opened):
    """Browsers refuse a data URI of more than 2 MB as the source of a frame."""
    page, _, errors = opened
    page.get_by_text("Results", exact=True).first.click()
    page.get_by_text("Curation", exact=True).first.click()
    page.get_by_text("report_curation", exact=True).first.click()
    page.locator("tr", has_text="page").locator("[iconname=eye]").first.click()
    frame = page.frame_locator("iframe")
    assert frame.locator("h1").first.inner_text() == "Title of the first parameters"
    assert page.locator("iframe").get_attribute("src").startswith("blob:")
    assert errors == []
