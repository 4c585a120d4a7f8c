"""Everything that classify_texts learns: who wrote a chunk, by models and protocols, and how well writers do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from matplotlib.figure import Figure

from radsieve.networks.device import Device
from radsieve.progress import track
from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate
from radsieve.tables.images import Split
from radsieve.tasks.leaks import Row, leak_row
from radsieve.tasks.plots.texts import plot_matrix
from radsieve.tasks.tables import LEAKS, Protocol
from radsieve.tasks.texts.chunk_network import network_guesses
from radsieve.tasks.texts.chunks import (
    NAMES_KEPT,
    NORMALISED,
    RAW,
    RAW_TYPOGRAPHY,
    Chunks,
    accuracy,
    balanced_accuracy,
    balanced_difference,
    chunks,
    folds_of,
)
from radsieve.tasks.texts.evaluation import evaluate
from radsieve.tasks.texts.recognition import CHARACTERS, DASH, Names, fitted, out_of_fold
from radsieve.tasks.texts.settings import ClassifyTexts
from radsieve.tasks.texts.tables import (
    CHUNK_COMPARISON,
    CHUNK_CONFUSION,
    CHUNK_PREDICTIONS,
    ENTROPY_MATRIX,
    EVALUATED,
    EVALUATED_TEXTS,
    MARKERS,
)
from radsieve.tasks.texts.writer import Writer

FOLDS, TEST = "folds", "test"
BAYES, NETWORK = "writers", "network"
_MARKERS = {
    "em dash —": "—", "en dash –": "–", "double hyphen --": "--", "hyphen between spaces": r"(?<=\s)-(?=\s)",
    "guillemets «»": "[«»]", "straight quotation mark": '"', "curly quotation marks": "[“”„]", "ellipsis …": "…",
    "three points": r"\.{3}", "ё": "[ёЁ]", "latin letters": "[A-Za-z]", "digits": r"\d", "line breaks": "\n",
    "commas": ",", "exclamation marks": "!", "question marks": r"\?",
}  # fmt: skip


@dataclass(frozen=True)
class TextResults:
    """Tables by their schemas, figures by their names, metrics, and what was found in a few words."""

    tables: tuple[tuple[pa.DataFrameSchema, pd.DataFrame], ...]
    figures: dict[str, Figure]
    metrics: dict[str, Any]
    summary: str


@dataclass(frozen=True)
class _Arm:
    """The guesses (n,) of a model for chunks in a form."""

    model: str
    form: str
    evaluated: str
    data: Chunks
    called: Names


def classify(
    works: pd.DataFrame, writers: Mapping[str, Writer], drawn: Mapping[str, pd.DataFrame], settings: ClassifyTexts,
    device: Device,
) -> TextResults:  # fmt: skip
    """Name the author of chunks of WORKS, and evaluate what the `writers` of the authors drew (DRAWN).

    Linear models predict each fold of works, fitted to the others, and the test works, fitted to the training works, as
    the network and the writers do, which are trained once.
    """
    cut = {form: chunks(works, form, settings.chunk) for form in (NORMALISED, RAW_TYPOGRAPHY, NAMES_KEPT, RAW)}
    arms = [
        _folded(model, form, cut, settings) for model, form in track(_folded_arms(settings), "models", unit="model")
    ]
    recogniser = fitted(CHARACTERS, cut[NORMALISED].of(Split.TRAIN), settings.frequent_words, settings.seed)
    arms += _tested(cut, writers, settings, device, recogniser)
    honest = {arm.model: arm for arm in arms if arm.evaluated == FOLDS and arm.form == NORMALISED}
    leaks = _leaks(cut, honest, arms, settings)
    evaluated = evaluate(works, drawn, recogniser, settings)
    matrix = _matrix(cut[NAMES_KEPT].of(Split.TEST), writers, settings)
    comparison = pd.DataFrame([_row(arm, settings) for arm in arms], columns=list(CHUNK_COMPARISON.columns))
    confusion = _confusion([arm for arm in arms if arm.form in (NORMALISED, NAMES_KEPT)])
    shown = confusion[(confusion["model"] == CHARACTERS) & (confusion["evaluated"] == FOLDS)]
    return TextResults(
        tables=(
            (CHUNK_COMPARISON, comparison),
            (LEAKS, leaks),
            (CHUNK_CONFUSION, confusion),
            (CHUNK_PREDICTIONS, _predictions(arms)),
            (EVALUATED, evaluated.summary),
            (EVALUATED_TEXTS, evaluated.texts),
            (ENTROPY_MATRIX, matrix),
            (MARKERS, _markers(works)),
        ),
        figures={
            "confusion": plot_matrix(shown, "author", "predicted", "share", "share of the author's chunks"),
            "entropy": plot_matrix(matrix, "author", "writer", "bits", "bits per character"),
        },
        metrics=_metrics(comparison, leaks, evaluated.summary),
        summary=_summary(comparison, evaluated.summary),
    )


def _folded_arms(settings: ClassifyTexts) -> list[tuple[str, str]]:
    """Models and forms: all but the rule of dashes in normal form, and all in the raw form."""
    linear = [str(model) for model in settings.models if model not in (NETWORK, BAYES)]
    return [(model, NORMALISED) for model in linear if model != DASH] + [(model, RAW) for model in linear]


def _folded(model: str, form: str, cut: Mapping[str, Chunks], settings: ClassifyTexts, whole: bool = True) -> _Arm:
    data = cut[form]
    fold = folds_of(data, settings.folds, settings.seed, whole)
    return _Arm(model, form, FOLDS, data, out_of_fold(model, data, fold, settings.frequent_words, settings.seed))


def _tested(
    cut: Mapping[str, Chunks], writers: Mapping[str, Writer], settings: ClassifyTexts, device: Device, recogniser: Any
) -> list[_Arm]:
    data = cut[NORMALISED]
    train, test = data.of(Split.TRAIN), data.of(Split.TEST)
    found = []
    for model in settings.models:
        if model == NETWORK:
            called, _ = network_guesses(data, settings.network, settings.seed, device)
            found.append(_Arm(model, NORMALISED, TEST, test, called))
        elif model == BAYES:
            kept = cut[NAMES_KEPT].of(Split.TEST)
            found.append(_Arm(model, NAMES_KEPT, TEST, kept, _by_writers(kept, writers)))
        elif model != DASH:
            learnt = recogniser if model == CHARACTERS else fitted(model, train, settings.frequent_words, settings.seed)
            found.append(_Arm(model, NORMALISED, TEST, test, learnt.predict(test.texts)))
    return found


def _bits(data: Chunks, writer: Writer) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The bits (n,) that a writer needs for each chunk, read by itself."""
    spelled = [float(writer.signs.spelling(text).sum()) for text in data.texts]
    found = writer.bits([writer.signs.codes(text) for text in data.texts])
    return np.array([float(of.sum()) + more for of, more in zip(found, spelled, strict=True)])


