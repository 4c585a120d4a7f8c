"""study.py and sieving_tables.py on a planted generator, whose first block tells what its latent does not."""

import json

import numpy as np
import pandas as pd
import planted_images
import pytest
from planted_images import FAR, SETTINGS, bench, learning

from radsieve.generation.plots.sieving import moved_grid, plot_depths, plot_methods
from radsieve.generation.sieving.sieving_tables import moved_images, sieving_metrics, summary, tables_of
from radsieve.generation.sieving.study import study
from radsieve.generation.tables import (
    MIN_GOOD,
    NOT_COMPARED,
    SIEVED_IMAGES,
    SIEVING_DEPTHS,
    SIEVING_METHODS,
    SievingMethod,
)

REAL = learning().real
PUBLISHED = pd.DataFrame(
    {"split": ["valid", "test"], "rule": "argmax(tpr-fpr)", "precision": [0.2, 0.3], "init_precision": 0.1}
)


@pytest.fixture(scope="module")
def found():
    return study("a", bench(32), learning(), SETTINGS, 0.95)


@pytest.fixture(scope="module")
def written(found):
    return tables_of(found, REAL, SETTINGS, 0.95)


def test_an_early_exit_beats_what_the_latent_tells(found, written):
    methods, depths, _ = written
    area, saving = depths["roc_auc"], methods.set_index("method")["saving"]
    assert area[0] < 0.65 and area[1] > 0.95
    assert found.chosen == 1
    assert np.isnan(saving[SievingMethod.UNSIEVED])  # 1 by definition
    assert saving[SievingMethod.EXIT] > 2 > 1.6 > saving[SievingMethod.Z]
    assert saving[SievingMethod.CASCADE] > saving[SievingMethod.Z]
    assert np.isnan(saving[SievingMethod.SIEVE])  # it accepts all
    assert methods.set_index("method")["reason"][SievingMethod.SIEVE] == "nothing learnt"


def test_methods_are_compared_with_the_sieve_on_the_same_latents(written):
    """The sieve accepts all, so the ratio of costs is the saving; nothing is compared that made few good images."""
    methods = written[0].set_index("method")
    row = methods.loc[SievingMethod.EXIT]
    assert row["against_sieve"] == pytest.approx(row["saving"], abs=0.001)
    assert row["against_sieve_lower"] > 1
    assert row["p_value"] < 0.05
    few = methods.index[methods["good"] < MIN_GOOD]
    assert methods.loc[[*few, *NOT_COMPARED], ["against_sieve", "p_value", "holm"]].isna().all(axis=None)
    assert (methods["holm"].dropna() >= methods["p_value"].dropna()).all()


def test_savings_are_what_the_counts_give(found, written):
    row = written[0].set_index("method").loc[SievingMethod.EXIT]
    work = bench(32).staged.multiply_adds
    prefix = (work[1] + 8 * 16) / (10 * work[-1])
    seconds = 120 * (1e-6 + 0.03 * prefix) + row["images"] * 0.03 * (1 - prefix)
    assert row["seconds_per_good"] == pytest.approx(seconds / row["good"])
    assert row["saving"] == pytest.approx(0.03 * 120 / found.pool.good.sum() * row["good"] / seconds)
    assert row["precision"] == row["good"] / row["images"]
    assert written[1]["multiply_adds"][1] == work[1] + 8 * 16


def test_moved_latents_arrive_within_the_cube(found, written):
    methods = written[0].set_index("method")
    moved = {one.name: one for one in found.tried if one.images is not None}
    assert set(moved) >= {SievingMethod.MOVED_EXIT, f"{SievingMethod.MOVED_EXIT} to 2 SD"}
    for one in (moved[SievingMethod.MOVED_EXIT], moved[f"{SievingMethod.MOVED_EXIT} to 2 SD"]):
        assert np.abs(one.latents).max() <= 1
        before, after = (np.abs(latents[one.moved, 0]) for latents in (found.pool.latents, one.latents))
        assert (after > before).all()
        assert not one.moved[40:].any()  # it is tried on the first ones only
        assert methods.loc[one.name, "moved_good"] == (np.abs(one.images.latents[:, 0]) > FAR - 0.01).sum() > 0
    near, far = methods.loc[SievingMethod.MOVED_EXIT], methods.loc[f"{SievingMethod.MOVED_EXIT} to 2 SD"]
    assert 0 < near["distance"] < far["distance"]
    assert far["precision"] > 0.9
    assert near["latents"] == 40


