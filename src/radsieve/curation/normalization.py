"""Which graded images are kept, under which grade, and which are left out by which rule.

The rules act one after the other, each on what the previous ones left:

1. quarantine: the object is not an image;
2. reviewed: readers left the picture out, or decided its grade, which then replaces those of all experts;
3. fault: the picture has a fault that was chosen to be left out, and no reader graded it;
4. conflict: one expert gave the same picture different grades, so that none of these grades can be trusted;
5. duplicate: the same expert graded the same picture before, in listing order;
6. disagreement: experts grade the same picture differently.

Which duplicates are dropped follows from the chosen kinds. Each kind includes the stricter ones: `near` (same group of
find_duplicates), `pixels` (equal pixel digests), `bytes` (equal files). Grades are compared between files of the same
picture, which are those of equal pixels or bytes, as `source.same_picture` says, and those that count as duplicates.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radsieve.curation.review import rule as review
from radsieve.curation.review.decisions import Decisions
from radsieve.curation.tables import FAULT_WORDS, DuplicateKind, Fault
from radsieve.curation.units import claims, linked_claims
from radsieve.errors import InputError
from radsieve.imaging.image_splits import as_given, atom, divide
from radsieve.settings import Splits


@dataclass(frozen=True)
class Normalized:
    """The outcome: every listed object is a row of `kept` or of `exclusions`, never of both.

    kept: the columns of curation.tables.NORMALIZED_DATA but unit and split, in listing order.
    exclusions: curation.tables.EXCLUSIONS, quarantined objects first, then images in listing order.
    changed: curation.tables.CHANGED_GRADES, the rows of `kept` whose grade is not the one that the expert gave.
    """

    kept: pd.DataFrame
    exclusions: pd.DataFrame
    changed: pd.DataFrame


@dataclass(frozen=True)
class Rules:
    """What the user chose: the scale of grades, kinds of duplicates, how disagreements are settled, and what makes two
    files the same picture (`source.same_picture`).
    """

    grades: Sequence[str]
    duplicates: Sequence[str]
    disagreements: str
    same_picture: str = "pixels"


NOTHING_DECIDED = Decisions()
NO_FAULTS: Mapping[str, str] = {}


def normalize(
    raw: pd.DataFrame,
    image_table: pd.DataFrame,
    groups: pd.DataFrame,
    consensus: pd.DataFrame,
    rules: Rules,
    decisions: Decisions = NOTHING_DECIDED,
    faults: Mapping[str, str] = NO_FAULTS,
) -> Normalized:
    """Apply the rules to the listed images.

    `raw`, `image_table`, `groups` and `consensus` are curation.tables.RAW_DATA, IMAGES, DUPLICATE_GROUPS and CONSENSUS;
    the latter is read only for `disagreements: dawid_skene`. `decisions` are those of readers, and `faults` the
    words for what a picture is left out for, both by the digests of pixels. Raises InputError for a grade off the
    scale, an image without facts, and a disputed image without consensus.
    """
    images = _images(raw, image_table, groups, rules, decisions)
    given = images["grade"]
    answers = review.decided(images, decisions.pictures)
    reviewed = review.words(images, answers, rules.grades)
    unwanted = images[review.left_out(answers)]
    images = images.assign(grade=review.regraded(images, answers, rules.grades)).drop(index=unwanted.index)
    faulty = images[images["pixel_digest"].isin(list(faults)) & answers["answer"].isna().reindex(images.index)]
    images = images.drop(index=faulty.index)
    conflicting = images.groupby(["expert", "picture"])["grade"].transform("nunique") > 1
    conflicts = images[conflicting]
    images = images[~conflicting]
    copied = images.duplicated(["expert", "copy_of"]) if rules.duplicates else pd.Series(False, index=images.index)
    copies = _with_first(images)[copied]
    images = images[~copied]
    disputed = images[images.groupby("picture")["grade"].transform("nunique") > 1]
    agreed = _settle(disputed, consensus, rules)
    dropped = disputed[agreed.isna()]
    images = images.drop(index=dropped.index)
    images["grade"] = agreed.dropna().astype("int64").reindex(images.index).fillna(images["grade"]).astype("int64")
    changed = images[images["grade"] != given.loc[images.index]]

    exclusions = [
        _exclude(unwanted, "reviewed", reviewed[unwanted.index]),
        _exclude(faulty, "fault", faulty["pixel_digest"].map(faults)),
        _exclude(conflicts, "conflict", _conflict_evidence(conflicts, rules.grades)),
        _exclude(copies, "duplicate (" + copies["kind"] + ")", _copy_evidence(copies, groups)),
        _exclude(dropped, "disagreement", _votes(disputed, rules).reindex(dropped["picture"]).to_numpy()),
    ]
    columns = ["expert", "file_id", "relative_path"]
    return Normalized(
        kept=images.rename(columns={"grade": "severity"})[["expert", "file_id", "severity", "relative_path"]],
        exclusions=pd.concat(exclusions).sort_index(),
        changed=changed[columns].assign(
            given=given.loc[changed.index],
            agreed=changed["grade"],
            evidence=_votes(disputed, rules).reindex(changed["picture"]).fillna("").to_numpy()
            + reviewed[changed.index],
        ),
    )


def divided(
    kept: pd.DataFrame,
    image_table: pd.DataFrame,
    pairs: pd.DataFrame,
    splits: Splits,
    decisions: Decisions = NOTHING_DECIDED,
) -> pd.DataFrame:
    """Add `unit` and `split` to the `kept` images.

    A unit is what shares a patient, a study or pixels (a file of several patients shares each), or is tied by `pairs`
    (curation.tables.DUPLICATE_PAIRS), directly or through other images of `image_table` (IMAGES), kept or not; `splits`
    is the section of that name. What readers called the same is tied as well; what they called different stays tied, so
    that no error of theirs can divide a picture. A split that a table gives (`given_split`) counts instead of the one
    drawn.
    """
    row_of = dict(zip(image_table["file_id"], range(len(image_table)), strict=True))
    if unknown := {*pairs["file_id_a"], *pairs["file_id_b"]} - set(row_of):
        raise InputError(f"pairs: {min(unknown)} is not in images.csv; run find_duplicates again")
    ties = [(row_of[a], row_of[b]) for a, b in zip(pairs["file_id_a"], pairs["file_id_b"], strict=True)]
    digests = image_table["pixel_digest"].tolist()
    place = {digest: row for row, digest in enumerate(digests)}
    ties += [(place[a], place[b]) for a, b in sorted(decisions.same) if a in place and b in place]
    claimed = claims(image_table)
    atoms = [atom(*known) for known in zip(claimed["PatientID"], claimed["pixel_digest"], strict=True)]
    division = divide(linked_claims(claimed, ties), atoms, splits)
    division = as_given(division, image_table["given_split"].to_numpy()[claimed["row"]].tolist())
    rows = kept["file_id"].map(row_of)
    return kept.assign(unit=[division.unit[row] for row in rows], split=[division.split[row] for row in rows])


def quarantined(quarantine: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Exclusions (curation.tables.EXCLUSIONS) of the objects in curation.tables.QUARANTINE, paths relative to
    `prefix`."""
    detail = quarantine["detail"].where(quarantine["detail"] == "", ": " + quarantine["detail"])
    return pd.DataFrame(
        {
            "relative_path": [key.removeprefix(prefix) for key in quarantine["key"]],
            "rule": "quarantine",
            "evidence": quarantine["reason"] + detail + " (" + quarantine["byte_size"].astype(str) + " bytes)",
        }
    )


