"""The sections on texts: the works, who wrote them, and how well the writer of each author writes."""

from typing import Any

import numpy as np
import pandas as pd

from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import Number, ShownEstimate, count_of, estimate_of, estimated, folded, show, table
from radsieve.reporting.places import slug
from radsieve.reporting.study.about import simulated_texts
from radsieve.reporting.wording import in_words, plain
from radsieve.tasks.plots.mistakes import in_figures, words
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import LEAKS, TRUTH
from radsieve.tasks.texts.tables import (
    ALIKE_WORKS,
    CHUNK_COMPARISON,
    CHUNK_CONFUSION,
    ENTROPY,
    ENTROPY_MATRIX,
    EVALUATED,
    EVALUATED_TEXTS,
    MARKERS,
    WORK_COUNTS,
    WORK_LIST,
    WORK_QUARANTINE,
    WRITER_CURVES,
)

PUBLISHED = "author_figures.csv"
_STAGE = "classify_texts"
_SHOWN = 3  # texts at each temperature


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The sections on the works, on who wrote them, and one on the writer of each author."""
    return [
        _works(inputs, params),
        _recognised(inputs),
        *(_writer(inputs, params, author) for author in params.pack_texts.authors),
    ]


def _works(inputs: Inputs, params: Params) -> Part:
    counts = inputs.metrics("pack_texts")
    quarantine = inputs.table(WORK_QUARANTINE, "pack_texts/quarantine.csv")
    published, file = inputs.published(inputs.published_tables, PUBLISHED)
    points = [f"{count_of(len(quarantine), 'work')} could not be used."] if len(quarantine) else []
    return Part(
        anchor="texts",
        title="Works of authors",
        template="works.html",
        shown={
            "simulated": simulated_texts(params),
            "published": table(
                published.assign(metric=plain(published["metric"])), "Published figures of writers", file
            ),
            "where": params.pack_texts.texts,
            "counted": counts,
            "counts": table(
                inputs.table(WORK_COUNTS, "pack_texts/counts.csv"), "Splits of works", "pack_texts/counts.csv"
            ),
            "works": table(inputs.table(WORK_LIST, "pack_texts/works.csv"), "Works", "pack_texts/works.csv"),
            "alike": table(
                inputs.table(ALIKE_WORKS, "pack_texts/alike.csv"), "Nearly equal works", "pack_texts/alike.csv"
            ),
            "quarantine": table(quarantine, "Files and works that were left out", "pack_texts/quarantine.csv"),
        },
        points=tuple(points),
    )


def _writer(inputs: Inputs, params: Params, author: str) -> Part:
    stage = f"train_writer/{author}"
    entropy = inputs.table(ENTROPY, f"{stage}/entropy.csv")
    inputs.known(f"{stage}/samples.csv")
    evaluated = inputs.table(EVALUATED_TEXTS, f"{_STAGE}/samples.csv")
    samples = evaluated[evaluated["author"] == author]
    leaks = inputs.table(LEAKS, f"{stage}/leaks.csv")
    curves = inputs.table(WRITER_CURVES, f"{stage}/curves.csv")
    metrics = inputs.metrics(stage)
    return Part(
        anchor=f"writer-{slug(author)}",
        title=f"Writer of {author}",
        template="writer.html",
        shown={
            "author": author,
            "said": _said(entropy, _rate(inputs, author) if simulated_texts(params) else None),
            "metrics": metrics,
            "weights": inputs.known(f"{stage}/best.safetensors"),
            "entropy": table(
                folded(entropy.rename(columns={"lower": "bits_lower", "upper": "bits_upper"}), ["bits", "difference"]),
                f"Bits per character, {author}", f"{stage}/entropy.csv",
            ),
            "picture": inputs.figure(
                f"{stage}/entropy.png", f"Bits and curves, {author}",
                "Bits per character of unseen works by model, and learning curves", f"{stage}/entropy.csv",
            ),
            "curves": table(curves, f"Curves, {author}", f"{stage}/curves.csv"),
            "samples": [_marked(row) for row in samples.groupby("temperature").head(_SHOWN).to_dict("records")],
            "drawn": table(samples.drop(columns="author"), f"Texts drawn, {author}", f"{_STAGE}/samples.csv"),
            "leaks": table(
                _guessed(leaks), f"Words guessed right, {author}", f"{stage}/leaks.csv",
            ),
        },
        numbers=tuple(_numbers(entropy, author)),
        points=tuple(_points(entropy, author)),
        leaks=f"{stage}/leaks.csv" if len(leaks) else "",
        task=f"writer of {author}",
    )  # fmt: skip


def _guessed(leaks: pd.DataFrame) -> pd.DataFrame:
    named = leaks.rename(columns={"lower": "value_lower", "upper": "value_upper"}).assign(
        protocol=leaks["protocol"].map(in_figures), model=plain(leaks["model"])
    )
    return folded(named.drop(columns=["chance", "same"]), ["value", "difference"])


def _recognised(inputs: Inputs) -> Part:
    comparison = inputs.table(CHUNK_COMPARISON, f"{_STAGE}/comparison.csv")
    evaluated = inputs.table(EVALUATED, f"{_STAGE}/evaluated.csv")
    inputs.known(f"{_STAGE}/metrics.json")
    shown = {
        "said": _compared(comparison),
        "evaluated_said": _evaluation(evaluated),
        "comparison": table(
            folded(
                comparison.assign(model=plain(comparison["model"]), text=plain(comparison["text"])),
                ["balanced_accuracy", "accuracy"],
            ),
            "Models of chunks",
            f"{_STAGE}/comparison.csv",
        ),
        "evaluated": table(folded(evaluated, ["recognised"]), "What the writers wrote", f"{_STAGE}/evaluated.csv"),
        "predictions": inputs.known(f"{_STAGE}/predictions.csv"),
        "confusion": inputs.figure(
            f"{_STAGE}/confusion.png", "Authors and whom chunks are taken for, by folds of works",
            "A matrix of shares by author and predicted author, character n-grams", f"{_STAGE}/confusion.csv",
        ),
        "entropy": inputs.figure(
            f"{_STAGE}/entropy.png", "Bits per character of each author under each writer",
            "A matrix of bits per character by author and writer", f"{_STAGE}/entropy_matrix.csv",
        ),
        "leaks": inputs.known(f"{_STAGE}/leaks.csv"),
    }  # fmt: skip
    for name, schema, title in (
        ("confusion", CHUNK_CONFUSION, "Chunks by author and predicted author"),
        ("entropy_matrix", ENTROPY_MATRIX, "Bits per character under each writer"),
        ("markers", MARKERS, "Signs that editions choose"),
    ):
        found = inputs.table(schema, f"{_STAGE}/{name}.csv")
        if "model" in found:
            found = found.assign(model=plain(found["model"]))
        shown[f"{name}_table"] = table(found, title, f"{_STAGE}/{name}.csv")
    honest = comparison[(comparison["evaluated"] == "folds") & (comparison["text"] == "normalised")]
    numbers = [
        estimated(estimate_of(row, "balanced_accuracy"), f"balanced accuracy by folds of works, {words(row['model'])}",
                  f"{_STAGE}/comparison.csv")
        for row in honest.head(1).to_dict("records")
    ]  # fmt: skip
    drawn = _in_all(evaluated, "sample")
    right = f"share of the {count_of(_texts(evaluated, 'sample'), 'text')} that writers drew which is recognised"
    numbers.append(estimated(drawn, right, f"{_STAGE}/evaluated.csv"))
    return Part(
        anchor="recognition",
        title="Who wrote it",
        template="recognised.html",
        shown=shown,
        numbers=tuple(numbers),
        points=tuple(_copied(evaluated)),
        leaks=f"{_STAGE}/leaks.csv",
        task="authors",
    )


def _compared(comparison: pd.DataFrame) -> str:
    plain = comparison[(comparison["evaluated"] == "folds") & (comparison["text"] == "normalised")]
    said = ", ".join(
        f"{words(row['model'])} {in_words(estimate_of(row, 'balanced_accuracy'))}" for row in plain.to_dict("records")
    )
    first = comparison.iloc[0]
    return (
        f"By folds that keep works whole, with typography normalised and names masked, the mean share of an author's"
        f" chunks that is recognised is {said}; {count_of(first['chunks'], 'chunk')} of"
        f" {count_of(first['units'], 'work')}. By chance it would be one in as many as there are authors."
    )


def _evaluation(evaluated: pd.DataFrame) -> str:
    samples, unseen = (evaluated[evaluated["kind"] == kind] for kind in ("sample", "unseen"))
    drawn, real = count_of(_texts(evaluated, "sample"), "text"), count_of(_texts(evaluated, "unseen"), "chunk")
    shares = {kind: in_words(_in_all(evaluated, kind)) for kind in ("sample", "unseen")}
    longest = count_of(int(samples["longest_copied"].max()), "character")
    return (
        f"Of {drawn} that writers drew, a share of {shares['sample']} is recognised as their author's, of {real} of"
        f" unseen works {shares['unseen']} (intervals clustered by work, put together from those of the authors). The"
        f" longest string that they have from training works has {longest}; unseen works have one of"
        f" {unseen['longest_copied'].max()}."
    )


def _texts(evaluated: pd.DataFrame, kind: str) -> int:
    return int(evaluated.loc[evaluated["kind"] == kind, "texts"].sum())


def _in_all(evaluated: pd.DataFrame, kind: str) -> ShownEstimate:
    """The share of all texts of a kind that is recognised; the intervals of the rows, which are clustered by unit, are
    put together (Zou and Donner 2008).
    """
    of = evaluated[evaluated["kind"] == kind]
    value, lower, upper = (of[f"recognised{end}"].to_numpy(float) for end in ("", "_lower", "_upper"))
    weight = of["texts"].to_numpy(float) / of["texts"].sum()
    found = float(weight @ value)
    below, above = (float(np.hypot.reduce(weight * reach)) for reach in (value - lower, upper - value))
    return ShownEstimate(found, max(found - below, 0.0), min(found + above, 1.0))


def _copied(evaluated: pd.DataFrame) -> list[str]:
    found = evaluated[(evaluated["kind"] == "sample") & (evaluated["share_copied"] > 0)]
    return [
        f"The writer of {author} copies long strings of its training works: up to"
        f" {count_of(of['longest_copied'].max(), 'character')}."
        for author, of in found.groupby("author", sort=False)
    ]


def _marked(row: Any) -> dict[str, Any]:
    """A text in parts, each with whether it is copied."""
    text, parts, end = str(row["text"]), [], 0
    for span in str(row["copied"]).split():
        start, stop = map(int, span.split("-"))
        parts += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return {"temperature": row["temperature"], "taken_for": row["taken_for"], "parts": [*parts, (text[end:], False)]}


def _bits(row: Any) -> ShownEstimate:
    return ShownEstimate(row["bits"], row["lower"], row["upper"])


def _said(entropy: pd.DataFrame, rate: float | None) -> str:
    own = entropy.iloc[-1]
    counting = entropy.iloc[:-1]
    best = counting[counting["model"].str.endswith("gram")].sort_values("bits", kind="stable").iloc[0]
    few = "" if own["clusters"] == "works" else (
        " The intervals are of passages, since there are fewer than five unseen works: they do not say how others would"
        " do."
    )  # fmt: skip
    unseen = count_of(own["works"], "unseen work")
    said = (
        f"{own['model']} needs {in_words(_bits(own))} bits for a character of {unseen}"
        f" ({count_of(own['characters'], 'character')}); of the models that count the {best['model']} needs the fewest,"
        f" {in_words(_bits(best))}: {in_words(estimate_of(best, 'difference'))} more.{few}"
    )
    if rate is not None:
        said += (
            f" The works are simulated: whoever knows how they were written needs {show(rate)} bits on average, and no"
            " model can need fewer."
        )
    return said


def _rate(inputs: Inputs, author: str) -> float:
    truth = inputs.table(TRUTH, "generate_cases/truth.csv")
    return float(truth.loc[truth["table"] == author, "value"].iloc[0])


def _numbers(entropy: pd.DataFrame, author: str) -> list[Number]:
    label = f"bits per character of unseen works of {author}, {entropy['model'].iloc[-1]}"
    return [estimated(_bits(entropy.iloc[-1]), label, f"train_writer/{author}/entropy.csv")]


def _points(entropy: pd.DataFrame, author: str) -> list[str]:
    own = entropy["bits"].iloc[-1]
    better = entropy.loc[entropy["bits"] < own, "model"]
    if better.empty:
        return []
    return [f"The writer of {author} needs more bits than {', '.join(better)}: what it learnt is in the counts, too."]