def test_methods_are_compared_at_equal_numbers(written):
    methods, _, images = written
    enough = methods[methods["good"] >= 10]
    assert set(enough["compared"]) == {enough["good"].min()}
    assert enough["fid"].notna().all()
    assert methods[methods["good"] < 10]["fid"].isna().all()
    generated = images[images["method"] == "pool"]["generated_by"].str.split("; ")
    for name, row in methods[methods["moved"] == 0].set_index("method").iterrows():
        assert sum(name in names for names in generated) == row["images"]
    assert len(images) == 120 + methods["moved"].sum()


def test_tables_do_not_depend_on_the_batch(written):
    again = tables_of(study("a", bench(7), learning(), SETTINGS, 0.95), REAL, SETTINGS, 0.95)
    for one, other in zip(written, again, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("always", [0, 1])
def test_a_group_that_nothing_can_be_learnt_from(always):
    reason = f"no {'bad' if always else 'good'} image among 400 rows; 4 are needed"
    found = study("b", bench(32, always), learning(always, reason), SETTINGS, 0.95)
    methods, depths, images = tables_of(found, REAL, SETTINGS, 0.95)
    for schema, table in ((SIEVING_METHODS, methods), (SIEVING_DEPTHS, depths), (SIEVED_IMAGES, images)):
        schema.validate(table)
    assert (depths["reason"] == reason).all()
    assert depths["roc_auc"].isna().all()
    by_method = methods.set_index("method")
    for name in (SievingMethod.Z, SievingMethod.EXIT, SievingMethod.IMAGE, SievingMethod.CASCADE):
        assert (by_method.loc[name, "acceptance"], by_method.loc[name, "reason"]) == (1, reason)
    assert (methods["moved"] == 0).all()
    assert by_method["saving"].drop(SievingMethod.REWEIGHTED).isna().all()  # every latent is accepted
    assert not by_method["saving_upper"].eq(by_method["saving_lower"]).any()
    metrics = sieving_metrics(methods, depths, 3.6, 0.95)["b"]
    assert metrics["above_aim"] == metrics["cheaper_than_sieve"] == []
    assert metrics["saving_sieve"] == dict.fromkeys(("value", "lower", "upper"))
    json.dumps(metrics, allow_nan=False)
    said = summary(methods, depths, 0.95)[0]
    assert said.startswith("b: saving none by the sieve, " if always else "b: no saving, for want of good images")
    assert "nan" not in said
    for figure in (plot_methods(methods, PUBLISHED, 3.6), plot_depths(depths), moved_grid([])):
        figure.draw_without_rendering()


def test_figures_and_metrics(found, written):
    methods, depths, images = written
    metrics = sieving_metrics(methods, depths, 1.5, 0.95)["a"]
    assert metrics["chosen_depth"] == 1
    assert SievingMethod.EXIT in metrics["above_aim"]
    assert not set(metrics["cheaper_than_sieve"]) & set(NOT_COMPARED)
    assert metrics["saving"][SievingMethod.EXIT] == pytest.approx(
        methods.set_index("method").loc[SievingMethod.EXIT, "saving"]
    )
    shown = moved_images(found, planted_images._generate, 2)
    assert len(shown) <= 2 * images["method"].nunique()
    labels = [text.get_text() for text in moved_grid(shown).texts]
    assert any(text.startswith("moved by") for text in labels)
    text = [one.get_text() for one in plot_methods(methods, PUBLISHED, 3.6).axes[0].texts]
    assert "2.0" in text  # the published saving of the validation set
    axis = plot_methods(methods, PUBLISHED, 36).axes[0].get_xlabel()
    assert axis.endswith("beyond this axis: aim 36")  # which would squeeze all savings
    assert len(plot_depths(depths).axes) == 2
