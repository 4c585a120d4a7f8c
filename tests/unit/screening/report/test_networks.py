"""What the page on screening says of masks and subgroups by rules."""

import pandas as pd
import pytest

from radsieve.imaging.spacing import DETECTOR, PATIENT
from radsieve.numbers import ShownEstimate
from radsieve.reporting.inputs import Inputs
from radsieve.screening.report import networks
from radsieve.screening.report.network_facts import unequal


def subgroups(lower, upper, units=12):
    rows = [("sex", sex, 20, 12, 0, 0, units, "dice", None, None, 0.9, 0.88, 0.92) for sex in "FM"]
    columns = [
        "attribute", "subgroup", "images", "patients", "positive_images", "positive_units", "negative_units", "measure",
        "count", "of", "value", "lower", "upper",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(
        difference=(lower + upper) / 2, difference_lower=lower, difference_upper=upper
    )


def test_a_difference_of_dice_by_sex_is_a_point_if_its_interval_excludes_none():
    (said,) = unequal(subgroups(-0.03, -0.01), "lungs", {"dice": "Mean Dice"}, 0.95)
    assert said.startswith("Mean Dice of the lungs in sex F: 0.900, which differs from that of other images by -0.020")
    assert "adjusted by Holm for 1 comparison" in said
    assert unequal(subgroups(-0.03, 0.01), "lungs", {"dice": "Mean Dice"}, 0.95) == []
    assert unequal(subgroups(-0.03, -0.01, units=9), "lungs", {"dice": "Mean Dice"}, 0.95) == []


def test_lungs_in_pieces_are_a_point_and_altered_copies_are_not_looked_at():
    batches = {
        "true images": pd.DataFrame({"parts": [2, 2, 3]}),
        "altered copies": pd.DataFrame({"parts": [1, 1, 1]}),
        "generated": pd.DataFrame({"parts": [7, 7, 2]}),
    }
    (said,) = networks._in_pieces(batches)
    assert "is 7 on generated images" in said


@pytest.mark.parametrize(("slope", "points"), [((-0.3, -0.5, -0.1), 1), ((0.1, -0.1, 0.3), 0)])
def test_a_proportional_bias_is_flagged_by_its_interval(slope, points):
    estimate = ShownEstimate(*slope)
    assert len(networks._proportional_point("breasts", estimate)) == points
    assert ("the bias is proportional" in networks._proportional(estimate)[0]) == bool(points)


@pytest.mark.parametrize(
    ("planes", "known", "told"),
    [
        (["", ""], "not known", None),
        ([DETECTOR, DETECTOR, ""], "known of 2 images: 2 images with millimetres at the detector", None),
        ([DETECTOR, PATIENT, PATIENT], "known of 3 images: 1 image", "are of 2 images with millimetres in the patient"),
    ],
)
def test_of_which_images_areas_in_square_millimetres_are(planes, known, told):
    found = pd.DataFrame({"mm_at": planes, "area_mm2": [9.0 if plane else None for plane in planes]})
    said = networks._square_mm(found)
    assert known in said
    assert (told in said) if told else ("Quantiles" not in said)


def test_reference_images_are_parted_by_what_was_done_to_them(tmp_path):
    (tmp_path / "alter_images").mkdir()
    rows = ["a,a,u,test,none,none", "a (darker),a,u,test,darker,exposure"]
    header = "image,original,unit,split,alteration,kind"
    (tmp_path / "alter_images/images.csv").write_text("\n".join([header, *rows]) + "\n")
    frames = {name: pd.DataFrame({"file": ["a", "a (darker)"]}) for name in ("reference", "generated")}
    found = networks.true_and_altered(Inputs(tmp_path), frames, "file")
    assert {name: frame["file"].tolist() for name, frame in found.items()} == {
        "true images": ["a"],
        "altered copies": ["a (darker)"],
        "generated": ["a", "a (darker)"],
    }


@pytest.mark.parametrize(("scores", "points"), [([0.2, 0.5, 0.6], 1), ([0.2, 0.6, 0.5], 0)])
def test_a_training_that_ends_at_its_best_epoch_is_a_point(scores, points):
    curves = pd.DataFrame({"epoch": [1, 2, 3], "validation_score": scores})
    assert len(networks._last_epoch(curves, "breasts")) == points


@pytest.mark.parametrize(
    ("bias", "points"), [((0.115, 0.1, 0.13), 1), ((-0.115, -0.13, -0.1), 1), ((0.04, 0.01, 0.06), 0)]
)
def test_an_area_that_is_wrong_by_a_quarter_of_the_true_one_is_a_point(bias, points):
    assert len(networks._large_bias({"area_bias": ShownEstimate(*bias)}, 0.15, "breasts")) == points


def test_means_without_an_interval_are_explained():
    known = subgroups(-0.03, -0.01)
    assert networks._no_interval(known) == ""
    assert "five units" in networks._no_interval(known.assign(lower=[None, 0.88]))
