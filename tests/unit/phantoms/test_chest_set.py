"""The set of chest radiographs: patients with several images, both sexes, arms on women's images only."""

import pytest

from radsieve import tables
from radsieve.phantoms.chest_set import plan_chests, truth_table
from radsieve.phantoms.tables import CHEST_TRUTH

OPTIONS = {
    "images": 400,
    "seed": 1,
    "images_per_patient": 3,
    "abnormal_share": 0.5,
    "arm_share": 0.4,
    "asymmetry": 0.03,
}


def plan(**changed):
    return plan_chests(**(OPTIONS | changed))


def test_the_shares_are_those_asked_for(tmp_path):
    truth = truth_table(plan())
    tables.write(CHEST_TRUTH, truth, tmp_path / "truth.csv")
    assert len(truth) == 400
    assert truth["image"].is_unique
    women = truth["sex"] == "F"
    assert women.mean() == pytest.approx(0.5, abs=0.1)
    assert (truth["finding"] == "abnormal").mean() == pytest.approx(0.5, abs=0.1)
    assert truth.loc[women, "arm"].mean() == pytest.approx(0.4, abs=0.12)
    assert not truth.loc[~women, "arm"].any()


def test_the_images_of_a_patient_show_one_person():
    truth = truth_table(plan())
    patients = truth.groupby("patient")
    assert (patients[["sex", "age", "asymmetry"]].nunique() == 1).all(axis=None)
    assert set(patients.size()) == {1, 2, 3}
    assert patients["finding"].nunique().max() == 2, "a patient may have normal and abnormal images"


def test_the_first_images_do_not_depend_on_how_many_follow():
    assert plan(images=30) == plan()[:30]
    assert plan(images=0) == []
    assert list(truth_table([]).columns) == list(CHEST_TRUTH.columns)


def test_seeds_and_shares():
    assert [image.chest for image in plan(images=5, seed=2)] != [image.chest for image in plan(images=5)]
    none = truth_table(plan(images=60, abnormal_share=0.0, arm_share=0.0, asymmetry=0.0))
    assert set(none["finding"]) == {"normal"}
    assert not none["arm"].any()
    assert (none["asymmetry"] == 0).all()
    every = truth_table(plan(images=60, abnormal_share=1.0, arm_share=1.0))
    assert set(every["finding"]) == {"abnormal"}
    assert (every["arm"] == (every["sex"] == "F")).all()


def test_what_a_grid_says_of_an_image():
    image = next(image for image in plan() if image.truth["arm"])
    assert image.label.startswith("women, ")
    assert image.caption == f"{image.name}, {image.truth['patient']}, arm"
