"""Who wrote a chunk: linear models of character n-grams, words and frequent words, and the kind of dash alone."""

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, Normalizer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from radsieve.tasks.texts.chunks import Chunks, Integers

Names = npt.NDArray[np.object_]

CHARACTERS, WORDS, FREQUENT, DASH = "characters", "words", "frequent_words", "dash"
_WORD = r"(?u)\b\w+\b"
_DASHES = re.compile(r"—|–|--|(?<=\s)-(?=\s)")


class DashRule:
    """Names the author in whose chunks the kind of dash that is most frequent in a chunk is most usual."""

    def fit(self, texts: Sequence[str], authors: Names) -> "DashRule":
        """Learn the author of each kind of dash from chunks."""
        kinds = np.array([_dash(text) for text in texts], dtype=object)
        self._authors = list(dict.fromkeys(authors))
        self._of: dict[str, str] = {}
        for kind in dict.fromkeys(kinds):
            shares = [float((kinds[authors == author] == kind).mean()) for author in self._authors]
            self._of[kind] = self._authors[int(np.argmax(shares))]
        return self

    def predict(self, texts: Sequence[str]) -> Names:
        """The author (n,) of each chunk; of a kind that was not seen the first author."""
        return np.array([self._of.get(_dash(text), self._authors[0]) for text in texts], dtype=object)


def build(model: str, frequent_words: int, seed: int) -> Any:
    """The model of that name, not fitted; all of it, the choice of words too, is fitted with it."""
    if model == DASH:
        return DashRule()
    features: list[Any]
    if model == CHARACTERS:
        features = [TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)]
    elif model == WORDS:
        features = [TfidfVectorizer(token_pattern=_WORD, min_df=2, sublinear_tf=True)]
    else:
        counts = CountVectorizer(token_pattern=_WORD, max_features=frequent_words)
        features = [counts, Normalizer("l1"), MaxAbsScaler()]
    return make_pipeline(*features, LinearSVC(class_weight="balanced", random_state=seed))


def fitted(model: str, data: Chunks, frequent_words: int, seed: int) -> Any:
    """The model of that name, fitted to all of `data`."""
    return _fit(build(model, frequent_words, seed), data.texts, data.authors)


def out_of_fold(model: str, data: Chunks, fold: Integers, frequent_words: int, seed: int) -> Names:
    """The author (n,) of each chunk by a model that was fitted to the other folds."""
    found = np.empty(len(data.texts), dtype=object)
    for number in np.unique(fold):
        held_out = fold == number
        learnt = [text for text, out in zip(data.texts, held_out, strict=True) if not out]
        asked = [text for text, out in zip(data.texts, held_out, strict=True) if out]
        found[held_out] = _fit(build(model, frequent_words, seed), learnt, data.authors[~held_out]).predict(asked)
    return found


def _fit(model: Any, texts: Sequence[str], authors: Names) -> Any:
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(texts, authors)


def _dash(text: str) -> str:
    """The most frequent kind of dash of a text, of several the first; empty without any."""
    found = _DASHES.findall(text)
    return max(dict.fromkeys(found), key=found.count) if found else ""
