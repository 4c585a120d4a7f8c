"""The sections on the sieves: their cards, what they accept, and whether they perform as expected."""

import json
from collections.abc import Sequence
from math import nan
from typing import Any

import pandas as pd

from radsieve import files
from radsieve.numbers import ShownEstimate
from radsieve.prefilter import tables as prefilter_tables
from radsieve.prefilter.plots.stored_sieves import Compared, plot_stored_sieves
from radsieve.prefilter.tables import Arm
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.metrics import estimates_of
from radsieve.reporting.page import Figure, Table, estimates, folded, plotted, table
from radsieve.reporting.wording import brief, plain
from radsieve.stats.resampling import Estimate, difference, share

CARDS, SIEVED = "select_thresholds/models/{group}/card.json", "sieve_latents/{group}/metrics.json"
CHECK = "check_sieve"
IMAGES, OBSERVED, DIVERSITY = (f"{CHECK}/{name}.csv" for name in ("images", "expected_observed", "diversity"))
WITHIN = {1.0: "as expected", 0.0: "not as expected"}
_EXPECTED_SHARE, _OBSERVED_SHARE = (f"share of fresh latents accepted, {what}" for what in ("expected", "observed"))
_QUANTITIES = {  # what does not say by its name of which latents or images it is
    "acceptance_rate": "share accepted of the latents sampled for these images",
    "recall": "share of good unsieved images that it accepts",
    "false_positive_rate": "share of bad unsieved images that it accepts",
    "precision_unsieved": "share of good images, unsieved",
    "precision_sieved": "share of good images, sieved",
    "roc_auc": "ROC-AUC on unsieved images",
    "precision_ratio": "share of good images, sieved divided by unsieved",
    "seconds_per_good_unsieved": "seconds for a good image, unsieved",
    "seconds_per_good_sieved": "seconds for a good image, sieved",
    "saving_paired": "saving, the same images with and without the sieve",
    "mean_probability_unsieved": "mean probability by the model, and share of good images, unsieved",
    "mean_probability_sieved": "mean probability by the model, and share of good images, sieved",
}
_ALL = "all"
_EXPECTED = ("roc_auc", "precision", "base_rate", "acceptance_rate", "saving")


def sieves(inputs: Inputs, groups: Sequence[str], checked: str | None) -> dict[str, Any]:
    """The cards of the sieves of `groups`, and what each sieve accepted of the latents that it sampled.

    The sieve of `checked`, if any, was tried on images, whose shares of good ones are in the figure, too.
    """
    accepted = _accepted(inputs, groups)
    cards = {group: _card(inputs, group) for group in groups}
    first = next(iter(cards.values()))
    return {
        "cards": table(
            pd.DataFrame(_expected_row(cards[group]) for group in groups), "Cards", CARDS.format(group="<group>")
        ),
        "accepted": _accepted_table(accepted),
        "picture": _picture(accepted, inputs, checked),
        "models": [inputs.known(f"select_thresholds/models/{group}/model.safetensors") for group in groups],
        "latents": [inputs.known(f"sieve_latents/{group}/accepted.parquet") for group in groups],
        "intended_use": first["intended_use"],
        "limits": first["limits"],
    }


def check(inputs: Inputs) -> dict[str, Any]:
    """What the card of one sieve expects beside what was observed, on images generated for the purpose."""
    expected_observed = inputs.table(prefilter_tables.EXPECTED_OBSERVED, OBSERVED)
    images = inputs.table(prefilter_tables.CHECKED_IMAGES, IMAGES)
    of_all = expected_observed["group"] == _ALL
    told = expected_observed[of_all & ~prefilter_tables.given(expected_observed)]
    compared = folded(told, ("expected", "observed", "difference"))
    return {
        "metrics": inputs.metrics(CHECK),
        "headlines": {row["quantity"]: (row["expected"], row["observed"]) for row in compared.to_dict("records")},
        "broken": named(expected_observed.loc[of_all & (expected_observed["within"] == 0), "quantity"]).tolist(),
        "images": len(images),
        "arms": {arm: int((images["arm"] == arm).sum()) for arm in Arm},
        "expected_observed": expected_observed_table(
            expected_observed[of_all].drop(columns="group"), "What was expected, and what was observed", OBSERVED
        ),
        "by_group": expected_observed_table(expected_observed[~of_all], "The same by group of the generator", OBSERVED),
        "diversity": diversity_table(inputs.table(prefilter_tables.CHECKED_DIVERSITY, DIVERSITY), DIVERSITY),
        "table": table(brief(images), "The images of both arms", IMAGES),
        "picture": inputs.figure(
            f"{CHECK}/expected_observed.png",
            "Expected and observed",
            "Each expected value of the card with its interval beside the observed one with its interval",
            OBSERVED,
        ),
        "grids": [
            inputs.figure(
                f"{CHECK}/{arm}.png",
                f"Images of {arm} latents",
                f"Images generated from {arm} latents",
                IMAGES,
                images=True,
            )
            for arm in (Arm.SIEVED, Arm.UNSIEVED)
        ],
    }


