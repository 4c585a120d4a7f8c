"""Groups of images that show the same picture: by bytes, by pixels or nearly; and conflicts of grade in them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radsieve.curation import tables as curation_tables
from radsieve.curation.names import joined
from radsieve.curation.tables import DuplicateKind
from radsieve.errors import InputError
from radsieve.imaging.duplicates.image_similarity import Gray
from radsieve.imaging.duplicates.near_duplicates import NearDuplicates, Tie, find_near_duplicates

_SAME = Tie(distance=0, similarity=1.0, mirrored=False)


@dataclass(frozen=True)
class Duplicates:
    """DUPLICATE_PAIRS, BORDERLINE_PAIRS, DUPLICATE_GROUPS, DUPLICATE_CONFLICTS and DELETED_PATHS of
    `radsieve.curation.tables`, and `metrics`: counts by kind.
    """

    pairs: pd.DataFrame
    borderline: pd.DataFrame
    groups: pd.DataFrame
    conflicts: pd.DataFrame
    deleted_paths: pd.DataFrame
    metrics: dict[str, Any]


def find_duplicates(
    raw: pd.DataFrame,
    images: pd.DataFrame,
    load: Callable[[str], Gray],
    hash_distance: int,
    min_similarity: float,
    borderline: float = 0,
) -> Duplicates:
    """Find all duplicates among the images `raw` (curation.tables.RAW_DATA) with the files `images`
    (curation.tables.IMAGES).

    A group holds the paths of one picture if it has several files, or one file more than once under one expert; a file
    that each expert graded once is not a duplicate. `load` returns the grey values of an `image_path`. Pairs whose
    similarity misses `min_similarity` by `borderline` at most are listed, but tie nothing.

    Raises InputError for a file that `images` does not know, and for too large a `hash_distance`.
    """
    unknown = raw.loc[~raw["file_id"].isin(images["file_id"]), "relative_path"]
    if len(unknown):
        raise InputError(
            f"{unknown.iloc[0]}: its file_id is in raw_data.csv, not in images.csv; run ingest_images again"
        )
    picture = pd.Series(pd.factorize(images["pixel_digest"])[0], index=images["file_id"])
    first_files = images.drop_duplicates("pixel_digest").reset_index(drop=True)
    paths = first_files["image_path"].to_list()
    near = find_near_duplicates(
        np.array([[int(h, 16) for h in first_files[c]] for c in ("phash", "phash_mirrored")], dtype=np.uint64).T,
        lambda number: load(paths[number]),
        hash_distance,
        min_similarity,
        borderline,
    )
    groups = _groups(raw, picture, near)
    conflicts = _conflicts(groups, picture)
    deleted = deleted_paths(raw)
    return Duplicates(
        pairs=_pairs(images, picture, first_files["file_id"], near),
        borderline=_borderline(first_files["file_id"], near),
        groups=groups,
        conflicts=conflicts,
        deleted_paths=deleted,
        metrics=_metrics(raw, picture, near, groups, conflicts, deleted),
    )


def deleted_paths(raw: pd.DataFrame) -> pd.DataFrame:
    """Return curation.tables.DELETED_PATHS: files that one expert has more than once, all paths but the first in
    listing order.

    Files to which the expert gave different grades are left out: no one can tell which of the grades to delete.
    """
    file = raw.groupby(["expert", "file_id"])
    repeated = raw.duplicated(["expert", "file_id"]) & (file["severity"].transform("nunique") == 1)
    return raw.loc[repeated, ["relative_path"]].reset_index(drop=True)


def _pairs(images: pd.DataFrame, picture: pd.Series, first_files: pd.Series, near: NearDuplicates) -> pd.DataFrame:
    """Pairs of files: equal pixels with the first such file, then first files of nearly equal pictures."""
    rows = [
        (first_files[picture[file]], file, DuplicateKind.PIXELS, _SAME)
        for file in images.loc[images.duplicated("pixel_digest"), "file_id"]
    ]
    rows += [(first_files[a], first_files[b], DuplicateKind.NEAR, tie) for (a, b), tie in sorted(near.ties.items())]
    return pd.DataFrame(
        [(a, b, kind, tie.transform, tie.distance, tie.similarity) for a, b, kind, tie in rows],
        columns=list(curation_tables.DUPLICATE_PAIRS.columns),
    )


def _borderline(first_files: pd.Series, near: NearDuplicates) -> pd.DataFrame:
    """Pairs of first files of pictures that are just not alike enough."""
    rows = [
        (first_files[a], first_files[b], tie.transform, tie.distance, tie.similarity)
        for (a, b), tie in sorted(near.misses.items())
    ]
    return pd.DataFrame(rows, columns=list(curation_tables.BORDERLINE_PAIRS.columns))


def _groups(raw: pd.DataFrame, picture: pd.Series, near: NearDuplicates) -> pd.DataFrame:
    representative = {member: group[0] for group in near.groups for member in group}
    images = raw.assign(picture=raw["file_id"].map(picture))
    images["first_picture"] = images["picture"].map(lambda number: representative.get(number, number))
    several_files = images.groupby("first_picture")["file_id"].transform("nunique") > 1
    repeated = images.duplicated(["first_picture", "expert", "file_id"])
    repeated = repeated.groupby(images["first_picture"]).transform("any")
    images = images[several_files | repeated]
    by_group = images.groupby("first_picture", sort=False)
    first_file = by_group["file_id"].transform("first")
    ties = [
        _SAME if first == number else near.ties[first, number]
        for first, number in zip(images["first_picture"], images["picture"], strict=True)
    ]
    kind = np.select(
        [images["file_id"] == first_file, images["picture"] == images["first_picture"]],
        [DuplicateKind.BYTES, DuplicateKind.PIXELS],
        default=DuplicateKind.NEAR,
    )
    images = images.assign(
        group=by_group.ngroup() + 1,
        kind=kind,
        distance=[tie.distance for tie in ties],
        similarity=[tie.similarity for tie in ties],
        representative=~images.duplicated("first_picture"),
    )
    images = images.sort_values("group", kind="stable")  # within a group in listing order
    return images[list(curation_tables.DUPLICATE_GROUPS.columns)].reset_index(drop=True)


def _conflicts(groups: pd.DataFrame, picture: pd.Series) -> pd.DataFrame:
    """One row for every group in which an expert gave different grades; `kind` is the closest tie they contradict."""
    rows = []
    graded = groups.assign(picture=groups["file_id"].map(picture))
    for (group, expert), images in graded.groupby(["group", "expert"], sort=True):
        grades = sorted(images["severity"].unique())
        if len(grades) == 1:
            continue
        levels = zip(DuplicateKind, ("file_id", "picture", "group"), strict=True)
        kind = next(kind for kind, level in levels if images.groupby(level)["severity"].nunique().max() > 1)
        rows.append((group, kind, expert, joined(grades), joined(images["relative_path"])))
    return pd.DataFrame(rows, columns=list(curation_tables.DUPLICATE_CONFLICTS.columns))


def _metrics(
    raw: pd.DataFrame,
    picture: pd.Series,
    near: NearDuplicates,
    groups: pd.DataFrame,
    conflicts: pd.DataFrame,
    deleted: pd.DataFrame,
) -> dict[str, Any]:
    """Counts; a group's kind is its loosest tie, and its redundant paths are those that are no representatives."""
    by_group = groups.groupby("group")
    loosest = by_group["kind"].agg(lambda kinds: max(kinds, key=list(DuplicateKind).index))
    within = groups.duplicated(["group", "expert"]).groupby(groups["group"]).any()
    across = by_group[["expert", "severity"]].nunique().gt(1).sum()
    deleted_by = raw.loc[raw["relative_path"].isin(deleted["relative_path"]), "expert"].value_counts()
    return {
        "paths": len(raw),
        "files": len(picture),
        "pictures": int(picture.nunique()),
        "image_pairs_compared": near.checked,
        "near_pairs": len(near.ties),
        "near_pairs_mirrored": sum(tie.mirrored for tie in near.ties.values()),
        "near_pairs_negative": sum(tie.negative for tie in near.ties.values()),
        "groups": _by_kind(loosest),
        "paths_in_groups": len(groups),
        "groups_repeated_under_one_expert": int(within.sum()),
        "groups_across_experts": int(across["expert"]),
        "groups_across_grades": int(across["severity"]),
        "conflicts": _by_kind(conflicts["kind"]),
        "deleted_paths": {expert: int(deleted_by.get(expert, 0)) for expert in sorted(raw["expert"].unique())},
    }


def _by_kind(kinds: pd.Series) -> dict[str, int]:
    counts = Counter(kinds)
    return {kind: counts[kind] for kind in DuplicateKind}
