"""The card of a sieve: what it learned from which rows, its threshold, what is expected of it, and what it is not
for."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radsieve import files
from radsieve.generators.distributions import DISTRIBUTIONS
from radsieve.numbers import or_none

if TYPE_CHECKING:  # they import scikit-learn, which applying a sieve does not need
    from radsieve.prefilter.latents.latent_table import LatentTable
    from radsieve.prefilter.thresholds.nested_selection import NestedSettings
    from radsieve.prefilter.thresholds.threshold_rules import Choice

FORMAT, VERSION = "radsieve sieve", 3

INTENDED_USE = (
    "Choosing latents for the generator and group named here before their images are generated, to save time; every "
    "image still has to be scored. The probability orders latents and is that of an image that passes all five scores."
)
LIMITS = (
    "No statement about patients or images of other origin. Another generator, group or scoring needs a sieve of its "
    "own. The expected values are those of this one sieve, on latents that are {words}. Its acceptance is that of "
    "its own threshold on such latents. Precision, saving and the other values are measured at this "
    "acceptance, on rows of the data whose digest stands here, fold by fold: the model that evaluates a row was fitted "
    "without the fold of the row, and the acceptance at which it is evaluated was chosen among the rows of the other "
    "folds, though by rankings of models that may have been fitted to the row. Of a sieve that accepts everything "
    "they are those of all rows. The intervals cover the rows, if these are a random sample of the generator's "
    "images, and the choice of the acceptance in other folds: docs/prefilter.md says how often they held the true "
    "values. Accepted images are a selection: see diversity.csv for what it costs."
)

# The expected values: each is {value, lower, upper}, null where not defined, with the measures of `confusion_measures`.
_EXPECTED_MEASURES = {
    "precision": "precision",
    "base_rate": "base_rate",
    "ratio": "ratio",
    "saving": "saving",
    "acceptance_rate": "accepted_share",
    "tpr": "tpr",
    "fpr": "fpr",
}


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


_TEXT = {"type": "string", "minLength": 1}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_COUNT = {"type": "integer", "minimum": 0}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SECONDS = {"type": "number", "minimum": 0}
_BOUND = {"type": ["number", "null"]}
_BOUNDS = _closed(value=_BOUND, lower=_BOUND, upper=_BOUND)
_SCHEMA = _closed(
    format={"const": FORMAT},
    version={"const": VERSION},
    group={"type": "string", "pattern": "^[A-Za-z0-9_]+$"},
    target=_TEXT,
    model=_TEXT,
    rule=_TEXT,
    threshold=_SHARE,
    reason={"type": ["string", "null"]},
    components={"type": "integer", "minimum": 1},
    distribution={"enum": list(DISTRIBUTIONS)},
    weights_sha256=_DIGEST,
    data=_closed(sha256=_DIGEST, rows=_COUNT, good=_COUNT, valid_rate=_SHARE),
    parameters={"type": "object"},
    expected=_closed(**dict.fromkeys((*_EXPECTED_MEASURES, "roc_auc"), _BOUNDS)),
    seconds=_closed(generate=_SECONDS, predict=_SECONDS),
    confidence=_SHARE,
    intended_use=_TEXT,
    limits=_TEXT,
)


def card_of(
    table: "LatentTable",
    settings: "NestedSettings",
    choice: "Choice",
    rule: str,
    evaluated: Mapping[str, Any],
    roc_auc: tuple[float, float, float],
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the card of a sieve for the one group of `table`; the digest of the weights is added when it is saved.

    `evaluated` has the columns that `confusion_measures.evaluated` gives for what the sieve accepts; `roc_auc` is the
    cross-validated area with bounds; `parameters` are those of the model and of its evaluation.
    """
    expected = {
        key: _bounds(*(evaluated[f"{name}{end}"] for end in ("", "_lower", "_upper")))
        for key, name in _EXPECTED_MEASURES.items()
    }
    good = int(table.valid.sum())
    return {
        "format": FORMAT,
        "version": VERSION,
        "group": table.groups[0],
        "target": "valid",
        "model": settings.model,
        "rule": rule,
        "threshold": choice.threshold,
        "reason": choice.reason or None,
        "components": table.latents.shape[1],
        "distribution": settings.distribution.name,
        "weights_sha256": "",
        "data": {
            "sha256": rows_digest(table),
            "rows": len(table),
            "good": good,
            "valid_rate": good / len(table),
        },
        "parameters": dict(parameters),
        "expected": expected | {"roc_auc": _bounds(*roc_auc)},
        "seconds": {
            "generate": settings.evaluation.costs.generate_seconds,
            "predict": settings.evaluation.costs.predict_seconds,
        },
        "confidence": settings.evaluation.confidence,
        "intended_use": INTENDED_USE,
        "limits": LIMITS.format(words=settings.distribution.words),
    }


def rows_digest(table: "LatentTable") -> str:
    """SHA-256 of the rows of a group: `valid` as bytes, then the latents as little-endian float32, row by row."""
    digest = hashlib.sha256(table.valid.astype("i1").tobytes())
    digest.update(table.latents.astype("<f4", copy=False).data)
    return digest.hexdigest()


def read_card(path: Path) -> dict[str, Any]:
    """Return the card at `path`. Raises InputError if it is missing, not JSON, or not a card."""
    missing = "name a folder below results/select_thresholds/models"
    return files.read_json(
        path, _SCHEMA, f"the card of a sieve of version {VERSION}", missing, "run select_thresholds again"
    )


def expectation(card: Mapping[str, Any]) -> str:
    """Say in words how many of the accepted images are likely to be good."""
    if card["reason"]:
        return f"everything: {card['reason']}"
    found = card["expected"]["precision"]
    if found["value"] is None:
        return "expected precision not known"
    bounds = f"{found['lower']:.1%} to {found['upper']:.1%} at {card['confidence']:.0%} confidence"
    base_rate = card["expected"]["base_rate"]["value"]
    return f"expected precision {found['value']:.1%} ({bounds}), without the sieve {base_rate:.1%}"


def _bounds(value: float, lower: float, upper: float) -> dict[str, float | None]:
    named = {"value": value, "lower": lower, "upper": upper}
    return {name: or_none(number) for name, number in named.items()}
