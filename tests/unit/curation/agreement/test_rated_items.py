"""Items are pictures: files of equal pixels that each expert saved anew are one of them."""

from pathlib import Path

import pandas as pd
import pytest
from defaults import settings

from radsieve.curation.agreement import agreement_tables as made
from radsieve.curation.agreement.rated_items import graded_images
from radsieve.curation.tables import DUPLICATE_PAIRS
from radsieve.errors import InputError

GRADES = ["0", "1", "2"]
FIRST, SECOND = "001122001122", "001122001200"  # three of twelve pictures differ


def file_id(expert: str, picture: int) -> str:
    return f"{expert.encode().hex() + str(picture):0>64}:{picture:032}"


def saved_anew(first: str = FIRST, second: str = SECOND) -> tuple[pd.DataFrame, pd.DataFrame]:
    """RAW_DATA and the columns that count of IMAGES: every expert has a file of its own of each picture."""
    raw = [
        (expert, file_id(expert, number), grade, f"{expert}/{grade}/{number}.png")
        for expert, grades in (("A", first), ("B", second))
        for number, grade in enumerate(grades)
    ]
    images = [(file, file[:8], f"{path.split('/')[2]:0>64}") for _, file, _, path in raw]
    return (
        pd.DataFrame(raw, columns=["expert", "file_id", "severity", "relative_path"]),
        pd.DataFrame(images, columns=["file_id", "image_path", "pixel_digest"]).assign(
            PatientID="", StudyInstanceUID="", other_patients="", other_studies=""
        ),
    )


def pairs_of(*pairs: tuple[str, str]) -> pd.DataFrame:
    rows = [(a, b, "near", "none", 3, 0.9) for a, b in pairs]
    return pd.DataFrame(rows, columns=list(DUPLICATE_PAIRS.columns))


def items(raw, images, pairs=None, same_picture="pixels"):
    source = settings("source", graders=["A", "B"], grades=GRADES, same_picture=same_picture)
    return graded_images(raw, images, pairs_of() if pairs is None else pairs, Path("images"), source)


def test_copies_saved_anew_are_one_item():
    """Nine of twelve agree; A says each grade 4 times, B 6, 3 and 3 times: chance (4*6 + 4*3 + 4*3) / 144 = 1/3."""
    raw, images = saved_anew()
    found = items(raw, images)
    assert found.ratings.items == tuple(sorted(file_id("A", number) for number in range(12)))
    assert found.ratings.disagreeing.sum() == 3
    table = made.coefficients(found.ratings, "nominal", 100, 0.95, 1).set_index(["raters", "coefficient"])
    assert table.loc[("A | B", "Cohen's kappa"), "value"] == pytest.approx((9 / 12 - 1 / 3) / (1 - 1 / 3))
    different = made.different_severity(found.ratings, found.listed)
    assert sorted(different["relative_path"]) == [
        "A/1/9.png", "A/2/10.png", "A/2/11.png", "B/0/10.png", "B/0/11.png", "B/2/9.png",
    ]  # fmt: skip


def test_files_are_items_where_the_same_picture_means_equal_bytes():
    found = items(*saved_anew(), same_picture="bytes")
    assert len(found.ratings.items) == 24 and not found.ratings.disagreeing.any()


def test_a_rater_who_contradicts_himself_through_two_files_has_no_rating():
    raw, images = saved_anew()
    again = pd.DataFrame([("A", "0" * 64 + ":" + "f" * 32, "1", "A/1/again.png")], columns=list(raw.columns))
    images.loc[len(images)] = [again["file_id"][0], "again", images["pixel_digest"][0], *[""] * 4]
    found = items(pd.concat([raw, again], ignore_index=True), images).ratings
    assert found.contradictions == 1
    assert (found.codes >= 0).all(axis=1).sum() == 11 and len(found.items) == 12


def test_resamples_leave_pictures_of_one_patient_together():
    raw, images = saved_anew()
    images.loc[images["file_id"].isin([file_id("A", 0), file_id("A", 1)]), "PatientID"] = "p"
    images.loc[images["file_id"].isin([file_id("B", 1), file_id("A", 2)]), "StudyInstanceUID"] = "s"
    found = items(raw, images).ratings
    units = dict(zip(found.items, found.subjects, strict=True))
    assert len({units[file_id("A", number)] for number in (0, 1, 2)}) == 1
    assert len(set(units.values())) == 10


def test_resamples_leave_near_duplicates_together():
    found = items(
        *saved_anew(), pairs_of((file_id("A", 0), file_id("B", 1)), (file_id("B", 1), file_id("A", 2)))
    ).ratings
    units = dict(zip(found.items, found.subjects, strict=True))
    assert len({units[file_id("A", number)] for number in (0, 1, 2)}) == 1
    assert len(set(units.values())) == 10


def test_a_file_without_facts_is_named():
    raw, images = saved_anew()
    with pytest.raises(InputError, match=r"is not in images\.csv"):
        items(raw, images.iloc[1:])
