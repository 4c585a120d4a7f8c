"""scripts/report_screening.py on the made-up results of tests/helpers/screening_results.py."""

import re

import pytest
from report_pages import copy_results, options

OPTIONS = options("screening")


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("screening").read_text(encoding="utf-8")


def test_the_page_has_its_numbers_and_where_they_come_from(html):
    for value, label, source in (
        ("10", "different images in 6 sets", "assign_splits/<wbr>counts.csv"),
        ("1", "files in quarantine", "pack_images/<wbr>&lt;set&gt;/<wbr>quarantine.csv"),
        (
            "0.875",
            "Dice of the lungs, 3 images of 3 patients (0.750 to 0.938)",
            "train_segmenter/<wbr>chest/<wbr>metrics.json",
        ),
        (
            "0.875",
            "accuracy of the predicted sex, 4 images of 4 patients (0.750 to 0.938)",
            "train_sex/<wbr>metrics.json",
        ),
        ("3.00", "bad images for each good one (2.75 to 3.25)", "train_symmetry/<wbr>comparison.csv"),
        (
            "1.25",
            "the same after the classifier of symmetry (1.00 to 1.50)",
            "train_symmetry/<wbr>comparison.csv",
        ),
        (
            "0.85",
            "share of true images that pass all five scores (0.01 to 0.99)",
            "score_images/<wbr>pass_rates.csv",
        ),
    ):
        assert re.search(rf"<strong>{value}</strong> <span>{re.escape(label)}</span> <[^>]*>{source}", html), label
    assert "A generator made\n8 images; 2 of them pass all five scores" in html


def test_each_split_of_each_set_and_what_they_share(html):
    """Question 1 of a referee: how many patients and units are in each split of a set."""
    assert re.search(r"<td[^>]*>chest</td><td[^>]*>6 \(3, 3\)</td><td[^>]*>2 \(1, 1\)</td>", html)
    assert re.search(r"<td[^>]*>chest</td><td[^>]*>2</td><td[^>]*>0</td><td[^>]*>0</td>", html)
    assert 'alt="Flow diagram. Named by the sets, 61 files; excluded: Quarantined, 1 files."' in html


def test_a_reviewer_is_told_what_to_look_at(html):
    notes = re.search(r'<ul class="notes">(.*?)</ul>', html, re.DOTALL)[1]
    points = re.findall(r"<li>(.*?) <a", notes)
    assert points == [
        "1 file could not be used.",
        "Lungs: Dice below 0.5 on 1 image held out.",
        "Breasts: Dice below 0.5 on 1 image held out.",
        "Skin lesions: Dice below 0.5 on 1 image held out.",
        "Mean share of the heat outside of the lungs: 0.75 on images of F, arm 1, but 0.25 on images of F, arm 0.",
        "The score shape lets 0.600 (0.500 to 0.640) of the 20 true images of the test split pass, though it was scaled"
        " to let 0.95 pass.",
        "Of 2 images that were merely mirrored fewer pass than before: score symmetry 0.500 instead of 1.",
        "No fewer images pass all scores after this alteration: one lung painted over.",
    ]


def test_phantoms_are_not_passed_off_as_the_images_of_the_study(html):
    section = re.search(r'<section id="published".*?</section>', html, re.DOTALL)[0]
    assert "the sets chest, breast, skin, abnormality, sex, gan are phantoms rendered by this project" in section
    row = re.search(r"<tr><td[^>]*>bad per good after</td>.*?</tr>", section)[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row)[1:] == [
        "1",
        "1.25 (1.00 to 1.50)",
        "train_symmetry/comparison.csv",
    ]


def test_line_breaks_in_a_reason_are_shown(html):
    assert r"line\nbreak &lt;b&gt;" in html


def test_real_images_and_a_generator_of_the_users(made_up_results, run_stage, set_params, tmp_path):
    copy_results(made_up_results("screening"), tmp_path)
    for name in ("generate_lesions", "generate_images"):
        path = tmp_path / f"results/{name}/truth.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    set_params(tmp_path, report_screening={"title": "A & B <i>"})
    text = (tmp_path / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("data/lesions/images", "/images/skin"))
    done = run_stage("report_screening", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / OPTIONS["out"]).read_text(encoding="utf-8")
    assert "<h1>A &amp; B &lt;i&gt;</h1>" in html
    assert "8 images of a generator of the user&#39;s, compared with 2 true images" in html
    assert "the sets skin are real images of other collections" in html
    assert "Skin phantoms" not in html and "Chest phantoms" in html
