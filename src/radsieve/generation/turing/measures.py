"""How well readers tell synthetic images from real ones.

Signal detection: the signal is a synthetic image, a hit one that is called synthetic, a false alarm a real image that
is.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from radsieve import tables
from radsieve.errors import InputError
from radsieve.generation.tables import PUBLISHED_FIGURES, Origin
from radsieve.generation.turing.answers import ALL_READERS, MISSING, Codes
from radsieve.numbers import or_none
from radsieve.stats import resampling
from radsieve.stats.resampling import Estimate

Floats = NDArray[np.float64]

SHARES = ("taken_for_real", "sensitivity", "specificity", "accuracy")
DETECTION = ("d_prime", "criterion")


def detection(hits: Floats, signals: Floats, alarms: Floats, noises: Floats) -> tuple[Floats, Floats]:
    """Return d' = z(H) - z(F) and the criterion c = -(z(H) + z(F)) / 2 of counts, all of the same shape.

    Of `signals` images `hits` were called synthetic, of `noises` others `alarms`. H = (hits + 1/2) / (signals + 1), and
    F likewise (log-linear correction, Hautus 1995), so that both are finite. c > 0: more is taken for real than for
    synthetic. NaN where there are no images of one kind.
    """
    hit, alarm = (ndtri((said + 0.5) / (images + 1)) for said, images in ((hits, signals), (alarms, noises)))
    defined = (signals > 0) & (noises > 0)
    return np.where(defined, hit - alarm, np.nan), np.where(defined, -(hit + alarm) / 2, np.nan)


def reader_measures(
    codes: Codes, readers: list[str], key: pd.DataFrame, resamples: int, confidence: float, seed: int
) -> pd.DataFrame:
    """Evaluate each reader, and all together under the name ALL_READERS: TURING_READERS, empty without readers.

    `codes` (images, readers) are those of `answer_codes` for the images of `key`. taken_for_real: share of the answers
    to synthetic images that call them real; sensitivity = 1 - taken_for_real; specificity: share of those to real
    images that call them real; accuracy: mean of sensitivity and specificity, so that it does not depend on how many
    images of each kind there are (1/2 for guessing). d' and criterion are means over the readers who answered to both
    kinds. NaN where not defined.

    Shares have Wilson's intervals, of several readers clustered by image; that of the accuracy is put together from
    those of its parts. Those of d' and criterion are from a bootstrap of the images, real and synthetic ones
    separately; there is none where all resamples agree. They hold for these readers: readers are not resampled.
    """
    if not readers:
        return pd.DataFrame(columns=["reader", "measure", "value", "lower", "upper", "answers"])
    signal = (key["kind"] == Origin.SYNTHETIC).to_numpy()
    evaluated = [(ALL_READERS, codes), *((reader, codes[:, [place]]) for place, reader in enumerate(readers))]
    rows = [
        (name, *row)
        for name, said in evaluated
        for row in _measured(said[signal], said[~signal], resamples, confidence, seed)
    ]
    return pd.DataFrame(rows, columns=["reader", "measure", "value", "lower", "upper", "answers"])


def reader_metrics(found: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Each measure of all readers together in TURING_READERS: value, lower and upper; None where not defined."""
    rows = found[found["reader"] == ALL_READERS].set_index("measure").reindex([*SHARES, *DETECTION])
    return {
        str(name): {bound: or_none(row[bound]) for bound in ("value", "lower", "upper")}
        for name, row in rows.iterrows()
    }


def in_short(metrics: Mapping[str, Mapping[str, float | None]]) -> str:
    """What `reader_metrics` found, on a line; of a measure that is not defined, why."""
    share, d_prime = metrics["taken_for_real"], metrics["d_prime"]["value"]
    if share["value"] is None:
        return "none to a synthetic image"
    between = "" if share["lower"] is None else f" ({share['lower']:.0%} to {share['upper']:.0%})"
    told = "no d' without answers to real images" if d_prime is None else f"d' {d_prime:.2f}"
    return f"{share['value']:.0%} of the synthetic images taken for real{between}, {told}"


def published_share(folder: Path) -> float:
    """Return the published share of synthetic images taken for real. Raises InputError if `folder` does not hold it."""
    path = folder / "generation_figures.csv"
    figures = tables.read(PUBLISHED_FIGURES, path).set_index("quantity")["value"]
    if "synthetic_taken_for_real" not in figures:
        raise InputError(f"{path}: no row synthetic_taken_for_real; restore the file")
    return float(figures["synthetic_taken_for_real"])


def _measured(
    signal: Codes, noise: Codes, resamples: int, confidence: float, seed: int
) -> list[tuple[str, float, float, float, int]]:
    """Measure, value, bounds and number of answers, of the codes of synthetic and of real images."""
    found = _shares(signal, noise, confidence)
    parts = [(signal, seed), (noise, seed + 1)]
    once = detection(*(counts for part, _ in parts for counts in _counted(part, np.ones((1, len(part))))))
    drawn = detection(*(counts for part, start in parts for counts in _resampled(part, resamples, start)))
    for name, of_each, again in zip(DETECTION, once, drawn, strict=True):
        told = np.isfinite(of_each)[0]  # of who saw one kind alone there is none
        if not told.any():
            found[name] = Estimate(float("nan"))
            continue
        value, drawn_means = float(of_each[:, told].mean()), again[:, told].mean(axis=-1)
        lower, upper = resampling.interval(drawn_means, confidence)
        found[name] = Estimate(value, lower, upper) if lower < upper else Estimate(value)
    synthetic, real = (int((part != MISSING).sum()) for part in (signal, noise))
    answers = {"taken_for_real": synthetic, "sensitivity": synthetic, "specificity": real}
    return [(name, one.value, one.lower, one.upper, answers.get(name, synthetic + real)) for name, one in found.items()]


def _shares(signal: Codes, noise: Codes, confidence: float) -> dict[str, Estimate]:
    """SHARES of all answers of all readers."""
    taken, sensitivity, specificity = (
        _share(codes, said, confidence) for codes, said in ((signal, 0), (signal, 1), (noise, 0))
    )
    accuracy = resampling.average([sensitivity, specificity])
    return dict(zip(SHARES, (taken, sensitivity, specificity, accuracy), strict=True))


def _share(codes: Codes, said: int, confidence: float) -> Estimate:
    """The share of the answers that are `said`; those of several readers to one image are not independent."""
    images, readers = np.nonzero(codes != MISSING)
    hits = codes[images, readers] == said
    if codes.shape[1] == 1:
        return resampling.share(int(hits.sum()), len(hits), confidence)
    return resampling.clustered_share(hits, images, confidence)


def _counted(codes: Codes, weights: Floats) -> tuple[Floats, Floats]:
    """How often each reader said `synthetic` and answered at all (resamples, readers); weights (resamples, images)."""
    return weights @ (codes == 1), weights @ (codes != MISSING)


def _resampled(codes: Codes, resamples: int, seed: int) -> tuple[Floats, Floats]:
    patterns = resampling.patterns(codes)
    blocks = [_counted(patterns.rows, weights) for weights in patterns.resamples(resamples, seed)]
    said, answered = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return said, answered
