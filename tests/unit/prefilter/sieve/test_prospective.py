"""The two arms of the prospective check, with a generator and a scorer that tests can see through."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import sieves
from example_sieves import make_sieve

from radsieve.errors import InputError
from radsieve.generators.interface import sample_latents
from radsieve.prefilter.sieve import prospective
from radsieve.prefilter.sieve.prospective import (
    CHOOSE,
    ArmRecord,
    choose_sieved,
    choose_unsieved,
    generate_arms,
    images_by_group,
)
from radsieve.prefilter.tables import CHECKED_IMAGES, Arm
from radsieve.screening.tables import SCORES


class Bright:
    """Generates images of 2 x 2 pixels, as bright as the first component of a latent, and notes its calls."""

    channels, pixels = 1, 2

    def __init__(self):
        self.asked = []

    def generate(self, latents, group):
        self.asked.append((group, len(latents)))
        level = (latents[:, 0] + 1) * 127.5
        return np.broadcast_to(level[:, None, None, None], (len(latents), 1, 2, 2)).astype(np.uint8)


@dataclass
class Scores:
    scores: pd.DataFrame
    features: dict


def score(images):
    """An image brighter than the middle is good; its feature is its brightness."""
    level = images[:, 0, 0, 0].astype(float)
    good = level > 127
    columns = {"valid": good.astype(int)} | dict.fromkeys(SCORES, np.where(good, 0.5, -0.5))
    return Scores(pd.DataFrame(columns), {"brightness": level[:, None]})


def test_no_latent_was_sampled_before_or_is_in_both_arms():
    sieve = make_sieve()
    arms = {"before": sample_latents(50, 3, "a"), "sieve": np.concatenate([d.latents for d in sieve.sample(99, 3)])}
    for seed in (3, 4):
        for group in ("a", "b"):
            arms[f"unsieved {seed} {group}"] = choose_unsieved(sieve, 50, seed, group).latents
            arms[f"sieved {seed} {group}"] = choose_sieved(sieve, 50, seed, group).latents
    rows = np.concatenate(list(arms.values()))
    assert len(np.unique(rows, axis=0)) == len(rows)
    again = choose_sieved(sieve, 50, 3, "a").latents
    assert np.array_equal(again, arms["sieved 3 a"])
    assert np.array_equal(choose_sieved(sieve, 7, 3, "a").latents, again[:7])


def test_the_sieved_arm_has_what_the_sieve_accepts_and_counts_what_it_does_not():
    sieve = make_sieve(threshold=0.75)
    chosen = choose_sieved(sieve, 200, 1, "a")
    assert len(chosen.latents) == 200
    assert sieve.accept(chosen.latents).all()
    assert chosen.accepted.all()
    assert chosen.probability == pytest.approx(sieve.probability(chosen.latents), abs=1e-6)
    share = (1 - np.log(3) / 2) / 2  # of the components above logit(.75) / 2
    assert 200 / chosen.sampled == pytest.approx(share, abs=4 * share * np.sqrt((1 - share) / 200))
    one = choose_sieved(sieve, 1, 1, "a")
    first = next(sieve.sample(1000, int(np.random.SeedSequence([1, *b"a sieved"]).generate_state(1)[0])))
    assert one.sampled == first.number[0] + 1


def test_the_unsieved_arm_takes_all_and_says_what_the_sieve_would_accept():
    sieve = make_sieve()
    chosen = choose_unsieved(sieve, 100, 1, "a")
    assert chosen.sampled == len(chosen.latents) == 100
    assert np.array_equal(chosen.accepted, chosen.latents[:, 0] >= 0)
    assert chosen.probability == pytest.approx(1 / (1 + np.exp(-2 * chosen.latents[:, 0].astype(float))))


def test_a_sieve_that_accepts_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(prospective, "_MAX_SAMPLED", 1000)
    with pytest.raises(InputError, match="the sieve of phantoms accepts less than one latent in 1,000"):
        choose_sieved(make_sieve(threshold=1.0), 2, 1, "a")


@pytest.mark.parametrize("batch", [4, 100])
def test_rows_features_and_shown_images_do_not_depend_on_the_batch(batch):
    sieve, generator = make_sieve(), Bright()
    arm = ArmRecord(Arm.UNSIEVED, maximum=3)
    for group in ("a", "b"):
        arm.generate(group, choose_unsieved(sieve, 10, 1, group), batch, generator, score)
    images = CHECKED_IMAGES.validate(arm.images)
    assert images["image"].tolist() == [f"unsieved/{group}/{number:05}" for group in "ab" for number in range(10)]
    assert arm.sampled == 20
    assert generator.asked == [(group, len_) for group in "ab" for len_ in ([4, 4, 2] if batch == 4 else [10])]
    latents = np.concatenate([choose_unsieved(sieve, 10, 1, group).latents for group in "ab"])
    level = ((latents[:, 0] + 1) * 127.5).astype(np.uint8)
    assert np.array_equal(images["valid"], level > 127)
    assert arm.features["brightness"][:, 0].tolist() == level[level > 127].tolist()
    assert [row["image"] for _, row in arm.shown] == images["image"].tolist()[:3] + images["image"].tolist()[10:13]
    assert [image[0, 0, 0] for image, _ in arm.shown] == [*level[:3], *level[10:13]]


def test_features_of_many_images_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(prospective, "_MAX_COMPARED", 5)
    sieve, arm = make_sieve(), ArmRecord(Arm.SIEVED, maximum=1)
    arm.generate("a", choose_sieved(sieve, 30, 1, "a"), 4, Bright(), score)
    arm.generate("b", choose_sieved(sieve, 30, 1, "b"), 4, Bright(), score)
    assert len(arm.images) == 60
    assert arm.features["brightness"].shape == (5, 1)
    assert len(arm.shown) == 2


def test_images_are_shared_out_over_the_groups():
    assert images_by_group("phantoms", ["a", "b", "c"], 8) == {"a": 3, "b": 3, "c": 2}
    assert images_by_group("phantoms", ["a", "b", "c"], 2) == {"a": 1, "b": 1}
    assert images_by_group("b", ["a", "b", "c"], 8) == {"b": 8}


def test_both_arms_of_each_group_are_generated_and_timed():
    sieve, generator = make_sieve(), Bright()
    arms = generate_arms(sieve, {"a": 10, "b": 4}, generator, dict.fromkeys(Arm, score), 100, 5, seed=1)
    assert list(arms) == list(Arm)
    for name, arm in arms.items():
        assert arm.images.groupby("group").size().to_dict() == {"a": 10, "b": 4}
        assert len(arm.shown) == 6  # half of 5, rounded up, of each group
        expected = [CHOOSE[name](sieve, count, 1, group).probability for group, count in (("a", 10), ("b", 4))]
        assert np.array_equal(arm.images["probability"], np.concatenate(expected))
        good = arm.images["valid"].sum()
        assert arm.seconds_per_good() == f"{arm.seconds / good:.2f} s per good image"
        assert arm.seconds > 0


@pytest.mark.parametrize("of", [{"components": 512}, {"distribution": "normal"}])
def test_a_sieve_for_latents_that_no_generator_here_takes(of):
    with pytest.raises(InputError, match=r"is for latents of (512|128) components.*set check_sieve\.group to none"):
        generate_arms(sieves.sieve(**of), {"a": 2}, None, {}, 1, 1, 1)
