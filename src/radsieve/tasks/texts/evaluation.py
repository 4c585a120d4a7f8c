"""What the writers wrote, evaluated: whether it is recognised, what is copied, and how rich its words are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radsieve.stats import resampling
from radsieve.tables.images import Split
from radsieve.tasks.texts.chunks import NAMES_KEPT, chunks
from radsieve.tasks.texts.copies import Source, share_copied, spans
from radsieve.tasks.texts.normalisation import masked
from radsieve.tasks.texts.settings import ClassifyTexts
from radsieve.tasks.texts.tables import EVALUATED, EVALUATED_TEXTS

_WORD = re.compile(r"\w+")
_SHOWN = 20  # characters that a copied part has at least to be marked


@dataclass(frozen=True)
class EvaluatedTexts:
    """EVALUATED, of what writers drew and of unseen works, and EVALUATED_TEXTS, text by text."""

    summary: pd.DataFrame
    texts: pd.DataFrame


def evaluate(
    works: pd.DataFrame, drawn: Mapping[str, pd.DataFrame], recogniser: Any, settings: ClassifyTexts
) -> EvaluatedTexts:
    """Evaluate the texts `drawn` by the writer of each author (DRAWN), and as many chunks of unseen works beside them.

    `recogniser` was fitted to the training works in normal form, names masked. Copies are searched for in the training
    works of the author, words in those of all.
    """
    training = works[works["split"] == Split.TRAIN]
    known = {word for text in training["text"] for word in _WORD.findall(text.lower())}
    unseen = chunks(works[works["split"] == Split.TEST], NAMES_KEPT, settings.chunk)
    rows, texts = [], []
    for author, samples in drawn.items():
        source = Source(training.loc[training["author"] == author, "text"].tolist())
        sets: list[tuple[float, list[str], list[str]]] = [
            (temperature, of["text"].tolist(), [str(number) for number in of["number"]])
            for temperature in sorted(set(samples["temperature"].tolist()))
            for of in [samples[samples["temperature"] == temperature]]
        ]
        own = np.flatnonzero(unseen.authors == author)
        most = max(len(some) for _, some, _ in sets)
        some = own[np.unique(np.linspace(0, len(own) - 1, min(len(own), most)).round().astype(int))]
        sets.append((np.nan, [unseen.texts[place] for place in some], unseen.rows["unit"].iloc[some].tolist()))
        for temperature, of, units in sets:
            called = recogniser.predict([masked(text) for text in of])
            matches = [source.matches(text) for text in of]
            hits = np.array([one == author for one in called])
            recognised = resampling.clustered_share(hits, pd.factorize(np.array(units))[0], settings.confidence)
            kind = "unseen" if np.isnan(temperature) else "sample"
            rows.append(
                (author, kind, temperature, len(of), recognised.value, recognised.lower, recognised.upper,
                 max(int(found.max(initial=0)) for found in matches),
                 _mean_share(matches, settings.copied), _real(of, known), *(_distinct(of, count) for count in (2, 3)))
            )  # fmt: skip
            if kind == "sample":
                texts += [
                    (author, temperature, int(number), str(name), int(found.max(initial=0)),
                     " ".join(f"{start}-{end}" for start, end in spans(found, _SHOWN)), text)
                    for text, name, found, number in zip(of, called, matches, units, strict=True)
                ]  # fmt: skip
    return EvaluatedTexts(
        pd.DataFrame(rows, columns=list(EVALUATED.columns)), pd.DataFrame(texts, columns=list(EVALUATED_TEXTS.columns))
    )


def _mean_share(matches: Sequence[Any], length: int) -> float:
    """The share of all strings of `length` characters of several texts that are copied."""
    counts = [max(len(found) - length + 1, 0) for found in matches]
    if not sum(counts):
        return 0.0
    return float(np.average([share_copied(found, length) for found in matches], weights=counts))


def _real(texts: Sequence[str], known: set[str]) -> float:
    """The share of words that are `known`."""
    words = [word for text in texts for word in _WORD.findall(text.lower())]
    return float(np.mean([word in known for word in words])) if words else np.nan


def _distinct(texts: Sequence[str], length: int) -> float:
    """The share of different ones among all sequences of so many words (Li et al. 2016, doi:10.18653/v1/N16-1014)."""
    found = [
        tuple(words[start : start + length])
        for words in (_WORD.findall(text.lower()) for text in texts)
        for start in range(len(words) - length + 1)
    ]
    return len(set(found)) / len(found) if found else np.nan
