"""The content of the page on curation: everything a reviewer asks about the data set, from the files of the stages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve.curation import tables as curation_tables
from radsieve.curation.report import audit, headers, label_quality, planted, unnamed
from radsieve.curation.report import review as reviewing
from radsieve.curation.report.label_quality import (
    AGREEMENT,
    CONFLICTS,
    CONTINGENCY,
    DELETED,
    DIFFERENT,
    GROUPS,
    LEAKAGE,
    PAIRS,
    RAW,
    TRUTH,
)
from radsieve.curation.sizes import in_millimetres
from radsieve.figures.flow_diagram import FLOW, describe_flow
from radsieve.imaging.facts import LITTLE
from radsieve.numbers import percent
from radsieve.params import Params
from radsieve.phantoms import tables as phantom_tables
from radsieve.reporting import published
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, Template, count_of, show, show_bytes, table
from radsieve.reporting.study import closing
from radsieve.settings import SourceSettings
from radsieve.tables.images import Split

TEMPLATE = Template("curation.html", __package__)
IMAGES, QUARANTINE = (f"ingest_images/{name}.csv" for name in ("images", "quarantine"))
NORMALIZED, EXCLUSIONS, CHANGED, GRADES = (
    f"normalize_labels/{name}.csv" for name in ("normalized_data", "exclusions", "changed_grades", "grades")
)
FLOW_TABLE, FLOW_FIGURE = "normalize_labels/flow.csv", "normalize_labels/flow.png"

CONTENTS = (
    ("summary", "Summary"),
    closing.ABOUT,
    ("input", "Input data"),
    ("quarantine", "Quarantine"),
    ("left-out", "Exclusions"),
    ("review", "Decisions of readers"),
    ("published", "Published and reproduced counts"),
    ("duplicates", "Duplicates"),
    ("faults", "Faults of pictures"),
    ("agreement", "Agreement of the graders"),
    ("leakage", "Shortcuts: file attributes that predict the grade"),
    ("planted", "Planted and detected faults"),
    *closing.CONTENTS,
)
STAGES = (
    "generate_phantoms",
    "ingest_images",
    "find_duplicates",
    "audit_images",
    "measure_agreement",
    "make_review",
    "normalize_labels",
)
IMAGE_SECTIONS = {
    "input",
    "quarantine",
    "left-out",
    "review",
    "published",
    "duplicates",
    "faults",
    "leakage",
    "planted",
}


def content(results: Path, published_tables: Path, params: Params) -> dict[str, Any]:
    """Everything that the template shows, from the stages' files below `results`."""
    inputs, chosen = Inputs(results), params.normalize_labels
    received = _received(inputs, params.source)
    twice = label_quality.self_consistency(inputs)
    optional = {
        "published": _published(inputs, published_tables, params),
        "planted": _planted(inputs, params),
    }
    page: dict[str, Any] = {
        "title": params.report_curation.title,
        "subtitle": _subtitle(params.source, params.ingest_images.fill),
        "params": params,
        "received": received,
        "quarantine": _quarantine(inputs),
        "left_out": _left_out(inputs, params.source.grades),
        "review": reviewing.review(inputs, params.find_duplicates.confidence),
        "duplicates": label_quality.duplicates(inputs),
        "faults": audit.faults(inputs, params.audit_images, chosen.faults),
        "twice": twice,
        "agreement": label_quality.agreement(
            inputs,
            params.measure_agreement.level,
            grades=params.source.grades if params.measure_agreement.ratings == "images" else (),
            suspicious=twice["suspicious"],
            by_truth=_right_by_truth(inputs, params),
        ),
        "leakage": label_quality.leakage(
            inputs, params.source.grades, chosen.leakage_permutations, chosen.leakage_min_gain
        ),
        **optional,
    }
    absent = {name for name, section in optional.items() if not section} | (
        set() if received["objects"] else IMAGE_SECTIONS
    )
    page["contents"] = [entry for entry in CONTENTS if entry[0] not in absent]
    page["summary"] = {"numbers": _numbers(page), "points": _points(page), "nothing": _nothing(page)}
    sections = ["source", *STAGES, "report_curation"]
    return page | closing.closing(inputs, params, "curation", STAGES, sections)


def _subtitle(source: SourceSettings, fill: str) -> str:
    match source.endpoint:
        case None:
            return "A table of ratings without images"
        case "embedded":
            kind = "phantoms rendered by this project" if fill == "phantoms" else f"the folder {show(fill)}"
            return f"Images in an embedded bucket, filled with {kind}"
        case "folder":
            return f"Images of the folder {show(source.bucket)}"
    return f"Images of the bucket {show(source.bucket)} at {show(source.endpoint)}"


