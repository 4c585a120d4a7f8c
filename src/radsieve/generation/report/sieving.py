"""The section on methods beyond filtering by z: early exit, moving latents, reweighting."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.generation.tables import MIN_GOOD, NO_SAVING, SievingMethod
from radsieve.numbers import ShownEstimate
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, Table, count_of, estimated, folded, records, table
from radsieve.reporting.wording import brief, in_words, listed
from radsieve.stats.resampling import Estimate

STAGE = "compare_sieving"
METHODS, DEPTHS, IMAGES = (f"{STAGE}/{name}.csv" for name in ("methods", "depths", "images"))
QUESTION = "Does any method save more than the sieve of latents?"
# not methods of choosing latents: what they are compared with, and what a finished image tells
_UNSIEVED = SievingMethod.UNSIEVED
_BESIDE = (_UNSIEVED, SievingMethod.IMAGE)
_LIKENESS = {"fid": "FID", "kid": "KID"}

Rows = Mapping[str, dict[str, Any]]  # of SIEVING_METHODS, by method


def sieving(inputs: Inputs, groups: Sequence[str], aim: float, confidence: float) -> dict[str, Any]:
    """Tables and figures of stage compare_sieving, and what they say in short; `aim` is the saving aimed at."""
    found = folded(
        inputs.table(generation_tables.SIEVING_METHODS, METHODS),
        ("precision", "saving", "saving_generation", "against_sieve", "kid"),
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
        "answer": _answer(by_group, aim, 1 - confidence),
        "numbers": _numbers(by_group),
        "points": _points(found),
        "methods": _methods(found),
        "alike": _alike(found),
        "moved": _moved(found),
        "picture": inputs.figure(
            f"{STAGE}/methods.png",
            "The saving of each method",
            "Saving of each method with its interval, by group, with lines at 1, the published savings and the aim"
            " as far as the axis reaches; hollow dots have too few good images",
            METHODS,
        ),
        "depths": _depths(depths),
        "chosen": _chosen(depths),
        "tellable": bool(found["saving"].map(lambda saving: not isnan(saving.value)).any()),
        "any_moved": bool((found["moved"].fillna(0) > 0).any()),
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


def _answer(by_group: Mapping[str, Rows], aim: float, level: float) -> Answer:
    """Which methods are cheaper than the stored sieve beyond chance, and how savings lie to the aim."""
    told = {group: rows for group, rows in by_group.items() if _tellable(rows)}
    if not told:
        text = f"It cannot be told, nor whether the aim, a saving of {aim:g}, can be reached: too few images are good."
        lines = tuple(f"{group}: {_too_few(rows)}" for group, rows in by_group.items())
        return Answer(QUESTION, text, (METHODS, DEPTHS), lines)
    tested = [row for rows in told.values() for row in rows.values() if not isnan(row["holm"])]
    better, worse = (sum(_beyond_chance(row, level, flag) for row in tested) for flag in (True, False))
    compared = (
        f"{count_of(len(tested), 'comparison')} of a method in a group, on the same latents and adjusted by Holm,"
    )
    if not tested:
        text = "Not tested: no method stands beside the stored sieve."
    elif better:
        text = f"Yes: in {better} of {compared} it is cheaper than the stored sieve"
    else:
        text = f"Not shown: in none of {compared} is it cheaper than the stored sieve"
    if tested:
        text += f", in {worse} dearer." if worse else "."
    return Answer(
        QUESTION,
        f"{text} {_of_aim(told, aim)}",
        (METHODS, DEPTHS),
        tuple(
            f"{group}: {_line(rows)}{_cheaper(rows, level)}" if group in told else f"{group}: {_too_few(rows)}"
            for group, rows in by_group.items()
        ),
    )


def _beyond_chance(row: Mapping[str, Any], level: float, cheaper: bool) -> bool:
    """Whether a method differs from the stored sieve beyond chance, and is cheaper, or dearer, than it."""
    return bool(row["holm"] < level) and (row["against_sieve"].value > 1) == cheaper


def _cheaper(rows: Rows, level: float) -> str:
    """Methods that are cheaper than the stored sieve beyond chance, and which of them pay for it in likeness."""
    found = {name: row for name, row in rows.items() if _beyond_chance(row, level, cheaper=True)}
    if not found:
        return ""
    times = [f"{name} {in_words(row['against_sieve'])}" for name, row in found.items()]
    said = f"; the cost of the stored sieve divided by that of a cheaper method: {listed(times)}"
    unsieved = rows[_UNSIEVED]["kid"]
    farther = [f"{name} {in_words(row['kid'])}" for name, row in found.items() if row["kid"].lower > unsieved.upper]
    if farther:
        said += (
            f"; of these, the good images of {listed(farther)} are farther from real ones by KID, whole intervals"
            f" apart, than those without a sieve, {in_words(unsieved)}"
        )
    return said


def _tellable(rows: Rows) -> bool:
    """Whether any method that chooses latents made enough good images to tell."""
    return any(row["good"] >= MIN_GOOD for name, row in rows.items() if name not in _BESIDE)


def _of_aim(told: Mapping[str, Rows], aim: float) -> str:
    """Where whole intervals lie above the aim, and where it is out of reach of every method."""
    reached = [
        f"{name} in {group}"
        for group, rows in told.items()
        for name, row in rows.items()
        if name != SievingMethod.IMAGE and row["saving"].lower >= aim
    ]
    beyond = [group for group, rows in told.items() if _maximum(rows).upper < aim]
    said = (
        f"The aim, a saving of {aim:g}, is reached by {listed(reached)}"
        if reached
        else (f"The aim, a saving of {aim:g}, is not reached")
    )
    return f"{said}{f'; no method could reach it in {listed(beyond)}' if beyond else ''}."


def _line(rows: Rows) -> str:
    """The saving of the method that was named beforehand, and the most that is possible on these latents."""
    sieve, unsieved = rows[SievingMethod.SIEVE], rows[_UNSIEVED]
    said = f"no sieve: {sieve['reason']}" if sieve["reason"] else f"the stored sieve saves {_saved(sieve)}"
    few = [f"{name} {_counted(row)}" for name, row in rows.items() if name not in _BESIDE and row["good"] < MIN_GOOD]
    return (
        f"{said}; most possible {in_words(_maximum(rows))}, which is 1 / the share of good images without a sieve,"
        f" {unsieved['good']:,} of {unsieved['images']:,}{f'; too few to tell: {listed(few)}' if few else ''}"
    )


def _saved(row: Mapping[str, Any]) -> str:
    return f"{in_words(row['saving'])}{'' if row['good'] >= MIN_GOOD else f', too few to tell, {_counted(row)}'}"


def _counted(row: Mapping[str, Any]) -> str:
    return f"({row['good']:,} good of {count_of(row['images'], 'image')})"


def _too_few(rows: Rows) -> str:
    """Why nothing is said of a group."""
    return f"{NO_SAVING}: {rows[_UNSIEVED]['good']:,} of {count_of(rows[_UNSIEVED]['images'], 'image')} without a sieve"


def _maximum(rows: Rows) -> ShownEstimate:
    """What a method saves that costs nothing and makes good images only: 1 / the share of good images."""
    share = rows[_UNSIEVED]["precision"]
    found = Estimate(share.value, share.lower, share.upper).inverse()
    return ShownEstimate(found.value, found.lower, found.upper)


def _numbers(by_group: Mapping[str, Rows]) -> list[Number]:
    """The saving of the stored sieve of each group, which was named before any image was generated."""
    sieves = {group: rows[SievingMethod.SIEVE] for group, rows in by_group.items()}
    return [
        estimated(row["saving"], f"saving of the stored sieve in {group}, {_counted(row)[1:-1]}", METHODS)
        for group, row in sieves.items()
        if not row["reason"] and row["good"] >= MIN_GOOD
    ]


def _points(found: pd.DataFrame) -> list[str]:
    """What a reviewer should look at: groups for which nothing was learnt, and methods with too few good images."""
    without = found[(found["method"] == SievingMethod.Z) & (found["reason"] != "")]
    points = [
        f"Nothing was learnt for {group}: {rows['reason'].iloc[0]}."
        for group, rows in without.groupby("group", sort=False)
    ]
    for group, rows in found[~found["method"].isin(_BESIDE)].groupby("group", sort=False):
        if few := int((rows["good"] < MIN_GOOD).sum()):
            points.append(
                f"Fewer than {MIN_GOOD} good images in {group}, too few to tell: {few} of {len(rows)} methods."
            )
    return points


def _methods(found: pd.DataFrame) -> Table:
    columns = {
        "group": "group",
        "method": "method",
        "saving": "saving",
        "saving_generation": "saving, the generator alone",
        "against_sieve": "cost, stored sieve / method",
        "p_value": "p",
        "holm": "p after Holm",
        "precision": "precision",
        "good": "good images",
        "images": "images",
        "latents": "latents",
        "told": "enough to tell",
        "seconds_per_good": "seconds per good image",
        "depth": "depth",
        "reason": "reason",
    }
    told = found["good"].map(lambda good: "" if good >= MIN_GOOD else "too few good images")
    return table(
        found.assign(told=told)[list(columns)].rename(columns=columns), "Results of each method on new latents", METHODS
    )


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


def _chosen(depths: pd.DataFrame) -> list[str]:
    """In words, how well the chosen depth of each group predicts, beside the latent and the finished image."""
    said = []
    for group, rows in depths.groupby("group", sort=False):
        by_depth = {row["depth"]: row["roc_auc"] for row in records(rows)}
        chosen = rows.loc[rows["chosen"] == 1, "depth"].tolist()
        if not chosen or isnan(by_depth[chosen[0]].value):
            said.append(f"{group}: nothing was learnt, so that no depth was chosen by its ROC-AUC.")
            continue
        first, last = min(by_depth), max(by_depth)
        said.append(
            f"{group}: depth {chosen[0]} was chosen, ROC-AUC {in_words(by_depth[chosen[0]])} on the images learnt from,"
            f" out of fold; the latent has {in_words(by_depth[first])}, the finished image {in_words(by_depth[last])}."
        )
    return said


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
    learnt = depths["roc_auc"].map(lambda area: not isnan(area.value))
    chosen = depths["chosen"].map({1: "chosen", 0: ""}).where(learnt | (depths["chosen"] == 0), "taken, nothing learnt")
    shown = depths.assign(chosen=chosen)
    return table(shown[list(columns)].rename(columns=columns), "Each depth of the generators", DEPTHS)
