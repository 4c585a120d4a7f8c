"""What the stages before measure_symmetry, train_symmetry and score_images write, for a few small images."""

from pathlib import Path

import numpy as np
import pandas as pd

from radsieve import tables
from radsieve.imaging.packs import write_array, write_pack
from radsieve.screening.scores.image_scores import BatchFiles, MeasuredBatch
from radsieve.screening.symmetry.features import symmetry_features
from radsieve.screening.tables import (
    FEATURES,
    GENERATED_IMAGES,
    GENERATED_TRUTH,
    PREDICTIONS,
    REFERENCE_IMAGES,
    SEGMENTED,
    SYMMETRY_FEATURES,
)

PIXELS = 48
GROUPS = ("18_24f", "18_24m", "38_44f")
ALTERATIONS = ("mirrored", "lung painted over")

# What is read of each of the two batches, below the folder, as options of scripts/score_images.py.
BATCHES = {
    batch: {
        batch: f"data/{batch}",
        f"{batch}_table": f"results/{stage}/images.csv",
        f"{batch}_masks": f"results/segment_images/{batch}/masks.npy",
        f"{batch}_features": f"results/measure_symmetry/{batch}/features.csv",
        f"{batch}_predictions": f"results/predict_images/{batch}/predictions.csv",
    }
    for batch, stage in (("reference", "alter_images"), ("generated", "generate_images"))
}


def read_batches(folder: Path) -> tuple[MeasuredBatch, MeasuredBatch]:
    """The batches of true and of generated images below `folder`."""
    true, made = (
        BatchFiles(*(folder / path for path in files.values())).read(schema)
        for schema, files in zip((REFERENCE_IMAGES, GENERATED_IMAGES), BATCHES.values(), strict=True)
    )
    return true, made


def random_masks(rng: np.random.Generator, loss: np.ndarray) -> np.ndarray:
    """Masks (n, PIXELS, PIXELS) of two lungs; the right one has lost the share `loss` (n,) of its width."""
    y, x = np.mgrid[:PIXELS, :PIXELS] / PIXELS
    masks = []
    for share in loss:
        height, width = 0.33 + 0.02 * rng.normal(), 0.13 + 0.008 * rng.normal()
        left = ((x - 0.3) / width) ** 2 + ((y - 0.5) / height) ** 2 < 1
        right = ((x - 0.7) / (width * (1 - share) + 1e-9)) ** 2 + ((y - 0.5) / height) ** 2 < 1
        masks.append(left | right)
    return np.array(masks, np.uint8)


def write_batch(root: Path, batch: str, names: list[str], masks: np.ndarray, abnormal: np.ndarray, seed: int) -> None:
    """Write the pack data/<batch> and the results of segment_images, measure_symmetry and predict_images for it."""
    rng = np.random.default_rng(seed)
    images = (60 + 120 * (1 - masks[:, None]) + rng.integers(0, 40, masks[:, None].shape)).astype(np.uint8)
    write_pack(root / f"data/{batch}", names, images, images.shape[1:])
    write_array(root / f"results/segment_images/{batch}/masks.npy", masks[:, None], (len(masks), 1, *masks.shape[1:]))
    shares = masks.mean(axis=(1, 2))
    segmented = pd.DataFrame({"image": names, "area_share": shares, "parts": 2, "entropy": 0.1})
    segmented = segmented.assign(area_mm2=np.nan, mm_at="")
    tables.write(SEGMENTED, segmented, root / f"results/segment_images/{batch}/segmented.csv")
    features = pd.DataFrame(symmetry_features(masks, 3, "square"), columns=list(FEATURES))
    features.insert(0, "image", names)
    tables.write(SYMMETRY_FEATURES, features, root / f"results/measure_symmetry/{batch}/features.csv")
    logit = rng.normal(-2, 1, len(names)) + 4 * abnormal
    heat = rng.gamma(2, 0.1, len(names)) + abnormal
    found = pd.DataFrame({"file": names, "probability": 1 / (1 + np.exp(-logit)), "max_heat": heat})
    found["positive"] = (found["probability"] >= 0.5).astype(int)
    tables.write(PREDICTIONS, found, root / f"results/predict_images/{batch}/predictions.csv")


def write_generated(root: Path, images: int = 60, seed: int = 0) -> None:
    """Write generated images; those of which a lung has lost more than a tenth of its width are bad."""
    rng = np.random.default_rng(seed)
    names = [f"{number:03}.png" for number in range(images)]
    loss = np.where(rng.random(images) < 0.5, 0, rng.uniform(0.1, 0.7, images))
    abnormal = rng.random(images) < 0.2
    write_batch(root, "generated", names, random_masks(rng, loss), abnormal, seed)
    np.save(root / "data/generated/latents.npy", rng.uniform(-1, 1, (images, 128)).astype(np.float32))
    group = [GROUPS[number % len(GROUPS)] for number in range(images)]
    listed = pd.DataFrame({"image": names, "group": group})
    tables.write(GENERATED_IMAGES, listed, root / "results/generate_images/images.csv")
    truth = pd.DataFrame(
        {
            "image": names,
            "asymmetry": loss,
            "finding": np.where(abnormal, "abnormal", "normal"),
            "arm": 0,
            "good": (loss <= 0.1).astype(int),
        }
    )
    tables.write(GENERATED_TRUTH, truth, root / "results/generate_images/truth.csv")


def write_reference(root: Path, images: int = 60, seed: int = 1) -> None:
    """Write true images, half of the validation split, half of the test split, and altered copies of the latter."""
    rng = np.random.default_rng(seed)
    masks = [random_masks(rng, np.abs(rng.normal(0, 0.02, images)))]
    rows = [
        (f"{n:03}.png", f"{n:03}.png", f"u{n}", "validation" if n < images // 2 else "test", "none", "none")
        for n in range(images)
    ]
    for alteration in ALTERATIONS:
        copies = masks[0][images // 2 :].copy()
        if alteration == "mirrored":
            copies = copies[:, :, ::-1]
        else:
            copies[:, :, : PIXELS // 2] = 0
        masks.append(copies)
        kind = "mirrored" if alteration == "mirrored" else "lung lost"
        rows += [
            (f"{alteration}/{n:03}.png", f"{n:03}.png", f"u{n}", "test", alteration, kind)
            for n in range(images // 2, images)
        ]
    table = pd.DataFrame(rows, columns=list(REFERENCE_IMAGES.columns))
    write_batch(root, "reference", table["image"].tolist(), np.concatenate(masks), np.zeros(len(table)), seed)
    tables.write(REFERENCE_IMAGES, table, root / "results/alter_images/images.csv")