def faults_in_words(faulty: pd.DataFrame, chosen: Collection[str]) -> dict[str, str]:
    """Return for each picture of curation.tables.FAULTY_IMAGES, by its digest, which `chosen` faults it has."""
    wanted = faulty[faulty["fault"].isin(list(chosen))]
    words = [
        f"{FAULT_WORDS[Fault(row['fault'])]}: score {row['score']:.3f}, threshold {row['threshold']:g}"
        for row in wanted.to_dict("records")
    ]
    by_picture = wanted.assign(words=words).groupby("pixel_digest", sort=False)["words"].agg("; ".join)
    return {str(digest): said for digest, said in by_picture.items()}


def all_exclusions(quarantine: pd.DataFrame, prefix: str, found: Normalized) -> pd.DataFrame:
    """Return EXCLUSIONS of the objects in quarantine and of the images that the rules left out."""
    return pd.concat([quarantined(quarantine, prefix), found.exclusions], ignore_index=True)


def count_grades(kept: pd.DataFrame, experts: Sequence[str], grades: Sequence[str]) -> pd.DataFrame:
    """Count the kept images (curation.tables.NORMALIZED_DATA) by expert and grade, zeros included, as
    curation.tables.GRADES."""
    counts = kept.groupby(["severity", "expert"]).size()
    rows = [
        {"grade": grade, "label": label, "expert": expert, "count": int(counts.get((grade, expert), 0))}
        for grade, label in enumerate(grades)
        for expert in experts
    ]
    return pd.DataFrame(rows)