def _dark(images: pd.DataFrame) -> list[tuple[str, str]]:
    """The point to look at, if images of 16 bits use little of their scale."""
    count = int(images["decoding"].str.contains(LITTLE, regex=False).sum())
    words = "of 16 bits with nearly all values in a quarter of the scale, so dark or pale: how many bits do they hold?"
    return [("input", f"{count_of(count, 'file')} {words}")] if count else []


def by_grader_and_grade(raw: pd.DataFrame, grades: Sequence[str]) -> pd.DataFrame:
    """Count the rows of `raw_data` of `curation.tables` by grader and, in the order of the scale, by grade."""
    found = set(raw["severity"])
    severity = pd.Categorical(raw["severity"], [grade for grade in grades if grade in found])
    return pd.crosstab(raw["expert"], severity, margins=True, margins_name="all").reset_index()


def _received(inputs: Inputs, source: SourceSettings) -> dict[str, Any]:
    """Objects and bytes, images by grader and grade, and the kinds of files."""
    raw, images = inputs.table(curation_tables.RAW_DATA, RAW), inputs.table(curation_tables.IMAGES, IMAGES)
    quarantine = inputs.table(curation_tables.QUARANTINE, QUARANTINE)
    listed = (
        raw.merge(images[["file_id", "byte_size"]], on="file_id")["byte_size"].sum() + quarantine["byte_size"].sum()
    )
    kinds = ["format", "mode", "bit_depth", "width", "height", "width_mm", "height_mm", "mm_at"]
    sizes = (
        in_millimetres(images).groupby(kinds).agg(files=("file_id", "size"), bytes=("byte_size", "sum")).reset_index()
    )
    return {
        "objects": len(raw) + len(quarantine),
        "images": len(raw),
        "files": len(images),
        "pictures": images["pixel_digest"].nunique(),
        "bytes": show_bytes(int(listed)),
        "graders": raw["expert"].nunique(),
        "headers": headers.counts(images),
        "grades": table(by_grader_and_grade(raw, source.grades), "Graded objects by grader and grade", RAW),
        "unnamed": [*unnamed.points(raw, quarantine, source), *_dark(images)],
        "kinds": table(
            sizes.sort_values("files", ascending=False, kind="stable"),
            "Different files by format, mode, bits per channel and size in pixels and millimetres (at the detector"
            " these are larger than in the patient)",
            IMAGES,
        ),
    }


def _quarantine(inputs: Inputs) -> dict[str, Any]:
    quarantine = inputs.table(curation_tables.QUARANTINE, QUARANTINE)
    reasons = quarantine.groupby("reason").agg(objects=("key", "size"), bytes=("byte_size", "sum")).reset_index()
    return {
        "objects": len(quarantine),
        "reasons": table(reasons, "Objects in quarantine by reason", QUARANTINE),
        "table": table(quarantine, "Every object in quarantine", QUARANTINE),
    }


def _left_out(inputs: Inputs, grade_names: Sequence[str]) -> dict[str, Any]:
    """Exclusions by rule and one by one, changed grades, and what was kept, by grade and split."""
    exclusions = inputs.table(curation_tables.EXCLUSIONS, EXCLUSIONS)
    kept = inputs.table(curation_tables.NORMALIZED_DATA, NORMALIZED)
    changed = inputs.table(curation_tables.CHANGED_GRADES, CHANGED)
    different = inputs.table(curation_tables.DIFFERENT_SEVERITY, DIFFERENT)
    grades = inputs.table(curation_tables.GRADES, GRADES)
    by_rule = exclusions.groupby("rule").size().rename("objects").reset_index().sort_values("rule", key=_acting)
    pivot = grades.pivot_table(index="expert", columns="label", values="count", aggfunc="sum", sort=False)
    if not pivot.empty:
        pivot["all"] = pivot.sum(axis=1)
        pivot.loc["all"] = pivot.sum()
    raw = inputs.table(curation_tables.RAW_DATA, RAW)
    return {
        "objects": len(exclusions),
        "kept": len(kept),
        "kept_files": kept["file_id"].nunique(),
        "flow": inputs.figure(
            FLOW_FIGURE, "Flow of objects", describe_flow(inputs.table(FLOW, FLOW_TABLE)), FLOW_TABLE
        ),
        "changed_rows": len(changed),
        "source_rows": len(raw) - int(raw["file_id"].isin(different["file_id"]).sum()),
        "by_rule": table(by_rule, "Objects left out by rule, in the order in which the rules act", EXCLUSIONS),
        "table": table(exclusions, "Every object left out", EXCLUSIONS),
        "changed": table(
            changed.drop(columns="file_id"), "Images whose grade differs from the one that their expert gave", CHANGED
        ),
        "grades": table(pivot.reset_index(), "Kept grades by grader and grade", GRADES),
        "splits": table(_by_split(kept, grade_names), "Kept grades by grade and split (units)", NORMALIZED),
    }


