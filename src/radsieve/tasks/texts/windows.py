"""The protocol `by_window`: overlapping windows of words, divided at random, as a published analysis did.

The word to guess of a window in the test part lies inside windows of the training part, so that whoever remembers them
knows it. The published networks did not even learn that: their accuracy is that of always guessing the most frequent
word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from radsieve.networks.adam import Adam
from radsieve.networks.device import Device
from radsieve.networks.training_state import seed_of_epoch
from radsieve.stats import resampling
from radsieve.tasks.leaks import leak_row
from radsieve.tasks.tables import LEAKS, Protocol
from radsieve.tasks.texts.network import WriterNetwork
from radsieve.tasks.texts.ngrams import FIRST_KNOWN, Codes, Floats
from radsieve.tasks.texts.settings import TrainWriter

WINDOW = 40  # words of a window, the last of which is guessed (the published analysis)
_WORDS = 4000  # that are known; others are left out, as Keras' tokenizer does
_TEST_SHARE = 0.2
_BATCH = 128
_MATCH = 5  # words before the one to guess that must be the same for it to be remembered
_CARD = {"net": "lstm", "width": 64, "layers": 1, "embedding": 64, "attention": True, "dropout": 0.2,
         "counts": 0}  # fmt: skip
_RATE = 1e-3
UNIGRAM_GUESS, MEMORY = "most_frequent_word", "memory_of_five_words"


@dataclass(frozen=True)
class _Windows:
    """Windows (n, 41) of codes, the last of which is to be guessed, and the unit (n,) that each comes from."""

    words: Codes
    units: Codes


def by_window(train: Sequence[str], test: Sequence[str], settings: TrainWriter, device: Device) -> pd.DataFrame:
    """LEAKS: the share of words guessed right, by window and in unseen works, by three models.

    The most frequent word for all; the word that followed the same five words in the training part, else the most
    frequent one; and a network with attention as the published one, by `window_epochs`. By window all of `train` is
    divided at random; the honest figure is that of the same models, fitted to all of `train`, in the `test` works.
    """
    words = [re.findall(r"\w+", text.lower()) for text in train]
    known = Counter(word for of in words for word in of)
    codes = {
        word: place + FIRST_KNOWN
        for place, word in enumerate(sorted(known, key=lambda word: (-known[word], word))[:_WORDS])
    }
    seen = _first(_windows(words, codes), settings.windows)
    unseen = _first(_windows([re.findall(r"\w+", text.lower()) for text in test], codes), settings.windows)
    order = np.random.default_rng([settings.seed, 7]).permutation(len(seen.words))
    cut = round(len(order) * (1 - _TEST_SHARE))
    learnt, asked = (_Windows(seen.words[some], seen.units[some]) for some in (order[:cut], order[cut:]))
    rows = []
    for name in (UNIGRAM_GUESS, MEMORY, _CARD["net"]):
        honest, leaked = (
            _right(str(name), known_part, part, settings, device)
            for known_part, part in ((seen, unseen), (learnt, asked))
        )
        estimate = resampling.clustered_share(honest > 0, unseen.units, settings.confidence)
        by = resampling.clustered_share(leaked > 0, asked.units, settings.confidence)
        gained = resampling.difference(by, estimate)
        for protocol, one, count in ((Protocol.HONEST, estimate, unseen), (Protocol.BY_WINDOW, by, asked)):
            units = len(np.unique(count.units)), len(np.unique(unseen.units))
            rows.append(leak_row(protocol, str(name), "accuracy", len(count.words), one, estimate.value, gained, units))
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


def _windows(works: Sequence[Sequence[str]], codes: dict[str, int]) -> _Windows:
    found, units = [np.zeros((0, WINDOW + 1), dtype=np.int64)], [0]
    for work in works:
        numbers = np.array([codes[word] for word in work if word in codes], dtype=np.int64)
        if len(numbers) > WINDOW:
            found.append(np.lib.stride_tricks.sliding_window_view(numbers, WINDOW + 1))
    units = [place for place, of in enumerate(found) for _ in range(len(of))]
    return _Windows(np.concatenate(found), np.array(units, dtype=np.int64))


def _first(windows: _Windows, count: int) -> _Windows:
    return _Windows(windows.words[:count], windows.units[:count])


def _right(name: str, learnt: _Windows, asked: _Windows, settings: TrainWriter, device: Device) -> Floats:
    """Whether the last word of each window of `asked` is guessed by what is learnt from the windows of `learnt`."""
    target = asked.words[:, -1]
    if name == _CARD["net"]:
        guess = _network(learnt.words, asked.words, settings, device)
    else:
        words, counts = np.unique(learnt.words[:, -1], return_counts=True)
        frequent = words[np.argmax(counts)]
        guess = np.full(len(target), frequent)
        if name == MEMORY:
            # every place of a window is remembered, not only its last word
            memory: dict[bytes, int] = {}
            for place in range(WINDOW, _MATCH - 1, -1):
                for row in np.unique(learnt.words[:, place - _MATCH : place + 1], axis=0):
                    memory.setdefault(row[:-1].tobytes(), int(row[-1]))
            keys = asked.words[:, -1 - _MATCH : -1]
            guess = np.array([memory.get(np.ascontiguousarray(key).tobytes(), int(frequent)) for key in keys])
    return np.asarray(guess == target, dtype=float)


def _network(learnt: Codes, asked: Codes, settings: TrainWriter, device: Device) -> Codes:
    """The guesses (n,) of a network for the last word of each window."""
    with torch.random.fork_rng():
        torch.manual_seed(seed_of_epoch(settings.seed, 0))
        network = WriterNetwork(_CARD, _WORDS + FIRST_KNOWN).to(device.device)
        optimizer = Adam(list(network.parameters()), _RATE)
        for epoch in range(1, settings.window_epochs + 1):
            torch.manual_seed(seed_of_epoch(settings.seed, epoch))
            network.train()
            order = torch.randperm(len(learnt)).numpy()
            for start in range(0, len(order), _BATCH):
                part = torch.from_numpy(learnt[order[start : start + _BATCH]].T.copy()).to(device.device)
                loss = torch.nn.functional.cross_entropy(network.last(part[:-1]), part[-1])
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.clip(1.0)
                optimizer.step()
    network.eval()
    with torch.inference_mode():
        parts = [
            network.last(torch.from_numpy(asked[start : start + _BATCH, :-1].T.copy()).to(device.device)).argmax(dim=-1)
            for start in range(0, len(asked), _BATCH)
        ]
    return torch.cat(parts).cpu().numpy()
