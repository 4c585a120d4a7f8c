"""The first lines of the page on generation where results are other than those of the made-up set."""

from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest
import yaml

from radsieve.generation.report import generators, good_shares, loop, sieving, training
from radsieve.generation.report.images import good_of
from radsieve.generation.report.page_content import STANDARD_STEPS, too_brief
from radsieve.generation.tables import SievingMethod
from radsieve.reporting.page import ShownEstimate

NOTHING = ShownEstimate(nan, nan, nan)


def near(value: float) -> ShownEstimate:
    return ShownEstimate(value, value - 0.125, value + 0.125)


def alone(value: float) -> ShownEstimate:
    return ShownEstimate(value, nan, nan)


def evaluated(kid: float, closer: float = 0.25, recall: float = 0.75) -> dict[str, ShownEstimate]:
    real = {"fid_real": alone(8), "kid_real": alone(0.5), "coverage_real": alone(1)}
    copies = {"feature_closer": near(closer), "pixel_closer": near(0.25)}
    copies |= {f"{kind}_copies": alone(0) for kind in ("feature", "pixel")}
    copies |= {f"{kind}_copies_limit": alone(0.0457) for kind in ("feature", "pixel")}
    copies |= {"generated_images": alone(64), "test_images": alone(37), "recall": alone(recall)}
    copies |= {"recall_real": alone(1), "feature_nearest": alone(11), "feature_nearest_real": alone(20)}
    return {"fid": alone(16), "kid": near(kid), "coverage": alone(0.75), **real, **copies}


@pytest.mark.parametrize(
    ("kids", "said"),
    [
        ((2, 2), "No: by KID they are farther from real images than other real images are."),
        ((2, 0.5), "Not in a: by KID they are farther from real images than other real images are."),
        ((0.5, 0.625), "By KID they are: no farther from real images than other real images."),
    ],
)
def test_images_as_real_as_real_ones_or_not(kids, said):
    answer = generators._answer({"a": evaluated(kids[0]), "b": evaluated(kids[1])})
    assert answer.text == said
    assert answer.lines[0].endswith(
        "closer to a training image than all 37 test images are, of 64 images looked at: none by features and none by"
        " pixels (upper limit 4.6%)"
    )
    assert answer.lines[0].startswith("a: FID 16, of real images 8; KID")


def test_a_generator_that_repeats_itself_is_said_to():
    assert generators._collapsed({"a": evaluated(2), "b": evaluated(2, recall=0)}) == {
        "b": "recall 0, coverage 0.750, and 11 different training images nearest to 64 generated ones (20 to 37 test"
        " images)"
    }


def test_samples_of_one_generator_are_tested_for_one_share():
    """300 of 400, 122 of 150 and 104 of 120 good ones: chi-square 8.4 with two degrees of freedom."""
    counts = pd.DataFrame({"valid": [300, 122, 104], "images": [400, 150, 120]})
    assert good_shares.heterogeneity(counts) == pytest.approx(0.015, abs=0.001)
    assert isnan(good_shares.heterogeneity(counts.assign(valid=0)))


def test_copies_are_named_only_if_they_are_beyond_chance():
    assert generators._copied({"a": evaluated(2, 0.625), "b": evaluated(2, 0.75)}) == ["b"]


def row(group: str, saving: ShownEstimate, reason: str = "") -> dict[str, object]:
    names = ("saving_expected", "precision_after", "precision_before")
    return {"group": group, "reason": reason, "saving_observed": saving} | dict.fromkeys(names, near(0.5))


def test_a_saving_is_sure_only_if_its_interval_is_above_one():
    rows = [row("a", near(1.5)), row("b", near(1.0625)), row("c", NOTHING), row("d", NOTHING, "no good image")]
    shares = dict.fromkeys("abcd", near(0.5))
    answer = loop._answer(rows, shares, {"one": 1.77, "other": 1.38})
    assert (
        answer.text
        == "1 of 3 sieves saves time beyond chance. Published savings, generation alone counted: 1.8 and 1.4."
    )
    assert answer.lines[3] == "d: 0.50 (0.38 to 0.62) of the generated images are good; no sieve: no good image"
    empty = (pd.DataFrame(columns=["within", "group"]), pd.DataFrame(columns=["holm", "group"]))
    assert loop._points(rows, *empty, 0.05) == [
        "No sieve for d: no good image.",
        "The sieve is not shown to save anything: b and c.",
    ]