def _by_split(kept: pd.DataFrame, grade_names: Sequence[str]) -> pd.DataFrame:
    """Rows (units) of NORMALIZED_DATA by grade, whose names are given in ascending order, and split."""
    rows = [
        {"grade": name} | {split: _rows_and_units(of_grade[of_grade["split"] == split]) for split in Split}
        for number, name in enumerate(grade_names)
        for of_grade in [kept[kept["severity"] == number]]
    ]
    whole = {split: _rows_and_units(kept[kept["split"] == split]) for split in Split}
    return pd.DataFrame([*rows, {"grade": "all"} | whole])


def _rows_and_units(rows: pd.DataFrame) -> str:
    return f"{len(rows):,} ({rows['unit'].nunique():,})"


def _acting(rules: pd.Series) -> pd.Series:
    """When each rule of curation.tables.EXCLUSIONS acts; duplicates have their kind in brackets."""
    order = {"quarantine": 0, "reviewed": 1, "fault": 2, "conflict": 3, "duplicate": 4, "disagreement": 5}
    return rules.str.split(" (", regex=False).str[0].map(order)


def _published(inputs: Inputs, folder: Path, params: Params) -> dict[str, Any] | None:
    name = params.report_curation.published
    if name is None:
        return None
    counts = published.reproduce(
        inputs.table(curation_tables.RAW_DATA, RAW),
        inputs.table(curation_tables.DELETED_PATHS, DELETED),
        inputs.table(curation_tables.DIFFERENT_SEVERITY, DIFFERENT),
        inputs.table(curation_tables.CONTINGENCY, CONTINGENCY),
        params.source.graders,
    )
    source = f"{folder.name}/{name}_counts.csv"
    comparison = published.compare(folder / f"{name}_counts.csv", counts)
    inputs.note(folder / f"{name}_counts.csv", source)
    return {
        "matching": int((comparison["comparison"] == "match").sum()),
        "all": len(comparison),
        "source": source,
        "table": table(comparison, "Published counts and those of this run", source),
    }


def _of_phantoms(params: Params) -> bool:
    return params.source.endpoint == "embedded" and params.ingest_images.fill == "phantoms"


def _right_by_truth(inputs: Inputs, params: Params) -> pd.DataFrame | None:
    """Graders against the truth, if the graded images are phantoms."""
    if not _of_phantoms(params) or params.measure_agreement.ratings != "images":
        return None
    truth = inputs.table(phantom_tables.PHANTOM_TRUTH, TRUTH)
    raw = inputs.table(curation_tables.RAW_DATA, RAW)
    return planted.right_by_truth(truth, raw, params.source.grades, params.measure_agreement.confidence)


def _planted(inputs: Inputs, params: Params) -> dict[str, Any] | None:
    """Planted against found, if the images came from phantoms."""
    if not _of_phantoms(params):
        return None
    finds = planted.Finds(
        quarantine=inputs.table(curation_tables.QUARANTINE, QUARANTINE),
        faulty=inputs.table(curation_tables.FAULTY_IMAGES, audit.FAULTY),
        groups=inputs.table(curation_tables.DUPLICATE_GROUPS, GROUPS),
        conflicts=inputs.table(curation_tables.DUPLICATE_CONFLICTS, CONFLICTS),
        different=inputs.table(curation_tables.DIFFERENT_SEVERITY, DIFFERENT),
        prefix=params.source.prefix,
    )
    kinds, unplanted = planted.compare(inputs.table(phantom_tables.PHANTOM_TRUTH, TRUTH), finds)
    return {
        "objects": int(kinds["objects"].sum()),
        "found": int(kinds["found"].sum()),
        "unplanted": len(unplanted),
        "table": table(kinds, "Planted against found", TRUTH),
        "unplanted_table": table(unplanted, "Found, though not planted", TRUTH),
    }