def metrics(listed: int, found: Normalized, exclusions: pd.DataFrame) -> dict[str, Any]:
    """Count the `listed` objects, the kept images, those left out by each rule (`exclusions`), and changed grades."""
    return {
        "listed": listed,
        "kept": len(found.kept),
        "left_out": {rule: int(count) for rule, count in exclusions["rule"].value_counts().sort_index().items()},
        "changed_grades": len(found.changed),
    }


def _images(
    raw: pd.DataFrame, image_table: pd.DataFrame, groups: pd.DataFrame, rules: Rules, decisions: Decisions
) -> pd.DataFrame:
    """One row per listed image: expert, file_id, relative_path, grade (0, 1, ...), pixel_digest, item (of CONSENSUS),
    copy_of (alike for what counts as duplicate) and picture (alike for files whose grades are compared).
    """
    unknown = raw[~raw["severity"].isin(rules.grades)]
    if len(unknown):
        row = unknown.iloc[0]
        raise InputError(
            f"raw_data: {row['relative_path']!r} has the grade {row['severity']!r}, which source.grades does not name"
        )
    images = raw.drop(columns="severity").reset_index(drop=True)
    images["grade"] = raw["severity"].map({name: number for number, name in enumerate(rules.grades)}).to_numpy("int64")
    images["pixel_digest"] = images["file_id"].map(image_table.set_index("file_id")["pixel_digest"])
    missing = images[images["pixel_digest"].isna()]
    if len(missing):
        raise InputError(f"images: no row for {missing.iloc[0]['relative_path']!r}; run ingest_images again")
    first_of = images.groupby("pixel_digest")["file_id"].transform("first")
    images["item"] = first_of if rules.same_picture == "pixels" else images["file_id"]  # as measure_agreement names it
    by_pixels = bool({DuplicateKind.PIXELS, DuplicateKind.NEAR} & set(rules.duplicates))
    images["copy_of"] = images["pixel_digest" if by_pixels else "file_id"]
    if DuplicateKind.NEAR in rules.duplicates:
        group = images["relative_path"].map(groups.set_index("relative_path")["group"])
        images["copy_of"] = (
            ("group " + group.dropna().astype("int64").astype(str)).reindex(images.index).fillna(images["copy_of"])
        )
        images["copy_of"] = review.regrouped(images["pixel_digest"], images["copy_of"], decisions)
    same_pixels = rules.same_picture == "pixels" and not by_pixels
    images["picture"] = images["pixel_digest" if same_pixels else "copy_of"]
    return images


def _with_first(images: pd.DataFrame) -> pd.DataFrame:
    """Add `first`, the first path of the same picture under the same expert, and `kind`, the tie to that path."""
    first = images.groupby(["expert", "copy_of"])[["relative_path", "file_id", "pixel_digest"]].transform("first")
    kind = pd.Series(DuplicateKind.NEAR, index=images.index)
    kind[images["pixel_digest"] == first["pixel_digest"]] = DuplicateKind.PIXELS
    kind[images["file_id"] == first["file_id"]] = DuplicateKind.BYTES
    return images.assign(first=first["relative_path"], kind=kind)


def _exclude(images: pd.DataFrame, rule: str | pd.Series, evidence: Any) -> pd.DataFrame:
    return images[["relative_path"]].assign(rule=rule, evidence=evidence)