def test_without_any_sieve():
    answer = loop._answer([row("d", NOTHING, "no good image")], {"d": near(0.5)}, {"one": 1.77})
    assert answer.text == "No group has a sieve. Published savings, generation alone counted: 1.8."


def methods(group: str = "a", **ratios: tuple[float, float, int]) -> dict[str, dict[str, object]]:
    """By method: the ratio of the sieve's cost to its cost, p after Holm, and how many of 60 images are good."""
    names = {
        "exit": SievingMethod.EXIT,
        "image": SievingMethod.IMAGE,
        "moved": SievingMethod.MOVED_Z,
    }
    known = {"group": group, "reason": "", "images": 60, "holm": nan, "kid": near(20)}
    rows: dict[str, dict[str, object]] = {
        SievingMethod.UNSIEVED: known | {"saving": NOTHING, "good": 30, "precision": near(0.5)},
        SievingMethod.SIEVE: known | {"saving": near(1.5), "good": 45, "precision": near(0.75)},
    }
    for name, (ratio, holm, good) in ratios.items():
        row = {"saving": near(1.5 * ratio), "against_sieve": near(ratio), "holm": holm, "good": good}
        rows[names[name]] = known | row | {"method": str(names[name])}
    return rows


def test_a_method_is_better_only_if_the_paired_difference_is_beyond_chance():
    found = {"a": methods(exit=(1.25, 0.02, 40), moved=(1.5, 0.2, 40)), "b": methods("b", moved=(0.5, 0.01, 40))}
    answer = sieving._answer(found, 3.6, 0.05)
    assert answer.text == (
        "Yes: in 1 of 3 comparisons of a method in a group, on the same latents and adjusted by Holm, it is cheaper"
        " than the stored sieve, in 1 dearer. The aim, a saving of 3.6, is not reached; no method could reach it in a"
        " and b."
    )
    assert answer.lines[0].endswith(
        "; the cost of the stored sieve divided by that of a cheaper method: early exit 1.25 (1.12 to 1.38)"
    )
    assert "cheaper method" not in answer.lines[1]


def test_what_cheaper_images_cost_in_likeness_is_said():
    found = {"a": methods(exit=(1.25, 0.02, 40), moved=(1.25, 0.02, 40))}
    found["a"][SievingMethod.MOVED_Z]["kid"] = near(40)
    (line,) = sieving._answer(found, 3.6, 0.05).lines
    assert line.endswith(
        "; of these, the good images of moved by z 40.00 (39.88 to 40.12) are farther from real ones by KID, whole"
        " intervals apart, than those without a sieve, 20.00 (19.88 to 20.12)"
    )


def test_the_greatest_of_many_savings_is_on_no_card():
    found = {"a": methods(exit=(3.0, 0.02, 40))}
    numbers = sieving._numbers(found)
    assert [(number.value, number.label) for number in numbers] == [
        ("1.50", "saving of the stored sieve in a, 45 good of 60 images (1.38 to 1.62)")
    ]


def test_the_most_possible_has_an_interval_of_its_own_and_few_images_are_called_few():
    (line,) = sieving._answer({"a": methods(exit=(1.25, nan, 2))}, 3.6, 0.05).lines
    assert line == (
        "a: the stored sieve saves 1.50 (1.38 to 1.62); most possible 2.00 (1.60 to 2.67), which is 1 / the share"
        " of good images without a sieve, 30 of 60; too few to tell: early exit (2 good of 60 images)"
    )


def test_an_aim_is_reached_only_by_a_whole_interval():
    found = {"a": methods(exit=(1.0, 0.5, 40), moved=(1.25, 0.5, 40))}
    assert "The aim, a saving of 1.7, is reached by moved by z in a." in sieving._answer(found, 1.7, 0.05).text


def test_without_good_images_there_is_no_saving():
    found = {"a": methods()}
    for row in found["a"].values():
        row["good"] = 0
    answer = sieving._answer(found, 3.6, 0.05)
    assert answer.text == (
        "It cannot be told, nor whether the aim, a saving of 3.6, can be reached: too few images are good."
    )
    assert answer.lines == ("a: no saving, for want of good images: 0 of 60 images without a sieve",)
    assert sieving._numbers(found) == []


