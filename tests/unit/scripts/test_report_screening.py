"""scripts/report_screening.py on the made-up results of tests/helpers/screening_results.py."""

import re

import pytest
from report_pages import copy_results, options

OPTIONS = options("screening")


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("screening").read_text(encoding="utf-8")


SCORES = ("shape", "abnormal", "maxheat", "symmetry", "left2right")


def test_the_page_has_its_numbers_and_where_they_come_from(html):
    for value, label, source in (
        (
            "10",
            "different images of 5 patients in 6 sets; networks learn from 6 of them",
            "assign_splits/<wbr>counts.csv",
        ),
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
            "bad images for each good one that the logistic regression on symmetry, chosen beforehand, accepts (1.00 to"
            " 1.50)",
            "train_symmetry/<wbr>comparison.csv",
        ),
        ("0.50", "share of the good images that it accepts, 2 of 4 good images lost (0.25 to 0.75)", "train_symmetry"),
        (
            "0.85",
            "share of true images that pass all five scores, 20 images of 15 units of test (0.01 to 0.99)",
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
        *[
            f"Sensitivity of the {title} in sex F: 0.900, which differs from that of other images by 0.40"
            " (0.10 to 0.70) (adjusted by Holm for 1 comparison: p = 0.009)."
            for title in ("abnormality net", "sex")
        ],
        "Mean share of the heat outside of the lungs: 0.75 on images of F, arm 1, but 0.25 on images of F, arm 0.",
        "The score shape lets 0.600 (0.500 to 0.640) of the 20 true images (15 units) of the test split pass, though it"
        " was scaled to let 0.95 pass.",
        "True images of test and of validation, on which scores are scaled, differ beyond chance in the share that"
        " passes score shape: by −0.35 (−0.50 to −0.10).",
        "The alteration “darker” of 2 images: score symmetry should not respond, 0.500 pass instead of 1, a difference"
        " of −0.50 (−0.60 to −0.10).",
        "The alteration “patient&#39;s right lung (image left) painted over” of 2 images: "
        + "; ".join(
            f"{score} is not shown to fall, 0.500 pass instead of 0.500, a difference of 0.00 (−0.10 to 0.20)"
            for score in (*(f"score {name}" for name in SCORES), "all five")
        )
        + ".",
    ]


def test_the_abnormality_net_is_shown_at_its_operating_point_and_by_subgroup(html):
    section = re.sub(r"\s+", " ", re.search(r'<section id="abnormality".*?</section>', html, re.DOTALL)[0])
    assert (
        "An image is called abnormal from a probability of 0.250 on: the greatest sensitivity + specificity - 1 (Youden"
        " 1950) on validation (8 images of 6 units)" in section
    )
    assert "Of 2 abnormal images the net missed 1, and of 2 normal ones it called 1 abnormal." in section
    assert "<td" in section and "1 of 2" in section
    assert "is not recalibrated: one of the labels has images of only 9 units" in section
    assert "the intercept shows that it is off" in section
    assert "Too small to tell, with fewer than 10 units of each label: sex M (1 of 2 subgroups)." in section
    assert "Mean share of the heat outside of the lungs, and mean probability: abnormality net" in section
    assert "How it was built and trained: abnormality net" in section and "1,281" in section


def test_how_sure_the_segmenter_is_and_whom_it_fails(html):
    section = re.sub(r"\s+", " ", re.search(r'<section id="segmentation".*?</section>', html, re.DOTALL)[0])
    assert "The area found differs from it by 2.0% (1.0% to 3.0%) of the image on average" in section
    assert (
        "yes, images of greater entropy are segmented worse: Spearman&#39;s correlation with Dice is −0.75" in section
    )
    assert "logits were divided by 0.125, fitted on validation" in section
    assert "Dice by subgroup: lungs" in section


def test_images_that_occur_in_several_sets_are_counted_once(html):
    section = re.sub(r"\s+", " ", re.search(r'<section id="data".*?</section>', html, re.DOTALL)[0])
    assert "60 rows of 6 sets are 10 different images of 5 patients. Networks learn from 6 images, 2 images" in section
    assert re.search(r"<td[^>]*>chest</td><td[^>]*>sex</td><td[^>]*>F</td><td[^>]*>2 \(4\)</td>", section)


def test_whether_a_model_beats_the_best_single_feature_is_said(html):
    """A lower rate of bad images alone hides how many good ones are lost, and that one feature does as well."""
    assert "No model is shown to have a greater ROC-AUC than the best single feature." in html
    assert "logistic regression 0.01" in html
    assert "no figure here\nreproduces a published one" in html


def test_what_holds_by_definition_is_no_result(html):
    """19 of 20 images pass where the threshold was set, because it was set there: no interval, no share."""
    row = re.search(r"<tr><td[^>]*>score abnormal</td>.*?</tr>", html)[0]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells[3:5] == ["19 of 20, by definition", "–"]


def test_what_holds_of_any_images_of_a_model_that_accepts_all_is_a_dash(html):
    """Its recall is 1 and its ROC-AUC 1/2 whatever the images, so that nothing is measured."""
    rows = re.findall(r"<tr><td[^>]*>(always accept|logistic regression)</td>(.*?)</tr>", html)
    cells = [(name, re.findall(r"<td[^>]*>(.*?)</td>", row)) for name, row in rows]
    models = [(name, found) for name, found in cells if len(found) == 4]
    for name, (before, after, area, recall) in models[:2]:
        assert (area == "–", recall == "–") == (name == "always accept",) * 2
        assert before.startswith("3.0") and after != "–"
    shares = [found[-2:] for name, found in cells if name == "always accept" and len(found) == 6]
    assert shares and all(found == ["–", "–"] for found in shares)


def test_a_score_that_is_the_same_for_most_images_is_named(html):
    assert "The score maxheat is exactly 1 for 100% of the true and 12% of the generated images" in html


def test_true_images_and_both_cut_offs_are_explained_where_they_first_appear(html):
    words = re.sub(r"\s+", " ", html)
    assert "true images (normal, of validation and test)" in words
    assert words.index("<em>True images</em> are here") < words.index('<section id="about"')
    assert words.count("This probability has two cut-offs. The operating point of the network, 0.250, is") == 2


def test_quantiles_tell_true_images_from_altered_ones(html):
    tables = re.findall(
        r'aria-label="Quantiles over the images".*?</table>|aria-label="Quantiles of the six.*?</table>',
        html,
        re.DOTALL,
    )
    assert len(tables) == 4
    for part in tables:
        batches = set(re.findall(r"<tr><td[^>]*>([a-z ]+)</td>", part))
        assert "reference" not in batches and batches <= {"true images", "altered copies", "generated"}


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


@pytest.mark.slow
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
