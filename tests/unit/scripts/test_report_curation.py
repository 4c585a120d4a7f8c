"""scripts/report_curation.py on the small run of tests/conftest.py."""

import re
import shutil

import pandas as pd
import pytest

from radsieve import tables
from radsieve.curation.tables import FAULT_SCORES, FAULTY_IMAGES, TEXT_LINES

OPTIONS = {
    "results": "results",
    "published": "published",
    "tables": "results/report/curation_tables",
    "out": "results/report/curation.html",
}


@pytest.fixture(scope="module")
def written(curation_results, run_stage):
    done = run_stage("report_curation", curation_results, **OPTIONS)
    assert done.returncode == 0, done.stderr
    return curation_results / OPTIONS["out"]


def test_the_page_has_its_numbers_and_where_they_come_from(written):
    html = written.read_text(encoding="utf-8")
    for value, label, source in (
        ("26", "objects received", "ingest_images/<wbr>raw_data.csv"),
        ("1", "objects in quarantine", "ingest_images/<wbr>quarantine.csv"),
        ("11", "different images kept, with 22 grades", "normalize_labels/<wbr>normalized_data.csv"),
        ("4", "objects left out, quarantine included", "normalize_labels/<wbr>exclusions.csv"),
        ("3 of 3", "planted faults detected", "generate_phantoms/<wbr>truth.csv"),
        (
            "0.90",
            "Krippendorff&#39;s alpha, ordinal (0.80 to 1.00) of 12 items",
            "measure_agreement/<wbr>coefficients.csv",
        ),
    ):
        assert re.search(rf"<strong>{value}</strong> <span>{re.escape(label)}</span> <[^>]*>{source}", html), label
    assert "Its rule would keep 23 of the 25 graded\nobjects" in html
    assert "All 4 pictures of 2Mild have dimensions 300x161." in html


def test_sentences_about_agreement_stand_apart(written):
    section = written.read_text(encoding="utf-8").partition('<section id="agreement"')[2].partition("</section>")[0]
    prose = re.sub(r"<[^>]+>", "", " ".join(re.findall(r"<p>.*?</p>", section, re.DOTALL)))
    assert "An item is a picture" in prose
    assert not re.search(r"[a-z]\.[A-Z]", prose)


def test_grades_by_split_add_up_to_what_was_kept(written):
    html = written.read_text(encoding="utf-8")
    part = html[html.index('id="kept-grades-by-grade-and-split-units"') :].partition("</table>")[0]
    body, foot = part.split("<tfoot>")
    cells = [int(cell) for cell in re.findall(r">(\d+) \(\d+\)<", body)]
    assert sum(cells) == sum(int(cell) for cell in re.findall(r">(\d+) \(\d+\)<", foot)) == 22


def test_grades_of_the_contingency_have_their_names(written):
    html = written.read_text(encoding="utf-8")
    part = html[html.index('id="contingency-of-the-grades"') :].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in part.split("</tr>")]
    given = [row[0] for row in rows if row and re.match(r"\d[A-Z]", row[0])]
    assert given == sorted(given) and len(given) > 1
    assert rows[-2][0] == given[-1] and all(cell.isdigit() for cell in rows[-2][1:])


def test_the_skill_of_graders_stands_beside_the_truth_of_phantoms(written):
    html = written.read_text(encoding="utf-8")
    part = html[html.index('id="skill-of-the-graders-estimated-and-by-the-truth"') :].partition("</table>")[0]
    assert "share graded as simulated (the truth)" in part
    assert "it is known which grade is right" in html


def test_hostile_names_stay_text(written):
    html = written.read_text(encoding="utf-8")
    assert html.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in html
    assert "\u202e" not in html
    assert r"line\nbreak &lt;b&gt;" in html


def test_the_same_results_give_the_same_bytes(written, curation_results, run_stage):
    first = written.read_bytes()
    run_stage("report_curation", curation_results, **OPTIONS)
    assert written.read_bytes() == first
    assert str(curation_results).encode() not in first


