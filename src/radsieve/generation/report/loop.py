"""The section on the loop: what was expected of a sieve, what was observed on new images, and its cost in diversity."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radsieve.generation import tables as generation_tables
from radsieve.generation.report.images import RATES
from radsieve.numbers import ShownEstimate
from radsieve.prefilter.report.sieve import diversity_table, expected_observed_table, named
from radsieve.prefilter.tables import CHECKED_IMAGES, EXPECTED_OBSERVED, Arm
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Answer, Number, Table, count_of, estimated, folded, records, table
from radsieve.reporting.wording import brief, in_words, listed, plain

STAGE = "measure_loop"
LOOP, OBSERVED, DIVERSITY, DISTANCES, IMAGES = (
    f"{STAGE}/{name}.csv" for name in ("loop", "expected_observed", "diversity", "distances", "images")
)
QUESTION = "How many are good, and what does the sieve save?"
_BOUNDED = (
    "valid_rate", "roc_auc", "precision_before", "precision_after", "saving_expected", "saving_observed", "kid_all",
    "kid_kept",
)  # fmt: skip
_SETS = {
    generation_tables.LoopSet.GENERATED: "from unsieved latents",
    generation_tables.LoopSet.SCREENED: "the good ones of these",
    generation_tables.LoopSet.SIEVED: "from sieved latents",
    generation_tables.LoopSet.KEPT: "the good ones of these, kept",
}


def loop(
    inputs: Inputs, generated: Mapping[str, ShownEstimate], published: Mapping[str, float], confidence: float
) -> dict[str, Any]:
    """Tables and figures of stage measure_loop, and what they say in short.

    `generated` has the share of good images of each group that it was learnt from, `published` savings by rule.
    """
    found = folded(inputs.table(generation_tables.LOOP, LOOP), _BOUNDED)
    found["reason"] = found["reason"].fillna("")
    expected_observed = inputs.table(EXPECTED_OBSERVED, OBSERVED)
    diversity = inputs.table(generation_tables.LOOP_DIVERSITY, DIVERSITY)
    far = inputs.table(generation_tables.LOOP_DISTANCES, DISTANCES)
    rows = records(found)
    return {
        "answer": _answer(rows, generated, published),
        "numbers": [number for row in rows if not row["reason"] for number in _numbers(row)],
        "points": _points(rows, expected_observed, diversity, 1 - confidence),
        "images": int(found["images"].iloc[0]),
        "without": listed([row["group"] for row in rows if row["reason"]] or [""]),
        "table": _loop_table(found),
        "far": _far_table(found),
        "picture": inputs.figure(
            f"{STAGE}/loop.png",
            "Expected and observed",
            "Share of good images without and with the sieve, saving expected and observed, and distances, by group",
            LOOP,
        ),
        "expected_observed": expected_observed_table(
            expected_observed, "What was expected of the sieves, and what was observed", OBSERVED
        ),
        "diversity": diversity_table(diversity, DIVERSITY),
        "distances": table(
            folded(far.assign(which=far["which"].map(_SETS)), ["kid"]).rename(
                columns={"kid": "KID", "fid": "FID", "fid_images": "images for FID", "real_images": "real images"}
            ),
            "How far new images are from real ones of the test split",
            DISTANCES,
        ),
        "images_table": table(brief(inputs.table(CHECKED_IMAGES, IMAGES)), "The new images, by latent", IMAGES),
        "grids": [
            inputs.figure(
                f"{STAGE}/{arm}.png",
                f"Images of {arm} latents",
                f"Images generated from {arm} latents",
                IMAGES,
                images=True,
            )
            for arm in (Arm.SIEVED, Arm.UNSIEVED)
        ],
    }


def _answer(
    rows: list[dict[str, Any]], generated: Mapping[str, ShownEstimate], published: Mapping[str, float]
) -> Answer:
    """The share of good images of each group, and what was expected of its sieve and what was observed."""
    sieves = [row["saving_observed"] for row in rows if not row["reason"]]
    above = sum(saving.lower > 1 for saving in sieves)
    told = f"{above} of {count_of(len(sieves), 'sieve')} {'saves' if above == 1 else 'save'} time beyond chance."
    text = told if sieves else "No group has a sieve."
    text += (
        f" Published savings, generation alone counted: {listed([f'{saving:.1f}' for saving in published.values()])}."
    )
    lines = []
    for row in rows:
        line = f"{row['group']}: {in_words(generated[row['group']])} of the generated images are good; "
        if row["reason"]:
            line += f"no sieve: {row['reason']}"
        else:
            line += (
                f"saving expected {in_words(row['saving_expected'])}, observed {in_words(row['saving_observed'])};"
                f" good on new images {in_words(row['precision_after'])} with the sieve,"
                f" {in_words(row['precision_before'])} without"
            )
        lines.append(line)
    return Answer(QUESTION, text, (LOOP, RATES), tuple(lines))


def _numbers(row: Mapping[str, Any]) -> list[Number]:
    group = row["group"]
    return [
        estimated(row["precision_after"], f"share of good images from sieved latents in {group}", LOOP),
        estimated(row["saving_observed"], f"saving of the sieve of {group}, observed", LOOP),
    ]


def _points(
    rows: list[dict[str, Any]], expected_observed: pd.DataFrame, diversity: pd.DataFrame, level: float
) -> list[str]:
    """What a reviewer should look at: groups without a sieve, quantities not as expected, lost diversity, savings in
    doubt.
    """
    points = [f"No sieve for {row['group']}: {row['reason']}." for row in rows if row["reason"]]
    for group, broken in expected_observed[expected_observed["within"] == 0].groupby("group", sort=False):
        points.append(f"Not as expected in {group}: {listed(named(broken['quantity']).tolist())}.")
    for group, less in diversity[diversity["holm"] < level].groupby("group", sort=False):
        of_what = plain(less["measure"]) + " by " + plain(less["space"])
        points.append(f"The sieve of {group} costs diversity: {listed(of_what.tolist())}.")
    doubtful = [row["group"] for row in rows if not row["reason"] and not row["saving_observed"].lower > 1]
    if doubtful:
        points.append(f"The sieve is not shown to save anything: {listed(doubtful)}.")
    return points


def _loop_table(found: pd.DataFrame) -> Table:
    columns = [
        "group", "valid_rate", "precision_before", "precision_after", "saving_expected", "saving_observed", "roc_auc",
        "model", "rule", "threshold", "rows", "images", "reason",
    ]  # fmt: skip
    return table(found[columns].rename(columns={"roc_auc": "ROC-AUC"}), "Results of the loop", LOOP)


def _far_table(found: pd.DataFrame) -> Table:
    names = {"coverage": "coverage of the kept", "coverage_by_chance": "coverage by chance"}
    names |= {f"{name}_{which}": f"{name.upper()} of {which}" for name in ("fid", "kid") for which in ("all", "kept")}
    return table(
        found[["group", *names]].rename(columns=names),
        "What the sieve and the scores do to diversity and to the distance from real images",
        LOOP,
    )