def _numbers(page: Mapping[str, Any]) -> list[Number]:
    """The numbers that matter."""
    received, left_out, duplicates = page["received"], page["left_out"], page["duplicates"]
    agreement, leaking = page["agreement"], page["leakage"]["attributes"]
    images = [
        Number(show(received["objects"]), "objects received", f"{RAW} + {QUARANTINE}"),
        Number(show(received["files"]), "different files", IMAGES),
        Number(show(page["quarantine"]["objects"]), "objects in quarantine", QUARANTINE),
        Number(show(left_out["objects"]), "objects left out, quarantine included", EXCLUSIONS),
        Number(
            show(left_out["kept_files"]),
            f"different images kept, with {count_of(left_out['kept'], 'grade')}",
            NORMALIZED,
        ),
        Number(show(duplicates["deleted"]), "exact copies under one grader", DELETED),
        Number(
            show(sum(duplicates["remaining"].values())),
            "pairs of duplicates still in the data set",
            f"{NORMALIZED} + {PAIRS}",
        ),
        Number(
            show(len(leaking)),
            f"file attributes found to predict the grade, in {count_of(page['leakage']['pictures'], 'picture')}",
            LEAKAGE,
            alarming=bool(leaking),
        ),
    ]
    ratings = [
        Number(show(agreement["compared"]), "items graded by at least two graders", AGREEMENT),
        Number(show(agreement["disagreements"]), "items graded differently", AGREEMENT),
        *agreement["headlines"],
    ]
    numbers = [*images, *ratings] if received["objects"] else ratings
    if published_counts := page["published"]:
        numbers.append(
            _share(published_counts, "matching", "all", "published counts reproduced", published_counts["source"])
        )
    if planted_images := page["planted"]:
        numbers.append(_share(planted_images, "found", "objects", "planted faults detected", TRUTH))
    return numbers


def _share(section: Mapping[str, Any], part: str, whole: str, label: str, source: str) -> Number:
    return Number(f"{section[part]} of {section[whole]}", label, source, alarming=section[part] < section[whole])


def _nothing(page: Mapping[str, Any]) -> str:
    """What may be said if there is no point: of how many images, and what may lie hidden."""
    leakage, images = page["leakage"], count_of(page["left_out"]["kept_files"], "image")
    looked = f"No conflict of grades and no duplicate is left among {images}."
    return f"{looked} No shortcut was found in {count_of(leakage['pictures'], 'picture')}. {leakage['hidden']}"


def _points(page: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reviewer should look at: the section that has more, and the point in words."""
    leaking, duplicates = page["leakage"]["attributes"], page["duplicates"]
    received = page["received"]
    points = [*received["unnamed"], *headers.points(received["headers"]), *audit.points(page["faults"])]
    if (twice := page["twice"])["suspicious"]:
        points.append(
            (
                "agreement",
                f"On pictures that have copies, graders agree with each other in {percent(twice['between'])}, with "
                f"themselves in {percent(twice['share'])}: the grades may not have been given independently; then the "
                "coefficients say nothing of reliability.",
            )
        )
    if leaking:
        points.append(("leakage", f"Each of these alone predicts the grade better than chance: {', '.join(leaking)}."))
    if duplicates["conflicts"]:
        conflicts = count_of(duplicates["conflicts"], "conflict")
        points.append(("duplicates", f"{conflicts}: one grader gave the same picture different grades."))
    if remaining := label_quality.remaining_words(duplicates["remaining"]):
        points.append(
            (
                "duplicates",
                f'Still in the data set: {remaining}. Divide it by its columns "unit" and "split", or drop them by '
                '"normalize_labels.duplicates: [near]".',
            )
        )
    if faulty := page["faults"]["inside"]:
        points.append(
            ("faults", f"{count_of(faulty, 'picture')} with a fault, by the thresholds, that no rule leaves out.")
        )
    if torn := page["review"]["contradicted"]:
        points.append(("review", f"{count_of(torn, 'case')} on which readers contradict each other: not decided."))
    if (counts := page["published"]) and counts["matching"] < counts["all"]:
        points.append(("published", f"{counts['all'] - counts['matching']} of the published counts not reproduced."))
    if faults := page["planted"]:
        if missed := faults["objects"] - faults["found"]:
            points.append(("planted", f"{count_of(missed, 'planted fault')} not detected."))
        if faults["unplanted"]:
            points.append(
                ("planted", f"{count_of(faults['unplanted'], 'object')} reported although nothing was planted.")
            )
    return points
