"""Rules that keep a graded image or leave it out, on images small enough to follow by hand."""

import hashlib
import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radsieve.curation import tables as curation_tables
from radsieve.curation.normalization import Normalized, Rules, count_grades, divided, normalize, quarantined
from radsieve.curation.review.decisions import Decision, Decisions
from radsieve.errors import InputError
from radsieve.imaging import tags
from radsieve.settings import Splits

GRADES = ("0Normal", "1Doubtful", "2Mild")
POLICIES = ("drop", "keep", "majority", "dawid_skene", "lowest", "highest")


def file_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest() + ":" + hashlib.md5(name.encode()).hexdigest()


def raw_table(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Rows of (expert, file, grade, name)."""
    return pd.DataFrame(
        [
            (expert, file_id(file), GRADES[grade], f"{expert}/{GRADES[grade]}/{name}")
            for expert, file, grade, name in rows
        ],
        columns=["expert", "file_id", "severity", "relative_path"],
    )


def images_table(raw: pd.DataFrame, same_pixels: dict[str, str] | None = None) -> pd.DataFrame:
    """One row per file; `same_pixels` maps a file to the file whose pixels it shares."""
    shared = {file_id(a): file_id(b) for a, b in (same_pixels or {}).items()}
    ids = list(dict.fromkeys(raw["file_id"]))
    table = pd.DataFrame({"file_id": ids, "pixel_digest": [shared.get(name, name)[:64] for name in ids]})
    return table.assign(**tags.NONE)


def groups_table(*rows: tuple[int, str, str]) -> pd.DataFrame:
    """Rows of (group, path, kind); the first of each group is its representative."""
    table = pd.DataFrame(rows, columns=["group", "relative_path", "kind"])
    table["representative"] = ~table.duplicated("group")
    return table.assign(distance=4, similarity=0.9876)


def consensus_table(**labels: str) -> pd.DataFrame:
    rows = [(file_id(file), label, 0.9, 2) for file, label in labels.items()]
    return pd.DataFrame(rows, columns=["item", "label", "probability", "ratings"])


def run(
    raw: pd.DataFrame,
    images: pd.DataFrame | None = None,
    groups: pd.DataFrame | None = None,
    consensus: pd.DataFrame | None = None,
    duplicates: tuple[str, ...] = ("bytes",),
    disagreements: str = "drop",
    same_picture: str = "pixels",
) -> Normalized:
    return normalize(
        raw,
        images_table(raw) if images is None else images,
        groups_table() if groups is None else groups,
        consensus_table() if consensus is None else consensus,
        Rules(GRADES, duplicates, disagreements, same_picture),
    )


def names(table: pd.DataFrame) -> list[str]:
    return [path.rsplit("/", 1)[1] for path in table["relative_path"]]


def test_a_faulty_picture_is_left_out_unless_a_reader_graded_it():
    raw = raw_table(("A", "x", 0, "1"), ("B", "x", 1, "2"), ("A", "y", 1, "3"))
    faults = {file_id("x")[:64]: "blank: score 1.000, threshold 0.7"}
    tables = (raw, images_table(raw), groups_table(), consensus_table(), Rules(GRADES, ("bytes",), "drop"))
    result = normalize(*tables, faults=faults)
    assert names(result.kept) == ["3"]
    assert result.exclusions["rule"].tolist() == ["fault", "fault"]
    assert set(result.exclusions["evidence"]) == set(faults.values())
    graded = Decisions(pictures={file_id("x")[:64]: Decision(GRADES[1], "reader")})
    kept = normalize(*tables, graded, faults).kept
    assert kept["severity"].tolist() == [1, 1, 1]


def test_duplicates_under_one_expert_keep_the_first_path():
    raw = raw_table(("A", "x", 0, "1"), ("A", "y", 1, "2"), ("A", "x", 0, "3"), ("B", "x", 0, "4"))
    result = run(raw)
    assert names(result.kept) == ["1", "2", "4"]
    assert result.kept["severity"].tolist() == [0, 1, 0]
    assert result.exclusions[["relative_path", "rule"]].to_numpy().tolist() == [["A/0Normal/3", "duplicate (bytes)"]]
    assert "A/0Normal/1" in result.exclusions["evidence"][2]


def test_kinds_of_duplicates_include_the_stricter_ones():
    raw = raw_table(("A", "x", 0, "1"), ("A", "x", 0, "2"), ("A", "x2", 0, "3"), ("A", "x3", 0, "4"))
    images = images_table(raw, {"x2": "x"})
    groups = groups_table(*[(1, path, "near") for path in raw["relative_path"]])
    kept = {
        kinds: names(run(raw, images, groups, duplicates=kinds).kept)
        for kinds in [(), ("bytes",), ("pixels",), ("near",)]
    }
    assert kept == {(): ["1", "2", "3", "4"], ("bytes",): ["1", "3", "4"], ("pixels",): ["1", "4"], ("near",): ["1"]}
    rules = run(raw, images, groups, duplicates=("near",)).exclusions["rule"].tolist()
    assert rules == ["duplicate (bytes)", "duplicate (pixels)", "duplicate (near)"]
    near = run(raw, images, groups, duplicates=("near",)).exclusions["evidence"].iloc[-1]
    assert "0.988" in near and "4 bits" in near and "A/0Normal/1" in near


def test_an_expert_who_contradicts_himself_loses_every_path_of_the_picture():
    raw = raw_table(("A", "x", 0, "1"), ("A", "x", 1, "2"), ("A", "x", 0, "3"), ("B", "x", 0, "4"))
    for kinds in [(), ("bytes",)]:
        result = run(raw, duplicates=kinds)
        assert names(result.kept) == ["4"]
        assert result.exclusions["rule"].tolist() == ["conflict"] * 3
        assert set(result.exclusions["evidence"]) == {"A graded this picture 0Normal (2x) and 1Doubtful (1x)"}


@pytest.mark.parametrize(
    ("policy", "grades", "changed"),
    [
        ("drop", [2], []),
        ("keep", [0, 1, 1, 2], []),
        ("majority", [1, 1, 1, 2], [(0, 1)]),
        ("lowest", [0, 0, 0, 2], [(1, 0), (1, 0)]),
        ("highest", [1, 1, 1, 2], [(0, 1)]),
        ("dawid_skene", [0, 0, 0, 2], [(1, 0), (1, 0)]),
    ],
)
def test_what_becomes_of_a_disagreement(policy, grades, changed):
    raw = raw_table(("A", "x", 0, "1"), ("B", "x", 1, "2"), ("C", "x", 1, "3"), ("A", "y", 2, "4"))
    result = run(raw, consensus=consensus_table(x="0Normal", y="2Mild"), disagreements=policy)
    assert result.kept["severity"].tolist() == grades
    assert list(zip(result.changed["given"], result.changed["agreed"], strict=True)) == changed
    assert len(result.exclusions) == 4 - len(grades)
    if policy == "drop":
        assert set(result.exclusions["evidence"]) == {"A: 0Normal; B: 1Doubtful; C: 1Doubtful"}


def test_two_experts_never_have_a_majority():
    raw = raw_table(("A", "x", 0, "1"), ("B", "x", 1, "2"), ("B", "y", 1, "3"))
    result = run(raw, disagreements="majority")
    assert names(result.kept) == ["3"]
    assert result.exclusions["rule"].tolist() == ["disagreement"] * 2


def test_a_majority_counts_experts_and_not_files():
    raw = raw_table(("A", "x", 0, "1"), ("A", "x", 0, "2"), ("A", "x", 0, "3"), ("B", "x", 1, "4"), ("C", "x", 1, "5"))
    result = run(raw, duplicates=(), disagreements="majority")
    assert result.kept["severity"].tolist() == [1] * 5


def test_a_disagreement_needs_a_consensus():
    raw = raw_table(("A", "x", 0, "1"), ("B", "x", 1, "2"))
    with pytest.raises(InputError, match=r"A/0Normal/1.*measure_agreement"):
        run(raw, disagreements="dawid_skene")


def test_a_near_duplicate_graded_differently_by_another_expert_is_a_disagreement_only_if_near_counts():
    raw = raw_table(("A", "x", 0, "1"), ("B", "x2", 1, "2"))
    groups = groups_table(*[(1, path, "near") for path in raw["relative_path"]])
    assert len(run(raw, groups=groups).kept) == 2
    assert run(raw, groups=groups, duplicates=("near",)).exclusions["rule"].tolist() == ["disagreement"] * 2


def test_grades_off_the_scale_and_images_without_facts_are_named():
    raw = raw_table(("A", "x", 0, "1"))
    with pytest.raises(InputError, match="5Worse"):
        run(raw.assign(severity="5Worse"))
    with pytest.raises(InputError, match="A/0Normal/1"):
        run(raw, images=images_table(raw).iloc[:0])


def test_no_images():
    result = run(raw_table())
    for table in (result.kept, result.exclusions, result.changed):
        assert table.empty
    assert count_grades(result.kept, ["A"], GRADES)["count"].tolist() == [0, 0, 0]


def test_quarantined_objects_are_exclusions_relative_to_the_prefix():
    quarantine = pd.DataFrame(
        {
            "key": ["images/A/0Normal/x", "odd"],
            "byte_size": [0, 7],
            "reason": ["empty object", "no image"],
            "detail": ["", "d"],
        }
    )
    table = quarantined(quarantine, "images/")
    assert table["relative_path"].tolist() == ["A/0Normal/x", "odd"]
    assert table["evidence"].tolist() == ["empty object (0 bytes)", "no image: d (7 bytes)"]


def test_grades_are_counted_with_zeros():
    kept = run(raw_table(("A", "x", 0, "1"), ("B", "y", 2, "2"), ("B", "z", 2, "3"))).kept
    table = count_grades(kept, ["A", "B"], GRADES)
    assert table["count"].tolist() == [1, 0, 0, 0, 0, 2]
    assert table["label"].tolist() == ["0Normal", "0Normal", "1Doubtful", "1Doubtful", "2Mild", "2Mild"]


ROW = st.tuples(st.sampled_from("ABC"), st.sampled_from("uvwxyz"), st.integers(0, 2))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(ROW, max_size=25),
    policy=st.sampled_from(POLICIES),
    kinds=st.sampled_from([(), ("bytes",), ("pixels",), ("near",)]),
)
def test_every_image_is_kept_or_excluded_and_what_is_kept_is_consistent(rows, policy, kinds):
    raw = raw_table(*[(*row, str(number)) for number, row in enumerate(rows)])
    images = images_table(raw, {"v": "u"})
    near = raw[raw["file_id"].isin([file_id(name) for name in "uvw"])]
    groups = groups_table(*[(1, path, "near") for path in near["relative_path"]])
    consensus = consensus_table(**dict.fromkeys("uvwxyz", "1Doubtful"))
    result = run(raw, images, groups, consensus, kinds, policy)
    kept, left = result.kept["relative_path"].tolist(), result.exclusions["relative_path"].tolist()
    assert sorted(kept + left) == sorted(raw["relative_path"])
    assert kept == [path for path in raw["relative_path"] if path in set(kept)]
    curation_tables.NORMALIZED_DATA.validate(result.kept.assign(unit="u", split="train"))
    if kinds:
        assert not result.kept.duplicated(["expert", "file_id"]).any()
    if policy != "keep":
        assert not result.kept.drop_duplicates(["file_id", "severity"]).duplicated("file_id").any()
    unchanged = result.kept[~result.kept["relative_path"].isin(result.changed["relative_path"])]
    assert all(
        GRADES[grade] in path for grade, path in zip(unchanged["severity"], unchanged["relative_path"], strict=True)
    )
    for a, b in itertools.combinations(result.exclusions.index, 2):
        assert a < b


def test_what_shows_the_same_picture_is_one_unit_even_through_an_image_that_is_left_out():
    """Of five files, 0 and 1 have equal pixels, and 1 is tied to 2, which is not kept, and that to 3."""
    files = [file_id(str(number)) for number in range(5)]
    digests = ["a" * 64, "a" * 64, "c" * 64, "d" * 64, "e" * 64]
    images = pd.DataFrame({"file_id": files, "pixel_digest": digests}).assign(**tags.NONE)
    pairs = pd.DataFrame({"file_id_a": [files[0], files[2]], "file_id_b": [files[2], files[3]]})
    kept = pd.DataFrame({"expert": "A", "file_id": [files[4], files[3], files[0], files[1]], "severity": 0})
    found = divided(kept, images, pairs, Splits(validation_share=0.2, test_share=0.2, seed=1))
    assert found["unit"].iloc[1] == found["unit"].iloc[2] == found["unit"].iloc[3] != found["unit"].iloc[0]
    assert len(set(found["split"].iloc[1:])) == 1
    assert found["file_id"].tolist() == kept["file_id"].tolist()


def test_experts_copies_saved_anew_are_one_picture():
    """Each expert has a file of its own; grades differ on the second picture, and A contradicts itself on the third."""
    raw = raw_table(
        ("A", "a1", 0, "1"), ("B", "b1", 0, "2"), ("A", "a2", 0, "3"), ("B", "b2", 1, "4"),
        ("A", "a3", 0, "5"), ("A", "x3", 1, "6"), ("B", "b3", 1, "7"),
    )  # fmt: skip
    images = images_table(raw, {"b1": "a1", "b2": "a2", "x3": "a3", "b3": "a3"})
    result = run(raw, images, duplicates=("bytes",))
    assert names(result.kept) == ["1", "2", "7"]
    assert result.exclusions["rule"].tolist() == ["disagreement", "disagreement", "conflict", "conflict"]
    assert len(run(raw, images, duplicates=("bytes",), same_picture="bytes").kept) == 7
