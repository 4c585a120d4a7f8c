"""The sieve in a user's own loop, its files, and the latents that it samples."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sieves
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from radsieve.errors import InputError
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.sieve.sieve import CARD, MODEL

COUNT = 40_000  # two whole blocks and a part of one


@pytest.fixture(scope="module")
def sieve():
    return sieves.sieve()


@pytest.fixture(scope="module")
def latents():
    return np.random.default_rng(1).uniform(-1, 1, (3000, 128)).astype(np.float32)


@pytest.fixture
def folder(sieve, tmp_path):
    sieve.save(tmp_path / "18_24f")
    return tmp_path / "18_24f"


@pytest.fixture(scope="module")
def generated(sieve):
    return list(sieve.sample(COUNT, seed=1))


def joined(blocks):
    return tuple(np.concatenate([getattr(block, name) for block in blocks]) for name in vars(blocks[0]))


def logits(sieve, latents):
    return latents.astype(float) @ sieve.model.weights + 0.25


def test_three_lines_in_a_loop_of_ones_own(folder, latents):
    sieve = Sieve.load(folder)
    kept = latents[sieve.accept(latents)]
    assert (sieve.probability(kept) >= sieve.threshold).all()

    assert 0 < len(kept) < len(latents)
    tensors = torch.from_numpy(latents)
    assert torch.equal(tensors[sieve.accept(tensors)], torch.from_numpy(kept))


def test_probability_and_decision_are_those_of_the_logistic_regression(sieve, latents):
    expected = 1 / (1 + np.exp(-logits(sieve, latents)))
    np.testing.assert_allclose(sieve.probability(latents), expected, rtol=1e-12)
    np.testing.assert_array_equal(sieve.accept(latents), logits(sieve, latents) >= 0.5)


def test_single_precision_never_decides_where_it_could_be_wrong(latents):
    """Cuts at the very logits of latents, just above and just below them."""
    base = sieves.sieve()
    exact = base.model.margins(latents[:40])
    for logit in exact:
        for cut in (np.nextafter(logit, -9), np.nextafter(logit, 9)):
            at_it = sieves.sieve()
            at_it._cut = cut - 0.25
            np.testing.assert_array_equal(at_it.accept(latents), base.model.margins(latents) - 0.25 >= at_it._cut)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=6))
def test_a_latent_is_evaluated_alike_beside_whatever_others(cuts):
    sieve, latents = sieves.sieve(), np.random.default_rng(1).uniform(-1, 1, (3000, 128)).astype(np.float32)
    whole = sieve.accept(latents), sieve.probability(latents)
    parts = np.split(latents, sorted(cuts))
    np.testing.assert_array_equal(np.concatenate([sieve.accept(part) for part in parts]), whole[0])
    np.testing.assert_array_equal(np.concatenate([sieve.probability(part) for part in parts]), whole[1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_tensors_give_tensors(sieve, latents, dtype):
    tensor = torch.from_numpy(latents).to(dtype).requires_grad_()
    accepted, probability = sieve.accept(tensor), sieve.probability(tensor)
    same = tensor.detach().float().numpy()
    assert accepted.dtype == torch.bool
    assert probability.device == tensor.device
    np.testing.assert_array_equal(accepted.numpy(), sieve.accept(same))
    np.testing.assert_array_equal(probability.numpy(), sieve.probability(same))


def test_no_latents_are_none_accepted(sieve):
    assert sieve.accept(np.empty((0, 128), dtype=np.float32)).shape == (0,)


@pytest.mark.parametrize("shape", [(5, 64), (5, 129), (128,), (2, 2, 128)])
def test_another_number_of_components(sieve, shape):
    with pytest.raises(InputError, match=r"the sieve of 18_24f takes \(n, 128\)"):
        sieve.accept(np.zeros(shape, dtype=np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.5])
def test_values_that_no_latent_has(sieve, latents, value):
    wrong = latents.copy()
    wrong[2000, 7] = value
    for evaluate in (sieve.accept, sieve.probability):
        with pytest.raises(InputError, match=r"row 2000 of the latents has values outside of \[-1, 1\]"):
            evaluate(wrong)


def test_sampled_latents_are_uniform_and_all_accepted(sieve, generated):
    number, probability, latents = joined(generated)
    assert sieve.accept(latents).all()
    np.testing.assert_allclose(probability, sieve.probability(latents), rtol=1e-6)
    assert (np.diff(number) > 0).all()
    assert 0 <= number[0] <= number[-1] < COUNT
    everything = joined(list(sieves.sieve(-np.inf).sample(COUNT, seed=1)))[2]
    assert len(everything) == COUNT
    np.testing.assert_array_equal(everything[number], latents)
    np.testing.assert_array_equal(np.flatnonzero(sieve.accept(everything)), number)
    assert abs(everything).max() <= 1
    np.testing.assert_allclose(everything.mean(axis=0), 0, atol=5 / np.sqrt(3 * COUNT))
    np.testing.assert_allclose((everything**2).mean(axis=0), 1 / 3, atol=5 * np.sqrt(4 / 45 / COUNT))
    correlation = np.corrcoef(everything.T) - np.eye(128)
    assert abs(correlation).max() < 6 / np.sqrt(COUNT)
    quantiles = np.quantile(everything[:, 5], [0.1, 0.5, 0.9])
    np.testing.assert_allclose(quantiles, [-0.8, 0, 0.8], atol=0.03)


def test_sampled_latents_do_not_depend_on_threads_or_on_the_count(sieve, generated):
    for again in (list(sieve.sample(COUNT, seed=1, threads=3)), list(sieve.sample(COUNT + 5000, seed=1))):
        for one, other in zip(joined(generated), joined(again), strict=True):
            np.testing.assert_array_equal(one, other[: len(one)])


def test_another_seed_and_another_group_give_other_latents(sieve, generated):
    first = joined(generated)[2][0]
    for other in (sieve.sample(1000, seed=2), sieves.sieve(group="18_24m").sample(1000, seed=1)):
        assert not (joined(list(other))[2] == first).any()


def test_nothing_passes_a_threshold_of_one():
    blocks = list(sieves.sieve(np.inf).sample(20_000, seed=1))
    assert [block.latents.shape for block in blocks] == [(0, 128), (0, 128)]


def test_any_number_of_components_can_be_sampled():
    assert joined(list(sieves.sieve(-np.inf, components=5).sample(100, seed=1)))[2].shape == (100, 5)


def test_a_sieve_comes_back_as_it_was_saved(sieve, folder, latents, tmp_path):
    loaded = Sieve.load(str(folder))
    assert (loaded.group, loaded.components, loaded.threshold) == ("18_24f", 128, sieve.threshold)
    np.testing.assert_array_equal(loaded.probability(latents), sieve.probability(latents))
    loaded.save(tmp_path / "again")
    for name in (MODEL, CARD):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_the_card_of_another_model(folder, tmp_path):
    sieves.sieve(group="18_24m", seed=5).save(tmp_path / "18_24m")
    (folder / CARD).write_bytes((tmp_path / "18_24m" / CARD).read_bytes())
    with pytest.raises(InputError, match=r"model\.safetensors: not the weights that card\.json beside it describes"):
        Sieve.load(folder)


@pytest.mark.parametrize("name", [MODEL, CARD])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: not found"):
        Sieve.load(folder)


def test_a_pickle_is_not_read(folder):
    (folder / MODEL).write_bytes(pickle.dumps({"weights": np.zeros(128)}))
    with pytest.raises(InputError, match=r"not a safetensors file, or truncated .*; pickles are not read"):
        Sieve.load(folder)


def test_weights_cut_off(folder):
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:-8])
    with pytest.raises(InputError, match="not a safetensors file, or truncated"):
        Sieve.load(folder)


def test_weights_of_another_number_of_components(folder):
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | {"components": 64}))
    with pytest.raises(InputError, match=r"holds \{.*\(128,\).*\}, but float64 of \{'weights': \(64,\)"):
        Sieve.load(folder)


def test_weights_that_are_not_numbers(folder):
    broken = sieves.sieve()
    broken.model.weights[3] = np.nan
    broken.save(folder)
    with pytest.raises(InputError, match="weights that are not finite"):
        Sieve.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "a recipe"}, "format: 'radsieve sieve' was expected"),
        ({"version": 1}, "version: 3 was expected"),
        ({"threshold": 1.5}, "threshold: 1.5 is greater than the maximum of 1"),
        ({"threshold": "high"}, "threshold: 'high' is not of type 'number'"),
        ({"extra": 1}, "Additional properties are not allowed"),
        ({"expected": {}}, "expected: 'precision' is a required property"),
    ],
)
def test_a_card_that_is_none(folder, change, message):
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | change))
    with pytest.raises(InputError, match=message):
        Sieve.load(folder)


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_card_that_is_no_json(folder, content):
    (folder / CARD).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"card\.json: (not JSON|not the card of a sieve)"):
        Sieve.load(folder)


def test_numpy_alone_needs_neither_torch_nor_scikit_learn(folder):
    code = (
        "import sys, numpy as np; from radsieve.prefilter.sieve.sieve import Sieve; "
        f"sieve = Sieve.load({str(folder)!r}); sieve.accept(np.zeros((3, 128))); next(sieve.sample(10, 1)); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sieve_of_normal_latents_samples_such():
    normal = sieves.sieve(-np.inf, components=512, distribution="normal")
    everything = joined(list(normal.sample(20_000, seed=1, threads=2)))[2]
    assert everything.shape == (20_000, 512)
    np.testing.assert_allclose(everything.mean(axis=0), 0, atol=5 / np.sqrt(20_000))
    np.testing.assert_allclose((everything**2).mean(axis=0), 1, atol=5 * np.sqrt(2 / 20_000))
    np.testing.assert_allclose(np.quantile(everything, [0.1, 0.5, 0.9]), [-1.2816, 0, 1.2816], atol=0.003)
    assert normal.accept(everything).all()
    with pytest.raises(InputError, match=r"row 1 .* outside of \[-8, 8\].* standard normal"):
        normal.accept(np.array([[0.0] * 512, [8.5] * 512]))
