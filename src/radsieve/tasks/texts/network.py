"""The network of a writer: recurrent layers, attention if asked for, and the loss of what follows, counts mixed in."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from radsieve.tasks.texts.ngrams import BOUNDARY

State = torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None


class WriterNetwork(nn.Module):
    """Embedding, recurrent layers, attention to the past if asked for, and a linear layer over all signs.

    If counts are mixed in, a further output is the log-odds of the network's own probability against theirs, a gate as
    that of Merity et al. (2017, pointer sentinel mixture models).
    """

    def __init__(self, card: Mapping[str, Any], signs: int) -> None:
        """Build what `card` says: net, width, layers, embedding, attention, dropout, counts; for so many `signs`."""
        super().__init__()
        width = card["width"]
        between = card["dropout"] if card["layers"] > 1 else 0.0
        kind = nn.LSTM if card["net"] == "lstm" else nn.GRU
        self.mixed = bool(card["counts"])
        self.embedding = nn.Embedding(signs, card["embedding"])
        self.recurrent = kind(card["embedding"], width, card["layers"], dropout=between)
        self.query = nn.Linear(width, width, bias=False) if card["attention"] else None
        self.output = nn.Linear(width * (2 if card["attention"] else 1), signs + self.mixed)
        self.dropout = nn.Dropout(card["dropout"])

    def forward(self, codes: torch.Tensor, state: State = None) -> tuple[torch.Tensor, State]:
        """The outputs (time, batch, signs) for what follows each of `codes` (time, batch), and the state at the end."""
        units, state = self.recurrent(self.dropout(self.embedding(codes)), state)
        return self.output(self.dropout(self.attended(units))), state

    def last(self, codes: torch.Tensor) -> torch.Tensor:
        """The outputs (batch, signs) for what follows the last of `codes` (time, batch)."""
        units, _ = self.recurrent(self.dropout(self.embedding(codes)))
        outputs: torch.Tensor = self.output(self.dropout(self.attended(units)[-1]))
        return outputs

    def attended(self, units: torch.Tensor) -> torch.Tensor:
        """The `units` (time, batch, width), beside the mean of those until then, weighted by likeness to the last."""
        if self.query is None:
            return units
        of_batch = units.transpose(0, 1)
        scores = self.query(of_batch) @ of_batch.transpose(1, 2) / units.shape[-1] ** 0.5
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=units.device).triu(1)
        weights = scores.masked_fill(later, float("-inf")).softmax(dim=-1)
        return torch.cat([units, (weights @ of_batch).transpose(0, 1)], dim=-1)

    def losses(self, outputs: torch.Tensor, targets: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
        """The nats (n,) of `targets` (n,) by `outputs` (n, signs), mixed with their probability by counts (n,)."""
        if not self.mixed:
            return nn.functional.cross_entropy(outputs, targets, reduction="none")
        own = -nn.functional.cross_entropy(outputs[:, :-1], targets, reduction="none")
        gate, others = nn.functional.logsigmoid(outputs[:, -1]), nn.functional.logsigmoid(-outputs[:, -1])
        return -torch.logaddexp(gate + own, others + counted.log())

    def own_loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The mean nats of `targets` (n,) by the network alone, boundaries left out; 0 if nothing is mixed in."""
        if not self.mixed:
            return torch.zeros((), device=outputs.device)
        return nn.functional.cross_entropy(outputs[:, :-1], targets, ignore_index=BOUNDARY)

    def shares(self, outputs: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
        """The probability (n, signs) of every sign, by `outputs` and, if mixed in, that by counts (n, signs)."""
        if not self.mixed:
            return outputs.softmax(dim=-1)
        gate = outputs[:, -1:].sigmoid()
        return gate * outputs[:, :-1].softmax(dim=-1) + (1 - gate) * counted
