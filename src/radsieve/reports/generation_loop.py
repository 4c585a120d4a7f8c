"""The section on the loop: what a sieve promised, what came on fresh films, and what it costs in diversity."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve import generation_tables as tables
from radsieve.prefilter_tables import CHECKED_FILMS, CHECKED_PROMISE, Arm
from radsieve.reports.generation_films import RATES
from radsieve.reports.inputs import Inputs
from radsieve.reports.page import Answer, Number, ShownEstimate, Table, count_of, estimated, folded, records, table
from radsieve.reports.prefilter_sieve import diversity_table, promise_table
from radsieve.reports.wording import brief, in_words, listed, plain

STAGE = "measure_loop"
LOOP, PROMISE, DIVERSITY, DISTANCES, FILMS = (
    f"{STAGE}/{name}.csv" for name in ("loop", "promise", "diversity", "distances", "films")
)
QUESTION = "How many are good, and what does the sieve save?"
_BOUNDED = (
    "valid_rate", "roc_auc", "precision_before", "precision_after", "saving_promised", "saving_measured", "kid_all",
    "kid_kept",
)  # fmt: skip
_SETS = {
    tables.LoopSet.DRAWN: "of latents as they come",
    tables.LoopSet.SCREENED: "the good ones of these",
    tables.LoopSet.SIEVED: "of sieved latents",
    tables.LoopSet.KEPT: "the good ones of these, kept",
}


def loop(
    inputs: Inputs, drawn: Mapping[str, ShownEstimate], published: Mapping[str, float], confidence: float
) -> dict[str, Any]:
    """Tables and pictures of stage measure_loop, and what they say in short.

    `drawn` has the share of good films of each group that it was learnt from, `published` savings by rule.
    """
    found = folded(inputs.table(tables.LOOP, LOOP), _BOUNDED)
    found["reason"] = found["reason"].fillna("")
    promise = inputs.table(CHECKED_PROMISE, PROMISE)
    diversity = inputs.table(tables.LOOP_DIVERSITY, DIVERSITY)
    far = inputs.table(tables.LOOP_DISTANCES, DISTANCES)
    rows = records(found)
    return {
        "answer": _answer(rows, drawn, published),
        "numbers": [number for row in rows if not row["reason"] for number in _numbers(row)],
        "points": _points(rows, promise, diversity, 1 - confidence),
        "films": int(found["films"].iloc[0]),
        "table": _loop_table(found),
        "far": _far_table(found),
        "picture": inputs.figure(
            f"{STAGE}/loop.png",
            "Promised and measured",
            "Share of good films without and with the sieve, saving promised and measured, and distances, by group",
            LOOP,
        ),
        "promise": promise_table(promise, "What the sieves promised, and what came", PROMISE),
        "diversity": diversity_table(diversity, DIVERSITY),
        "distances": table(
            folded(far.assign(which=far["which"].map(_SETS)), ["kid"]).rename(columns={"kid": "KID", "fid": "FID"}),
            "How far fresh films are from real ones that no generator has seen",
            DISTANCES,
        ),
        "films_table": table(brief(inputs.table(CHECKED_FILMS, FILMS)), "The fresh films of both arms", FILMS),
        "sheets": [
            inputs.figure(
                f"{STAGE}/{arm}.png", f"Films of {arm} latents", f"Films drawn from {arm} latents", FILMS, films=True
            )
            for arm in (Arm.SIEVED, Arm.UNSIEVED)
        ],
    }


def _answer(rows: list[dict[str, Any]], drawn: Mapping[str, ShownEstimate], published: Mapping[str, float]) -> Answer:
    """The share of good films of each group, and what its sieve promised and what came of it."""
    sieves = [row["saving_measured"] for row in rows if not row["reason"]]
    surely = sum(saving.lower > 1 for saving in sieves)
    told = f"{surely} of {count_of(len(sieves), 'sieve')} surely {'saves' if surely == 1 else 'save'} time."
    text = told if sieves else "No group has a sieve."
    text += f" Published savings, drawing alone counted: {listed([f'{saving:.1f}' for saving in published.values()])}."
    lines = []
    for row in rows:
        line = f"{row['group']}: {in_words(drawn[row['group']])} of the drawn films are good; "
        if row["reason"]:
            line += f"no sieve: {row['reason']}"
        else:
            line += (
                f"saving promised {in_words(row['saving_promised'])}, measured {in_words(row['saving_measured'])};"
                f" good on fresh films {in_words(row['precision_after'])} with the sieve,"
                f" {in_words(row['precision_before'])} without"
            )
        lines.append(line)
    return Answer(QUESTION, text, (LOOP, RATES), tuple(lines))


def _numbers(row: Mapping[str, Any]) -> list[Number]:
    group = row["group"]
    return [
        estimated(row["precision_after"], f"share of good films of sieved latents in {group}", LOOP),
        estimated(row["saving_measured"], f"saving of the sieve of {group}, measured", LOOP),
    ]


def _points(rows: list[dict[str, Any]], promise: pd.DataFrame, diversity: pd.DataFrame, level: float) -> list[str]:
    """What a reviewer should look at: groups without a sieve, broken promises, lost diversity, savings in doubt."""
    points = [f"No sieve for {row['group']}: {row['reason']}." for row in rows if row["reason"]]
    for group, broken in promise[promise["kept"] == 0].groupby("group", sort=False):
        points.append(f"Not kept in {group}: {listed(plain(broken['quantity']).tolist())}.")
    for group, less in diversity[diversity["p_value"] < level].groupby("group", sort=False):
        of_what = plain(less["measure"]) + " by " + plain(less["space"])
        points.append(f"The sieve of {group} costs diversity: {listed(of_what.tolist())}.")
    doubtful = [row["group"] for row in rows if not row["reason"] and not row["saving_measured"].lower > 1]
    if doubtful:
        points.append(f"Not sure that the sieve saves anything: {listed(doubtful)}.")
    return points


def _loop_table(found: pd.DataFrame) -> Table:
    columns = [
        "group", "valid_rate", "precision_before", "precision_after", "saving_promised", "saving_measured", "roc_auc",
        "model", "rule", "threshold", "rows", "films", "reason",
    ]  # fmt: skip
    return table(found[columns].rename(columns={"roc_auc": "ROC-AUC"}), "What the loop came to", LOOP)


def _far_table(found: pd.DataFrame) -> Table:
    names = {"coverage": "coverage of the kept", "coverage_by_chance": "coverage by chance"}
    names |= {f"{name}_{which}": f"{name.upper()} of {which}" for name in ("fid", "kid") for which in ("all", "kept")}
    return table(
        found[["group", *names]].rename(columns=names),
        "What the sieve and the scores make of diversity and of the distance to real films",
        LOOP,
    )
