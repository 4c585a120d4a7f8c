"""What was planted among the phantoms against what the stages found, and graders against the known truth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from radsieve.numbers import ShownEstimate
from radsieve.stats.resampling import share

_FAULT = "fault: "


@dataclass(frozen=True)
class Finds:
    """Tables of the results that are checked against the truth: curation.tables.QUARANTINE, FAULTY_IMAGES,
    DUPLICATE_GROUPS, DUPLICATE_CONFLICTS and DIFFERENT_SEVERITY, and the prefix of the quarantined keys."""

    quarantine: pd.DataFrame
    faulty: pd.DataFrame
    groups: pd.DataFrame
    conflicts: pd.DataFrame
    different: pd.DataFrame
    prefix: str


def compare(truth: pd.DataFrame, finds: Finds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the results with the truth (phantoms.tables.PHANTOM_TRUTH).

    Returns a row per planted kind (planted, found by, objects, found, missed), and the paths that were found though
    nothing was planted there (path, found as). Found means: a broken object is in quarantine; an image with a fault
    reaches the threshold of that fault, of however many graders it is an object; a copy is in one group
    with its original; grades of one expert that contradict each other within an image are in conflicts.csv; grades of
    different experts that do are in different_severity.csv.
    """
    objects = _objects(truth, finds.groups)
    broken = objects["planted"].str.startswith("broken")
    copies = objects[~broken & ~_of_images(objects)]
    unread = {key.removeprefix(finds.prefix) for key in finds.quarantine["key"]}

    rows = [
        _row(str(kind), "ingest_images", part["relative_path"].isin(unread))
        for kind, part in objects[broken].groupby("planted")
    ]
    named = set(zip(finds.faulty["relative_path"], finds.faulty["fault"], strict=True))
    faults = objects[objects["planted"].str.startswith(_FAULT)]
    for kind, part in faults.groupby("planted"):
        fault = str(kind).removeprefix(_FAULT)
        of_images = part["relative_path"].map(lambda path, fault=fault: (path, fault) in named).groupby(part["image"])
        rows.append(_row(str(kind), "audit_images", of_images.any()))
    with_original = _with_original(objects, copies)
    rows += [_row(str(kind), "find_duplicates", with_original[part.index]) for kind, part in copies.groupby("planted")]
    contradictions = _differing(objects[~broken], ["expert", "image"])
    rows.append(
        _row("conflict of one expert (images)", "find_duplicates", _in_conflicts(contradictions, finds.conflicts))
    )
    steady = objects.groupby(["expert", "image", "file"])["grade"].transform("nunique") == 1
    disagreements = _differing(objects[~broken & steady], ["image", "file"])
    disputed = set(finds.different["relative_path"])
    listed = [not disputed.isdisjoint(paths) for paths in disagreements["relative_path"]]
    rows.append(_row("disagreement of experts (files)", "measure_agreement", pd.Series(listed, dtype=bool)))

    planted_disputes = {path for paths in disagreements["relative_path"] for path in paths}
    mixed = objects[objects["group"].notna() & (objects.groupby("group")["image"].transform("nunique") > 1)]
    as_planted = set(zip(faults["relative_path"], faults["planted"].str.removeprefix(_FAULT), strict=True))
    unplanted = [
        *((path, f"{_FAULT}{fault}") for path, fault in sorted(named - as_planted)),
        *_unplanted(sorted(unread - set(objects.loc[broken, "relative_path"])), "quarantine"),
        *_unplanted(mixed["relative_path"], "duplicate of another image"),
        *_unplanted(sorted(disputed - planted_disputes), "disagreement"),
    ]
    columns = ["planted", "found_by", "objects", "found", "missed"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(unplanted, columns=["relative_path", "found_as"])


def right_by_truth(truth: pd.DataFrame, raw: pd.DataFrame, grades: Sequence[str], confidence: float) -> pd.DataFrame:
    """How many of the phantoms that each expert graded got the grade that they were simulated with.

    `truth` is phantoms.tables.PHANTOM_TRUTH, `raw` curation.tables.RAW_DATA, `grades` their names in ascending order.
    Planted copies are left out, so that an image counts once for each expert. Columns: rater, phantoms, right (an
    estimate with Wilson's interval).
    """
    number = {grade: place for place, grade in enumerate(grades)}
    drawn = truth[_of_images(truth)].merge(raw, on="relative_path")
    right = drawn["severity"].map(number) == drawn["truth"]
    rows = []
    for expert, hits in right.groupby(drawn["expert"]):
        found = share(int(hits.sum()), len(hits), confidence)
        rows.append((expert, len(hits), ShownEstimate(found.value, found.lower, found.upper)))
    return pd.DataFrame(rows, columns=["rater", "phantoms", "right"])


def _of_images(objects: pd.DataFrame) -> "pd.Series[bool]":
    """Whether each object is an image, with a planted fault or without, and not a copy of one."""
    return (objects["planted"] == "image") | objects["planted"].str.startswith(_FAULT)


def _objects(truth: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The planted objects with expert and grade (from the path), file (copies by bytes share one) and found group."""
    objects = truth.merge(groups[["relative_path", "group"]], on="relative_path", how="left")
    parts = objects["relative_path"].str.split("/", n=2)
    return objects.assign(
        expert=parts.str[0], grade=parts.str[1], file=objects["planted"].replace("exact duplicate", "image")
    )


def _with_original(objects: pd.DataFrame, copies: pd.DataFrame) -> pd.Series:
    """Whether each copy is in a group with an original of its image."""
    originals = objects[_of_images(objects) & objects["group"].notna()]
    pairs = set(zip(originals["image"], originals["group"], strict=True))
    return pd.Series(
        [pair in pairs for pair in zip(copies["image"], copies["group"], strict=True)], index=copies.index, dtype=bool
    )


def _differing(objects: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The sets of objects with equal `keys` that have different grades: their paths and the groups they were put in."""
    differing = objects[objects.groupby(keys)["grade"].transform("nunique") > 1]
    return differing.groupby(keys)[["relative_path", "group"]].agg(set).reset_index()


def _in_conflicts(contradictions: pd.DataFrame, conflicts: pd.DataFrame) -> pd.Series:
    known = set(zip(conflicts["expert"], conflicts["group"], strict=True))
    found = [
        any((expert, group) in known for group in groups)
        for expert, groups in zip(contradictions["expert"].tolist(), contradictions["group"].tolist(), strict=True)
    ]
    return pd.Series(found, dtype=bool)


def _row(kind: str, stage: str, found: pd.Series) -> tuple[str, str, int, int, int]:
    hits = int(found.sum())
    return kind, stage, len(found), hits, len(found) - hits


def _unplanted(paths: Iterable[str], kind: str) -> list[tuple[str, str]]:
    return [(path, kind) for path in paths]