def test_sections_that_do_not_apply_are_left_out(curation_results, run_stage, set_params, tmp_path):
    shutil.copytree(curation_results / "results", tmp_path / "results")
    (tmp_path / "published").mkdir()
    (tmp_path / "published/knee_counts.csv").write_text("quantity,value\npng_objects,25\nunique_images,7\n")
    set_params(tmp_path, source={"endpoint": "folder"}, report_curation={"published": "knee", "title": "A & B <i>"})
    done = run_stage("report_curation", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / OPTIONS["out"]).read_text(encoding="utf-8")
    assert 'id="planted"' not in html and "#planted" not in html
    assert "1 of 6 counts are reproduced that N. Tiunov" in html
    assert "<h1>A &amp; B &lt;i&gt;</h1>" in html


def test_text_in_pictures_is_a_point(written, curation_results, run_stage, set_params, tmp_path):
    assert "(BurnedInAnnotation NO)" not in written.read_text(encoding="utf-8")
    shutil.copytree(curation_results / "results", tmp_path / "results")
    set_params(tmp_path, audit_images={"text": True})
    folder = tmp_path / "results/audit_images"
    scores = tables.read(FAULT_SCORES, folder / "scores.csv")
    scores["text"] = [0.0, 0.9, *[None] * 3, *[0.0] * (len(scores) - 5)]
    tables.write(FAULT_SCORES, scores, folder / "scores.csv")
    faulty = tables.read(FAULTY_IMAGES, folder / "faulty.csv")
    where = {"file_id": scores["file_id"][1], "relative_path": scores["relative_path"][1]}
    found = faulty.head(1).assign(fault="text", score=0.9, threshold=0.8, **where)
    tables.write(FAULTY_IMAGES, pd.concat([faulty, found]), folder / "faulty.csv")
    line = {"kind": "text", "letters": 11, "confidence": 0.9, "left": 1, "top": 2, "width": 30, "height": 4}
    tables.write(TEXT_LINES, pd.DataFrame([where | line | {"burned_in": "NO"}]), folder / "text.csv")
    done = run_stage("report_curation", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / OPTIONS["out"]).read_text(encoding="utf-8")
    section = html.partition('<section id="faults"')[2].partition("</section>")[0]
    prose = " ".join(re.sub(r"<[^>]+>", "", section).split())
    assert f"sought in {len(scores) - 3} pictures (3 others" in prose and "text was found in 1," in prose
    assert "The header says of 1 picture with text that there is none" in prose
    points = html.partition('<section id="summary"')[2].partition("</section>")[0]
    assert "1 picture with text burned in" in points and "Of 1 of them the header says" in points


def test_a_run_without_images_is_about_agreement_alone(curation_results, run_stage, set_params, tmp_path):
    shutil.copytree(curation_results / "results", tmp_path / "results")
    for path in (tmp_path / "results").glob("*/*.csv"):
        if path.parent.name in ("ingest_images", "find_duplicates", "normalize_labels", "generate_phantoms"):
            path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    set_params(tmp_path, source={"endpoint": "none"})
    done = run_stage("report_curation", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / OPTIONS["out"]).read_text(encoding="utf-8")
    assert "There are no images" in html
    assert re.findall(r'<section id="([^"]*)"', html) == [
        "summary", "about", "agreement", "definitions", "limits", "provenance", "references",
    ]  # fmt: skip
    assert "11 items were graded by at least two of 2 graders" in html
    assert "1 more item have" not in html and "1 more item has the grade of one grader only" in html


def test_a_missing_result_is_named_with_its_stage(curation_results, run_stage, tmp_path):
    shutil.copytree(curation_results / "results", tmp_path / "results")
    shutil.copy(curation_results / "params.yaml", tmp_path)
    (tmp_path / "results/find_duplicates/pairs.csv").unlink()
    done = run_stage("report_curation", tmp_path, **OPTIONS)
    assert done.returncode == 2
    assert "run the stage 'find_duplicates' first" in done.stderr


def test_every_table_has_a_page_of_its_own(written, curation_results):
    tables = {f"{path.parent.name}.{path.stem}.html" for path in (curation_results / "results").glob("*/*.csv")}
    pages = {path.name: path for path in (curation_results / OPTIONS["tables"]).iterdir()}
    assert set(pages) == tables
    html = pages["ingest_images.raw_data.html"].read_text(encoding="utf-8")
    assert html.count("<tr>") == 1 + 25
    assert "<script>alert" not in html
