"""Published counts against those of this run."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from radsieve.errors import InputError

_CELLS = "measure_agreement/contingency.csv"


def reproduce(
    raw: pd.DataFrame,
    deleted_paths: pd.DataFrame,
    different: pd.DataFrame,
    contingency: pd.DataFrame,
    experts: Sequence[str],
) -> dict[str, tuple[str, str]]:
    """Count what the published analysis (github.com/TiunovNN/hse-knee-xray-research) counted: each quantity's value in
    words and the file it comes from.

    The tables are curation.tables.RAW_DATA, DELETED_PATHS, DIFFERENT_SEVERITY and CONTINGENCY. Where experts differ in
    a count that is published as one number, both are given, as in `17 / 16`.
    """
    expert_of = raw.set_index("relative_path")["expert"]
    removed = deleted_paths["relative_path"].map(expert_of)
    listed, deleted = "ingest_images/raw_data.csv", "find_duplicates/deleted_paths.csv"
    values = {
        "png_objects": (str(len(raw)), listed),
        "images_per_expert": (_per_expert(raw["expert"], experts), listed),
        "unique_images": (str(raw["file_id"].nunique()), listed),
        "removed_paths_per_expert": (_per_expert(removed, experts), deleted),
        "disagreements": (str(different["file_id"].nunique()), "measure_agreement/different_severity.csv"),
    }
    if len(experts) == 2:
        values |= {
            f"I{row['label_a']}_II{row['label_b']}": (str(row["count"]), _CELLS)
            for row in contingency.to_dict("records")
        }
    return values


def compare(path: Path, counts: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Compare the published table at `path` (`quantity,value`) with `counts`: one row per published quantity.

    A cell of the contingency table (I<a>_II<b>) that no image falls into counts 0; cells with images that the published
    table lacks are added, published 0.
    """
    try:
        published = dict(pd.read_csv(path, dtype=str).itertuples(index=False, name=None))
    except FileNotFoundError:
        raise InputError(f"{path}: not found; report_curation.published names it") from None
    cells = [name for name in counts if _is_cell(name) and name not in published]
    rows = []
    for name in [*published, *sorted(cells)]:
        expected = published.get(name, "0")
        value, source = counts.get(name, ("0", _CELLS) if _is_cell(name) else ("not counted", "–"))
        rows.append((_describe(name), expected, value, "match" if value == expected else "differs", source))
    return pd.DataFrame(rows, columns=["quantity", "published", "reproduced", "comparison", "from"])


def _per_expert(experts_of_rows: pd.Series, experts: Sequence[str]) -> str:
    counts = experts_of_rows.value_counts().reindex(list(experts), fill_value=0)
    return " / ".join(map(str, counts.unique()))


def _is_cell(name: str) -> bool:
    return re.fullmatch(r"I\d+_II\d+", name) is not None


def _describe(name: str) -> str:
    if _is_cell(name):
        first, second = (part.lstrip("I") for part in name.split("_"))
        return f"images graded {first} by expert I and {second} by expert II"
    return name.replace("_", " ")
