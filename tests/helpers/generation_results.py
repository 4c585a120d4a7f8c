"""A small complete set of results of the generation track, made up, so that a page can be made from it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import pandas as pd
import yaml
from made_up import HOSTILE, ROOT, Table

from radsieve import files, tables
from radsieve.curation import tables as curation_tables
from radsieve.generation import tables as schemas
from radsieve.generation.generated_groups import by_definition
from radsieve.prefilter import tables as prefilter_tables
from radsieve.screening import tables as screening_tables
from radsieve.screening.tables import SCORES

GROUPS = tuple(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["generation"]["groups"])
NO_SIEVE = GROUPS[1]
METHODS = {  # saving and depth of each
    "unsieved": (1.0, None),
    "stored sieve": (1.25, 0),
    "z at minimum cost": (1.5, 0),
    "early exit": (2.0, 2),
    "finished image": (5.0, 5),
    "z, then deeper": (2.25, 2),
    "moved by z": (1.75, 0),
    "moved by z to 3 SD": (2.5, 0),
    "reweighted": (0.75, None),
}
ARMS = {  # gain and p-value after Holm of each, beside real images
    "real": (None, None),
    "real + synthetic": (-0.25, 0.01),
    "real + screened synthetic": (0.25, 0.02),
    "real + augmentation": (0.125, 0.5),
}
READERS = ("all readers", "A")


def write(folder: Path, stages: tuple[str, ...]) -> None:
    """Write every result of `stages` that dvc.yaml names below `folder`.

    The first group has all there can be; its images are far from real ones and cover few of them. The second has no
    good image, thus no sieve, and its images are closer to training images than they should be.
    """
    made_up.write(folder, stages, lambda stage, name, of: _TABLES[stage, name](of), _metrics)


def unanswered(folder: Path) -> None:
    """Take all answers to the visual Turing test away again."""
    place = folder / "results/score_turing_test"
    tables.write(
        schemas.TURING_READERS, pd.DataFrame(columns=list(schemas.TURING_READERS.columns)), place / "readers.csv"
    )
    known = json.loads((place / "metrics.json").read_text())
    nothing = {name: dict.fromkeys(("value", "lower", "upper")) for name in _MEASURES}
    files.write_text(place / "metrics.json", json.dumps(known | nothing | {"readers": 0, "answers": 0}))


def _bounded(**values: float | None) -> dict[str, float | None]:
    """Each value with bounds a sixteenth off; empty ones stay empty."""
    return {
        f"{name}{end}": None if value is None else max(value + off, 0.0 if value >= 0 else -9.0)
        for name, value in values.items()
        for end, off in (("", 0.0), ("_lower", -0.0625), ("_upper", 0.0625))
    }


def _scores(valid: int) -> dict[str, Any]:
    return {"valid": valid, **dict.fromkeys(SCORES, 0.5 if valid else -0.5)}


def _curves(group: str) -> Table:
    known = {"discriminator_loss": 0.5, "generator_loss": 1.0, "fid_real": 8.0, "kid_real": 0.25}
    rows = [
        {"round": number, "step": 90 * number, "fid": 64.0 / number, **_bounded(kid=4.0 / number), **known}
        for number in (1, 2, 3)
    ]
    return schemas.GAN_CURVES, rows if group == GROUPS[0] else rows[:2]


def _nearest(_: str) -> Table:
    known = {"feature_image": HOSTILE, "pixel_image": "b.png", "feature_distance": 2.0, "pixel_distance": 0.25}
    return schemas.NEAREST_IMAGES, [
        {"image": f"{source} {number}", "source": source, **known}
        for source in ("generated", "held_out")
        for number in (0, 1)
    ]


def _generated(group: str) -> Table:
    return screening_tables.GENERATED_IMAGES, [{"image": f"{number:064x}", "group": group} for number in range(4)]


def _scored(_: str) -> Table:
    return screening_tables.SCORED_IMAGES, [
        {"image": f"{number:064x}", "group": group, **_scores(int(group != NO_SIEVE and number % 2))}
        for group in GROUPS
        for number in range(4)
    ]


def _rates(_: str) -> Table:
    return screening_tables.PASS_RATES, [
        {"group": group, "score": score, "images": 4, "passed": 2, "share": 0.0 if group == NO_SIEVE else 0.5}
        | {"lower": 0.0 if group == NO_SIEVE else 0.25, "upper": 0.75}
        for group in (*GROUPS, "all generated")
        for score in (*SCORES, "valid")
        if (group, score) not in by_definition([NO_SIEVE])
    ]


def _loop(_: str) -> Table:
    known = {"rows": 400, "model": "LogReg.1", "rule": "argmax(2*tpr-fpr)", "images": 150}
    found = {
        "coverage": 0.75,
        "coverage_by_chance": 0.875,
        "fid_all": 48.0,
        "fid_kept": 32.0,
        "threshold": 0.25,
        "reason": None,
    }
    whole = _bounded(
        valid_rate=0.5, roc_auc=0.75, precision_before=0.5, precision_after=0.625, saving_expected=1.5,
        saving_observed=1.25, kid_all=2.0, kid_kept=1.0,
    )  # fmt: skip
    nothing = dict.fromkeys(name for name in (*whole, *found)) | {"reason": "no good image", "threshold": 0.0}
    return schemas.LOOP, [
        {"group": group, **known, **(nothing if group == NO_SIEVE else found | whole)} for group in GROUPS
    ]


def _as_expected(_: str) -> Table:
    kept = {"precision_sieved": 1, "saving": 0, "roc_auc": None}
    return prefilter_tables.EXPECTED_OBSERVED, [
        {"group": GROUPS[0], "quantity": name, "images": 300, "within": flag}
        | _bounded(expected=1.5, observed=1.25, difference=-0.25)
        for name, flag in kept.items()
    ]


def _diversity(_: str) -> Table:
    known = {
        "group": GROUPS[0],
        "space": "network features",
        "sieved": 60,
        "unsieved": 50,
        "value": 0.75,
        "chance": 0.875,
    }
    return schemas.LOOP_DIVERSITY, [
        {**known, "measure": measure, "lower": 0.8, "upper": 0.95, "p_value": p_value, "holm": 2 * p_value}
        for measure, p_value in (("coverage", 0.01), ("mean_distance", 0.5))
    ]


def _distances(_: str) -> Table:
    return schemas.LOOP_DISTANCES, [
        {"group": GROUPS[0], "which": which, "images": 150, "fid": 48.0, "fid_images": 50, "real_images": 37}
        | _bounded(kid=2.0)
        for which in ("generated", "screened", "sieved", "kept")
    ]


def _fresh(_: str) -> Table:
    return prefilter_tables.CHECKED_IMAGES, [
        {"image": f"{arm}/{group}/0", "arm": arm, "group": group, "probability": 0.5, "accepted": 1} | _scores(1)
        for arm in ("unsieved", "sieved")
        for group in GROUPS
    ]


def _yield(group: str, saving: float) -> dict[str, Any]:
    known = {"latents": 150, "images": 75, "acceptance": 0.5, "reason": None}
    if group == NO_SIEVE:
        empty = dict.fromkeys(_bounded(precision=0.0, saving=0.0, saving_generation=0.0))
        return known | empty | {"good": 0, "seconds_per_good": None, "reason": "no good image"}
    return (
        known
        | _bounded(precision=0.5, saving=saving, saving_generation=saving)
        | {"good": 30, "seconds_per_good": 0.0625}
    )


def _methods(_: str) -> Table:
    likeness = {"fid": 32.0, **_bounded(kid=1.0), "real_like": 0.5, "recall": 0.5, "density": 0.5, "coverage": 0.5}
    likeness |= {"feature_distance": 8.0, "latent_distance": 9.0}
    rows = []
    for group in GROUPS:
        for method, (saving, depth) in METHODS.items():
            moved = method.startswith("moved")
            row = {"group": group, "method": method, "depth": depth, **_yield(group, saving), "compared": 0}
            told = group != NO_SIEVE and method not in schemas.NOT_COMPARED
            row |= _bounded(against_sieve=saving / 1.25 if told else None)
            row |= dict.fromkeys(("p_value", "holm"), (0.01 if saving > 2.2 else 0.5) if told else None)
            row |= {"target": 3.0 if moved else None, "moved": 8 * moved, "moved_good": 4 * moved}
            row |= {"distance": 0.5 if moved else None}
            rows.append(row if group == NO_SIEVE else row | likeness | {"compared": 30})
    return schemas.SIEVING_METHODS, rows


def _depths(_: str) -> Table:
    return schemas.SIEVING_DEPTHS, [
        {"group": group, "depth": depth, "activations": 128, "multiply_adds": 10**depth, "generator_share": depth / 4}
        | {"image_share": depth / 8, "share_expected": 0.5, "saving_expected": 2.0, "chosen": int(depth == 2)}
        | _bounded(roc_auc=0.75)
        | _yield(group, 2.0)
        for group in GROUPS
        for depth in range(5)
    ]


def _sieved(_: str) -> Table:
    return schemas.SIEVED_IMAGES, [
        {"group": group, "method": method, "row": 0, "generated_by": "unsieved", "distance": 0.0} | _scores(1)
        for group in GROUPS
        for method in ("pool", "moved by z")
    ]


def _counted(least: int, most: int) -> dict[str, int]:
    return {"training_images_min": least, "training_images_max": most, "test_images": 40, "test_units": 20}


def _arms(_: str) -> Table:
    rows = [
        {
            "arm": arm,
            "real_images": images,
            "synthetic_images": 60 * ("synthetic" in arm),
            **_counted(images + 60, images + 61),
        }
        | _bounded(roc_auc=0.75, gain=gain)
        | {"p_value": holm, "holm": holm if images == 20 or holm is None else 0.5}
        for arm, (gain, holm) in ARMS.items()
        for images in (20, 200)
    ]
    alone = {
        "arm": "synthetic",
        "real_images": 0,
        "synthetic_images": 60,
        **_counted(60, 60),
        "p_value": 0.5,
        "holm": 0.5,
    }
    return schemas.TRAINING_COMPARISON, [*rows, alone | _bounded(roc_auc=0.625, gain=-0.125)]


def _preservation(_: str) -> Table:
    return schemas.LABEL_PRESERVATION, [
        {
            "classifier": evaluator,
            "augmentation": name,
            "setting": None,
            "images": 40,
            "agree_before": 0.75,
            "agree_after": 0.75,
        }
        | _bounded(kept=0.875, difference=-0.25)
        | {"preserved": int(name != "noise")}
        for evaluator in ("trained without", "trained with")
        for name in ("rotation", "noise", "all")
    ]


def _gap(_: str) -> Table:
    return schemas.TRAINING_GAP, [
        {"features": features, "measure": measure, "value": 0.75, "lower": 0.625, "upper": 0.875, "images": 40}
        for features in ("real to real: statistics of ImageNet", "real to synthetic: statistics of ImageNet")
        for measure in ("roc_auc", "kid")
    ]


def _key(_: str) -> Table:
    return schemas.TURING_KEY, [
        {"test": "0" * 12, "place": place, "kind": kind, "image": f"{kind}.png"} for place, kind in enumerate(_KINDS, 1)
    ]


def _readers(_: str) -> Table:
    return schemas.TURING_READERS, [
        {"reader": reader, "measure": measure, "value": 0.25, "lower": 0.125, "upper": 0.5, "answers": 2}
        for reader in READERS
        for measure in _MEASURES
    ]


def _by_image(_: str) -> Table:
    return schemas.TURING_IMAGES, [
        {"place": place, "kind": kind, "image": f"{kind}.png", "answers": 1, "taken_for_real": 1}
        for place, kind in enumerate(_KINDS, 1)
    ]


def _agreement(_: str) -> Table:
    row = {"raters": "all", "coefficient": "alpha", "weighting": "nominal", "value": 0.5, "lower": 0.25, "upper": 0.75}
    return curation_tables.COEFFICIENTS, [row | {"items": 2}]


_KINDS = ("real", "synthetic")
_MEASURES = ("taken_for_real", "sensitivity", "specificity", "accuracy", "d_prime", "criterion")
_TABLES: dict[tuple[str, str], Callable[[str], Table]] = {
    ("train_gan", "curves"): _curves,
    ("train_gan", "nearest"): _nearest,
    ("generate_samples", "images"): _generated,
    ("score_samples", "scores"): _scored,
    ("score_samples", "pass_rates"): _rates,
    ("measure_loop", "loop"): _loop,
    ("measure_loop", "expected_observed"): _as_expected,
    ("measure_loop", "diversity"): _diversity,
    ("measure_loop", "distances"): _distances,
    ("measure_loop", "images"): _fresh,
    ("compare_sieving", "methods"): _methods,
    ("compare_sieving", "depths"): _depths,
    ("compare_sieving", "images"): _sieved,
    ("compare_training", "comparison"): _arms,
    ("compare_training", "preservation"): _preservation,
    ("compare_training", "domain_gap"): _gap,
    ("make_turing_test", "key"): _key,
    ("score_turing_test", "readers"): _readers,
    ("score_turing_test", "images"): _by_image,
    ("score_turing_test", "agreement"): _agreement,
}


def _metrics(stage: str, of: str) -> dict[str, Any]:
    match stage:
        case "train_gan":
            return _evaluated(first=of == GROUPS[0])
        case "compare_training":
            return {
                "test_images": 40,
                "test_units": 20,
                "synthetic_images": 60,
                "left_out": {"real + screened synthetic": "too few images of abnormal pass"},
            }
        case "make_turing_test":
            return {"images": 4, "synthetic": 2, "pixels": 32}
        case "score_turing_test":
            bounds = {"value": 0.25, "lower": 0.125, "upper": 0.5}
            return {"readers": 1, "answers": 2, "published": 0.47, **dict.fromkeys(_MEASURES, bounds)}
    return {"images": 4}


def _evaluated(first: bool) -> dict[str, Any]:
    """What train_gan measures: the first group is far from real images and covers few, the second generates copies."""
    measures = {"precision": 0.5, "recall": 0.5, "density": 0.5, "coverage": 0.25 if first else 0.875}
    real = {"fid_real": 8.0, "kid_real": 0.25, **{f"{name}_real": 1.0 for name in measures}}
    closer = 0.25 if first else 0.75
    copies = {"copies": 0 if first else 8, "copies_share": 0.0 if first else 0.125, "copies_limit": 0.0457}
    copies |= {"nearest": 11, "nearest_real": 20}
    return {
        "train_images": 120,
        "validation_images": 28,
        "test_images": 37,
        "generated_images": 64,
        "parameters": 300000,
        "round": 3 if first else 1,
        "step": 270,
        "fid": 16.0,
        **_bounded(kid=2.0 if first else 0.25),
        **measures,
        **real,
        **_bounded(feature_closer=closer, pixel_closer=0.25),
        "features": 320,
        **{f"feature_{name}": value for name, value in copies.items()},
        **{f"pixel_{name}": value for name, value in copies.items()},
        "pixel_copies": 0,
    }
