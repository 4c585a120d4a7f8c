"""What is left of duplicates in the data set that comes out, where paths went, and the flow of all of it."""

import pandas as pd

from radsieve.curation.data_flow import data_flow
from radsieve.curation.remaining_duplicates import remaining_pairs, where_paths_went
from radsieve.figures.flow_diagram import FLOW

IMAGES = pd.DataFrame({"file_id": list("abcdef"), "pixel_digest": ["p", "p", "p", "q", "r", "s"]})
PAIRS = pd.DataFrame(
    [("a", "b", "pixels"), ("a", "c", "pixels"), ("a", "d", "near"), ("a", "e", "near"), ("e", "f", "near")],
    columns=["file_id_a", "file_id_b", "kind"],
)


def kept(*files: str) -> pd.DataFrame:
    """Rows of one expert or, after a slash, of another."""
    rows = [(name.partition("/")[2] or "A", name[0], f"{number}.png") for number, name in enumerate(files)]
    return pd.DataFrame(rows, columns=["expert", "file_id", "relative_path"]).assign(unit="u", split="train")


def test_pairs_that_are_still_in_the_data_set():
    """b and c of equal pixels: one pair; with d, nearly the same as a, one tie; e and f were left out."""
    assert remaining_pairs(kept("b", "c", "d"), IMAGES, PAIRS) == {"bytes": 0, "pixels": 1, "near": 1}
    assert remaining_pairs(kept("a", "b", "c", "a"), IMAGES, PAIRS) == {"bytes": 1, "pixels": 3, "near": 0}
    assert remaining_pairs(kept("a", "a/B"), IMAGES, PAIRS) == {"bytes": 0, "pixels": 0, "near": 0}


def test_every_path_of_a_group_is_in_the_data_set_or_left_out_by_a_rule():
    groups = pd.DataFrame({"relative_path": ["1", "2"]})
    exclusions = pd.DataFrame({"relative_path": ["2"], "rule": ["conflict"]})
    assert where_paths_went(groups, exclusions).tolist() == ["in the data set", "conflict"]


def test_the_flow_counts_every_object_once():
    data = kept("a", "b", "c/B").assign(split=["train", "test", "train"], unit=["u", "v", "u"])
    raw = pd.concat([data, kept("d", "e")])[["expert", "file_id", "relative_path"]]
    exclusions = pd.DataFrame(
        [("x", "quarantine", "no image: because (3 bytes)"), ("d", "duplicate (bytes)", ""), ("e", "disagreement", "")],
        columns=["relative_path", "rule", "evidence"],
    )
    flow = data_flow(raw, exclusions, data)
    FLOW.validate(flow)
    assert flow[flow["kind"] == "remaining"]["count"].tolist() == [6, 5, 3]
    assert flow[flow["kind"] == "excluded"]["count"].tolist() == [1, 1, 1]
    assert flow.loc[1, "detail"] == "no image: 1"
    assert flow[flow["kind"] == "part"][["step", "count"]].to_numpy().tolist() == [
        ["train", 2], ["validation", 0], ["test", 1],
    ]  # fmt: skip


def test_without_quarantine_nothing_is_excluded_before_the_grades():
    data = kept("a")
    flow = data_flow(data, pd.DataFrame(columns=["relative_path", "rule", "evidence"]), data)
    assert (flow["kind"] != "excluded").all() and flow["count"].tolist()[:3] == [1, 1, 1]