def _conflict_evidence(conflicts: pd.DataFrame, grades: Sequence[str]) -> list[str]:
    """For every row, how often its expert gave its picture which grade."""
    rows = list(zip(conflicts["expert"].tolist(), conflicts["picture"].tolist(), strict=True))
    given: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row, grade in zip(rows, conflicts["grade"].tolist(), strict=True):
        given[row][grades[grade]] += 1
    words = {
        row: " and ".join(f"{grade} ({count}x)" for grade, count in counts.items()) for row, counts in given.items()
    }
    return [f"{row[0]} graded this picture {words[row]}" for row in rows]


def _copy_evidence(copies: pd.DataFrame, groups: pd.DataFrame) -> list[str]:
    """For every row, the path that is listed before it and what ties the two."""
    ties = groups.set_index("relative_path")
    heads = groups[groups["representative"]].set_index("group")["relative_path"]
    evidence = []
    for copy in copies.to_dict("records"):
        match copy["kind"]:
            case DuplicateKind.BYTES:
                words = f"the same bytes as {copy['first']}"
            case DuplicateKind.PIXELS:
                words = f"the same pixels, in another file, as {copy['first']}"
            case _ if (
                copy["relative_path"] not in ties.index
                or copy["first"] not in ties.index
                or (ties.loc[copy["relative_path"], "group"] != ties.loc[copy["first"], "group"])
            ):
                words = f"the same picture as {copy['first']}, as readers decided"
            case _:
                tie = ties.loc[copy["relative_path"]]
                words = (
                    f"the same picture as {copy['first']} (group {tie['group']}: correlation {tie['similarity']:.3f}"
                    f" and {tie['distance']} bits to {heads[tie['group']]})"
                )
        evidence.append(f"{words}, which {copy['expert']} graded the same")
    return evidence


def _votes(disputed: pd.DataFrame, rules: Rules) -> pd.Series:
    """Who gave which grade, in words, for every disputed picture."""
    votes = disputed.drop_duplicates(["picture", "expert"])
    words = votes["expert"] + ": " + votes["grade"].map(dict(enumerate(rules.grades)))
    listed = words.groupby(votes["picture"]).agg("; ".join)
    return listed if rules.disagreements == "drop" else listed + f" (rule: {rules.disagreements})"


def _settle(disputed: pd.DataFrame, consensus: pd.DataFrame, rules: Rules) -> pd.Series:
    """The grade that every disputed row gets under the rule, or NaN for a row that is dropped."""
    by_picture = disputed.groupby("picture")["grade"]
    match rules.disagreements:
        case "drop":
            return pd.Series(float("nan"), index=disputed.index)
        case "keep":
            return disputed["grade"].astype("float64")
        case "lowest":
            return by_picture.transform("min").astype("float64")
        case "highest":
            return by_picture.transform("max").astype("float64")
        case "majority":
            return disputed["picture"].map(_majority(disputed)).astype("float64")
        case "dawid_skene":
            return disputed["picture"].map(_consensus(disputed, consensus, rules)).astype("float64")
    raise ValueError(f"unknown rule for disagreements: {rules.disagreements}")


def _majority(disputed: pd.DataFrame) -> pd.Series:
    """The grade that most experts gave to each picture; a tie has none, so two experts never have a majority."""
    votes = disputed.drop_duplicates(["picture", "expert"])
    counts = votes.groupby(["picture", "grade"]).size().rename("votes").reset_index()
    top = counts[counts["votes"] == counts.groupby("picture")["votes"].transform("max")]
    return top[~top.duplicated("picture", keep=False)].set_index("picture")["grade"]


def _consensus(disputed: pd.DataFrame, consensus: pd.DataFrame, rules: Rules) -> pd.Series:
    """The Dawid-Skene grade of each picture; of several items with one picture, the one with most ratings counts."""
    known = disputed.merge(consensus, on="item", how="left")
    missing = known[known["label"].isna()]
    if len(missing):
        raise InputError(
            f"consensus: no row for {missing.iloc[0]['relative_path']!r}, on which experts disagree; set"
            " measure_agreement.ratings to images, or normalize_labels.disagreements to another rule"
        )
    best = known.sort_values(["ratings", "probability"], ascending=False, kind="stable").drop_duplicates("picture")
    return best.set_index("picture")["label"].map({name: number for number, name in enumerate(rules.grades)})
