"""Published counts against counts of this run."""

from pathlib import Path

import pandas as pd
import pytest

from radsieve.errors import InputError
from radsieve.reporting.published import compare, reproduce

KNEE = Path(__file__).parents[3] / "data/published/knee_counts.csv"


def run_counts(cells: dict[tuple[int, int], int]) -> dict[str, tuple[str, str]]:
    raw = pd.DataFrame(
        {
            "expert": ["I", "I", "I", "II"],
            "file_id": ["a", "a", "b", "a"],
            "relative_path": ["I/a", "I/a2", "I/b", "II/a"],
        }
    )
    contingency = pd.DataFrame(
        [(*map(str, cell), count) for cell, count in cells.items()], columns=["label_a", "label_b", "count"]
    )
    deleted, different = pd.DataFrame({"relative_path": ["I/a2"]}), pd.DataFrame({"file_id": ["a", "a", "a"]})
    return reproduce(raw, deleted, different, contingency, ["I", "II"])


def test_counts_of_a_run():
    counts = {name: value for name, (value, _) in run_counts({(0, 1): 1}).items()}
    assert counts == {
        "png_objects": "4",
        "images_per_expert": "3 / 1",
        "unique_images": "2",
        "removed_paths_per_expert": "1 / 0",
        "disagreements": "1",
        "I0_II1": "1",
    }


def test_matches_differences_and_cells_on_one_side_only(tmp_path):
    (tmp_path / "p.csv").write_text("quantity,value\npng_objects,4\nunique_images,3\nI0_II0,0\nI0_II1,2\n")
    table = compare(tmp_path / "p.csv", run_counts({(0, 1): 2, (1, 0): 5})).set_index("quantity")
    assert table["comparison"].to_dict() == {
        "png objects": "match",
        "unique images": "differs",
        "images graded 0 by expert I and 0 by expert II": "match",
        "images graded 0 by expert I and 1 by expert II": "match",
        "images graded 1 by expert I and 0 by expert II": "differs",
    }
    assert table.loc["images graded 1 by expert I and 0 by expert II", ["published", "reproduced"]].tolist() == [
        "0",
        "5",
    ]


def test_every_quantity_published_for_the_knee_set_is_counted():
    table = compare(KNEE, run_counts({(0, 1): 2}))
    assert len(table) == 11
    assert "not counted" not in set(table["reproduced"])


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"report_curation\.published"):
        compare(tmp_path / "none.csv", {})