def _card(inputs: Inputs, group: str) -> dict[str, Any]:
    return dict(json.loads(inputs.path(CARDS.format(group=group)).read_text(encoding="utf-8")))


def _expected_row(card: dict[str, Any]) -> dict[str, Any]:
    expected = {name: _estimate(card["expected"][name]) for name in _EXPECTED}
    known = {name: card[name] for name in ("group", "model", "rule", "threshold")}
    return (
        known
        | {"rows": card["data"]["rows"], "good": card["data"]["good"]}
        | expected
        | {"reason": card["reason"] or ""}
    )


def _estimate(stored: dict[str, float | None]) -> ShownEstimate:
    return ShownEstimate(
        *(nan if stored[name] is None else float(stored[name] or 0) for name in ("value", "lower", "upper"))
    )


def _accepted(inputs: Inputs, groups: Sequence[str]) -> pd.DataFrame:
    rows = []
    for group in groups:
        found = inputs.metrics(f"sieve_latents/{group}")
        numbers = estimates_of(found)
        expected = numbers["expected_acceptance_rate"]
        observed = share(found["accepted"], found["sampled"], found["confidence"])
        gap = difference(observed, Estimate(expected.value, expected.lower, expected.upper).exact())
        rows.append(
            {
                "group": group,
                "sampled": found["sampled"],
                "accepted": found["accepted"],
                _EXPECTED_SHARE: expected,
                _OBSERVED_SHARE: ShownEstimate(observed.value, observed.lower, observed.upper),
                "comparison": WITHIN[float(gap.lower <= 0 <= gap.upper)],
                "expected precision": numbers["expected_precision"],
                "expected saving": numbers["expected_saving"],
            }
        )
    return pd.DataFrame(rows)


def _picture(accepted: pd.DataFrame, inputs: Inputs, checked: str | None) -> Figure:
    """What the cards expect beside what was observed: latents accepted, and good images of the sieve of `checked`."""
    rows = inputs.table(prefilter_tables.EXPECTED_OBSERVED, OBSERVED)
    shares = folded(
        rows[(rows["group"] == _ALL) & rows["quantity"].isin([f"precision_{arm}" for arm in Arm])],
        ("expected", "observed", "difference"),
    )
    plot = plot_stored_sieves(
        [Compared(row["group"], row[_EXPECTED_SHARE], row[_OBSERVED_SHARE]) for row in accepted.to_dict("records")],
        [
            Compared(f"{checked}, {row['quantity'].removeprefix('precision_')}", row["expected"], row["observed"])
            for row in shares.to_dict("records")
        ],
    )
    return plotted(
        files.png_of(plot),
        "The stored sieves: expected and observed",
        f"{SIEVED.format(group='<group>')} + {OBSERVED}",
        "Share of new latents that each sieve accepts"
        + (f", and share of good images in both arms of {checked}" if checked else "")
        + ": expected by the card, and observed, with intervals",
    )


def _accepted_table(accepted: pd.DataFrame) -> Table:
    return table(
        accepted,
        "New latents sampled and accepted: what the card expects, and what was observed",
        SIEVED.format(group="<group>"),
    )


def expected_observed_table(expected_observed: pd.DataFrame, title: str, source: str) -> Table:
    """Show rows of EXPECTED_OBSERVED, or of a table with further columns before these; what holds of any images,
    since every latent is accepted, is a dash."""
    shown = _without_what_is_given(expected_observed)
    shown = shown.assign(quantity=named(shown["quantity"]), within=shown["within"].map(WITHIN).fillna("–"))
    return table(folded(shown, ("expected", "observed", "difference")), title, source)


def _without_what_is_given(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` of EXPECTED_OBSERVED without the values of those that are given."""
    given = prefilter_tables.given(rows)
    values = [name for name in rows.columns if name.startswith(("expected", "observed", "difference", "within"))]
    return rows.assign(**{name: rows[name].mask(given) for name in values})


def named(quantities: pd.Series) -> pd.Series:
    """The quantities of EXPECTED_OBSERVED in words."""
    return quantities.map(lambda name: _QUANTITIES.get(name, name.replace("_", " ")))


def diversity_table(diversity: pd.DataFrame, source: str) -> Table:
    """Show CHECKED_DIVERSITY, or a table with further columns before these."""
    shown = diversity.assign(
        space=plain(diversity["space"]),
        measure=plain(diversity["measure"]),
        chance=estimates(diversity, "chance"),
    )
    tests = [name for name in ("p_value", "holm") if name in shown]
    leading = [name for name in shown.columns if name not in (*tests, "value", "chance", "lower", "upper")]
    return table(
        shown[[*leading, *tests, "value", "chance"]],
        "Diversity of the good images from sieved latents, beside as many random ones from both arms",
        source,
    )
