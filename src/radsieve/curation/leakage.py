"""What besides the picture reveals the grade: how well one attribute of an image's file alone predicts it.

A model trained on images whose size, file format or brightness goes with the grade may learn these instead of the
anatomy, and so it may the machine, the view or the patient's sex, which a header tells. Attributes are scored as
`radsieve.stats.attributes` does. One row per picture enters (the first kept image with that pixel digest). Pictures
of one unit, which are nearly alike or of one patient, are not independent evidence.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from radsieve.imaging import tags
from radsieve.progress import working
from radsieve.stats.attributes import discretize, score

ATTRIBUTES = (
    "dimensions",
    "width",
    "height",
    "aspect_ratio",
    "mode",
    "bit_depth",
    "format",
    "byte_size",
    "mean_brightness",
)
_IN_THE_FILE = ("BitsStored",)  # which bit_depth says already
TAGS = tuple(name for name in (*tags.TEXTS, *tags.NUMBERS) if name not in _IN_THE_FILE)
_OF_ITEM = ["grade", "unit"]


@dataclass(frozen=True)
class Leakage:
    """LEAKAGE and LEAKAGE_VALUES of curation.tables, the attributes that reveal the grade, and `metrics`."""

    scores: pd.DataFrame
    by_value: pd.DataFrame
    leaking: list[str]
    metrics: dict[str, Any]

    def summary(self) -> str:
        """What was found, in a few words."""
        return f"the grade leaks through: {', '.join(self.leaking) or 'nothing found'}"


def find_leakage(
    kept: pd.DataFrame, image_table: pd.DataFrame, permutations: int, min_gain: float, seed: int
) -> Leakage:
    """Score every attribute of the kept images (NORMALIZED_DATA) with the files `image_table` (IMAGES); the numbers are
    those of `score_attributes`.
    """
    pictures = attributes_of_images(kept, image_table)
    scores = score_attributes(pictures, permutations, min_gain, seed)
    return Leakage(scores, value_counts(pictures), leaking(scores), metrics(scores))


def attributes_of_images(kept: pd.DataFrame, image_table: pd.DataFrame) -> pd.DataFrame:
    """One row per picture among the kept images (curation.tables.NORMALIZED_DATA): its `grade`, `unit`, ATTRIBUTES, and
    those of TAGS that any of them has; a tag that is not there is missing."""
    images = kept.merge(image_table, on="file_id", validate="many_to_one").drop_duplicates("pixel_digest")
    derived = images.assign(
        grade=images["severity"],
        dimensions=images["width"].astype(str) + "x" + images["height"].astype(str),
        aspect_ratio=images["width"] / images["height"],
    )
    known = derived[[*TAGS]].replace("", None).dropna(axis=1, how="all")
    return pd.concat([derived[[*_OF_ITEM, *ATTRIBUTES]], known], axis=1).reset_index(drop=True)


def value_counts(pictures: pd.DataFrame) -> pd.DataFrame:
    """How many pictures of each grade have which value (or range of values) of each attribute.

    Returns curation.tables.LEAKAGE_VALUES: attributes in their order, values ascending, counts above zero.
    """
    parts = []
    for name in pictures.columns.drop(_OF_ITEM):
        codes, labels = discretize(pictures[name])
        counts = pd.DataFrame({"code": codes, "grade": pictures["grade"]}).groupby(["code", "grade"]).size()
        table = counts.rename("count").reset_index()
        table.insert(0, "attribute", name)
        table.insert(1, "value", [labels[code] for code in table.pop("code")])
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


@working("permutations of the grades")
def score_attributes(pictures: pd.DataFrame, permutations: int, min_gain: float, seed: int) -> pd.DataFrame:
    """Score every attribute of `pictures` (see attributes_of_images) by how well it tells the grade; returns
    curation.tables.LEAKAGE, as `radsieve.stats.attributes.score` does.
    """
    grades, units = pictures["grade"].to_numpy(), pictures["unit"].to_numpy()
    return score(pictures.drop(columns=_OF_ITEM), grades, units, permutations, min_gain, seed)


def metrics(scores: pd.DataFrame) -> dict[str, Any]:
    """How many attributes of LEAKAGE reveal the grade, those that say the same counted once, and the balanced accuracy
    of each.
    """
    return {
        "leaking_attributes": len(leaking(scores)),
        "balanced_accuracy": scores.dropna().set_index("attribute")["balanced_accuracy"].round(6).to_dict(),
    }


def leaking(scores: pd.DataFrame) -> list[str]:
    """Return the attributes of LEAKAGE that reveal the grade, of those that say the same the first one."""
    return list(scores.loc[scores["leaks"] & (scores["same_as"] == ""), "attribute"])


@dataclass(frozen=True)
class Hidden:
    """What may lie hidden where no attribute was found to reveal the grade: the attribute whose accuracy may be
    largest, its bounds and p-value, the level of chance, and whether even its upper bound is no leak.
    """

    attribute: str
    balanced_accuracy: float
    lower: float
    upper: float
    chance: float
    p_value: float
    excluded: bool


def hidden(scores: pd.DataFrame, min_gain: float) -> Hidden | None:
    """Return what the scores (LEAKAGE) leave possible, of the attribute with the highest upper bound; None if none has
    a score.

    A leak is excluded only if every upper bound lies below chance plus `min_gain`: not to find one is not enough.
    """
    scored = scores[scores["upper"].notna()]
    if scored.empty:
        return None
    most = scored.to_dict("records")[int(scored["upper"].to_numpy().argmax())]
    return Hidden(
        attribute=str(most["attribute"]),
        balanced_accuracy=float(most["balanced_accuracy"]),
        lower=float(most["lower"]),
        upper=float(most["upper"]),
        chance=float(most["chance"]),
        p_value=float(most["p_value"]),
        excluded=bool(most["upper"] < most["chance"] + min_gain),
    )
