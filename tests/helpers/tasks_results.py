"""A small complete set of results of the track of tasks, made up, so that a page can be made from it."""

import json
from pathlib import Path
from typing import Any

import image_results
import made_up
import profile_results
from made_up import HOSTILE, SAME, UNITS, Table

from radsieve.tasks import tables as schemas
from radsieve.tasks.synthesis import tables as synthesis_schemas
from radsieve.tasks.texts import tables as text_schemas

AUTHORS = ("Alder", "Birch", "Cedar")
TABLES = ("diabetes", "survey", "deaths")
HONEST, WITH_SMOTE = 0.75, 0.9375


def write(folder: Path, stages: tuple[str, ...]) -> None:
    """Write every result of `stages` that dvc.yaml names below `folder`.

    In each table SMOTE before the folds adds 0.1875 to the ROC-AUC of one model; of diabetes one row is in quarantine,
    under a hostile value, and single splits are shown.
    """
    made_up.write(folder, stages, _table, _metrics)


def _table(stage: str, name: str, of: str) -> Table:
    if stage in image_results.STAGES:
        return image_results.table(stage, name, of)
    if stage in profile_results.STAGES:
        return profile_results.table(stage, name, of)
    if stage == "generate_cases":
        rates = [(author, "entropy rate, bits per character", 2.25) for author in AUTHORS]
        return schemas.TRUTH, [*((table, "bayes_auc", 0.8125) for table in TABLES), *rates]
    if stage in _TEXTS:
        return _TEXTS[stage][name](of)
    return {"pack_tables": _PACKED, "classify_rows": _CLASSIFIED, "synthesize_tables": _SYNTHESIZED}[stage][name](of)


def _metrics(stage: str, of: str) -> dict[str, Any]:
    if stage in image_results.STAGES:
        return image_results.metrics(stage, of)
    if stage in profile_results.STAGES:
        return profile_results.metrics(stage, of)
    if stage == "pack_tables":
        return {
            "rows": 40,
            "units": 40,
            "positive": 16,
            "columns": 2,
            "columns_left_out": 1,
            "quarantined": int(of == "diabetes"),
            "codes_of_any_level": 1,
            "equal_rows": 3,
            "equal_predictors_other_outcome": 0,
        }
    if stage == "synthesize_tables":
        area = {"value": 0.5625, "lower": 0.5, "upper": 0.625}
        return {"rows": 12, "membership_auc": {"trees": area}}
    if stage == "classify_rows":
        area = {"value": HONEST, "lower": 0.625, "upper": 0.875}
        return {
            "rows": 40,
            "positive": 16,
            "roc_auc": {"logistic": area},
            "protocols": {"honest": {"logistic": area}},
            "stored_model": "logistic",
            "stored_chosen_of": 3,
            "stored_roc_auc": {"value": 0.6875, "lower": 0.5625, "upper": 0.8125},
            "stored_learnt_from": {"rows": 30, "positive": 12, "units": 20},
            "shap_permutation_rank_correlation": 1.0,
            "shap_fold_rank_correlation": None,
        }
    if stage == "pack_texts":
        return {"works": 5, "authors": 3, "characters": 20000, "quarantined": 1}
    if stage == "train_writer":
        of_splits = {"train": 3, "validation": 1, "test": 1}
        return {"works": of_splits, "characters": of_splits, "best_epoch": 2, "weights": 1000}
    if stage == "classify_texts":
        return {"recognised": 0.75, "longest_copied": 42}
    return {"rows": dict.fromkeys(TABLES, 40), "bayes_auc": dict.fromkeys(TABLES, 0.8125)}


def _quarantine(of: str) -> Table:
    rows = [(7, "Glucose", "not a number", HOSTILE)] if of == "diabetes" else []
    return schemas.ROW_QUARANTINE, rows


def _comparison(_: str) -> Table:
    estimates = (
        0.625,
        0.5,
        0.75,
        0.125,
        0.0625,
        0.1875,
        0.25,
        0.125,
        0.375,
        0.75,
        0.625,
        0.875,
        0.6875,
        0.5625,
        0.8125,
    )
    return schemas.COMPARISON, [
        ("logistic", "before", "none", HONEST, 0.625, 0.875, *estimates, None, None, None, None),
        ("boosting", "before", "none", 0.6875, 0.5625, 0.8125, *estimates, -0.0625, -0.125, -0.03125, 0.015625),
        ("logistic", "before", "smote", HONEST, 0.625, 0.875, *estimates, 0.0, -0.0625, 0.0625, 1.0),
    ]


