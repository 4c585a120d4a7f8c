"""The section on the images: phantoms, packed by set, generated, and held as reference."""

from typing import Any

import pandas as pd

from radsieve.figures.flow_diagram import FLOW, describe_flow
from radsieve.imaging.set_splits import ALL_SETS, in_two_splits
from radsieve.phantoms import tables as phantom_tables
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import table
from radsieve.screening import tables as screening_tables
from radsieve.tables import images as image_tables
from radsieve.tables.images import Split
from radsieve.tables.subgroups import parted

SETS = {
    "chest": "Lungs on chest radiographs",
    "breast": "Breasts on chest radiographs of women",
    "skin": "Lesions on images of the skin",
    "abnormality": "Normal and abnormal chest radiographs",
    "sex": "Chest radiographs of women and men",
    "gan": "Chest radiographs that generators learn from",
}
PHANTOMS = {
    "generate_chests": (
        phantom_tables.CHEST_TRUTH,
        "Chest phantoms",
        "Simulated chest radiographs with the outlines of their anatomy",
    ),
    "generate_lesions": (phantom_tables.LESION_TRUTH, "Skin phantoms", "Simulated skin lesions with their outlines"),
}
GENERATED, TRUTH = (f"generate_images/{name}.csv" for name in ("images", "truth"))
REFERENCE = "alter_images/images.csv"
PACKS, SPLITS, AUDIT = "pack_images", "assign_splits", "audit_splits"


def images(inputs: Inputs) -> dict[str, Any]:
    """Counts, tables and figures of all images that took part."""
    packed = pd.concat(
        [inputs.table(image_tables.PACKED_IMAGES, f"{SPLITS}/{name}/images.csv").assign(set=name) for name in SETS],
        ignore_index=True,
    )
    quarantine = pd.concat(
        [
            inputs.table(image_tables.IMAGE_QUARANTINE, f"{PACKS}/{name}/quarantine.csv").assign(set=name)
            for name in SETS
        ],
        ignore_index=True,
    )
    reference = inputs.table(screening_tables.REFERENCE_IMAGES, REFERENCE)
    generated = inputs.table(screening_tables.GENERATED_IMAGES, GENERATED)
    images_of = f"{SPLITS}/<set>/images.csv"
    counts = inputs.table(image_tables.SPLIT_COUNTS, f"{SPLITS}/counts.csv")
    crossings = inputs.table(image_tables.SET_CROSSINGS, f"{SPLITS}/crossings.csv")
    alike = inputs.table(image_tables.ALIKE, f"{SPLITS}/alike.csv")
    quarantine_of = f"{PACKS}/<set>/quarantine.csv"
    return {
        "distinct": int(counts.loc[counts["set"] == ALL_SETS, "images"].sum()),
        "people": int(counts.loc[counts["set"] == ALL_SETS, "patients"].sum()),
        "learnt": _in_split(counts, Split.TRAIN),
        "chosen": _in_split(counts, Split.VALIDATION),
        "evaluated": _in_split(counts, Split.TEST),
        "demographics": table(
            _demographics(packed), "Patients (images) by sex, age and other attributes, in each split", images_of
        ),
        "crossing": in_two_splits(packed, "sha256") + in_two_splits(packed, "unit"),
        "units": packed["unit"].nunique(),
        "alike": len(alike),
        "by_set": {name: int((packed["set"] == name).sum()) for name in SETS},
        "sexes": [int(count) for count in packed.loc[packed["set"] == "sex", "label"].value_counts(sort=False)],
        "quarantined": len(quarantine),
        "reference": int((reference["alteration"] == "none").sum()),
        "altered": int((reference["alteration"] != "none").sum()),
        "generated": len(generated),
        "phantom_generator": len(inputs.table(screening_tables.GENERATED_TRUTH, TRUTH)) > 0,
        "flow": inputs.figure(
            f"{SPLITS}/flow.png",
            "Flow of images",
            describe_flow(inputs.table(FLOW, f"{SPLITS}/flow.csv")),
            f"{SPLITS}/flow.csv",
        ),
        "split_counts": table(
            _split_counts(counts), "Images of each set in each split (patients, units)", f"{SPLITS}/counts.csv"
        ),
        "crossings": table(
            _crossings(crossings),
            "Units of the test split of each set (row) that are in train or validation of another (column)",
            f"{SPLITS}/crossings.csv",
        ),
        "shared": int(crossings[["in_train", "in_validation", "patients", "pictures"]].to_numpy().sum()),
        "alike_pairs": table(alike, "Images of different patients that are nearly alike", f"{SPLITS}/alike.csv"),
        "alike_grid": inputs.figure(
            f"{SPLITS}/alike.png",
            "Nearly alike",
            "Pairs of images that are nearly alike, the least similar first",
            f"{SPLITS}/alike.csv",
            images=True,
        ),
        "audit": _audit(inputs),
        "labels": table(_labels(packed), "Images by label and split, in the sets that have labels", images_of),
        "reasons": table(
            quarantine.groupby(["set", "reason"], sort=False).size().rename("images").reset_index(),
            "Files in quarantine by set and reason",
            quarantine_of,
        ),
        "quarantine": table(
            quarantine[["set", *image_tables.IMAGE_QUARANTINE.columns]], "Every file in quarantine", quarantine_of
        ),
        "alterations": table(
            reference.assign(alteration=reference["alteration"].str.replace("_", " "))
            .groupby("alteration", sort=False)
            .agg(images=("image", "size"), originals=("original", "nunique"))
            .reset_index(),
            "Reference images by what was done to them",
            REFERENCE,
        ),
        "generated_groups": table(
            generated.groupby("group", sort=False).size().rename("images").reset_index(),
            "Generated images by group",
            GENERATED,
        ),
        "phantoms": _phantoms(inputs),
        "grids": [
            inputs.figure(
                f"{PACKS}/{name}/grid.png",
                f"{title} ({name})",
                f"Some images of the set {name} as networks see them, with their masks or labels",
                f"{PACKS}/{name}/files.csv",
                images=True,
            )
            for name, title in SETS.items()
        ],
        "reference_grid": inputs.figure(
            "alter_images/grid.png",
            "Reference images and altered copies",
            "One image as it is and altered",
            REFERENCE,
            images=True,
        ),
        "generated_grid": inputs.figure(
            "generate_images/grid.png",
            "Generated images",
            "Some generated images of each group",
            GENERATED,
            images=True,
        ),
    }


