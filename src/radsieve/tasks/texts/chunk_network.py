"""A recurrent network that reads a chunk from both sides and names its author."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from radsieve.networks.adam import Adam
from radsieve.networks.device import Device
from radsieve.networks.training_state import seed_of_epoch
from radsieve.tables.images import Split
from radsieve.tasks.texts.chunks import Chunks
from radsieve.tasks.texts.ngrams import Codes
from radsieve.tasks.texts.recognition import Names
from radsieve.tasks.texts.settings import ChunkNetwork
from radsieve.tasks.texts.signs import CHARACTER, Signs, alphabet

_BATCH = 32


class _Network(nn.Module):
    """Embedding, a recurrent layer in both directions, the mean of its units over the chunk, and a linear layer."""

    def __init__(self, settings: ChunkNetwork, signs: int, authors: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(signs, settings.embedding)
        kind = nn.LSTM if settings.net == "lstm" else nn.GRU
        self.recurrent = kind(settings.embedding, settings.width, bidirectional=True)
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(2 * settings.width, authors)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """The logits (batch, authors) of chunks (time, batch)."""
        units, _ = self.recurrent(self.dropout(self.embedding(codes)))
        logits: torch.Tensor = self.output(self.dropout(units.mean(dim=0)))
        return logits


def network_guesses(data: Chunks, settings: ChunkNetwork, seed: int, device: Device) -> tuple[Names, int]:
    """The author (n,) of each chunk of the test split, and the best epoch.

    Learnt from the training chunks, authors weighted alike; the epoch with the highest balanced accuracy on validation
    chunks, of several the first, predicts.
    """
    parts = {split: data.of(split) for split in Split}
    names = list(dict.fromkeys(data.rows["author"]))
    signs = Signs(CHARACTER, alphabet(parts[Split.TRAIN].texts))
    codes = {split: _codes(part.texts, signs) for split, part in parts.items()}
    truth = np.array([names.index(author) for author in parts[Split.TRAIN].authors])
    weights = torch.tensor(len(truth) / np.bincount(truth, minlength=len(names)) / len(names), dtype=torch.float32)
    best, epoch_of_best, guesses = -1.0, 0, np.zeros(0, dtype=object)
    with torch.random.fork_rng():
        torch.manual_seed(seed_of_epoch(seed, 0))
        network = _Network(settings, signs.count, len(names)).to(device.device)
        optimizer = Adam(list(network.parameters()), settings.learning_rate)
        for epoch in range(1, settings.epochs + 1):
            torch.manual_seed(seed_of_epoch(seed, epoch))
            network.train()
            order = torch.randperm(len(truth)).numpy()
            for start in range(0, len(order), _BATCH):
                rows = order[start : start + _BATCH]
                batch = torch.from_numpy(codes[Split.TRAIN][rows].T.copy()).to(device.device)
                target = torch.from_numpy(truth[rows]).to(device.device)
                loss = nn.functional.cross_entropy(network(batch), target, weight=weights.to(device.device))
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.clip(1.0)
                optimizer.step()
            called = _called(network, codes[Split.VALIDATION], names)
            known = parts[Split.VALIDATION].authors
            score = float(np.mean([(called[known == name] == name).mean() for name in names]))
            if score > best:
                best, epoch_of_best = score, epoch
                guesses = _called(network, codes[Split.TEST], names)
    return guesses, epoch_of_best


@torch.inference_mode()
def _called(network: _Network, codes: Codes, names: Sequence[str]) -> Names:
    network.eval()
    device = next(network.parameters()).device
    parts = [
        network(torch.from_numpy(codes[start : start + _BATCH].T.copy()).to(device)).argmax(dim=-1).cpu().numpy()
        for start in range(0, len(codes), _BATCH)
    ]
    return np.asarray(np.array(names, dtype=object)[np.concatenate(parts)])


def _codes(texts: Sequence[str], signs: Signs) -> Codes:
    """The codes (n, longest), shorter chunks with 0 behind."""
    rows = [signs.codes(text) for text in texts]
    found = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for place, row in enumerate(rows):
        found[place, : len(row)] = row
    return found
