"""Bits per character of works that no model has seen: of a writer, and of models that only count."""

import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from radsieve.stats.resampling import interval, patterns
from radsieve.tasks.texts.ngrams import Codes, Floats, NGram
from radsieve.tasks.texts.settings import TrainWriter
from radsieve.tasks.texts.signs import CHARACTER, Signs
from radsieve.tasks.texts.tables import ENTROPY, UNIFORM, UNIGRAM, XZ
from radsieve.tasks.texts.writer import Writer

_FEW = 5  # works; with fewer the intervals are of passages
_PASSAGE = 1000  # characters
_XZ = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 23}]


@dataclass(frozen=True)
class Clusters:
    """What is resampled: whole works, or passages of about 1,000 characters where there are fewer than five works.

    of_sign: for each work the number of the cluster of each sign; characters: (clusters,).
    """

    kind: str
    of_sign: list[Codes]
    characters: Floats

    @classmethod
    def of(cls, lengths: Sequence[Floats]) -> "Clusters":
        """Those of works of which the characters (n,) of each sign are known."""
        kind = "works" if len(lengths) >= _FEW else "passages"
        numbers, start = [], 0
        for length in lengths:
            within = ((np.cumsum(length) - length) // _PASSAGE).astype(np.int64) if kind == "passages" else 0
            numbers.append(start + within + np.zeros(len(length), dtype=np.int64))
            start = int(numbers[-1].max(initial=start - 1)) + 1
        characters = np.bincount(np.concatenate(numbers), weights=np.concatenate(lengths))
        return cls(kind, numbers, characters.astype(float))

    def sums(self, bits: Sequence[Floats]) -> Floats:
        """The bits (clusters,) of each cluster, of those of each sign of each work."""
        return np.bincount(np.concatenate(self.of_sign), weights=np.concatenate(bits)).astype(float)


def entropies(train: Sequence[str], test: Sequence[str], writer: Writer, settings: TrainWriter) -> pd.DataFrame:
    """ENTROPY of the `test` works: of models fitted to the `train` works, and last of the writer, named as its net.

    n-grams and the uniform distribution are of the same signs as the writer; xz is given the training works before the
    work, as a file of bytes. A word that is not known is spelled, at the same cost for all. Intervals are of a
    bootstrap of clusters, the same resamples for all models, so that differences are paired.
    """
    signs = writer.signs
    works, held_out = ([signs.codes(text) for text in texts] for texts in (train, test))
    spelled = [signs.spelling(text) for text in test]
    clusters = Clusters.of([np.array([len(sign) for sign in signs.split(text)], dtype=float) for text in test])
    bits = {UNIFORM: [np.full(len(work), np.log2(signs.count - 1)) for work in held_out]}
    for order in range(1, settings.order + 1):
        model = NGram.of(works, order, signs.count)
        bits[UNIGRAM if order == 1 else f"{order}-gram"] = [model.bits(work) for work in held_out]
    sums = {
        name: clusters.sums([a + b for a, b in zip(of, spelled, strict=True)])
        for name, of in (bits | {writer.name: writer.bits(held_out)}).items()
    }
    # xz tells the bits of a work, not of its parts: passages have their share of them
    squeezed = [np.full(len(of), total / len(of)) for of, total in zip(spelled, _xz(train, test, signs), strict=True)]
    own = sums.pop(writer.name)
    models = [*sums.items(), (XZ, clusters.sums(squeezed)), (writer.name, own)]
    drawn = _resamples(clusters, settings)
    rows = []
    for name, of in models:
        rates = (float(part.sum() / clusters.characters.sum()) for part in (of, of - own))
        limits = (interval((drawn @ part) / (drawn @ clusters.characters), settings.confidence)
                  if len(drawn) else (nan, nan) for part in (of, of - own))  # fmt: skip
        (value, difference), (bounds, bounds_of_difference) = rates, limits
        gain = (nan,) * 3 if name == writer.name else (difference, *bounds_of_difference)
        rows.append((name, len(test), int(clusters.characters.sum()), value, *bounds, clusters.kind, *gain))
    return pd.DataFrame(rows, columns=list(ENTROPY.columns))


def _resamples(clusters: Clusters, settings: TrainWriter) -> Floats:
    """How often each cluster occurs in each resample (resamples, clusters); none of fewer than five clusters."""
    count = len(clusters.characters)
    if count < _FEW:
        return np.zeros((0, count))
    found = patterns(np.arange(count)[:, None])
    return np.concatenate(list(found.resamples(settings.resamples, settings.seed)))[:, found.of_item]


def _xz(train: Sequence[str], test: Sequence[str], signs: Signs) -> list[float]:
    """The bits by which xz grows when a work follows the training works, work by work."""
    letters = Signs(CHARACTER, signs.letters)
    before = b"".join(_bytes(letters.codes(text), letters.count) for text in train)
    base = _squeezed(before)
    return [8.0 * (_squeezed(before + _bytes(letters.codes(text), letters.count)) - base) for text in test]


def _bytes(codes: Codes, count: int) -> bytes:
    """A byte for each sign, or two if there are more than 256."""
    return codes.astype(np.uint8 if count <= 256 else np.uint16).tobytes()


def _squeezed(content: bytes) -> int:
    return len(lzma.compress(content, format=lzma.FORMAT_RAW, filters=_XZ))
