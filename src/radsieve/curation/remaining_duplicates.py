"""Which duplicates are still in the data set that comes out, and where each path of a group went."""

import pandas as pd

from radsieve.curation.tables import DuplicateKind

IN_DATA_SET = "in the data set"


def remaining_pairs(kept: pd.DataFrame, images: pd.DataFrame, pairs: pd.DataFrame) -> dict[DuplicateKind, int]:
    """Count the pairs among the kept images (curation.tables.NORMALIZED_DATA) that still show the same picture: by
    bytes, pairs of rows of one expert; by pixels, pairs of files; near, tied pairs (DUPLICATE_PAIRS) of pictures.

    `images` (IMAGES) knows the pixels of every file.
    """
    digest_of = images.set_index("file_id")["pixel_digest"]
    files = kept["file_id"].drop_duplicates()
    pictures = set(files.map(digest_of))
    ties = pairs[pairs["kind"] == DuplicateKind.NEAR]
    both = [ties[f"file_id_{end}"].map(digest_of).isin(pictures) for end in "ab"]
    return {
        DuplicateKind.BYTES: _pairs_within(kept.groupby(["expert", "file_id"]).size()),
        DuplicateKind.PIXELS: _pairs_within(files.map(digest_of).value_counts()),
        DuplicateKind.NEAR: int((both[0] & both[1]).sum()),
    }


def where_paths_went(groups: pd.DataFrame, exclusions: pd.DataFrame) -> pd.Series:
    """For each path of DUPLICATE_GROUPS the rule of EXCLUSIONS that left it out, or that it is in the data set."""
    rule_of = exclusions.drop_duplicates("relative_path").set_index("relative_path")["rule"]
    return groups["relative_path"].map(rule_of).fillna(IN_DATA_SET)


def _pairs_within(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
