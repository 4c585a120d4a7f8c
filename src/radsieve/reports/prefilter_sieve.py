"""The sections on the sieves: their cards, what they accept, and whether the promise was kept."""

import json
from collections.abc import Sequence
from math import nan
from typing import Any

import pandas as pd

from radsieve import prefilter_tables as tables
from radsieve.prefilter_tables import Arm
from radsieve.reports.inputs import Inputs
from radsieve.reports.metrics import estimates_of
from radsieve.reports.page import ShownEstimate, Table, estimates, folded, table
from radsieve.reports.wording import brief, plain

CARDS, SIEVED = "select_thresholds/models/{group}/card.json", "sieve_latents/{group}/metrics.json"
CHECK = "check_sieve"
FILMS, PROMISE, DIVERSITY = (f"{CHECK}/{name}.csv" for name in ("films", "promise", "diversity"))
KEPT = {1.0: "kept", 0.0: "not kept"}
_ALL = "all"
_PROMISED = ("roc_auc", "precision", "base_rate", "acceptance_rate", "saving")


def sieves(inputs: Inputs, groups: Sequence[str]) -> dict[str, Any]:
    """The cards of the sieves of `groups`, and what each sieve accepted of the latents that it drew."""
    cards = {group: _card(inputs, group) for group in groups}
    first = next(iter(cards.values()))
    return {
        "cards": table(
            pd.DataFrame(_promised(cards[group]) for group in groups), "Cards", CARDS.format(group="<group>")
        ),
        "accepted": _accepted(inputs, groups),
        "models": [inputs.known(f"select_thresholds/models/{group}/model.safetensors") for group in groups],
        "latents": [inputs.known(f"sieve_latents/{group}/accepted.parquet") for group in groups],
        "intended_use": first["intended_use"],
        "limits": first["limits"],
    }


def check(inputs: Inputs) -> dict[str, Any]:
    """What the card of one sieve promised beside what came, on films drawn for the purpose."""
    promise = inputs.table(tables.CHECKED_PROMISE, PROMISE)
    films = inputs.table(tables.CHECKED_FILMS, FILMS)
    of_all = promise["group"] == _ALL
    compared = folded(promise[of_all], ("promised", "came", "difference"))
    return {
        "metrics": inputs.metrics(CHECK),
        "headlines": {row["quantity"]: (row["promised"], row["came"]) for row in compared.to_dict("records")},
        "broken": plain(promise.loc[of_all & (promise["kept"] == 0), "quantity"]).tolist(),
        "films": len(films),
        "arms": {arm: int((films["arm"] == arm).sum()) for arm in Arm},
        "promise": promise_table(promise[of_all].drop(columns="group"), "What was promised, and what came", PROMISE),
        "by_group": promise_table(promise[~of_all], "The same by group of the generator", PROMISE),
        "diversity": diversity_table(inputs.table(tables.CHECKED_DIVERSITY, DIVERSITY), DIVERSITY),
        "table": table(brief(films), "The films of both arms", FILMS),
        "picture": inputs.figure(
            f"{CHECK}/promise.png",
            "Promised and came",
            "Each promise of the card with its interval beside what came with its interval",
            PROMISE,
        ),
        "sheets": [
            inputs.figure(
                f"{CHECK}/{arm}.png", f"Films of {arm} latents", f"Films drawn from {arm} latents", FILMS, films=True
            )
            for arm in (Arm.SIEVED, Arm.UNSIEVED)
        ],
    }


def _card(inputs: Inputs, group: str) -> dict[str, Any]:
    return dict(json.loads(inputs.path(CARDS.format(group=group)).read_text(encoding="utf-8")))


def _promised(card: dict[str, Any]) -> dict[str, Any]:
    promise = {name: _estimate(card["promise"][name]) for name in _PROMISED}
    known = {name: card[name] for name in ("group", "model", "rule", "threshold")}
    return (
        known
        | {"rows": card["data"]["rows"], "good": card["data"]["good"]}
        | promise
        | {"reason": card["reason"] or ""}
    )


def _estimate(stored: dict[str, float | None]) -> ShownEstimate:
    return ShownEstimate(
        *(nan if stored[name] is None else float(stored[name] or 0) for name in ("value", "lower", "upper"))
    )


def _accepted(inputs: Inputs, groups: Sequence[str]) -> Table:
    rows = []
    for group in groups:
        found = inputs.metrics(f"sieve_latents/{group}")
        numbers = estimates_of(found)
        rows.append(
            {
                "group": group,
                "drawn": found["drawn"],
                "accepted": found["accepted"],
                "acceptance rate": found["acceptance_rate"],
                "expected precision": numbers["expected_precision"],
                "expected saving": numbers["expected_saving"],
            }
        )
    return table(pd.DataFrame(rows), "Fresh latents drawn and accepted", SIEVED.format(group="<group>"))


def promise_table(promise: pd.DataFrame, title: str, source: str) -> Table:
    """Show rows of CHECKED_PROMISE, or of the like with other columns before."""
    shown = promise.assign(quantity=plain(promise["quantity"]), kept=promise["kept"].map(KEPT).fillna("–"))
    return table(folded(shown, ("promised", "came", "difference")), title, source)


def diversity_table(diversity: pd.DataFrame, source: str) -> Table:
    """Show CHECKED_DIVERSITY, or the like with other columns before."""
    shown = diversity.assign(
        space=plain(diversity["space"]),
        measure=plain(diversity["measure"]),
        chance=estimates(diversity, "chance"),
    )
    return table(
        shown.drop(columns=["lower", "upper"]),
        "Diversity of the good films from sieved latents, beside as many at random from those of both arms",
        source,
    )
