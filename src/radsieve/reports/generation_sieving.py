"""The section on ways beyond filtering by z: early exit, latents that move, latents that are weighed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from radsieve import generation_tables as tables
from radsieve.generation_tables import SievingMethod
from radsieve.reports.inputs import Inputs
from radsieve.reports.page import Answer, Number, Table, estimated, folded, records, table
from radsieve.reports.wording import brief, in_words, listed

STAGE = "compare_sieving"
WAYS, DEPTHS, FILMS = (f"{STAGE}/{name}.csv" for name in ("ways", "depths", "films"))
QUESTION = "Does anything beat filtering by z?"
# no ways of choosing latents: what they are held to, and what a whole film tells
_BESIDE = (SievingMethod.UNSIEVED, SievingMethod.FILM)
_BY_Z = (SievingMethod.Z, SievingMethod.SIEVE)
_LIKENESS = {"fid": "FID", "kid": "KID"}

Rows = Mapping[str, dict[str, Any]]  # of SIEVING_WAYS, by way


def sieving(inputs: Inputs, groups: Sequence[str], aim: float) -> dict[str, Any]:
    """Tables and pictures of stage compare_sieving, and what they say in short; `aim` is the saving aimed at."""
    found = folded(inputs.table(tables.SIEVING_WAYS, WAYS), ("precision", "saving", "saving_drawing", "kid"))
    depth = found["depth"].map("{:g}".format, na_action="ignore")
    found = found.assign(reason=found["reason"].fillna(""), depth=depth.fillna("–"))
    depths = folded(inputs.table(tables.SIEVING_DEPTHS, DEPTHS), ("roc_auc", "precision", "saving", "saving_drawing"))
    by_group: dict[str, dict[str, dict[str, Any]]] = {group: {} for group in groups}
    for row in records(found):
        by_group[row["group"]][row["way"]] = row
    return {
        "answer": _answer(by_group, depths, aim),
        "numbers": _numbers(by_group),
        "points": _points(found),
        "ways": _ways(found),
        "alike": _alike(found),
        "moved": _moved(found),
        "picture": inputs.figure(
            f"{STAGE}/ways.png",
            "The saving of each way",
            "Saving of each way with its interval, beside the published savings and the aim, by group",
            WAYS,
        ),
        "depths": _depths(depths),
        "depths_picture": inputs.figure(
            f"{STAGE}/depths.png",
            "What each depth tells, and what it saves",
            "ROC-AUC of the predictor and saving by depth of the generator, by group",
            DEPTHS,
        ),
        "films": table(brief(inputs.table(tables.SIEVED_FILMS, FILMS)), "The films that ways were compared on", FILMS),
        "sheet": inputs.figure(
            f"{STAGE}/moved.png",
            "Rejected latents, and the same ones moved",
            "Films of latents that were rejected, each beside the film of the latent after it moved",
            FILMS,
            films=True,
        ),
    }


def _answer(by_group: Mapping[str, Rows], depths: pd.DataFrame, aim: float) -> Answer:
    """Which way saves most in each group, beside z; whether it does so for sure; and whether the aim is reached."""
    best = {group: _best(_judged(rows)) for group, rows in by_group.items()}
    gains = {group: by_group[group][way]["saving"] for group, way in best.items() if way}
    reached = [group for group, gain in gains.items() if gain.value >= aim]
    surely = [group for group, gain in gains.items() if gain.lower >= aim]
    better = [group for group in gains if _sure(by_group[group])]
    if not gains:
        text = "Not told: too few films are good."
    else:
        text = f"Yes, in {listed(better)}." if better else "Not for sure: no interval lies above that of z."
    if not reached:
        text += f" The aim, a saving of {aim:g}, is not reached."
    else:
        text += (
            f" The aim, a saving of {aim:g}, is reached in {listed(reached)}, for sure in {listed(surely or ['none'])}."
        )
    lines = [
        f"{group}: {_best_beside_z(rows)}{_exit(group, rows, depths)}; {_most(rows)}"
        if group in gains
        else f"{group}: no saving, for want of good films"
        for group, rows in by_group.items()
    ]
    return Answer(QUESTION, text, (WAYS, DEPTHS), tuple(lines))


def _sure(rows: Rows) -> bool:
    """Whether the interval of a way lies above that of the best filter of z."""
    by_z = _by_z(rows)
    return by_z is None or any(
        row["saving"].lower > rows[by_z]["saving"].upper for name, row in _judged(rows).items() if name not in _BY_Z
    )


def _best_beside_z(rows: Rows) -> str:
    best, by_z = _best(_judged(rows)), _by_z(rows)
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


def _most(rows: Rows) -> str:
    """What a way would save that costs nothing and makes good films only."""
    return (
        f"the most possible is {1 / rows[SievingMethod.UNSIEVED]['precision'].value:.3f}, 1 by the share of good films"
    )


def _by_z(rows: Rows) -> str | None:
    return _best({name: row for name, row in _judged(rows).items() if name in _BY_Z})


def _judged(rows: Rows) -> dict[str, dict[str, Any]]:
    """The ways that choose or move latents, of those that made a good film; none if there is none without a way."""
    return {name: row for name, row in rows.items() if name not in _BESIDE and row["saving"].value > 0}


def _best(rows: Rows) -> str | None:
    return max(rows, key=lambda name: rows[name]["saving"].value, default=None)


def _numbers(by_group: Mapping[str, Rows]) -> list[Number]:
    """The greatest saving of each group that has one."""
    best = {group: _best(_judged(rows)) for group, rows in by_group.items()}
    return [
        estimated(by_group[group][way]["saving"], f"greatest saving in {group}: {way}", WAYS)
        for group, way in best.items()
        if way
    ]


def _points(found: pd.DataFrame) -> list[str]:
    """What a reviewer should look at: groups that nothing was learnt for, and ways with too few good films."""
    without = found[(found["way"] == SievingMethod.Z) & (found["reason"] != "")]
    points = [
        f"Nothing was learnt for {group}: {rows['reason'].iloc[0]}."
        for group, rows in without.groupby("group", sort=False)
    ]
    for group, rows in found[~found["way"].isin(_BESIDE)].groupby("group", sort=False):
        if few := int((rows["compared"] == 0).sum()):
            points.append(f"Too few good films in {group} to compare their likeness: {few} of {len(rows)} ways.")
    return points


def _ways(found: pd.DataFrame) -> Table:
    columns = {
        "group": "group",
        "way": "way",
        "saving": "saving",
        "saving_drawing": "saving, the generator alone",
        "precision": "precision",
        "good": "good",
        "films": "films",
        "latents": "latents",
        "seconds_per_good": "seconds per good film",
        "depth": "depth",
        "reason": "reason",
    }
    return table(found[list(columns)].rename(columns=columns), "What each way came to on fresh latents", WAYS)


def _alike(found: pd.DataFrame) -> Table:
    columns = [
        "group", "way", "compared", *_LIKENESS, "real_like", "recall", "density", "coverage", "feature_distance",
        "latent_distance",
    ]  # fmt: skip
    return table(
        found[columns].rename(columns=_LIKENESS),
        "How like real films the good ones are, and how diverse, at equal numbers of good films",
        WAYS,
    )


def _moved(found: pd.DataFrame) -> Table:
    rows = found[found["target"].notna()]
    columns = ["group", "way", "target", "latents", "moved", "moved_good", "distance", "saving"]
    return table(rows[columns], "Latents that moved", WAYS)


def _depths(depths: pd.DataFrame) -> Table:
    columns = {
        "group": "group",
        "depth": "depth",
        "chosen": "chosen",
        "roc_auc": "ROC-AUC",
        "saving_expected": "saving expected",
        "saving": "saving on fresh latents",
        "generator_share": "share of the generator's work",
        "film_share": "share of drawing and scoring",
        "share_expected": "share accepted",
        "precision": "precision",
        "good": "good",
        "activations": "activations",
    }
    shown = depths.assign(chosen=depths["chosen"].map({1: "chosen", 0: ""}))
    return table(shown[list(columns)].rename(columns=columns), "Each depth of the generators", DEPTHS)
