"""The section on the films: drawn, packed by set, generated, and held as reference."""

from typing import Any

import pandas as pd

from radsieve import screening_tables as tables
from radsieve.reports.inputs import Inputs
from radsieve.reports.page import table

SETS = {
    "chest": "Lungs on chest films",
    "breast": "Breasts on chest films of women",
    "skin": "Lesions on films of the skin",
    "abnormality": "Normal and abnormal chest films",
    "sex": "Chest films of women and men",
    "gan": "Chest films that generators learn from",
}
DRAWN = {
    "draw_chests": (tables.CHEST_TRUTH, "Chest phantoms", "Drawn chest films with the outlines of their anatomy"),
    "draw_lesions": (tables.LESION_TRUTH, "Skin phantoms", "Drawn skin lesions with their outlines"),
}
GENERATED, TRUTH = (f"generate_films/{name}.csv" for name in ("films", "truth"))
REFERENCE = "alter_films/films.csv"
PACKS = "pack_films"


def films(inputs: Inputs) -> dict[str, Any]:
    """Counts, tables and pictures of all films that took part."""
    packed = pd.concat(
        [inputs.table(tables.FILMS, f"{PACKS}/{name}/films.csv").assign(set=name) for name in SETS], ignore_index=True
    )
    quarantine = pd.concat(
        [inputs.table(tables.FILM_QUARANTINE, f"{PACKS}/{name}/quarantine.csv").assign(set=name) for name in SETS],
        ignore_index=True,
    )
    reference = inputs.table(tables.REFERENCE_FILMS, REFERENCE)
    generated = inputs.table(tables.GENERATED_FILMS, GENERATED)
    films_of = f"{PACKS}/<set>/films.csv"
    quarantine_of = f"{PACKS}/<set>/quarantine.csv"
    return {
        "packed": len(packed),
        "by_set": {name: int((packed["set"] == name).sum()) for name in SETS},
        "sexes": [int(count) for count in packed.loc[packed["set"] == "sex", "label"].value_counts(sort=False)],
        "quarantined": len(quarantine),
        "reference": int((reference["alteration"] == "none").sum()),
        "altered": int((reference["alteration"] != "none").sum()),
        "generated": len(generated),
        "phantom_generator": len(inputs.table(tables.GENERATED_TRUTH, TRUTH)) > 0,
        "sets": table(_sets(packed, quarantine), "Films and patients of each set, and its films by part", films_of),
        "labels": table(_labels(packed), "Films by label and part, in the sets that have labels", films_of),
        "reasons": table(
            quarantine.groupby(["set", "reason"], sort=False).size().rename("films").reset_index(),
            "Files in quarantine by set and reason",
            quarantine_of,
        ),
        "quarantine": table(
            quarantine[["set", *tables.FILM_QUARANTINE.columns]], "Every file in quarantine", quarantine_of
        ),
        "alterations": table(
            reference.assign(alteration=reference["alteration"].str.replace("_", " "))
            .groupby("alteration", sort=False)
            .agg(films=("film", "size"), originals=("original", "nunique"))
            .reset_index(),
            "Reference films by what was done to them",
            REFERENCE,
        ),
        "generated_groups": table(
            generated.groupby("group", sort=False).size().rename("films").reset_index(),
            "Generated films by group",
            GENERATED,
        ),
        "drawn": _drawn(inputs),
        "sheets": [
            inputs.figure(
                f"{PACKS}/{name}/sheet.png",
                f"{title} ({name})",
                f"Some films of the set {name} as networks see them, with their masks or labels",
                f"{PACKS}/{name}/films.csv",
                films=True,
            )
            for name, title in SETS.items()
        ],
        "reference_sheet": inputs.figure(
            "alter_films/sheet.png",
            "Reference films and altered copies",
            "One film as it is and altered",
            REFERENCE,
            films=True,
        ),
        "generated_sheet": inputs.figure(
            "generate_films/sheet.png", "Generated films", "Some generated films of each group", GENERATED, films=True
        ),
    }


def _drawn(inputs: Inputs) -> list[dict[str, Any]]:
    """The phantoms: how many were drawn, and their picture; those of which none was drawn are left out."""
    shown = []
    for stage, (schema, title, alt) in DRAWN.items():
        truth = inputs.table(schema, f"{stage}/truth.csv")
        figure = inputs.figure(f"{stage}/sheet.png", title, alt, f"{stage}/truth.csv", films=True)
        if len(truth):
            shown.append({"films": len(truth), "source": f"{stage}/truth.csv", "sheet": figure})
    return shown


def _sets(packed: pd.DataFrame, quarantine: pd.DataFrame) -> pd.DataFrame:
    """One row per set: films and patients, by part and in all, and what was quarantined."""
    rows = []
    for name in SETS:
        of_set = packed[packed["set"] == name]
        rows.append(
            {"set": name, "films": len(of_set), "patients": of_set["patient"].nunique()}
            | {part: int((of_set["part"] == part).sum()) for part in tables.Split}
            | {"quarantined": int((quarantine["set"] == name).sum())}
        )
    return pd.DataFrame(rows)


def _labels(packed: pd.DataFrame) -> pd.DataFrame:
    """Films of the labelled sets by set and label (rows) and part (columns)."""
    labelled = packed[packed["label"] != ""]
    counts = labelled.pivot_table(
        index=["set", "label"], columns="part", values="film", aggfunc="size", fill_value=0, sort=False
    )
    return counts.reindex(columns=list(tables.Split), fill_value=0).reset_index()
