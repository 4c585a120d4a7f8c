"""What the page says of a set of images."""

import pandas as pd
import pytest

from radsieve.tasks.report.pictures import _counted, _shifts


@pytest.mark.parametrize(("outside", "parts"), [(0, ["train"]), (3, ["train", "outside", "outside"])])
def test_images_from_outside_are_counted_where_there_are_any(outside, parts):
    counts = pd.DataFrame({"part": ["train", "outside", "outside"], "images": [5, 0, outside]})
    assert _counted(counts)["part"].tolist() == parts


def _row(part, accuracy, sensitivity, specificity):
    measures = {"accuracy": accuracy, "sensitivity": sensitivity, "specificity": specificity}
    ends = ("", "_lower", "_upper")
    bounds = {f"{name}{ends[place]}": value for name, found in measures.items() for place, value in enumerate(found)}
    return {"part": part, "chosen": 1} | bounds


@pytest.mark.parametrize(
    ("accuracy", "specificity", "named"),
    [
        ((0.90, 0.83, 0.94), (0.33, 0.16, 0.57), ["above 0.850", "specificity"]),
        ((0.90, 0.86, 0.94), (0.80, 0.60, 0.95), []),
    ],
)
def test_an_accuracy_outside_that_the_commonest_class_explains_is_a_point(accuracy, specificity, named):
    inside = _row("test", (0.92, 0.72, 0.98), (0.96, 0.75, 0.99), (0.88, 0.63, 0.97))
    comparison = pd.DataFrame([inside, _row("outside", accuracy, (1.0, 0.96, 1.0), specificity)])
    labels = pd.DataFrame(
        {
            "part": ["test", "test", "outside", "outside"],
            "label": ["normal", "abnormal"] * 2,
            "images": [26, 24, 18, 102],
            "pictures": [26, 24, 18, 19],
        }
    )
    said = _shifts(comparison, labels, "pneumonia")
    assert len(said) == len(named)
    assert all(word in one for word, one in zip(named, said, strict=True))


def test_without_a_part_from_outside_only_the_test_part_is_judged():
    comparison = pd.DataFrame([_row("test", (0.4, 0.2, 0.6), (0.4, 0.2, 0.6), (0.4, 0.2, 0.6))])
    labels = pd.DataFrame({"part": ["test"] * 2, "label": ["a", "b"], "images": [3, 7]})
    (said,) = _shifts(comparison, labels, "knee")
    assert "0.700" in said
    assert "(b)" in said


def test_images_of_one_class_have_no_accuracy_to_exceed():
    comparison = pd.DataFrame([_row("test", (0.9, 0.8, 0.97), (0.9, 0.8, 0.97), (None, None, None))])
    labels = pd.DataFrame({"part": ["test"] * 2, "label": ["a", "b"], "images": [0, 40]})
    assert _shifts(comparison, labels, "knee") == []
