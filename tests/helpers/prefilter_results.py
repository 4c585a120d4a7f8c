"""A small complete set of results of the prefilter's stages, made up, so that a page can be made from it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
from made_up import HOSTILE, Table

from radsieve import files
from radsieve.prefilter import tables as schemas
from radsieve.prefilter.thresholds import tables as threshold_tables
from radsieve.screening.tables import SCORES

GROUPS = ("18_24m", "18_24f", "38_44m", "38_44f", "58_64m", "58_64f", "phantoms")
TARGETS = ("valid", *SCORES)
RULES = ("argmax(tpr-fpr)", "argmax(2*tpr-fpr)", "argmax(precision)")
STORED = RULES[1]
NO_SIEVE = GROUPS[4]
MODELS = {
    "kNN1": "nearest neighbours",
    "SVC_lin": "support vectors",
    "LogReg1": "logistic regression",
    "Boosting": "beyond",
}
NOT_LEARNABLE = "group 58_64m, valid: latents.folds = 3: only 1 good of 1000 images; take fewer folds"
VERDICT = {"kNN1": "worse", "SVC_lin": "worse", "Boosting": "undecided"}
_AREA = {"kNN1": 0.5, "SVC_lin": 0.625, "LogReg1": 0.75, "Boosting": 0.8125}
_LEARNT = [*(group for group in GROUPS if group != NO_SIEVE), "all groups"]
_SAVING = dict(zip(RULES, (1.75, 1.25, 3.0), strict=True))
_LOST = dict(zip(RULES, (0.25, 0.125, 0.875), strict=True))


def write(folder: Path, stages: tuple[str, ...]) -> None:
    """Write every result of `stages` that dvc.yaml names below `folder`.

    All groups but the last (phantoms, screened) are of the twin, with 1,000 rows, of which 50 are valid. The twin is
    out of tolerance in one figure; one group has no sieve.
    """
    made_up.write(folder, stages, lambda stage, name, _: _TABLES[stage, name](), _metrics, _other)


def _other(path: Path) -> None:
    if path.name != "models":
        made_up.just_its_name(path)
        return
    for group in GROUPS:
        files.write_json(path / group / "card.json", _card(group))
        files.write_text(path / group / "model.safetensors", group)


def _bounded(**values: float) -> dict[str, float]:
    """Each value with bounds an eighth off."""
    return {
        f"{name}{end}": value + off
        for name, value in values.items()
        for end, off in (("", 0.0), ("_lower", -0.125 * (value >= 0.125)), ("_upper", 0.125))
    }


def _evaluated(rule: str) -> dict[str, Any]:
    shares = _bounded(accepted_share=0.25, tpr=1 - _LOST[rule], fpr=0.25, precision=0.125, base_rate=0.05)
    times = _bounded(ratio=_SAVING[rule], saving=_SAVING[rule], seconds_per_good=4.0)
    cells = {"tn": 700, "fp": 250, "fn": 10, "tp": 40}
    return {"rule": rule, "threshold": 0.0625, "reason": "", **cells, **shares, **times}


def _decisions() -> list[dict[str, Any]]:
    rows = []
    for group in GROUPS:
        for rule, estimate in [*((rule, "nested folds") for rule in RULES), (STORED, "card")]:
            more = {
                "estimate": estimate,
                "stored": int(estimate == "card"),
                "good_images_lost": _LOST[rule],
                "spread_kept": 0.5,
            }
            row = {"group": group, **_evaluated(rule), **more, "coverage": 0.9375, "coverage_by_chance": 0.949}
            if group == GROUPS[1]:
                row |= _bounded(saving=_SAVING[rule] + 0.5)
            if group == NO_SIEVE:
                row |= {"reason": "no good image", "threshold": 0.0} | dict.fromkeys(
                    name for name in row if name.startswith("saving")
                )
            rows.append(row)
    return rows


def _twin() -> list[tuple[object, ...]]:
    return [
        ("valid_rate", GROUPS[0], 0.0694, 0.0694, 0.003, True),
        ("correlation", "valid and score_shape", 0.259, 0.31, 0.03, False),
    ]


def _as_expected() -> list[dict[str, Any]]:
    columns = ("expected", "observed", "difference")
    kept = {"precision_unsieved": 1, "precision_sieved": 1, "saving": 0, "roc_auc": None}
    rows = [
        {"group": "all", "quantity": name, "images": 20, "within": value, **_bounded(**dict.fromkeys(columns, 0.5))}
        for name, value in kept.items()
    ]
    return [*rows, {**rows[1], "group": GROUPS[0], "within": 0}]


def _card(group: str) -> dict[str, Any]:
    expected = {"value": 0.5, "lower": 0.25, "upper": 0.75}
    names = ("precision", "base_rate", "ratio", "saving", "acceptance_rate", "tpr", "fpr", "roc_auc")
    nothing = dict.fromkeys(expected)
    return {
        "group": group,
        "model": "LogReg.1",
        "rule": STORED,
        "threshold": 0.0625,
        "reason": "no good image" if group == NO_SIEVE else None,
        "data": {"sha256": "0" * 64, "rows": 1000, "good": 50, "valid_rate": 0.05},
        "expected": dict.fromkeys(names, nothing if group == NO_SIEVE else expected),
        "intended_use": f"Choosing latents. {HOSTILE}",
        "limits": "No statement about patients.",
    }


_STATISTICS = ("count", "mean", "std", "min", "25%", "50%", "75%", "max")
_SOURCES = [("twin", "all"), *(("twin", group) for group in GROUPS[:-1]), ("screened", GROUPS[-1])]
_TABLES: dict[tuple[str, str], Callable[[], Table]] = {
    ("prepare_latents", "groups"): lambda: (
        schemas.LATENT_GROUPS,
        [(group, "twin", 1000, 50, 0.05, 0.04, 0.07, 128, 1 / 3) for group in GROUPS[:-1]]
        + [(GROUPS[-1], "screened", 100, 40, 0.4, 0.3, 0.5, 128, 0.33)],
    ),
    ("prepare_latents", "twin"): lambda: (schemas.TWIN, _twin()),
    ("explore_latents", "statistics"): lambda: (
        schemas.LATENT_STATISTICS,
        [(*of, statistic, *[0.25] * 6) for of in _SOURCES for statistic in _STATISTICS],
    ),
    ("explore_latents", "correlations"): lambda: (
        schemas.SCORE_CORRELATIONS,
        [(*of, score, *[0.25] * 6) for of in _SOURCES for score in TARGETS],
    ),
    ("explore_latents", "valid_rates"): lambda: (
        schemas.VALID_RATES,
        [(*of, score, 1000, 50, 0.05, 0.04, 0.07) for of in _SOURCES for score in TARGETS],
    ),
    ("explore_latents", "components"): lambda: (
        schemas.COMPONENTS,
        [
            (group, score, component, 0.1, 0.05, 0.01, 0.1, 0.05, 0.01 if component < 2 else 0.5)
            for group in GROUPS
            for score in TARGETS
            for component in range(3)
        ],
    ),
    ("explore_latents", "embedding"): lambda: (schemas.EMBEDDING, [(GROUPS[0], "valid", 3, 1, 0.5, -0.5)]),
    ("explore_latents", "mixing"): lambda: (
        schemas.MIXING,
        [
            (group, score, 600, space, classifier, 0.75, 0.5, 0.55, 0.01)
            for group in GROUPS
            for score in TARGETS
            for space in ("plane", "latent")
            for classifier in ("neighbours", "linear")
        ],
    ),
    ("explore_latents", "neighbours"): lambda: (
        schemas.NEIGHBOURS,
        [
            (group, score, 1000, 50, 5, 0.1, 0.05, 0.02, 0.08, 0.01 if group == GROUPS[0] else 0.5, 0.8)
            for group in GROUPS
            for score in TARGETS
        ],
    ),
    ("compare_classifiers", "folds"): lambda: (
        schemas.CLASSIFIER_FOLDS,
        [("valid", *of, 1, 300, 15, None, 0.0, 0.9, _AREA[of[0]], 0.1, None) for of in MODELS.items()],
    ),
    ("compare_classifiers", "curves"): lambda: (
        schemas.CLASSIFIER_CURVES,
        [("valid", model, curve, 0.5, 0.5, 0.25, 0.75) for model in MODELS for curve in ("roc", "precision_recall")],
    ),
    ("compare_classifiers", "confusion"): lambda: (
        schemas.CLASSIFIER_CONFUSION,
        [("valid", model, good, 0, 10, 1.0, 0.5, 1.0) for model in MODELS for good in (0, 1)],
    ),
    ("rank_classifiers", "summary"): lambda: (
        schemas.CLASSIFIER_SUMMARY,
        [
            ("valid", group, model, family, metric, _AREA[model], 0.01, _AREA[model] - 0.125, _AREA[model] + 0.125)
            for group in _LEARNT
            for metric in ("precision", "recall", "accuracy", "roc_auc", "pr_auc", "brier")
            for model, family in MODELS.items()
        ],
    ),
    ("rank_classifiers", "paired"): lambda: (
        schemas.CLASSIFIER_PAIRED,
        [
            ("valid", group, model, _AREA[model] - 0.75, *[-0.125, 0.125, 0.25, 0.5] * 2, VERDICT[model])
            for group in _LEARNT
            for model in VERDICT
        ],
    ),
    ("rank_classifiers", "published"): lambda: (
        schemas.CLASSIFIER_PUBLISHED,
        [
            ("valid_roc_auc_by_model", metric, model, GROUPS[0], 0.5, _AREA[model], 0.4, 0.9, _AREA[model] - 0.5, 1)
            for metric in ("roc_auc", "precision")
            for model in ("kNN1", "SVC_lin")
        ],
    ),
    ("select_thresholds", "rules"): lambda: (
        threshold_tables.RULES,
        [
            {"group": group, "split": split, **_evaluated(rule)}
            for group in GROUPS
            for rule in RULES
            for split in ("validation", "test")
        ],
    ),
    ("select_thresholds", "nested"): lambda: (
        threshold_tables.NESTED,
        [
            {"group": group, "fold": fold, **_evaluated(rule)}
            for group in GROUPS
            for rule in RULES
            for fold in ("1", "2", "pooled")
        ],
    ),
    ("select_thresholds", "composite"): lambda: (
        threshold_tables.COMPOSITE,
        [
            {"group": group, "method": method, **_evaluated(STORED)}
            | {"precision_difference": 0.01, "difference_lower": -0.01, "difference_upper": 0.03}
            for group in GROUPS
            for method in ("composite", "direct", "direct, equal tpr")
        ],
    ),
    ("select_thresholds", "diversity"): lambda: (
        threshold_tables.DIVERSITY,
        [
            (group, rule, 50, 40, measure, 0.5, 0.75, 0.7, 0.8, 0.01)
            for group in GROUPS
            for rule in RULES
            for measure in ("mean_distance", "log_volume", "coverage")
        ],
    ),
    ("select_thresholds", "decisions"): lambda: (threshold_tables.DECISIONS, _decisions()),
    ("select_thresholds", "curves"): lambda: (
        threshold_tables.THRESHOLD_CURVES,
        [(group, 0.5, 0.1, 0.2, 0.1, 0.3, 0.05, 2.0, 2.0, 3.0) for group in GROUPS],
    ),
    ("select_thresholds", "published"): lambda: (
        threshold_tables.PUBLISHED_THRESHOLDS,
        [("18_24m", RULES[0], "validation", measure, 0.75, 0.75, 6, measure == "tpr") for measure in ("tpr", "fpr")],
    ),
    ("check_sieve", "images"): lambda: (
        schemas.CHECKED_IMAGES,
        [(f"{arm}/{GROUPS[0]}/{image}", arm, GROUPS[0], 0.5, 1, image % 2, *[0.5] * 5)
         for arm in ("unsieved", "sieved") for image in range(10)],
    ),
    ("check_sieve", "expected_observed"): lambda: (schemas.EXPECTED_OBSERVED, _as_expected()),
    ("check_sieve", "diversity"): lambda: (
        schemas.CHECKED_DIVERSITY,
        [("lungs", "coverage", 10, 10, 0.5, 0.6, 0.5, 0.7, 0.1)],
    ),
}  # fmt: skip


def _metrics(stage: str, of: str) -> dict[str, Any]:
    match stage:
        case "explore_latents":
            area = {"tests": 42, "beyond_chance": 7, "median_roc_auc": 0.75}
            return {
                "maps": 41,
                "too_few_rows_for_a_map": 1,
                "components": {"tests": 5376, "beyond_chance": 84, "largest_rank_correlation": 0.125},
                "mixing": {
                    "plane": {"neighbours": area, "linear": area},
                    "latent": {"neighbours": area, "linear": area},
                },
            }
        case "compare_classifiers":
            return {"targets": {"valid": {"not_learnable": NOT_LEARNABLE if of == NO_SIEVE else None}}}
        case "rank_classifiers":
            found = {"reference": "LogReg1", "best": "Boosting", "better_than_reference": [], "worse_than_reference": 2}
            return {"targets": {"valid": found}}
        case "select_thresholds":
            return {"without_sieve": {NO_SIEVE: "no good image"}}
        case "sieve_latents":
            expected = {"value": 0.5, "lower": 0.25, "upper": 0.75}
            return {
                "sampled": 1000, "accepted": 250, "acceptance_rate": 0.25, "confidence": 0.95,
                "expected_acceptance_rate": expected, "expected_precision": expected, "expected_saving": expected,
            }  # fmt: skip
        case "check_sieve":
            arms = {"images": 10, "p_value": 0.5, "power": 0.8, "power_of_expected": 0.1, "detectable_saving": 3.0}
            return {
                "expectations": 3, "within_expected": 2, "two_arms": arms,
                "groups_compared": 1, "groups_below_expected": [GROUPS[0]],
            }  # fmt: skip
    return {"rows": 10}