def _leaks(of: str) -> Table:
    rows = [
        ("honest", "logistic", "roc_auc", 40, HONEST, 0.625, 0.875, HONEST, None, None, None, *UNITS),
        ("smote_first", "logistic", "roc_auc", 48, WITH_SMOTE, 0.875, 0.96875, HONEST, 0.1875, 0.0625, 0.3125, *UNITS),
        ("fitted_on_all", "logistic", "roc_auc", 40, HONEST, 0.625, 0.875, HONEST, 0.0, None, None, *SAME),
    ]
    if of == "deaths":
        rows.append(("labels_1_2", "one unit", "accuracy", 40, 0.6, 0.5, 0.7, 0.75, -0.15, -0.25, -0.05, *UNITS))
    return schemas.LEAKS, rows


_PACKED = {
    "columns": lambda of: (schemas.COLUMNS, [("Age", "number", "before", 0, 20), (HOSTILE, "code", "at", 2, 3)]),
    "codebook": lambda of: (
        schemas.CODEBOOK,
        [("Age", "number", '["NA", "0"]', "", 0, 120), (HOSTILE, "code", "", json.dumps([HOSTILE, "b"]), None, None)],
    ),
    "counts": lambda of: (schemas.ROW_COUNTS, [("train", 30, 30, 12), ("test", 10, 10, 4)]),
    "quarantine": _quarantine,
}
_CLASSIFIED = {
    "comparison": _comparison,
    "leaks": _leaks,
    "predictions": lambda of: (schemas.ROW_PREDICTIONS, [(2, 1, 1, "logistic", 0.75), (3, 2, 0, "logistic", 0.25)]),
    "roc": lambda of: (schemas.CURVES, [("logistic", 0.75, 0.0, 0.5, 1.0), ("logistic", 0.25, 1.0, 1.0, 0.5)]),
    "calibration": lambda of: (schemas.CALIBRATION, [("logistic", 0.2, 0.3, 20, 5, 0.25, 0.25, 0.125, 0.5)]),
    "explanations": lambda of: (
        schemas.EXPLANATIONS,
        [("boosting", "Age", 0.5, 0.375, 0.625, 1, 0.125, 1), ("boosting", HOSTILE, 0.25, 0.125, 0.375, 2, 0.0625, 2)],
    ),
    "calibrated": lambda of: (
        schemas.CALIBRATED,
        [("logistic", 0.0, -0.25, 0.25, 1.0, 0.75, 1.25, 0.25, 0.125, 0.375, 0.0625, 0.03125)],
    ),
    "operating": lambda of: (
        schemas.OPERATING,
        [("logistic", 0.25, 0.375, 12, 4, 18, 6, *(0.75, 0.625, 0.875) * 3)],
    ),
    "repeated": lambda of: (
        schemas.SEEN_ROWS,
        [
            ("logistic", "all", 40, 16, HONEST, 0.625, 0.875),
            ("logistic", "new", 37, 15, HONEST, 0.5, 0.875),
            ("logistic", "repeated", 3, 1, None, None, None),
        ],
    ),
    "grid": lambda of: (
        schemas.GRID,
        [("before", 1, "32-16", "relu", 0.25, "adam", 0.125, 2, 64, 0.75, 1)] if of == "diabetes" else [],
    ),
    "subgroups": lambda of: (
        schemas.ROW_SUBGROUPS,
        [("Age", HOSTILE, 20, 8, "logistic", "roc_auc", 0.75, 0.625, 0.875, 0.25, 0.125, 0.375, 0.015625)]
        if of == "diabetes"
        else [],
    ),
    "splits": lambda of: (schemas.SINGLE_SPLITS, [(1, 8, 0.875, 0.75, 0.625)] if of == "diabetes" else []),
}
_TEXTS = {
    "pack_texts": {
        "works": lambda _: (
            text_schemas.WORK_LIST,
            [("Alder", HOSTILE, "Alder/one.txt", "0a1b", "train", 2, 0, 4000, 700)],
        ),
        "counts": lambda _: (text_schemas.WORK_COUNTS, [("Alder", "train", 1, 1, 4000)]),
        "alike": lambda _: (text_schemas.ALIKE_WORKS, [("Alder", "one", "Alder", HOSTILE, 0.75)]),
        "quarantine": lambda _: (
            text_schemas.WORK_QUARANTINE,
            [("Birch/two.txt", HOSTILE, "not encoded as UTF-8", "byte 7")],
        ),
    },
    "classify_texts": {
        "comparison": lambda _: (
            text_schemas.CHUNK_COMPARISON,
            [
                ("characters", "normalised", "folds", 40, 5, 0.75, 0.625, 0.875, 0.8125, 0.75, 0.875),
                ("characters", "raw", "folds", 40, 5, 0.9375, 0.875, 1.0, 0.9375, 0.875, 1.0),
            ],
        ),
        "leaks": lambda _: (
            schemas.LEAKS,
            [
                ("honest", "characters", "balanced_accuracy", 40, 0.75, 0.625, 0.875, 0.75, None, None, None, *UNITS),
                (
                    "by_chunk",
                    "characters",
                    "balanced_accuracy",
                    40,
                    0.875,
                    0.75,
                    1.0,
                    0.75,
                    0.125,
                    0.03125,
                    0.25,
                    *UNITS,
                ),
            ],
        ),
        "confusion": lambda _: (
            text_schemas.CHUNK_CONFUSION,
            [("characters", "folds", "Alder", "Alder", 30, 0.75), ("characters", "folds", "Alder", "Birch", 10, 0.25)],
        ),
        "predictions": lambda _: (
            text_schemas.CHUNK_PREDICTIONS,
            [("Alder", HOSTILE, 0, "characters", "normalised", "folds", "Birch")],
        ),
        "evaluated": lambda _: (
            text_schemas.EVALUATED,
            [
                ("Alder", "sample", 0.5, 4, 0.75, 0.25, 1.0, 42, 0.0625, 0.5, 1.0, 1.0),
                ("Alder", "unseen", None, 4, 1.0, 0.5, 1.0, 25, 0.0, 0.75, 1.0, 1.0),
            ],
        ),
        "samples": lambda _: (
            text_schemas.EVALUATED_TEXTS,
            [("Alder", 0.5, 1, "Birch", 42, "3-8", f"ab copied {HOSTILE}"), ("Alder", 0.5, 2, "Alder", 0, "", "short")],
        ),
        "entropy_matrix": lambda _: (
            text_schemas.ENTROPY_MATRIX,
            [("Alder", "Alder", 4000, 2.5, 2.25, 2.75), ("Alder", "Birch", 4000, 3.5, None, None)],
        ),
        "markers": lambda _: (text_schemas.MARKERS, [("Alder", "ellipsis …", 12, 3.0)]),
    },
    "train_writer": {
        "curves": lambda _: (text_schemas.WRITER_CURVES, [(1, 3.5, 3.25, 0.01), (2, 3.25, 3.0, 0.0005)]),
        "entropy": lambda of: (
            text_schemas.ENTROPY,
            [
                ("5-gram", 1, 4000, 2.75, 2.5, 3.0, "passages", 0.25 if of == "Alder" else -0.25, -0.5, 0.5),
                ("gru and 3-gram", 1, 4000, 2.5 if of == "Alder" else 3.0, 2.25, 3.25, "passages", None, None, None),
            ],
        ),
        "samples": lambda _: (text_schemas.DRAWN, [(0.5, 1, HOSTILE), (1.0, 1, "a text")]),
        "leaks": lambda _: (
            schemas.LEAKS,
            [
                ("honest", "lstm", "accuracy", 400, 0.0625, 0.03125, 0.125, 0.0625, None, None, None, *UNITS),
                ("by_window", "lstm", "accuracy", 400, 0.0625, 0.03125, 0.125, 0.0625, 0.0, -0.0625, 0.0625, *UNITS),
                ("by_window", "memory", "accuracy", 400, 0.9375, 0.875, 1.0, 0.0625, 0.875, 0.75, 0.9375, *UNITS),
            ],
        ),
    },
}
_SOURCES = ("trees", "again", "copies", "smote")
_SYNTHESIZED = {
    "fidelity": lambda of: (
        synthesis_schemas.FIDELITY,
        [
            row
            for name in _SOURCES
            for row in (
                (name, "column", "Age", "", "distance", 0.125, None, None, None),
                (name, "pair", "Age", HOSTILE, "distance", 0.25, None, None, None),
                (name, "pair", "Age", HOSTILE, "association", 0.25, None, None, 0.375),
                (name, "rows", "", "", "roc_auc", 0.5625, 0.5, 0.625, 0.5),
            )
        ],
    ),
    "conclusions": lambda of: (
        synthesis_schemas.CONCLUSIONS,
        [
            (name, HOSTILE, "odds_ratio", 12, 6.0, 2, 0, 2.0, 1.5, 3.0, 1.75, -0.25, 0.25, 0.75, 1.0, 0.5)
            for name in ("trees", "again")
        ],
    ),
    "estimates": lambda of: (synthesis_schemas.ESTIMATES, [("trees", HOSTILE, 12, 1, 1.75, 1.25, 2.5, 0.75, 1.0, 0.5)]),
    "use": lambda of: (
        synthesis_schemas.USE,
        [
            ("real", "logistic", HONEST, 0.625, 0.875, None, None, None),
            ("trees", "logistic", 0.6875, 0.5625, 0.8125, -0.0625, -0.125, 0.0),
        ],
    ),
    "privacy": lambda of: (
        synthesis_schemas.PRIVACY,
        [(name, 320, 0.5, 0.25, 0.75, 0.0625, 0.0, 0.5625, 0.5, 0.625) for name in _SOURCES],
    ),
    "leaks": lambda of: (
        schemas.LEAKS,
        [
            ("honest", "trees", "nearer_to_train", 12, 0.5, 0.25, 0.75, 0.5, None, None, None, *UNITS),
            ("copies", "copies", "nearer_to_train", 12, 1.0, 0.75, 1.0, 0.5, 0.5, 0.25, 0.75, *UNITS),
        ],
    ),
}
