"""Image and table together where it is known what each tells."""

import numpy as np
import pandas as pd
import pytest
from defaults import content

from radsieve.errors import InputError
from radsieve.tasks.images.fusion_pairs import UNCERTAIN, Pairs, folds_of, labelled, read_rows
from radsieve.tasks.images.fusion_results import fusion_results
from radsieve.tasks.images.settings import FuseModalities
from radsieve.tasks.report.fused import _said


def settings(**changed):
    small = {"numbers": ["fever"], "codes": ["sex"], "bootstrap": 100, "strengths": [0.01, 0.1]}
    found = dict(content()["fuse_modalities"]) | small
    found = found | {"joint": found["joint"] | {"joins": changed.pop("joins", [])}} | changed
    return FuseModalities.model_validate(found)


def pairs(of_image, of_table, rows=240, seed=1):
    """Images and rows that tell so many standard deviations of the class; two images of a unit."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(rows // 2) % 2, 2)
    features = random.standard_normal((rows, 6))
    features[:, 0] += of_image * truth
    table = pd.DataFrame(
        {"fever": random.standard_normal(rows) + of_table * truth, "sex": random.choice(["F", "M"], rows)}
    )
    table.loc[::17, "fever"] = np.nan
    table["report"] = np.where(truth == 1, "opacity", "clear")
    table["view"] = random.choice(["AP", "PA"], rows)
    units = np.arange(rows) // 2
    names = [f"{one}.png" for one in range(rows)]
    return Pairs(names, features, table, truth, units, folds_of(truth, units, 4, 1, "here"))


def tables_of(found):
    return {schema.name: table for schema, table in found.tables}


def row_of(rows, **keys):
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]


@pytest.mark.slow
def test_a_table_that_tells_something_adds_to_the_image():
    table = tables_of(fusion_results(pairs(1.0, 1.5), settings()))["comparison"]
    for model in ("early", "late"):
        assert row_of(table, model=model, image="whole", table="whole")["difference_lower"] > 0
    broken = row_of(table, model="late", image="whole", table="shuffled")
    assert broken["roc_auc"] < row_of(table, model="late", image="whole", table="whole")["roc_auc"]
    without = row_of(table, model="late", image="whole", table="missing")
    assert without["roc_auc"] == pytest.approx(row_of(table, model="image")["roc_auc"])


@pytest.mark.slow
def test_a_table_that_tells_nothing_adds_nothing_and_its_share_is_about_0():
    found = tables_of(fusion_results(pairs(1.5, 0.0), settings()))
    late = row_of(found["comparison"], model="late", image="whole", table="whole")
    assert late["difference_lower"] <= 0.005
    assert abs(row_of(found["shares"], model="late", modality="table")["share"]) < 0.06
    both = found["shares"][found["shares"]["model"] == "late"]["share"].sum()
    assert both == pytest.approx(late["roc_auc"] - 0.5)


@pytest.mark.slow
def test_what_follows_from_the_class_is_a_leak_and_what_does_not_is_none():
    leaks = tables_of(fusion_results(pairs(1.0, 0.5), settings()))["leaks"]
    assert row_of(leaks, protocol="with_findings", model="late", metric="roc_auc")["difference_lower"] > 0
    assert row_of(leaks, protocol="view_known", model="table", metric="roc_auc")["difference_lower"] < 0.03
    assert row_of(leaks, protocol="with_findings", model="table", metric="roc_auc")["value"] == 1


@pytest.mark.slow
def test_a_column_that_says_nothing_leaves_the_ranking_as_it_is():
    data = pairs(1.0, 0.5)
    data.rows["view"] = "AP"
    leaks = tables_of(fusion_results(data, settings()))["leaks"]
    assert (leaks.loc[leaks["protocol"] == "view_known", "same"] == 1).all()
    assert (leaks.loc[leaks["protocol"] != "view_known", "same"] == 0).all()


@pytest.mark.slow
def test_a_joint_network_takes_what_both_tell_and_does_without_one():
    found = tables_of(fusion_results(pairs(1.0, 1.5), settings(joins=["product"])))
    table = found["comparison"]
    assert len(table) == 17
    whole = row_of(table, model="joint product", image="whole", table="whole")
    assert whole["difference_lower"] > 0
    for state in ({"image": "missing", "table": "whole"}, {"image": "whole", "table": "missing"}):
        alone = row_of(table, model="table" if state["image"] == "missing" else "image")
        assert row_of(table, model="joint product", **state)["roc_auc"] > alone["roc_auc"] - 0.1
    shares = found["shares"][found["shares"]["model"] == "joint product"]["share"]
    assert shares.sum() == pytest.approx(whole["roc_auc"] - 0.5)
    assert (found["predictions"]["model"] == "joint product").sum() == 240


def with_uncertain(data):
    """The same with every fourth image uncertain, most of them of the positive class, and its unit alone."""
    truth = data.truth.copy()
    truth[::4] = UNCERTAIN
    return Pairs(data.names, data.features, data.rows, truth, data.units, data.fold)


def test_images_that_are_uncertain_are_not_evaluated_and_ignored_as_if_they_were_not_there():
    data = with_uncertain(pairs(1.0, 1.0))
    ignored, without = (fusion_results(some, settings()) for some in (data, data.of(data.certain)))
    for name in ("comparison", "shares", "predictions"):
        pd.testing.assert_frame_equal(tables_of(ignored)[name], tables_of(without)[name])
    assert (ignored.metrics["uncertain"], ignored.metrics["images"]) == (60, 180)
    assert without.metrics["uncertain"] == 0
    assert "uncertain_negative" not in set(tables_of(without)["leaks"]["protocol"])


@pytest.mark.slow
def test_uncertain_images_read_as_either_class_change_what_is_learnt_and_as_negative_what_is_evaluated():
    data = pairs(2.0, 2.0)
    positive = np.flatnonzero(data.truth == 1)[::2]
    truth = data.truth.copy()
    truth[positive] = UNCERTAIN
    data = Pairs(data.names, data.features, data.rows, truth, data.units, data.fold)
    found = {how: tables_of(fusion_results(data, settings(uncertain=how))) for how in ("ignore", "zero", "one")}
    for tables in found.values():
        assert set(tables["comparison"]["images"]) == {180}
    called = {how: (tables["predictions"]["probability"] >= 0.5).mean() for how, tables in found.items()}
    assert called["zero"] < called["ignore"] < called["one"]
    leaks = found["ignore"]["leaks"]
    negative = row_of(leaks, protocol="uncertain_negative", model="image", metric="roc_auc")
    assert (negative["evaluated"], negative["units"], negative["honest_units"]) == (240, 120, 120)
    assert negative["honest"] == row_of(leaks, protocol="honest", model="image", metric="roc_auc")["value"]
    assert negative["difference_upper"] < 0
    accuracy = row_of(leaks, protocol="uncertain_negative", model="image", metric="accuracy")
    assert accuracy["difference"] == pytest.approx(accuracy["value"] - accuracy["honest"])
    assert accuracy["difference_lower"] < accuracy["difference"] < accuracy["difference_upper"]


def test_labels_that_are_certain_and_the_one_that_is_not():
    places = np.array([0, 1, 2, 2])
    assert labelled(places, ["0.0", "-1.0", "1.0"], "-1.0", "here").tolist() == [0, UNCERTAIN, 1, 1]
    assert labelled(np.array([1, 0]), ["no", "yes"], None, "here").tolist() == [1, 0]
    with pytest.raises(InputError, match=r"here\.uncertain_label = '2': not among the labels"):
        labelled(places, ["0.0", "-1.0", "1.0"], "2", "here")
    with pytest.raises(InputError, match=r"has 3 labels; name two"):
        labelled(places, ["0.0", "-1.0", "1.0"], None, "here")
    with pytest.raises(InputError, match=r"has 1 labels besides '-1.0'"):
        labelled(places, ["0.0", "-1.0"], "-1.0", "here")


def test_images_that_are_uncertain_move_no_fold_of_others():
    data = pairs(1.0, 1.0)
    truth, units = np.append(data.truth, [UNCERTAIN] * 5), np.append(data.units, [0, 500, 501, 502, 503])
    found = folds_of(truth, units, 4, 1, "here")
    assert (found[:240] == data.fold).all()
    assert found[240] == data.fold[0]
    assert sorted(found[241:]) == [0, 1, 2, 3]


def test_two_units_of_a_class_are_too_few_to_learn_from_and_to_choose_on():
    truth = np.repeat([0, 1], [20, 2])
    with pytest.raises(InputError, match=r"here\.folds = 2.*class 1"):
        folds_of(truth, np.arange(22), 2, 1, "here")
    assert set(folds_of(np.repeat([0, 1], [20, 4]), np.arange(24), 2, 1, "here")) == {0, 1}


def test_units_are_whole_in_the_folds():
    found = pairs(1.0, 1.0)
    assert pd.Series(found.fold).groupby(found.units).nunique().max() == 1
    with pytest.raises(InputError, match=r"here\.folds = 200: only 60 units of class 0"):
        folds_of(found.truth, found.units, 200, 1, "here")


def test_rows_and_images_that_do_not_belong_together(tmp_path):
    path, images = tmp_path / "rows.csv", pd.DataFrame({"image": ["a.png", "b.png", "c.png"]})
    path.write_text("image,fever,sex,report,view\na.png,37,F,x,AP\nb.png,38,F,x,AP\nb.png,39,F,x,AP\nz.png,40,M,x,AP\n")
    rows, places = read_rows(path, images, settings(), "here")
    assert places.tolist() == [0]
    assert rows["fever"].tolist() == [37]
    path.write_text("image,fever,sex,report,view\na.png,high,F,x,AP\n")
    with pytest.raises(InputError, match=r"column 'fever'.*holds 'high'"):
        read_rows(path, images, settings(), "here")
    path.write_text("image,fever,sex,report,view\nz.png,37,F,x,AP\n")
    with pytest.raises(InputError, match="no row of it names an image"):
        read_rows(path, images, settings(), "here")
    path.write_text("image,sex,report,view\na.png,F,x,AP\n")
    with pytest.raises(InputError, match="no column 'fever'"):
        read_rows(path, images, settings(), "here")
    with pytest.raises(InputError, match=r"none\.csv: not found"):
        read_rows(tmp_path / "none.csv", images, settings(), "here")


def test_a_table_as_a_spreadsheet_saves_it(tmp_path):
    path, images = tmp_path / "rows.csv", pd.DataFrame({"image": ["=a.png", "b.png", "Films/c.png"]})
    lines = ["image;fever;sex;report;view", "'=a.png;37;F;x;AP", " b.png;38;F;x;AP", "films\\c.png;39;F;x;AP"]
    path.write_text("\r\n".join(lines), encoding="utf-8-sig")
    rows, places = read_rows(path, images, settings(), "here")
    assert places.tolist() == [0, 1, 2]
    assert rows["fever"].tolist() == [37, 38, 39]


@pytest.mark.parametrize(
    ("bounds", "told"),
    [((0.01, 0.05), "is above 0"), ((-0.05, -0.01), "is below 0"), ((-0.01, 0.05), "includes 0"), ((0.0, 0.0), None)],
)
def test_the_page_says_on_which_side_of_0_the_gain_lies(bounds, told):
    """An interval without width is no interval, and nothing is said of it."""
    table = pd.DataFrame({"model": ["image", "table", "early", "late"], "image": "whole", "table": "whole"})
    table = table.assign(roc_auc=0.8, roc_auc_lower=0.7, roc_auc_upper=0.9, difference=np.mean(bounds))
    found = _said(table.assign(difference_lower=bounds[0], difference_upper=bounds[1]))
    assert [word for word in ("is above 0", "is below 0", "includes 0") if word in found] == ([told] if told else [])