def _by_writers(data: Chunks, writers: Mapping[str, Writer]) -> Names:
    """The author (n,) whose writer needs the fewest bits for a chunk: Bayes' rule with authors equally likely."""
    bits = np.stack([_bits(data, writer) for writer in writers.values()])
    return np.asarray(np.array(list(writers), dtype=object)[bits.argmin(axis=0)])


def _leaks(
    cut: Mapping[str, Chunks], honest: Mapping[str, _Arm], arms: list[_Arm], settings: ClassifyTexts
) -> pd.DataFrame:
    """LEAKS: balanced accuracy by protocol and model; differences are paired where both name the same chunks."""
    rows = []
    dash = {arm.form: arm for arm in arms if arm.model == DASH}
    for model in settings.protocol_models:
        if model not in honest:
            continue
        for protocol in map(Protocol, settings.protocols):
            whole, form = protocol != Protocol.BY_CHUNK, _FORM_OF.get(protocol, NORMALISED)
            plain = protocol == Protocol.HONEST
            arm = honest[model] if plain else _folded(model, form, cut, settings, whole)
            rows.append(_leak(str(protocol), model, arm, honest[model], settings))
    if Protocol.RAW_TYPOGRAPHY in settings.protocols and RAW in dash:
        rule = dash[RAW]
        value = balanced_accuracy(rule.data.authors, rule.called, rule.data.units, settings.confidence)
        chance = 1 / len(set(rule.data.authors))  # without typography the rule has nothing to go by: nothing to measure
        units = len(np.unique(rule.data.units)), 0
        rows.append(leak_row(Protocol.RAW_TYPOGRAPHY, DASH, "balanced_accuracy", len(rule.called), value, np.nan,
                             Estimate(np.nan), units, chance=chance))  # fmt: skip
    return pd.DataFrame(rows, columns=list(LEAKS.columns))


_FORM_OF = {Protocol.RAW_TYPOGRAPHY: RAW_TYPOGRAPHY, Protocol.NAMES_KEPT: NAMES_KEPT}


def _leak(protocol: str, model: str, arm: _Arm, honest: _Arm, settings: ClassifyTexts) -> Row:
    value, reference = (
        balanced_accuracy(one.data.authors, one.called, one.data.units, settings.confidence) for one in (arm, honest)
    )
    shared = arm.form == honest.form  # the same chunks
    gained = (
        balanced_difference(arm.data.authors, arm.called, honest.called, arm.data.units, settings.confidence)
        if shared
        else resampling.difference(value, reference)
    )
    units = len(np.unique(arm.data.units)), len(np.unique(honest.data.units))
    same = shared and np.array_equal(arm.called, honest.called)
    return leak_row(protocol, model, "balanced_accuracy", len(arm.called), value, reference.value, gained, units,
                    same=same)  # fmt: skip


