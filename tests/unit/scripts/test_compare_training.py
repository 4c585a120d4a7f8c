"""scripts/compare_training.py on tiny images: those of the positive label have a bright square, real or generated."""

import json

import numpy as np
import pandas as pd
import pytest
from labelled_packs import write_labelled
from PIL import Image

from radsieve import tables
from radsieve.generation.tables import LABEL_PRESERVATION, TRAINING_COMPARISON, TRAINING_GAP
from radsieve.imaging.packs import write_pack
from radsieve.screening.tables import GENERATED_IMAGES, SCORED_IMAGES, SCORES

PIXELS = 32
GROUPS = ("normal", "abnormal")
OPTIONS = {
    "images": "pack", "images_table": "images.csv", "samples": "generated", "scores": "scores.csv",
    "tables": "results/generate_samples",
    "out": "out",
}  # fmt: skip
OUTPUTS = [
    "comparison.csv", "comparison.png", "domain_gap.csv", "domain_gap.png", "metrics.json", "preservation.csv",
    "preservation.png",
]  # fmt: skip
SMALL = {
    "real_images": [4, 12], "seeds": 2, "synthetic_images": 8, "matched_batch": 4, "folds": 2, "bootstrap": 100,
}  # fmt: skip
SCREENED = ["real", "real + synthetic", "real + screened synthetic", "real + augmentation"]


def write_generated_images(folder, passed):
    """20 images of each group, of which `passed` (normal, abnormal) pass the screening."""
    random, scored = np.random.default_rng(5), []
    for group, good in zip(GROUPS, passed, strict=True):
        images = random.integers(40, 110, (20, 1, PIXELS, PIXELS), dtype=np.uint8)
        if group == "abnormal":
            images[:, :, PIXELS // 2 :, PIXELS // 4 : PIXELS // 2] += 110
        names = [f"{group}-{number}" for number in range(20)]
        write_pack(folder / "generated" / group, names, images, images.shape[1:])
        np.save(folder / "generated" / group / "latents.npy", np.zeros((20, 128), np.float32))
        listed = pd.DataFrame({"image": names, "group": group})
        tables.write(GENERATED_IMAGES, listed, folder / f"results/generate_samples/{group}/images.csv")
        scored.append(listed.assign(valid=(np.arange(20) < good).astype(int), **dict.fromkeys(SCORES, 0.1)))
    table = pd.concat(scored)[list(SCORED_IMAGES.columns)]
    tables.write(SCORED_IMAGES, table[::-1], folder / "scores.csv")  # images are found by their names


@pytest.fixture
def folder(tmp_path, set_params):
    write_labelled(tmp_path, GROUPS)
    set_params(
        tmp_path,
        compute={"device": "cpu", "precision": "float32", "instructions": "avx2", "threads": 1},
        generation={"groups": list(GROUPS), "diseased": ["abnormal"], "pixels": PIXELS},
        train_abnormality={"input_pixels": 64, "stride": 16, "grid": 1},
        compare_training=SMALL,
    )
    return tmp_path


@pytest.mark.slow
def test_arms_augmentations_and_domain_gap_are_compared(folder, run_stage):
    write_generated_images(folder, (20, 9))
    for out in ("out", "again"):
        done = run_stage("compare_training", folder, **OPTIONS | {"out": out})
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name

    arms = tables.read(TRAINING_COMPARISON, folder / "out/comparison.csv")
    assert set(arms["arm"]) == {"synthetic", *SCREENED}
    assert arms.loc[arms["arm"].isin(SCREENED), "real_images"].value_counts().to_dict() == {4: 4, 12: 4}
    rows = arms.set_index(["arm", "real_images"])
    assert rows.loc[("real", 12), "roc_auc"] == 1  # the square is easily seen
    assert rows.loc[("synthetic", 0), "roc_auc"] > 0.9  # on generated images too
    assert rows.loc[("real + screened synthetic", 4), ["synthetic_images", "training_images_max"]].tolist() == [8, 12]
    assert rows.loc[("real + augmentation", 4), ["synthetic_images", "training_images_min"]].tolist() == [0, 8]
    tested = arms[arms["arm"] != "real"]
    assert (tested["holm"] >= tested["p_value"]).all()
    assert arms.loc[arms["arm"] == "real", ["gain", "p_value", "holm"]].isna().all(axis=None)

    kept = tables.read(LABEL_PRESERVATION, folder / "out/preservation.csv")
    assert kept.groupby("classifier")["augmentation"].agg(list).map(len).tolist() == [7, 7]
    assert "mirror" not in set(kept["augmentation"])  # dextrocardia is another finding
    assert set(kept["images"]) == {16}
    gap = tables.read(TRAINING_GAP, folder / "out/domain_gap.csv")
    assert gap["features"].nunique() == 4
    assert set(gap["images"]) == {8}  # of each domain: 4 of each label, half of the generated ones being matched to
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert (metrics["test_images"], metrics["test_units"], metrics["synthetic_images"]) == (16, 4, 8)
    assert metrics["left_out"] == {}
    for name in ("comparison.png", "preservation.png", "domain_gap.png"):
        with Image.open(folder / "out" / name) as figure:
            assert figure.width > 500


@pytest.mark.slow
def test_the_arm_of_screened_images_is_left_out_if_hardly_any_pass(folder, run_stage):
    write_generated_images(folder, (20, 3))
    done = run_stage("compare_training", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    reason = "3 generated images of one label passed the screening, but 4 of each are needed"
    assert f"real + screened synthetic left out: {reason}" in done.stderr
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["left_out"] == {"real + screened synthetic": reason}
    arms = tables.read(TRAINING_COMPARISON, folder / "out/comparison.csv")
    assert "real + screened synthetic" not in set(arms["arm"])
    assert set(arms.loc[arms["arm"] == "real + synthetic", "synthetic_images"]) == {8}
