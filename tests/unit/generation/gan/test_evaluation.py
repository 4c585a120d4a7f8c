"""Generated images beside real ones, some of which are of one patient."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from defaults import changed
from grouped_packs import SETTINGS

from radsieve.generation.gan.evaluation import GanEvaluator
from radsieve.generation.gan.training import GanTraining
from radsieve.generation.grouped_images import GroupedImages
from radsieve.stats.resampling import clustered_wilson
from radsieve.tables.images import Split

COPIES = 5


def evaluator(units):
    """A test split of twelve pictures, five images of each; features are the pixels."""
    random = np.random.default_rng(4)
    images = {split: random.normal(size=(20, 1, 1, 3)) for split in (Split.TRAIN, Split.VALIDATION)}
    images[Split.TEST] = np.repeat(random.normal(size=(12, 1, 1, 3)), COPIES, axis=0)
    numbers = {split: np.arange(len(found)) for split, found in images.items()} | {Split.TEST: units}
    names = {split: [str(number) for number in range(len(found))] for split, found in images.items()}
    settings = changed(SETTINGS, evaluated_images=20)
    return GanEvaluator(GroupedImages(images, names, numbers), lambda found: found.reshape(len(found), -1), settings)


def test_recall_and_coverage_count_the_images_of_one_patient_as_one():
    points = np.random.default_rng(5).normal(size=(40, 3))
    by_unit, by_image = (
        evaluator(units)._measures(points, np.arange(40))
        for units in (np.arange(12 * COPIES) // COPIES, np.arange(12 * COPIES))
    )
    for name in ("recall", "coverage"):
        assert 0 < by_unit[name] < 1 and by_unit[name] == by_image[name]
        reached = np.arange(12) < round(12 * by_unit[name])
        bounds = [by_unit[f"{name}_lower"], by_unit[f"{name}_upper"]]
        assert bounds == pytest.approx(clustered_wilson(reached, np.arange(12), 0.95), abs=0.02)
        assert bounds[1] - bounds[0] > 1.7 * (by_image[f"{name}_upper"] - by_image[f"{name}_lower"])
    for bound in ("lower", "upper"):
        assert by_unit[f"precision_{bound}"] == by_image[f"precision_{bound}"]


def test_the_final_figures_are_of_the_test_split_alone():
    """Validation chose the round; other images in its place, or in that of test, tell what the figures hang on."""
    random = np.random.default_rng(6)
    training = GanTraining({}, pd.DataFrame({"round": [0], "step": [6], "fid": [1.0]}), np.empty(0, np.uint8))
    generated = random.normal(size=(20, 1, 1, 3))

    def found(split):
        of = evaluator(np.arange(12 * COPIES))
        images = dict(of._images.images)
        if split is not None:
            images[split] = images[split][::-1] + 3
        evaluated = GanEvaluator(replace(of._images, images=images), of._features, of._settings)
        done = evaluated.evaluate(lambda latents: generated, training)
        return done.metrics, done.nearest

    metrics, nearest = found(None)
    assert found(Split.VALIDATION)[0] == metrics
    pd.testing.assert_frame_equal(found(Split.VALIDATION)[1], nearest)
    assert {"fid", "kid", "recall", "fid_real"} <= {
        name for name, value in found(Split.TEST)[0].items() if value != metrics[name]
    }
    assert len(nearest) == 20 + 12 * COPIES
