"""Whether an augmentation keeps the label: a judge that looks at which half of a film is bright."""

import numpy as np
import pytest
import torch
from defaults import changed
from ellipses import STILL

from radsieve.generation.label_preservation import ALL, changed_films, each_alone, label_preservation

DRAWING = {"copies": 3, "margin": 0.05, "resamples": 200, "confidence": 0.95, "seed": 1}


def off(**chosen):
    return changed(STILL, **chosen)


def left_is_brighter(films):
    half = films.shape[-1] // 2
    return (films[..., :half].mean(axis=(1, 2, 3)) > films[..., half:].mean(axis=(1, 2, 3))).astype(float)


@pytest.fixture
def films():
    """40 films, the first half of them bright on the left (label 1), the others on the right."""
    films = np.full((40, 1, 16, 16), 60, dtype=np.uint8)
    films[:20, ..., :8] = 200
    films[20:, ..., 8:] = 200
    return films


LABELS = np.repeat([1, 0], 20)


def judged(films, settings, labels=LABELS, units=None):
    units = np.arange(len(films)) if units is None else units
    found = label_preservation(
        lambda some: {"judge": left_is_brighter(some)}, films, labels, units, off(**settings), **DRAWING
    )
    return found.set_index("augmentation")


def test_each_augmentation_by_itself_and_all_together():
    found = each_alone(off(mirror=0.5, noise=0.1))
    assert found == {
        "mirror": off(mirror=0.5),
        "noise": off(noise=0.1),
        ALL: off(mirror=0.5, noise=0.1),
    }


def test_mirroring_turns_this_label_over_and_noise_does_not(films):
    found = judged(films, {"mirror": 1.0, "noise": 0.02})
    assert found.loc["mirror", ["agree_before", "agree_after", "kept", "difference"]].tolist() == [1, 0, 0, -1]
    assert found.loc["noise", ["agree_after", "kept", "kept_lower", "difference_upper"]].tolist() == [1, 1, 1, 0]
    assert found["preserved"].to_dict() == {"mirror": 0, "noise": 1, ALL: 0}
    assert found.loc["mirror", "setting"] == 1
    assert np.isnan(found.loc[ALL, "setting"])


def test_a_judge_that_knows_the_change_finds_the_label_that_the_other_one_misses(films):
    """All films are inverted: one judge is misled, the other one takes the brighter half of the positive."""

    def answers(some):
        inverted = some[:, :, 0, 0] + 1.0 * some[:, :, 0, -1] < 2 * 125
        upright = left_is_brighter(some)
        return {"without": upright, "with": np.where(inverted[:, 0], 1 - upright, upright)}

    films = films + np.uint8(20)  # bright enough to tell an inverted film by its corners
    settings = off(invert=1.0)
    rows = label_preservation(answers, films, LABELS, np.arange(40), settings, **DRAWING).set_index(
        ["augmentation", "judge"]
    )
    assert rows.loc[("invert", "without"), ["agree_before", "agree_after", "preserved"]].tolist() == [1, 0, 0]
    assert rows.loc[("invert", "with"), ["agree_before", "agree_after", "preserved"]].tolist() == [1, 1, 1]


def test_mirroring_half_of_the_films(films):
    row = judged(films, {"mirror": 0.5}).loc["mirror"]
    assert 0.35 < row["kept"] < 0.65
    assert row["kept_lower"] < row["kept"] < row["kept_upper"]
    assert row["difference"] == pytest.approx(row["agree_after"] - row["agree_before"])


def test_films_that_the_judge_gets_wrong_from_the_start(films):
    """With a quarter of the labels wrong, mirroring all films takes agreement from 3/4 to 1/4 and keeps nothing."""
    wrong = np.where(np.arange(40) % 4 == 0, 1 - LABELS, LABELS)
    row = judged(films, {"mirror": 1.0}, wrong).loc["mirror"]
    assert row[["agree_before", "agree_after", "kept", "difference"]].tolist() == [0.75, 0.25, 0, -0.5]
    never = judged(films, {"mirror": 1.0}, 1 - LABELS).loc["mirror"]
    assert np.isnan(never["kept"])
    assert np.isnan(never["kept_lower"])


def test_films_of_one_patient_are_drawn_together(films):
    alone = judged(films, {"mirror": 0.5}).loc["mirror"]
    together = judged(films, {"mirror": 0.5}, units=np.arange(40) // 20).loc["mirror"]
    assert together["difference"] == alone["difference"]
    assert together["difference_lower"] != alone["difference_lower"]


def test_films_are_changed_batch_by_batch(films):
    many, settings = np.resize(films, (150, *films.shape[1:])), off(noise=0.1)
    assert np.array_equal(changed_films(many, settings, seed=3)[:64], changed_films(many[:64], settings, seed=3))
    assert len(changed_films(many, settings, seed=3)) == 150


def test_changed_films_keep_their_form_and_come_again(films):
    settings = off(rotation=10, noise=0.05)
    changed = changed_films(films, settings, seed=3)
    assert changed.shape == films.shape
    assert changed.dtype == np.uint8
    assert np.array_equal(changed, changed_films(films, settings, seed=3))
    assert not np.array_equal(changed, changed_films(films, settings, seed=4))
    assert np.array_equal(changed_films(films, off(mirror=1.0), 1), films[..., ::-1])
    torch.manual_seed(99)
    assert np.array_equal(changed, changed_films(films, settings, seed=3))
