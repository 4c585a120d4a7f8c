"""scripts/report_generation.py on the made-up results of tests/helpers/generation_results.py."""

import re

import pytest
from generation_results import GROUPS, NO_SIEVE, unanswered
from report_pages import answer_to, copy_results, options, text_of

OPTIONS = options("generation")
FIRST = GROUPS[0]


@pytest.fixture(scope="module")
def html(track_page):
    return track_page("generation").read_text(encoding="utf-8")


def test_phantoms_are_not_passed_off_as_real_images(html):
    first = text_of(html, '<section id="summary"', '<dl class="answers">')
    assert (
        "The generators learnt from 240 images that this project made: what this page calls real are phantoms." in first
    )


def test_images_are_compared_with_what_real_images_reach_and_copies_are_counted(html):
    said = answer_to(html, "Are the generated images like real ones?")
    assert said.startswith(
        f"Not in {FIRST}: by KID they are farther from real images than other real images are. Some may be copies in"
        f" {NO_SIEVE}. train_gan/ &lt;group&gt;/ metrics.json {FIRST}: FID 16, of real images 8; KID"
    )
    assert "looked at: none by features and none by pixels (upper limit 4.6%)" in said
    assert said.endswith("looked at: 8 by features and none by pixels (upper limit 4.6%)")
    section = text_of(html, '<section id="generators"', "</section>")
    assert "does not mean that the generator keeps its training images private" in section


def test_what_passes_by_definition_has_no_rate(html):
    section = text_of(html, '<section id="images"', "</section>")
    assert "their rates are n/a (a dash)" in section
    assert "What is good in one is bad in the other, so that no rate is given of all generated images." in section
    assert "all generated" not in section.replace("all generated images", "")


def test_what_was_expected_stands_beside_what_was_observed_and_what_is_published(html):
    said = answer_to(html, "How many are good, and what does the sieve save?")
    assert said.startswith(
        "1 of 1 sieve saves time beyond chance. Published savings, generation alone counted: 1.8 and 1.4."
    )
    assert (
        f"{FIRST}: 0.50 (0.25 to 0.75) of the generated images are "
        "good; saving expected 1.500 (1.438 to 1.562), observed"
        " 1.250 (1.188 to 1.312); good on new images 0.625 (0.562 to 0.688) with the sieve, 0.500 (0.438 to 0.562)"
        " without" in said
    )
    assert said.endswith(f"{NO_SIEVE}: 0.00 (0.00 to 0.75) of the generated images are good; no sieve: no good image")


def test_methods_are_compared_with_the_stored_sieve_and_the_aim(html):
    said = answer_to(html, "Does any method save more than the sieve of latents?")
    assert said.startswith(
        "Yes: in 2 of 6 comparisons of a method in a group, on the same latents and adjusted by Holm, it is cheaper"
        " than the stored sieve."
    )
    assert "z, then deeper 1.800 (1.738 to 1.863) and moved by z to 3 SD 2.000 (1.938 to 2.062)" in said
    assert "the stored sieve saves 1.250 (1.188 to 1.312); most possible 2.00 (1.78 to 2.29)" in said
    assert said.endswith(f"{NO_SIEVE}: no saving, for want of good images: 0 of 75 images without a sieve")


def test_gains_and_losses_of_training(html):
    said = answer_to(html, "Are synthetic images useful for training?")
    assert said.startswith(
        "Beside real images, yes: ROC-AUC rises beyond chance by 0.250 (0.188 to 0.312) by real + screened synthetic"
        " with 20 real images. With the most real images it changes by −0.250 (−0.312 to −0.188) by real + synthetic"
        " with 200 real images. ROC-AUC is lower beyond chance: −0.250 (−0.312 to −0.188) by real + synthetic with 20"
        " real images. Alone they reach a ROC-AUC of 0.625 (0.562 to 0.688)."
    )
    assert "real from synthetic images with a ROC-AUC of 0.75 (0.62 to 0.88) by statistics of ImageNet." in said


def test_readers_are_compared_with_the_published_share(html):
    assert answer_to(html, "Do readers take synthetic images for real?").startswith(
        "1 reader took 0.25 (0.12 to 0.50) of the synthetic images and 0.25 (0.12 to 0.50) of the real ones for"
        " real; d&#39; is 0.25 (0.12 to 0.50), and 0 for guessing. Published: 0.470 of synthetic images"
    )


def test_the_folder_of_reports_does_not_say_which_images_of_the_test_are_real(track_page):
    report = track_page("generation").parent
    made = {path.name for path in (report / "generation_tables").iterdir()}
    assert "score_turing_test.readers.html" in made
    assert not made & {"make_turing_test.key.html", "score_turing_test.images.html"}
    assert "synthetic.png" not in track_page("generation").read_text(encoding="utf-8")  # a name in the key


def test_before_anybody_has_answered_the_page_says_so_and_how_to(made_up_results, run_stage, tmp_path):
    copy_results(made_up_results("generation"), tmp_path)
    unanswered(tmp_path)
    done = run_stage("report_generation", tmp_path, **OPTIONS)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / OPTIONS["out"]).read_text(encoding="utf-8")
    said = answer_to(html, "Do readers take synthetic images for real?")
    assert said.startswith("Nobody has answered yet. The command make turing-test writes the page for readers;")
    assert "The images, and who took them for real" not in html
    assert "Nobody has answered the visual Turing test yet. <a" in html
    assert "make turing-score" in text_of(html, '<section id="turing"', "</section>")


def test_a_reviewer_is_told_what_to_look_at(html):
    notes = re.search(r'<ul class="notes">(.*?)</ul>', html, re.DOTALL)[1]
    assert re.findall(r"<li>(.*?) <a", notes) == [
        f"Images are farther from real ones than other real images are: {FIRST}.",
        f"Lost diversity: of the real images the generated ones cover 0.250 in {FIRST}.",
        f"Images of {NO_SIEVE} may be memorised: by features they are closer to training images than test"
        " images are, with probability 0.750 (0.688 to 0.812).",
        f"The last round had the lowest FID to the images of validation: {FIRST}. FID has no interval, each generator"
        " was trained once, and no longer training was tried.",
        f"No good image among those generated: {NO_SIEVE}.",
        f"No sieve for {NO_SIEVE}: no good image.",
        f"Not as expected in {FIRST}: saving.",
        f"The sieve of {FIRST} costs diversity: coverage by network features.",
        f"Nothing was learnt for {NO_SIEVE}: no good image.",
        f"Fewer than 10 good images in {NO_SIEVE}, too few to tell: 7 of 7 methods.",
        "The training set real + screened synthetic is left out: too few images of abnormal pass.",
        "A loss beyond chance: −0.250 (−0.312 to −0.188) by real + synthetic with 20 real images.",
        "Not shown to preserve the label, even for a classifier trained with augmentation: noise. With 20 test units it"
        " cannot be shown: where no image is lost, the loss may still be 0.161.",
        f"The share of good images differs between samples of one generator: {NO_SIEVE} (p after Holm &lt;0.001).",
    ]


def test_what_makes_an_image_good_depends_on_the_group(html):
    section = text_of(html, '<section id="images"', "</section>")
    assert (
        "An image of normal is good if all five scores are above 0. An image of abnormal is good if it passes"
        in section
    )
