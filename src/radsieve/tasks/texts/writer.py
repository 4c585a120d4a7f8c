"""A trained writer: how many bits it needs for a text, and the texts that it draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from radsieve.errors import InputError
from radsieve.networks.cards import real, whole
from radsieve.networks.checkpoints import read_checkpoint, rebuilt, write_checkpoint
from radsieve.tasks.texts.network import State, WriterNetwork
from radsieve.tasks.texts.ngrams import BOUNDARY, FIRST_KNOWN, Codes, Floats, NGram
from radsieve.tasks.texts.signs import Signs

KIND = "writer"
BUILT = ("net", "width", "layers", "embedding", "attention", "dropout", "counts", "stretch")  # of the card
_STRETCH = 400  # signs whose bits are computed at a time
_CONTEXT = 100  # signs that are read before them
_AT_ONCE = 64
_NETWORK, _PAIRS, _COUNTS = "network.", "counted.pairs", "counted.counts"


@dataclass(frozen=True)
class Writer:
    """A network, the signs that it reads and writes, and the counts that are mixed in, if any."""

    network: WriterNetwork
    signs: Signs
    counts: NGram | None
    card: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The kind of network, and of counts, as in `gru and 6-gram`."""
        return str(self.card["net"]) + (f" and {self.counts.order}-gram" if self.counts else "")

    @torch.inference_mode()
    def bits(self, works: Sequence[Codes]) -> list[Floats]:
        """The bits (n,) of each sign of each of `works`.

        Works are read in stretches, each after the 100 signs before it, which do not count.
        """
        self.network.eval()
        device = next(self.network.parameters()).device
        counted = [self.counts.probabilities(work) if self.counts else np.ones(len(work)) for work in works]
        found = [np.zeros(len(work)) for work in works]
        parts = [(place, start) for place, work in enumerate(works) for start in range(0, len(work), _STRETCH)]
        parts.sort(key=lambda part: -min(len(works[part[0]]) - part[1], _STRETCH))
        for begin in range(0, len(parts), _AT_ONCE):
            some = parts[begin : begin + _AT_ONCE]
            rows = [_stretch(works[place], start) for place, start in some]
            codes = torch.zeros((max(map(len, rows)), len(rows)), dtype=torch.long)
            for column, row in enumerate(rows):
                codes[: len(row), column] = torch.from_numpy(row)
            outputs, _ = self.network(codes[:-1].to(device))
            for column, (place, start) in enumerate(some):
                count, end = min(len(works[place]) - start, _STRETCH), len(rows[column]) - 1
                losses = self.network.losses(
                    outputs[end - count : end, column].float(),
                    codes[end - count + 1 : end + 1, column].to(device),
                    torch.from_numpy(counted[place][start : start + count]).float().to(device),
                )
                found[place][start : start + count] = losses.cpu().numpy().astype(float) / np.log(2)
        return found

    @torch.inference_mode()
    def draw(self, temperature: float, texts: int, characters: int, seed: int) -> list[str]:
        """Draw so many `texts` of so many `characters`, each from the beginning of a work, sign by sign.

        Probabilities are raised to the power 1 / `temperature`. Boundaries, and what is not known, are not drawn. With
        attention a network looks back as far as the stretch that it was trained on.
        """
        network = self.network.eval()
        device = next(network.parameters()).device
        random = torch.Generator().manual_seed(seed)
        order = self.counts.order if self.counts else 1
        drawn = np.full((texts, order), BOUNDARY, dtype=np.int64)  # behind the boundaries of a beginning
        lengths = np.zeros(texts, dtype=np.int64)
        state: State = None
        past: list[torch.Tensor] = []
        while lengths.min(initial=characters) < characters:
            last = torch.from_numpy(drawn[:, -1:].T.copy()).to(device)
            units, state = network.recurrent(network.embedding(last), state)
            past = [*past[1 - self.card["stretch"] :], units] if network.query is not None else [units]
            outputs = network.output(network.attended(torch.cat(past)))[-1].float().cpu()
            known = self.counts.distribution(drawn[:, len(drawn[0]) - order + 1 :]) if self.counts else np.ones((1, 1))
            shares = network.shares(outputs, torch.from_numpy(known).float())
            shares[:, :FIRST_KNOWN] = 0
            logits = shares.log() / temperature
            codes = torch.multinomial(logits.softmax(dim=-1), 1, generator=random).numpy()
            drawn = np.concatenate([drawn, codes], axis=1)
            lengths += [len(self.signs.known[code - FIRST_KNOWN]) for code in codes[:, 0]]
        return [self.signs.text(row.tolist())[:characters].strip() for row in drawn]

    def save(self, path: Path, card: Mapping[str, Any]) -> None:
        """Write network, counts and card, with what `card` says besides, as safetensors."""
        tensors = {f"{_NETWORK}{name}": tensor for name, tensor in self.network.state_dict().items()}
        if self.counts:
            pairs, counts = self.counts.counted()
            tensors |= {_PAIRS: torch.from_numpy(pairs), _COUNTS: torch.from_numpy(counts).int()}
        built = {name: self.card[name] for name in BUILT}
        write_checkpoint(path, tensors, {"kind": KIND, **built, "signs": self.signs.card(), **card})


def read_writer(path: Path) -> Writer:
    """Return the writer stored at `path`. Raises InputError if it is no checkpoint of one."""
    tensors, card = read_checkpoint(path, KIND)
    weights = {name.removeprefix(_NETWORK): of for name, of in tensors.items() if name.startswith(_NETWORK)}
    try:
        signs = Signs.from_card(card["signs"])
        whole(card, "width", 1, 65536), whole(card, "layers", 1, 16), whole(card, "embedding", 1, 65536)
        real(card, "dropout"), whole(card, "counts", 0, 20), whole(card, "stretch", 1, 10**6)
        network = cast(WriterNetwork, rebuilt(lambda: WriterNetwork(card, signs.count), weights, path))
        counts = _counted(tensors, card["counts"], signs.count) if card["counts"] else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: its card does not describe a writer ({error!r}); train it again") from None
    return Writer(network.eval(), signs, counts, card)


def _counted(tensors: Mapping[str, torch.Tensor], order: int, signs: int) -> NGram:
    """The counts of a file. Raises KeyError or ValueError if they are none."""
    pairs, times = tensors[_PAIRS].numpy(), tensors[_COUNTS].numpy().astype(float)
    if pairs.ndim != 1 or pairs.shape != times.shape or pairs.dtype != np.int64 or signs**order >= 2**62:
        raise ValueError("counts of another form")
    if len(pairs) and not (pairs.min() >= 0 and pairs.max() < signs**order and times.min() >= 1):
        raise ValueError("counts out of range")
    return NGram(pairs, times, order, signs)


def _stretch(work: Codes, start: int) -> Codes:
    """The signs from `start` on that count, behind those that are read before, and at the beginning a boundary."""
    first = max(start - _CONTEXT, 0)
    read = work[first : start + _STRETCH]
    return read if first else np.concatenate([[BOUNDARY], read])
