import hashlib

import numpy as np
import pandas as pd
import pytest

from radsieve.curation import tables as curation_tables
from radsieve.curation.duplicate_groups import deleted_paths, find_duplicates
from radsieve.errors import InputError
from radsieve.imaging import tags
from radsieve.phantoms.knees import render_knee


def file_id(name):
    return f"{hashlib.sha256(name.encode()).hexdigest()}:{hashlib.md5(name.encode()).hexdigest()}"


def raw_table(*rows):
    """Rows of (expert, file, grade, path)."""
    table = pd.DataFrame(rows, columns=list(curation_tables.RAW_DATA.columns))
    return table.assign(file_id=table["file_id"].map(file_id))


def images_table(**pictures):
    """Files by name, each with the name of its picture; `near` hashes are those of the picture's first letter."""
    rows = []
    for number, (name, picture) in enumerate(pictures.items()):
        digest = hashlib.sha256(picture.encode()).hexdigest()
        phash = hashlib.sha256(picture[0].encode()).hexdigest()[:16]
        facts = ("PNG", 9, 9, "L", 8, 0.5, digest, phash, phash[::-1], "", *tags.NONE.values())
        rows.append((file_id(name), picture, 10 + number, *facts))
    return pd.DataFrame(rows, columns=list(curation_tables.IMAGES.columns))


@pytest.fixture(scope="module")
def load():
    images = {name: render_knee(np.random.default_rng(n), 4.0, 128).astype(np.float32) for n, name in enumerate("abc")}
    return lambda picture: images[picture[0]] * (0.5 if picture.endswith("dark") else 1)


def find(raw, images, load):
    found = find_duplicates(raw, images, load, 8, 0.82)
    curation_tables.DUPLICATE_PAIRS.validate(found.pairs)
    curation_tables.BORDERLINE_PAIRS.validate(found.borderline)
    curation_tables.DUPLICATE_GROUPS.validate(found.groups)
    curation_tables.DUPLICATE_CONFLICTS.validate(found.conflicts)
    curation_tables.DELETED_PATHS.validate(found.deleted_paths)
    return found


def test_once_under_each_expert_is_no_duplicate(load):
    raw = raw_table(("I", "x", "0", "I/0/1.png"), ("II", "x", "1", "II/1/9.png"))
    found = find(raw, images_table(x="a"), load)
    assert found.groups.empty and found.pairs.empty and found.conflicts.empty and found.deleted_paths.empty


def test_the_same_bytes_twice_under_one_expert(load):
    raw = raw_table(
        ("I", "x", "0", "I/0/1.png"),
        ("I", "y", "0", "I/0/2.png"),
        ("I", "x", "0", "I/0/3.png"),
        ("II", "x", "0", "II/0/4.png"),
    )
    found = find(raw, images_table(x="a", y="b"), load)
    assert found.deleted_paths["relative_path"].tolist() == ["I/0/3.png"]
    assert found.groups["relative_path"].tolist() == ["I/0/1.png", "I/0/3.png", "II/0/4.png"]
    assert found.groups["representative"].tolist() == [True, False, False]
    assert set(found.groups["kind"]) == {"bytes"}
    assert found.metrics["deleted_paths"] == {"I": 1, "II": 0}


def test_a_conflict_by_bytes_deletes_nothing(load):
    raw = raw_table(
        ("I", "x", "0", "I/0/1.png"),
        ("I", "x", "1", "I/1/2.png"),
        ("II", "x", "0", "II/0/3.png"),
        ("II", "x", "0", "II/0/4.png"),
    )
    found = find(raw, images_table(x="a"), load)
    assert found.deleted_paths["relative_path"].tolist() == ["II/0/4.png"]
    assert found.conflicts.to_numpy().tolist() == [[1, "bytes", "I", "0 | 1", "I/0/1.png | I/1/2.png"]]


def test_pixel_and_near_ties(load):
    raw = raw_table(
        ("I", "z", "2", "I/2/0.png"),
        ("I", "x", "0", "I/0/1.png"),
        ("I", "y", "0", "I/0/2.png"),
        ("I", "w", "1", "I/1/3.png"),
        ("II", "w", "1", "II/1/4.png"),
    )
    found = find(raw, images_table(z="b", x="a", y="a", w="a dark"), load)
    assert found.groups[["kind", "relative_path", "representative"]].to_numpy().tolist() == [
        ["bytes", "I/0/1.png", True],
        ["pixels", "I/0/2.png", False],
        ["near", "I/1/3.png", False],
        ["near", "II/1/4.png", False],
    ]
    assert found.pairs[["kind", "transform"]].to_numpy().tolist() == [["pixels", "none"], ["near", "none"]]
    assert found.pairs["file_id_a"].tolist() == [file_id("x")] * 2
    assert found.conflicts[["kind", "expert", "severities"]].to_numpy().tolist() == [["near", "I", "0 | 1"]]
    assert found.deleted_paths.empty
    assert found.metrics["groups"] == {"bytes": 0, "pixels": 0, "near": 1}
    assert found.metrics["conflicts"] == {"bytes": 0, "pixels": 0, "near": 1}


def test_a_conflict_has_the_closest_tie_that_it_contradicts(load):
    raw = raw_table(("I", "x", "0", "I/0/1.png"), ("I", "y", "1", "I/1/2.png"), ("I", "w", "2", "I/2/3.png"))
    found = find(raw, images_table(x="a", y="a", w="a dark"), load)
    assert found.conflicts[["kind", "severities"]].to_numpy().tolist() == [["pixels", "0 | 1 | 2"]]


def test_copies_that_only_different_experts_have_form_a_group(load):
    raw = raw_table(("I", "x", "0", "I/0/1.png"), ("II", "y", "1", "II/1/2.png"))
    found = find(raw, images_table(x="a", y="a"), load)
    assert len(found.groups) == 2 and found.conflicts.empty
    assert found.metrics["groups_repeated_under_one_expert"] == 0
    assert found.metrics["groups_across_experts"] == found.metrics["groups_across_grades"] == 1


def test_groups_are_numbered_by_their_first_path(load):
    raw = raw_table(
        ("I", "x", "0", "I/0/1.png"),
        ("I", "y", "0", "I/0/2.png"),
        ("I", "y", "0", "I/0/3.png"),
        ("I", "x", "0", "I/0/4.png"),
    )
    groups = find(raw, images_table(x="b", y="a"), load).groups
    assert groups["group"].tolist() == [1, 1, 2, 2]
    assert groups["relative_path"].tolist() == ["I/0/1.png", "I/0/4.png", "I/0/2.png", "I/0/3.png"]


def test_no_images(load):
    raw, images = (
        pd.DataFrame(columns=list(schema.columns)) for schema in (curation_tables.RAW_DATA, curation_tables.IMAGES)
    )
    found = find(raw, images, load)
    assert found.groups.empty and found.deleted_paths.empty
    assert found.metrics["paths"] == 0 and found.metrics["deleted_paths"] == {}


def test_a_file_that_was_not_ingested_is_named(load):
    raw = raw_table(("I", "x", "0", "I/0/1.png"))
    with pytest.raises(InputError, match=r"I/0/1\.png: .*run ingest_images again"):
        find_duplicates(raw, images_table(y="a"), load, 8, 0.82)


def test_three_copies_leave_the_first_path_in_listing_order():
    raw = raw_table(*[("I", "x", "3", f"I/3/{name}.png") for name in ("b", "a", "c")])
    assert deleted_paths(raw)["relative_path"].tolist() == ["I/3/a.png", "I/3/c.png"]
