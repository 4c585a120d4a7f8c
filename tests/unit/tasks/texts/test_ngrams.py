"""n-gram models: probabilities that add up to one, and what is left out of the counts."""

import numpy as np
import pytest

from radsieve.errors import InputError
from radsieve.tasks.cases.texts import authors, write_work
from radsieve.tasks.texts.ngrams import NGram
from radsieve.tasks.texts.signs import Signs, alphabet


def random_work(length, seed):
    return np.random.default_rng(seed).integers(1, 5, length)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_probabilities_add_up_to_one(order):
    model = NGram.of([random_work(300, 1), random_work(40, 2)], order, 6)
    found = model.distribution(np.random.default_rng(3).integers(0, 6, (50, order - 1)))
    assert np.allclose(found.sum(axis=1), 1)
    assert (found > 0).all()


def test_the_distribution_is_what_probabilities_say():
    model = NGram.of([random_work(300, 1)], 3, 6)
    work = random_work(20, 4)
    contexts = np.lib.stride_tricks.sliding_window_view(np.concatenate([[0, 0], work]), 2)[:-1]
    rows = model.distribution(contexts)
    assert np.allclose(rows[np.arange(20), work], model.probabilities(work))


def test_a_place_is_left_out_of_the_counts_that_predict_it():
    """A pair that occurs once is as if it had never been; one that occurs thrice, as if twice."""
    work = np.array([1, 2, 3, 1, 2, 4, 1, 2, 3])
    model = NGram.of([work], 2, 6)
    whole, left = model.probabilities(work), model.probabilities(work, left_out=True)
    assert (left < whole).all()
    # pairs that occur once: 01, 24, 31, 41; twice: 23; so the discount is 4 / (4 + 2)
    discount = 4 / 6
    # signs by how many others they follow: 1 after three, 2, 3 and 4 after one each; discount 3 / 3, at most .95
    lower = (1 - 0.95 + 0.95 * 4 / 6) / 6
    assert whole[-1] == pytest.approx((2 - discount + discount * 2 * lower) / 3)
    assert left[-1] == pytest.approx((1 - discount + discount * 2 * lower) / 2)


def test_the_right_order_comes_within_five_percent_of_the_entropy_rate():
    """No order falls below it."""
    author = authors(1)[0]
    train, test = (
        [write_work(author, number, 1, topics=False) for number in numbers] for numbers in (range(20), range(20, 26))
    )
    signs = Signs("character", alphabet(train))
    codes, unseen = ([signs.codes(text) for text in texts] for texts in (train, test))
    bits = {
        order: np.concatenate([NGram.of(codes, order, signs.count).bits(work) for work in unseen]).mean()
        for order in (1, 2, 3, 4, 5)
    }
    rate = author.entropy_rate(topics=False)
    assert min(bits.values()) > rate
    assert min(bits, key=bits.get) == 3
    assert bits[3] < 1.05 * rate


def test_the_same_from_what_is_stored():
    model = NGram.of([random_work(200, 1)], 3, 6)
    again = NGram(*model.counted(), 3, 6)
    assert np.array_equal(model.bits(random_work(50, 2)), again.bits(random_work(50, 2)))


def test_too_many_signs_for_the_order():
    with pytest.raises(InputError, match="5000 signs: too many for n-grams of order 6"):
        NGram.of([np.array([1])], 6, 5000)