def arm(name: str, images: int, gain: ShownEstimate, holm: float) -> dict[str, object]:
    return {"arm": name, "real_images": images, "gain": gain, "holm": holm, "roc_auc": near(0.75)}


def test_no_gain_beyond_chance():
    arms = pd.DataFrame(
        [arm("real", 20, NOTHING, nan), arm("real + synthetic", 20, near(0.25), 0.5), arm("synthetic", 0, near(0), 1)]
    )
    said = training._said(arms, {"real to synthetic: own statistics": near(0.5)}, 0.05, 3)
    assert said == [
        "Not shown: added to real images they raise ROC-AUC beyond chance in none of 1 comparison.",
        "With the most real images it changes by 0.25 (0.12 to 0.38) by real + synthetic with 20 real images.",
        "Alone they reach a ROC-AUC of 0.75 (0.62 to 0.88).",
        "All this is of generators that were trained once, and of 3 random draws of real images: other trainings may"
        " differ.",
        "A classifier discriminates real from synthetic images with a ROC-AUC of 0.50 (0.38 to 0.62) by own"
        " statistics.",
    ]


def test_a_depth_is_chosen_with_its_areas_or_not_at_all():
    rows = [("a", depth, int(depth == 1), near(0.5 + depth / 8)) for depth in (0, 1, 2)]
    rows += [("b", depth, int(depth == 1), NOTHING) for depth in (0, 1, 2)]
    learnt, without = sieving._chosen(pd.DataFrame(rows, columns=["group", "depth", "chosen", "roc_auc"]))
    assert learnt.startswith("a: depth 1 was chosen, ROC-AUC 0.62")
    assert "the latent has 0.50" in learnt and "the finished image 0.75" in learnt
    assert without == "b: nothing was learnt, so that no depth was chosen by its ROC-AUC."


def test_real_images_have_an_interval_of_kid_and_are_compared_with_it():
    wide = evaluated(0.75) | {"kid_real": near(0.625)}
    assert generators._farther({"a": wide}) == []
    assert generators._farther({"a": evaluated(0.75)}) == ["a"]


def test_images_that_do_harm_alone():
    arms = pd.DataFrame([arm("synthetic", 0, near(-0.5), 0.01)])
    assert training._points(arms, pd.DataFrame(columns=["classifier", "preserved", "augmentation"]), {}, 0.05, "") == [
        "A loss beyond chance: -0.50 (-0.62 to -0.38) by synthetic images alone, compared with the most real ones."
    ]


def test_units_too_few_to_show_that_a_label_is_preserved_are_named():
    """Without a loss Wilson's upper limit is z² / (n + z²): 0.102 of 34 units, and 0.099 of 35."""
    few = training._too_few(34, 0.1, 0.95)
    assert "34" in few and "0.102" in few
    assert training._too_few(35, 0.1, 0.95) == ""
    kept = pd.DataFrame([{"classifier": "trained with", "preserved": 0, "augmentation": "blur"}])
    points = training._points(pd.DataFrame([arm("synthetic", 0, near(0.5), 0.01)]), kept, {}, 0.05, few)
    assert len(points) == 1 and "blur" in points[0] and points[0].endswith(few)


def test_what_is_good_is_told_of_the_groups_there_are():
    assert good_of(["a", "b"], []) == "An image of a and b is good if all five scores are above 0."
    assert good_of(["a"], ["a"]).startswith(
        "An image of a is good if it passes the scores of shape and of left to right"
    )


def test_a_run_without_good_images_says_so_first_and_names_longer_training():
    assert too_brief(1, 40) == ""
    assert too_brief(0, 40).startswith("No generated image is good")
    assert "make use PRESET=standard" in too_brief(0, 40)
    assert "PRESET" not in too_brief(0, STANDARD_STEPS)  # that preset, or more, is in use already
    preset = Path(__file__).parents[4] / "workflow/presets/standard.yaml"
    assert yaml.safe_load(preset.read_text(encoding="utf-8"))["train_gan"]["steps"] == STANDARD_STEPS