def _audit(inputs: Inputs) -> dict[str, Any]:
    """The audit of a split that others made; `images` is 0 if there was none."""
    pairs = inputs.table(screening_tables.AUDIT_PAIRS, f"{AUDIT}/pairs.csv")
    counts = inputs.table(screening_tables.AUDIT_COUNTS, f"{AUDIT}/counts.csv")
    repaired = inputs.table(screening_tables.AUDIT_REPAIRED, f"{AUDIT}/repaired.csv")
    return {
        "images": len(repaired),
        "moved": int((repaired["part"] != repaired["repaired"]).sum()),
        "in_two_parts": inputs.metrics("audit_splits").get("listed_in_two_parts", 0),
        "unread": len(inputs.table(image_tables.IMAGE_QUARANTINE, f"{AUDIT}/quarantine.csv")),
        "pairs": table(pairs, "Images in different parts that belong together", f"{AUDIT}/pairs.csv"),
        "counts": table(counts, "Images of a part that belong together with another's", f"{AUDIT}/counts.csv"),
        "figure": inputs.figure(
            f"{AUDIT}/pairs.png",
            "In different parts, and belonging together",
            "Pairs of images in different parts of the audited split, the least similar first",
            f"{AUDIT}/pairs.csv",
            images=True,
        ),
    }


def _phantoms(inputs: Inputs) -> list[dict[str, Any]]:
    """The phantoms: how many were generated, and their picture; those of which none was generated are left out."""
    shown = []
    for stage, (schema, title, alt) in PHANTOMS.items():
        truth = inputs.table(schema, f"{stage}/truth.csv")
        figure = inputs.figure(f"{stage}/grid.png", title, alt, f"{stage}/truth.csv", images=True)
        if len(truth):
            shown.append({"images": len(truth), "source": f"{stage}/truth.csv", "grid": figure})
    return shown


def _split_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per set, one column per split: how many images, of how many patients and units."""
    cells = [
        f"{images:,} ({patients:,}, {units:,})"
        for images, patients, units in counts[["images", "patients", "units"]].itertuples(index=False)
    ]
    wide = counts.assign(cell=cells).pivot_table(
        index="set", columns="split", values="cell", aggfunc="first", sort=False
    )
    return wide[list(Split)].reset_index()


def _crossings(crossings: pd.DataFrame) -> pd.DataFrame:
    """One row per set with the units of its test split, one column per set from which is learnt."""
    learnt = crossings.assign(learnt=crossings["in_train"] + crossings["in_validation"])
    wide = learnt.pivot_table(index=["test_of", "units"], columns="other", values="learnt", aggfunc="sum", sort=False)
    return wide.reset_index().rename(columns={"test_of": "test split of", "units": "its units"})


def _in_split(counts: pd.DataFrame, split: Split) -> int:
    return int(counts.loc[(counts["set"] == ALL_SETS) & (counts["split"] == split), "images"].sum())


def _demographics(packed: pd.DataFrame) -> pd.DataFrame:
    """Patients and images of each set by attribute and value (rows) and split (columns)."""
    rows = []
    for name, images in packed.groupby("set", sort=False):
        for attribute, values in parted(images["subgroups"]).items():
            by = images.assign(value=values).groupby(["value", "split"])
            counts = pd.DataFrame({"patients": by["patient"].nunique(), "images": by.size()})
            cells = counts.apply(lambda row: f"{row['patients']:,} ({row['images']:,})", axis=1)
            wide = cells.reset_index(name="cell").pivot_table(
                index="value", columns="split", values="cell", aggfunc="first"
            )
            wide = wide.reindex(columns=list(Split)).fillna("0 (0)")
            rows += [(name, attribute, value, *row) for value, row in zip(wide.index, wide.to_numpy(), strict=True)]
    return pd.DataFrame(rows, columns=["set", "attribute", "value", *Split])


def _labels(packed: pd.DataFrame) -> pd.DataFrame:
    """Images of the labelled sets by set and label (rows) and split (columns)."""
    labelled = packed[packed["label"] != ""]
    counts = labelled.pivot_table(
        index=["set", "label"], columns="split", values="image", aggfunc="size", fill_value=0, sort=False
    )
    return counts.reindex(columns=list(Split), fill_value=0).reset_index()