def _row(arm: _Arm, settings: ClassifyTexts) -> tuple[Any, ...]:
    truth, units = arm.data.authors, arm.data.units
    estimates = [measure(truth, arm.called, units, settings.confidence) for measure in (balanced_accuracy, accuracy)]
    bounds = [number for one in estimates for number in (one.value, one.lower, one.upper)]
    return arm.model, arm.form, arm.evaluated, len(truth), arm.data.rows["unit"].nunique(), *bounds


def _confusion(arms: list[_Arm]) -> pd.DataFrame:
    rows = []
    for arm in arms:
        names = list(dict.fromkeys(arm.data.authors))
        for author in names:
            called = arm.called[arm.data.authors == author]
            rows += [
                (arm.model, arm.evaluated, author, name, int((called == name).sum()), float((called == name).mean()))
                for name in names
            ]
    return pd.DataFrame(rows, columns=list(CHUNK_CONFUSION.columns))


def _predictions(arms: list[_Arm]) -> pd.DataFrame:
    parts = [
        arm.data.rows[["author", "work", "start"]].assign(
            model=arm.model, text=arm.form, evaluated=arm.evaluated, predicted=arm.called
        )
        for arm in arms
        if arm.form in (NORMALISED, NAMES_KEPT)
    ]
    return pd.concat(parts, ignore_index=True)[list(CHUNK_PREDICTIONS.columns)]


def _matrix(data: Chunks, writers: Mapping[str, Writer], settings: ClassifyTexts) -> pd.DataFrame:
    """ENTROPY_MATRIX: bits per character of the chunks of each author under each writer, each chunk read by itself."""
    lengths = np.array([len(text) for text in data.texts], dtype=float)
    rows = []
    for name, writer in writers.items():
        bits = _bits(data, writer)
        for author in writers:
            own = data.authors == author
            units = data.units[own] if len(np.unique(data.units[own])) > 4 else np.arange(int(own.sum()))
            rate = bits[own] / lengths[own]
            found = resampling.mean(rate, units, settings.resamples, settings.confidence, settings.seed)
            rows.append((author, name, int(lengths[own].sum()), found.value, found.lower, found.upper))
    order = {name: place for place, name in enumerate(writers)}
    rows.sort(key=lambda row: (order[row[0]], order[row[1]]))
    return pd.DataFrame(rows, columns=list(ENTROPY_MATRIX.columns))


def _markers(works: pd.DataFrame) -> pd.DataFrame:
    """MARKERS: how often each sign of typography occurs in 1,000 characters of each author, as the works stand."""
    rows = []
    for author, of in works.groupby("author", sort=False):
        text = "\n".join(of["raw"])
        rows += [
            (author, name, count := len(re.findall(pattern, text)), 1000 * count / len(text))
            for name, pattern in _MARKERS.items()
        ]
    return pd.DataFrame(rows, columns=list(MARKERS.columns))


def _metrics(comparison: pd.DataFrame, leaks: pd.DataFrame, written: pd.DataFrame) -> dict[str, Any]:
    samples = written[written["kind"] == "sample"]
    return {
        "balanced_accuracy": {
            evaluated: {
                f"{row['model']} ({row['text'].replace('_', ' ')})": _estimate(row, "balanced_accuracy")
                for row in of.to_dict("records")
            }
            for evaluated, of in comparison.groupby("evaluated", sort=False)
        },
        "protocols": {
            str(protocol): {str(row["model"]): _estimate(row, "value", "") for row in of.to_dict("records")}
            for protocol, of in leaks.groupby("protocol", sort=False)
        },
        "recognised": float(np.average(samples["recognised"], weights=samples["texts"])),
        "longest_copied": int(samples["longest_copied"].max()),
    }


def _estimate(row: Mapping[Any, Any], name: str, prefix: str | None = None) -> dict[str, float | None]:
    start = f"{name}_" if prefix is None else prefix
    found = {"value": row[name], "lower": row[f"{start}lower"], "upper": row[f"{start}upper"]}
    return {key: None if np.isnan(value) else round(float(value), 6) for key, value in found.items()}


def _summary(comparison: pd.DataFrame, evaluated: pd.DataFrame) -> str:
    samples = evaluated[evaluated["kind"] == "sample"]
    said = [f"{row.model} {row.balanced_accuracy:.3f}" for row in comparison.itertuples() if row.text == NORMALISED]
    share = float(np.average(samples["recognised"], weights=samples["texts"]))
    return (
        f"balanced accuracy {', '.join(said)}; {share:.1%} of what writers drew is recognised, at most"
        f" {samples['longest_copied'].max()} characters copied"
    )
