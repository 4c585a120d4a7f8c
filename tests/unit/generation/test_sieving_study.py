"""sieving_study.py and sieving_tables.py on a planted generator, whose first block tells what its latent does not."""

import json

import numpy as np
import pandas as pd
import planted_films
import pytest
from planted_films import FAR, SETTINGS, bench, learning

from radsieve.generation.sieving_study import study
from radsieve.generation.sieving_tables import moved_films, sieving_metrics, summary, tables_of
from radsieve.generation_tables import SIEVED_FILMS, SIEVING_DEPTHS, SIEVING_WAYS, SievingMethod
from radsieve.plots.sieving import draw_depths, draw_ways, moved_sheet

REAL = learning().real
PUBLISHED = pd.DataFrame(
    {"split": ["valid", "test"], "rule": "argmax(tpr-fpr)", "precision": [0.2, 0.3], "init_precision": 0.1}
)


@pytest.fixture(scope="module")
def found():
    return study("a", bench(32), learning(), SETTINGS)


@pytest.fixture(scope="module")
def written(found):
    return tables_of(found, REAL, SETTINGS)


def test_an_early_exit_beats_what_the_latent_tells(found, written):
    ways, depths, _ = written
    area, saving = depths["roc_auc"], ways.set_index("way")["saving"]
    assert area[0] < 0.65 and area[1] > 0.95
    assert found.chosen == 1
    assert saving[SievingMethod.UNSIEVED] == 1
    assert saving[SievingMethod.EXIT] > 2 > 1.6 > saving[SievingMethod.Z]
    assert saving[SievingMethod.CASCADE] > saving[SievingMethod.Z]
    assert saving[SievingMethod.SIEVE] == pytest.approx(1, abs=0.01)  # it accepts all, and judging costs next to none
    assert ways.set_index("way")["reason"][SievingMethod.SIEVE] == "nothing learnt"


def test_savings_are_what_the_counts_give(found, written):
    row = written[0].set_index("way").loc[SievingMethod.EXIT]
    work = bench(32).staged.multiply_adds
    prefix = (work[1] + 8 * 16) / (10 * work[-1])
    seconds = 120 * (1e-6 + 0.03 * prefix) + row["films"] * 0.03 * (1 - prefix)
    assert row["seconds_per_good"] == pytest.approx(seconds / row["good"])
    assert row["saving"] == pytest.approx(0.03 * 120 / found.pool.good.sum() * row["good"] / seconds)
    assert row["precision"] == row["good"] / row["films"]
    assert written[1]["multiply_adds"][1] == work[1] + 8 * 16


def test_moved_latents_arrive_within_the_cube(found, written):
    ways = written[0].set_index("way")
    moved = {one.name: one for one in found.tried if one.films is not None}
    assert set(moved) >= {SievingMethod.MOVED_EXIT, f"{SievingMethod.MOVED_EXIT} to 2 SD"}
    for one in (moved[SievingMethod.MOVED_EXIT], moved[f"{SievingMethod.MOVED_EXIT} to 2 SD"]):
        assert np.abs(one.latents).max() <= 1
        before, after = (np.abs(latents[one.moved, 0]) for latents in (found.pool.latents, one.latents))
        assert (after > before).all()
        assert not one.moved[40:].any()  # it is tried on the first ones only
        assert ways.loc[one.name, "moved_good"] == (np.abs(one.films.latents[:, 0]) > FAR - 0.01).sum() > 0
    near, far = ways.loc[SievingMethod.MOVED_EXIT], ways.loc[f"{SievingMethod.MOVED_EXIT} to 2 SD"]
    assert 0 < near["distance"] < far["distance"]
    assert far["precision"] > 0.9
    assert near["latents"] == 40


def test_ways_are_compared_at_equal_numbers(written):
    ways, _, films = written
    enough = ways[ways["good"] >= 10]
    assert set(enough["compared"]) == {enough["good"].min()}
    assert enough["fid"].notna().all()
    assert ways[ways["good"] < 10]["fid"].isna().all()
    drawn = films[films["way"] == "pool"]["drawn_by"].str.split("; ")
    for name, row in ways[ways["moved"] == 0].set_index("way").iterrows():
        assert sum(name in names for names in drawn) == row["films"]
    assert len(films) == 120 + ways["moved"].sum()


def test_tables_do_not_depend_on_the_batch(written):
    again = tables_of(study("a", bench(7), learning(), SETTINGS), REAL, SETTINGS)
    for one, other in zip(written, again, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("always", [0, 1])
def test_a_group_that_nothing_can_be_learnt_from(always):
    reason = f"no {'bad' if always else 'good'} film among 400 rows; 4 are needed"
    found = study("b", bench(32, always), learning(always, reason), SETTINGS)
    ways, depths, films = tables_of(found, REAL, SETTINGS)
    for schema, table in ((SIEVING_WAYS, ways), (SIEVING_DEPTHS, depths), (SIEVED_FILMS, films)):
        schema.validate(table)
    assert (depths["reason"] == reason).all()
    assert depths["roc_auc"].isna().all()
    by_way = ways.set_index("way")
    for name in (SievingMethod.Z, SievingMethod.EXIT, SievingMethod.FILM, SievingMethod.CASCADE):
        assert (by_way.loc[name, "acceptance"], by_way.loc[name, "reason"]) == (1, reason)
    assert (ways["moved"] == 0).all()
    if always:
        assert by_way.loc[SievingMethod.EXIT, "saving"] <= 1
    else:
        assert by_way["saving"].drop(SievingMethod.REWEIGHTED).isna().all()
    metrics = sieving_metrics(ways, depths, 3.6)["b"]
    assert metrics["aim_reached"] is False
    json.dumps(metrics, allow_nan=False)
    assert "b: saving" in summary(ways, depths)[0]
    for figure in (draw_ways(ways, PUBLISHED, 3.6), draw_depths(depths), moved_sheet([])):
        figure.draw_without_rendering()


def test_figures_and_metrics(found, written):
    ways, depths, films = written
    metrics = sieving_metrics(ways, depths, 1.5)["a"]
    assert metrics["chosen_depth"] == 1 and metrics["aim_reached"]
    assert metrics["saving"][SievingMethod.EXIT] == pytest.approx(
        ways.set_index("way").loc[SievingMethod.EXIT, "saving"]
    )
    shown = moved_films(found, planted_films._draw, 2)
    assert len(shown) <= 2 * films["way"].nunique()
    labels = [text.get_text() for text in moved_sheet(shown).texts]
    assert any(text.startswith("moved by") for text in labels)
    text = [one.get_text() for one in draw_ways(ways, PUBLISHED, 3.6).axes[0].texts]
    assert {"2.0", "3.6"} <= set(text)  # the published saving of the validation part, and the aim
    assert len(draw_depths(depths).axes) == 2
