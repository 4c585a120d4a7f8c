"""The section on methods beyond filtering by z: early exit, moving latents, reweighting."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.generation.tables import NO_SAVING, SievingMethod
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, Table, estimated, folded, records, show, table
from radsieve.reporting.wording import brief, in_words, listed

STAGE = "compare_sieving"
METHODS, DEPTHS, IMAGES = (f"{STAGE}/{name}.csv" for name in ("methods", "depths", "images"))
QUESTION = "Does anything beat filtering by z?"
# not methods of choosing latents: what they are compared with, and what a finished image tells
_BESIDE = (SievingMethod.UNSIEVED, SievingMethod.IMAGE)
_BY_Z = (SievingMethod.Z, SievingMethod.SIEVE)
_LIKENESS = {"fid": "FID", "kid": "KID"}

Rows = Mapping[str, dict[str, Any]]  # of SIEVING_METHODS, by method


def sieving(inputs: Inputs, groups: Sequence[str], aim: float) -> dict[str, Any]:
    """Tables and figures of stage compare_sieving, and what they say in short; `aim` is the saving aimed at."""
    found = folded(
        inputs.table(generation_tables.SIEVING_METHODS, METHODS), ("precision", "saving", "saving_generation", "kid")
    )
    depth = found["depth"].map("{:g}".format, na_action="ignore")
    found = found.assign(reason=found["reason"].fillna(""), depth=depth.fillna("–"))
    depths = folded(
        inputs.table(generation_tables.SIEVING_DEPTHS, DEPTHS), ("roc_auc", "precision", "saving", "saving_generation")
    )
    by_group: dict[str, dict[str, dict[str, Any]]] = {group: {} for group in groups}
    for row in records(found):
        by_group[row["group"]][row["method"]] = row
    return {
        "answer": _answer(by_group, depths, aim),
        "numbers": _numbers(by_group),
        "points": _points(found),
        "methods": _methods(found),
        "alike": _alike(found),
        "moved": _moved(found),
        "picture": inputs.figure(
            f"{STAGE}/methods.png",
            "The saving of each method",
            "Saving of each method with its interval, beside the published savings and the aim, by group",
            METHODS,
        ),
        "depths": _depths(depths),
        "depths_picture": inputs.figure(
            f"{STAGE}/depths.png",
            "How well each depth predicts, and what it saves",
            "ROC-AUC of the predictor and saving by depth of the generator, by group",
            DEPTHS,
        ),
        "images": table(
            brief(inputs.table(generation_tables.SIEVED_IMAGES, IMAGES)),
            "The images that methods were compared on",
            IMAGES,
        ),
        "grid": inputs.figure(
            f"{STAGE}/moved.png",
            "Rejected latents, and the same ones moved",
            "Images of latents that were rejected, each beside the image of the latent after it moved",
            IMAGES,
            images=True,
        ),
    }


def _answer(by_group: Mapping[str, Rows], depths: pd.DataFrame, aim: float) -> Answer:
    """Which method saves most in each group, beside z; whether its interval says so; and whether the aim is reached."""
    best = {group: _best(_evaluated(rows)) for group, rows in by_group.items()}
    gains = {group: by_group[group][method]["saving"] for group, method in best.items() if method}
    reached = [group for group, gain in gains.items() if gain.value >= aim]
    surely = [group for group, gain in gains.items() if gain.lower >= aim]
    better = [group for group in gains if _sure(by_group[group])]
    if not gains:
        text = f"It cannot be told, nor whether the aim, a saving of {aim:g}, can be reached: too few images are good."
    else:
        text = f"Yes, in {listed(better)}." if better else "Not beyond chance: no interval lies above that of z."
    if gains and not reached:
        text += f" The aim, a saving of {aim:g}, is not reached."
    elif reached:
        text += f" The aim, a saving of {aim:g}, is reached in {listed(reached)};"
        text += f" the whole interval lies above it in {listed(surely or ['none'])}."
    lines = [
        f"{group}: {_best_beside_z(rows)}{_exit(group, rows, depths)}; {_maximum(rows)}"
        if group in gains
        else f"{group}: {NO_SAVING}"
        for group, rows in by_group.items()
    ]
    return Answer(QUESTION, text, (METHODS, DEPTHS), tuple(lines))


def _sure(rows: Rows) -> bool:
    """Whether the interval of a method lies above that of the best filter of z."""
    by_z = _by_z(rows)
    return by_z is None or any(
        row["saving"].lower > rows[by_z]["saving"].upper for name, row in _evaluated(rows).items() if name not in _BY_Z
    )


def _best_beside_z(rows: Rows) -> str:
    best, by_z = _best(_evaluated(rows)), _by_z(rows)
    said = f"{best} saves {in_words(rows[best]['saving'])}" if best else ""
    return said if by_z in (None, best) else f"{said}; z, by {by_z}, {in_words(rows[by_z]['saving'])}"


def _exit(group: str, rows: Rows, depths: pd.DataFrame) -> str:
    """What an early exit does at the depth that was chosen for it."""
    chosen = depths[(depths["group"] == group) & (depths["chosen"] == 1)]
    if chosen.empty or SievingMethod.EXIT not in rows or rows[SievingMethod.EXIT]["reason"]:
        return ""
    depth, share = int(chosen["depth"].iloc[0]), 100 * float(chosen["generator_share"].iloc[0])
    saving = in_words(rows[SievingMethod.EXIT]["saving"])
    return f"; early exit at depth {depth}, after {share:.0f} % of the generator's work, {saving}"


def _maximum(rows: Rows) -> str:
    """What a method that costs nothing and makes good images only would save."""
    return (
        f"the maximum possible is {show(1 / rows[SievingMethod.UNSIEVED]['precision'].value)}, "
        "1 / the share of good images"
    )


def _by_z(rows: Rows) -> str | None:
    return _best({name: row for name, row in _evaluated(rows).items() if name in _BY_Z})


def _evaluated(rows: Rows) -> dict[str, dict[str, Any]]:
    """The methods that choose or move latents, of those that made a good image; none if there is none without a
    method.
    """
    return {name: row for name, row in rows.items() if name not in _BESIDE and row["saving"].value > 0}


def _best(rows: Rows) -> str | None:
    return max(rows, key=lambda name: rows[name]["saving"].value, default=None)


def _numbers(by_group: Mapping[str, Rows]) -> list[Number]:
    """The greatest saving of each group that has one."""
    best = {group: _best(_evaluated(rows)) for group, rows in by_group.items()}
    return [
        estimated(by_group[group][method]["saving"], f"greatest saving in {group}: {method}", METHODS)
        for group, method in best.items()
        if method
    ]


def _points(found: pd.DataFrame) -> list[str]:
    """What a reviewer should look at: groups for which nothing was learnt, and methods with too few good images."""
    without = found[(found["method"] == SievingMethod.Z) & (found["reason"] != "")]
    points = [
        f"Nothing was learnt for {group}: {rows['reason'].iloc[0]}."
        for group, rows in without.groupby("group", sort=False)
    ]
    for group, rows in found[~found["method"].isin(_BESIDE)].groupby("group", sort=False):
        if few := int((rows["compared"] == 0).sum()):
            points.append(f"Too few good images in {group} to compare their likeness: {few} of {len(rows)} methods.")
    return points


def _methods(found: pd.DataFrame) -> Table:
    columns = {
        "group": "group",
        "method": "method",
        "saving": "saving",
        "saving_generation": "saving, the generator alone",
        "precision": "precision",
        "good": "good",
        "images": "images",
        "latents": "latents",
        "seconds_per_good": "seconds per good image",
        "depth": "depth",
        "reason": "reason",
    }
    return table(found[list(columns)].rename(columns=columns), "Results of each method on new latents", METHODS)


def _alike(found: pd.DataFrame) -> Table:
    columns = [
        "group", "method", "compared", *_LIKENESS, "real_like", "recall", "density", "coverage", "feature_distance",
        "latent_distance",
    ]  # fmt: skip
    return table(
        found[columns].rename(columns=_LIKENESS),
        "How like real images the good ones are, and how diverse, at equal numbers of good images",
        METHODS,
    )


def _moved(found: pd.DataFrame) -> Table:
    rows = found[found["target"].notna()]
    columns = ["group", "method", "target", "latents", "moved", "moved_good", "distance", "saving"]
    return table(rows[columns], "Moved latents", METHODS)


def _depths(depths: pd.DataFrame) -> Table:
    columns = {
        "group": "group",
        "depth": "depth",
        "chosen": "chosen",
        "roc_auc": "ROC-AUC",
        "saving_expected": "saving expected",
        "saving": "saving on new latents",
        "generator_share": "share of the generator's work",
        "image_share": "share of generating and scoring",
        "share_expected": "share accepted",
        "precision": "precision",
        "good": "good",
        "activations": "activations",
    }
    shown = depths.assign(chosen=depths["chosen"].map({1: "chosen", 0: ""}))
    return table(shown[list(columns)].rename(columns=columns), "Each depth of the generators", DEPTHS)
