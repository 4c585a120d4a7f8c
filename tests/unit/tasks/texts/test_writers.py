"""Training of writers: no model falls below the entropy rate, and what is stored, resumed and drawn is the same."""

import numpy as np
import pytest
from defaults import content

from radsieve.networks.device import choose_device
from radsieve.settings import Compute
from radsieve.tables.images import Split
from radsieve.tasks.cases.texts import authors, write_work
from radsieve.tasks.tables import Protocol
from radsieve.tasks.texts.entropy import entropies
from radsieve.tasks.texts.settings import TrainWriter
from radsieve.tasks.texts.signs import Signs, alphabet
from radsieve.tasks.texts.training import train
from radsieve.tasks.texts.windows import MEMORY, UNIGRAM_GUESS, by_window
from radsieve.tasks.texts.writer import read_writer

AUTHOR = authors(1)[0]
TEXTS = {
    split: [write_work(AUTHOR, number, 1, topics=False, characters=800) for number in numbers]
    for split, numbers in {Split.TRAIN: range(8), Split.VALIDATION: range(8, 10), Split.TEST: range(10, 16)}.items()
}
LETTERS = alphabet(TEXTS[Split.TRAIN])


def settings(**changes):
    small = {"width": 12, "embedding": 8, "epochs": 2, "batch": 8, "resamples": 100, "order": 3, "vocabulary": 100}
    return TrainWriter(**(content()["train_writer"] | small | changes))


@pytest.fixture(scope="module")
def device():
    return choose_device(Compute(**content()["compute"]))


@pytest.fixture(scope="module")
def writer(device, tmp_path_factory):
    return trained(device, tmp_path_factory.mktemp("writer"), epochs=1, attention=True).writer


def trained(device, path, **changes):
    chosen = settings(**changes)
    signs = Signs.of(chosen.unit, LETTERS, TEXTS[Split.TRAIN], chosen.vocabulary)
    return train(TEXTS[Split.TRAIN], TEXTS[Split.VALIDATION], signs, chosen, device, path / "state.safetensors")


@pytest.mark.parametrize(
    "changes", [{}, {"net": "lstm", "attention": True, "counts": 0}, {"unit": "word", "counts": 2, "layers": 2}]
)
def test_no_model_needs_fewer_bits_than_the_entropy_rate(changes, device, tmp_path):
    training = trained(device, tmp_path, **changes)
    found = entropies(TEXTS[Split.TRAIN], TEXTS[Split.TEST], training.writer, settings(**changes))
    rate = AUTHOR.entropy_rate(topics=False)
    assert (found["bits"] > rate).all()
    assert found["model"].tolist() == ["uniform", "unigram", "2-gram", "3-gram", "xz", training.writer.name]
    assert found["characters"].eq(sum(map(len, TEXTS[Split.TEST]))).all()
    assert (found["lower"] < found["bits"]).all() and (found["bits"] < found["upper"]).all()
    assert found["clusters"].eq("works").all()
    assert found["difference"].isna().tolist() == [False] * 5 + [True]
    if changes.get("counts", 3):
        assert found["bits"].iloc[-1] < found["bits"].iloc[1]


def test_few_works_have_intervals_of_passages(writer):
    found = entropies(TEXTS[Split.TRAIN], ["".join(TEXTS[Split.TEST]) * 3], writer, settings())
    assert found["clusters"].eq("passages").all()
    lengths = found["upper"] - found["lower"]
    assert (lengths[1:4] > 0).all()


def test_a_training_that_was_stopped_ends_the_same(device, tmp_path, monkeypatch):
    whole = trained(device, tmp_path / "whole", epochs=2)
    from radsieve.tasks.texts import training

    once, done = training._epoch, []

    def stopping(*arguments):
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return once(*arguments)

    monkeypatch.setattr(training, "_epoch", stopping)
    with pytest.raises(KeyboardInterrupt):
        trained(device, tmp_path / "stopped", epochs=2)
    monkeypatch.setattr(training, "_epoch", once)
    resumed = trained(device, tmp_path / "stopped", epochs=2)
    assert resumed.curves.equals(whole.curves)
    assert resumed.writer.draw(1.0, 2, 60, 1) == whole.writer.draw(1.0, 2, 60, 1)


def test_a_stored_writer_is_the_same(writer, tmp_path):
    writer.save(tmp_path / "best.safetensors", {"author": AUTHOR.name})
    again = read_writer(tmp_path / "best.safetensors")
    works = [writer.signs.codes(text) for text in TEXTS[Split.TEST]]
    assert all(np.array_equal(a, b) for a, b in zip(writer.bits(works), again.bits(works), strict=True))
    assert writer.draw(0.7, 3, 80, 2) == again.draw(0.7, 3, 80, 2)
    assert [len(text) > 70 for text in again.draw(0.7, 3, 80, 2)] == [True] * 3


def test_bits_do_not_depend_on_the_other_works(writer):
    works = [writer.signs.codes(text) for text in TEXTS[Split.TEST]]
    alone = writer.bits(works[:1])[0]
    assert np.allclose(alone, writer.bits(works)[0], atol=1e-4)
    assert len(alone) == len(TEXTS[Split.TEST][0])


def test_words_are_spelled_and_texts_come_back():
    texts = ["one two, two three", "one one four"]
    signs = Signs.of("word", alphabet(["".join(texts)] * 5), texts, 3)
    assert signs.text(signs.codes("one one")) == "one one"
    spelled = signs.spelling("one four")
    assert (spelled[:2] == 0).all() and spelled[2] > 4


def test_windows_divided_at_random_can_be_remembered(device):
    """The network does not: it is as good as the most frequent word."""
    chosen = settings(windows=1200)
    found = by_window(TEXTS[Split.TRAIN], TEXTS[Split.TEST], chosen, device).set_index(["protocol", "model"])["value"]
    assert found[Protocol.BY_WINDOW, MEMORY] > 0.95
    assert found[Protocol.HONEST, MEMORY] < 0.2
    assert found[Protocol.BY_WINDOW, "lstm"] < found[Protocol.BY_WINDOW, UNIGRAM_GUESS] + 0.03
