"""What each mistake is worth where it is planted: its sign and what takes part."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from image_training import training_with

from radsieve.errors import InputError
from radsieve.imaging.rendering import Rendering
from radsieve.tasks.images.data import ImageData, Part, honest_division, random_division
from radsieve.tasks.images.evaluation import NO_PICTURE, comparison, study
from radsieve.tasks.images.mistakes import leaks
from radsieve.tasks.images.results import image_results
from radsieve.tasks.images.shifted import AS_FITTED
from radsieve.tasks.images.variants import learners

NEAREST = "pixels 8 neighbour"


def data_of(scans=60, slices=3, copies=1, seed=1, classes=2):
    """Scans whose pattern is their own and says nothing of the class; a scan's slices, and copies of each, are alike.

    The files of class 1 have more bytes.
    """
    random = np.random.default_rng(seed)
    rows, images = [], []
    for scan in range(scans):
        pattern = random.integers(40, 200, (8, 8))
        for place in range(slices):
            image = np.clip(pattern + random.integers(-20, 20, (8, 8)), 0, 255).astype(np.uint8)
            for copy in range(copies):
                label, name = str(scan % classes), f"{scan}-{place}-{copy}"
                split = ("train", "train", "train", "validation", "test")[scan // classes % 5]
                rows.append((name, f"{scan}-{place}".ljust(64, "0"), str(scan), str(scan), label,
                             1000 + 500 * (scan % classes), 8, 8, 0.5, split))  # fmt: skip
                images.append(image[None])
    names = ["image", "picture", "patient", "unit", "label", "bytes", "width", "height", "grey", "split"]
    table = pd.DataFrame(rows, columns=names)
    truth, units = (table[name].astype(int).to_numpy(copy=True) for name in ("label", "unit"))
    return ImageData(tuple(map(str, range(classes))), Part(np.stack(images), table, truth, units), None)


def study_of(data, folder, protocols, variants=(NEAREST,), **changed):
    training = training_with(
        folder,
        list(variants),
        protocols=protocols,
        protocol_variants=[NEAREST],
        bootstrap=100,
        ordered=False,
        **changed,
    )
    return study(data, training.settings, learners(training, "here"), "here")


def row_of(table, protocol, metric="accuracy"):
    return table[(table["protocol"] == protocol) & (table["metric"] == metric)].iloc[0]


def test_slices_of_one_scan_on_both_sides_tell_the_class(tmp_path):
    table = leaks(study_of(data_of(), tmp_path, ["honest", "by_slice", "shuffled_truth"]))
    assert row_of(table, "honest")["upper"] < 0.95
    leaky = row_of(table, "by_slice")
    assert leaky["value"] > 0.8
    assert leaky["difference_lower"] > 0
    assert abs(row_of(table, "shuffled_truth", "roc_auc")["value"] - 0.5) < 0.3


def test_both_rows_of_a_picture_are_a_leak_and_one_of_them_is_honest(tmp_path):
    data = data_of(slices=1, copies=2, scans=300)
    found = study_of(data, tmp_path, ["honest", "by_row", "test_in_training"])
    table = leaks(found)
    assert not data.inside.table.iloc[np.concatenate(list(vars(found.division).values()))].duplicated("picture").any()
    assert row_of(table, "by_row")["difference_lower"] > 0
    assert row_of(table, "by_row")["evaluated"] == 2 * row_of(table, "honest")["evaluated"]
    every = row_of(table, "test_in_training")
    assert every["evaluated"] == 300
    assert every["value"] > row_of(table, "honest")["value"]


def test_what_is_chosen_on_test_is_never_worse_there(tmp_path):
    names = (NEAREST, "pixels 8 linear", "hog 16 linear")
    table = leaks(study_of(data_of(), tmp_path, ["chosen_on_test"], names))
    assert row_of(table, "chosen_on_test")["difference"] >= 0
    alone = leaks(study_of(data_of(), tmp_path, ["honest", "chosen_on_test"]))
    same = alone[alone["protocol"] == "chosen_on_test"]
    assert (same["same"] == 1).all(), "there is one variant to choose"
    assert (same["difference"] == 0).all()
    assert same["difference_lower"].isna().all()
    assert (same["units"] == same["honest_units"]).all()


def test_files_that_tell_the_class_are_seen_without_the_picture(tmp_path):
    table = comparison(study_of(data_of(), tmp_path, ["honest"]))
    alone = table[table["variant"] == NO_PICTURE].iloc[0]
    assert alone["accuracy"] == 1
    assert alone["accuracy_lower"] < 1
    assert table.loc[table["variant"] == NEAREST, "accuracy"].iloc[0] < 0.8


def test_the_random_division_has_the_sizes_of_the_honest_one():
    data = data_of()
    honest = honest_division(data)
    dealt = random_division(data, honest, every_row=False, seed=1)
    assert [len(rows) for rows in vars(dealt).values()] == [len(rows) for rows in vars(honest).values()]
    units = data.inside.units
    assert not set(units[honest.train]) & set(units[honest.test])
    assert set(units[dealt.train]) & set(units[dealt.test])


def test_the_card_says_what_the_stored_classifier_learnt_from_and_what_chose_it(tmp_path):
    data = replace(data_of(), rendering=Rendering("stored", 2))
    card = image_results(data, training_with(tmp_path, [NEAREST], protocol_variants=[NEAREST]), "x").card
    division = honest_division(data)
    for part, rows in (("learnt_from", division.train), ("chosen_on", division.validation)):
        units = len(set(data.inside.units[rows].tolist()))
        assert (card[part]["images"], card[part]["units"]) == (len(rows), units)
    assert (card["learnt_from"]["split"], card["chosen_on"]["split"]) == ("train", "validation")
    assert Rendering.of(card) == Rendering("stored", 2)


def test_the_card_and_the_shares_of_folds_are_of_both_splits(tmp_path):
    """Of validation nearly all images are of class 1, of training half of them are."""
    data, crossed = data_of(scans=40), "4x1 folds 2"
    table = data.inside.table
    others = (table["split"] == "validation") & (table["label"] == "0") & (table["unit"] != "6")
    data = replace(data, inside=replace(data.inside, table=table.assign(split=table["split"].mask(others, "test"))))
    training = training_with(tmp_path, [crossed], protocols=["honest", "by_image"], protocol_variants=[crossed],
                             epochs=1, bootstrap=100, ordered=False, input_pixels=8)  # fmt: skip
    found = image_results(data, training, "x")
    rows = honest_division(data).rows("train", "validation")
    units = len(set(data.inside.units[rows].tolist()))
    for part in ("learnt_from", "chosen_on"):
        assert found.card[part] == {"split": "train and validation", "images": len(rows), "units": units}
    shift = {schema.name: table for schema, table in found.tables}["shift"]
    fitted = shift[shift["method"] == AS_FITTED]
    assert fitted["share_positive"].tolist() == [pytest.approx(data.inside.truth[rows].mean())]


def test_too_few_units_for_folds_name_the_setting(tmp_path):
    crossed = "4x1 folds 20"
    training = training_with(tmp_path, [crossed], protocol_variants=[crossed], input_pixels=8)
    with pytest.raises(InputError, match=f"train_classifier.knee.variants: {crossed}: only 16 units"):
        image_results(data_of(scans=40), training, "train_classifier.knee")


def test_a_class_that_a_split_lacks_is_named(tmp_path):
    data = data_of()
    table = data.inside.table
    table.loc[(table["split"] == "test") & (table["label"] == "1"), "split"] = "train"
    training = training_with(tmp_path, [NEAREST], protocol_variants=[NEAREST])
    with pytest.raises(InputError, match="no image labelled '1' in the test split"):
        image_results(data, training, "train_classifier.knee")
    with pytest.raises(InputError, match="protocol_variants: hog 48 neighbour is not among the variants"):
        image_results(data_of(), training_with(tmp_path, [NEAREST]), "train_classifier.knee")
