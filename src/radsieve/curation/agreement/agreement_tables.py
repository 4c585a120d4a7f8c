"""The tables of stage measure_agreement: who said what, coefficients, consensus, confusion, skill."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radsieve.curation.agreement import coefficients as agreement
from radsieve.curation.agreement import dawid_skene
from radsieve.curation.agreement.coefficients import MISSING, Floats, Level, Weighting
from radsieve.curation.agreement.intervals import OBSERVED, bounds_of
from radsieve.curation.agreement.ratings import Ratings, Scale
from radsieve.curation.names import joined
from radsieve.progress import track, working
from radsieve.stats import resampling

_LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")
_WEIGHTINGS: tuple[Weighting, ...] = ("none", "linear", "quadratic")
PAIRED = 30  # raters at most of whom every two are compared
RESAMPLED = 100  # raters at most of whom the model's intervals are computed: each resample fits all of them anew
IDENTIFIED = 3  # raters from which Dawid and Skene's model can tell who is right
_BOOTSTRAP_TOLERANCE = 1e-6  # the spread of the resamples is far wider than what further steps would change

Key = tuple[str, str, str]  # raters, coefficient, weighting


def cross_check(ratings: Ratings) -> pd.DataFrame:
    """One row per item, one column per rater, "" where there is no rating (tables.cross_check)."""
    shown = np.array([*ratings.scale.shown, ""], dtype=object)
    table = pd.DataFrame(shown[ratings.codes], columns=list(ratings.raters))
    table.insert(0, "file_id", list(ratings.items))
    return table


def contingency(ratings: Ratings) -> pd.DataFrame:
    """Count every pair of labels that occurs, for every pair of raters (curation.tables.CONTINGENCY), if there are not
    more than PAIRED raters."""
    shown = ratings.scale.shown
    rows = []
    for _, (a, b) in _pairs(ratings.raters):
        counts = agreement.contingency(ratings.codes[:, a], ratings.codes[:, b], len(shown))
        for k, m in np.argwhere(counts):
            rows.append((ratings.raters[a], ratings.raters[b], shown[k], shown[m], int(counts[k, m])))
    return pd.DataFrame(rows, columns=["rater_a", "rater_b", "label_a", "label_b", "count"])


def different_severity(ratings: Ratings, listed: pd.DataFrame) -> pd.DataFrame:
    """Every path of `listed` (curation.tables.RAW_DATA with the `item` of each) of an item on which experts disagree
    (curation.tables.DIFFERENT_SEVERITY)."""
    disputed = listed[listed["item"].isin(np.array(ratings.items, dtype=object)[ratings.disagreeing])]
    numbers = {grade: number for number, grade in enumerate(ratings.scale.labels)}
    return disputed.assign(severity=disputed["severity"].map(numbers))[["file_id", "severity", "relative_path"]]


@working("bootstrap of the agreement")
def coefficients(
    ratings: Ratings, level: Level, resamples: int, confidence: float, seed: int, pairs: bool = True
) -> pd.DataFrame:
    """Every coefficient with its interval (curation.tables.COEFFICIENTS): percentiles of a bootstrap of the images, or
    of the units that they belong to, but for observed agreement and where nobody disagrees (see module intervals).

    Of all raters together and, if `pairs`, of every two. At the level nominal, or if the labels have no order, only
    coefficients that need no order. Undefined values are NaN (see module agreement).
    """
    found = _patterns(ratings)
    if not len(found.rows):
        return pd.DataFrame(columns=["raters", "coefficient", "weighting", "value", "lower", "upper", "items"])
    names = ratings.raters if pairs else ()
    level = "nominal" if ratings.scale.numbers is None else level
    values, items = _statistics(found.rows, names, ratings.scale, level, found.times)
    blocks = [
        _statistics(found.rows, names, ratings.scale, level, block)[0] for block in found.resamples(resamples, seed)
    ]
    rows = []
    for key, value in values.items():
        draws = np.concatenate([block[key] for block in blocks])
        rows.append((*key, float(value), *resampling.interval(draws, confidence), items[key[0]]))
    table = pd.DataFrame(rows, columns=["raters", "coefficient", "weighting", "value", "lower", "upper", "items"])
    chosen = {"all": slice(None)} | {joined(pair): list(places) for pair, places in _pairs(names)}
    for raters, part in table.groupby("raters", sort=False):
        codes = ratings.codes[:, chosen[str(raters)]]
        bounds = bounds_of(codes, ratings.subjects, len(ratings.scale.labels), part, confidence)
        table.loc[part.index, ["lower", "upper"]] = bounds
    return table


def _pairs(raters: Sequence[str]) -> list[tuple[tuple[str, str], tuple[int, int]]]:
    """Every two raters, by name and by place; none of more than PAIRED raters, whose pairs nobody reads."""
    if len(raters) > PAIRED:
        return []
    return list(zip(combinations(raters, 2), combinations(range(len(raters)), 2), strict=True))


def finding_coefficients(ratings: Ratings, level: Level, resamples: int, confidence: float, seed: int) -> pd.DataFrame:
    """The coefficients of all raters for each finding separately (curation.tables.FINDING_COEFFICIENTS)."""
    findings = sorted(set(ratings.findings) - {""})
    tables = [
        coefficients(ratings.of_finding(finding), level, resamples, confidence, seed, pairs=False)
        for finding in track(findings, "findings", unit="finding")
    ]
    columns = ["finding", "raters", "coefficient", "weighting", "value", "lower", "upper", "items"]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, keys=findings, names=["finding"]).reset_index(level=0)[columns]


def _patterns(ratings: Ratings) -> resampling.Patterns:
    alone = len(np.unique(ratings.subjects)) == len(ratings.subjects)
    return resampling.patterns(ratings.codes, None if alone else ratings.subjects)


def _statistics(
    rows: NDArray[np.integer], raters: tuple[str, ...], scale: Scale, level: Level, times: NDArray[np.number]
) -> tuple[dict[Key, Floats], dict[str, int]]:
    """Every coefficient (...) for `times` (..., P), and the number of items on which those of all or two raters
    rest. Krippendorff's alpha of ratios is among them only if that is the level of the labels."""
    nominal = level == "nominal"
    labels = len(scale.labels)
    counts = agreement.label_counts(rows, labels)
    equal = agreement.agreement_weights("none", labels)
    numbers = np.arange(labels, dtype=float) if scale.numbers is None else scale.numbers
    weightings = [
        (name, agreement.agreement_weights(name, labels, numbers)) for name in _WEIGHTINGS[: 1 if nominal else None]
    ]
    found: dict[Key, Floats] = {("all", OBSERVED, "none"): agreement.observed_agreement(counts, equal, times)}
    for name, weights in weightings:
        gwet = "Gwet's AC1" if name == "none" else "Gwet's AC2"
        found["all", "Fleiss' kappa", name] = agreement.fleiss_kappa(counts, weights, times)
        found["all", "Conger's kappa", name] = agreement.conger_kappa(rows, weights, times)
        found["all", "Brennan-Prediger", name] = agreement.brennan_prediger(counts, weights, times)
        found["all", gwet, name] = agreement.gwet_ac(counts, weights, times)
    levels = _LEVELS[: 1 if nominal else None]
    for of_alpha in levels if level in levels else (*levels, level):
        alpha = agreement.krippendorff_alpha(counts, of_alpha, numbers, times)
        found["all", "Krippendorff's alpha", of_alpha] = alpha
    items = {"all": int(times[..., counts.sum(axis=1) >= 2].sum())}
    for names, (a, b) in _pairs(raters):
        pair = joined(names)
        table = agreement.contingency(rows[:, a], rows[:, b], labels, times)
        items[pair] = int(table.sum())
        agreeing = np.trace(table, axis1=-2, axis2=-1)
        found[pair, OBSERVED, "none"] = agreement.ratio(agreeing, table.sum(axis=(-2, -1)))
        for name, weights in weightings:
            found[pair, "Cohen's kappa", name] = agreement.cohen_kappa(table, weights)
    return found, items


@working("Dawid-Skene consensus")
def consensus(
    ratings: Ratings, resamples: int, confidence: float, seed: int, smoothing: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dawid_skene.DawidSkene | None]:
    """Fit Dawid and Skene's model with `smoothing`: curation.tables.CONSENSUS, RATER_CONFUSION, RATER_SKILL, and the
    fit.

    Intervals repeat the whole fit on every resample of the images (or units); more than RESAMPLED raters have none, nor
    have fewer than IDENTIFIED ones, since what errors each of them makes is then not determined by the ratings. An
    accuracy's interval is at least as wide as Wilson's of the items that the rater rated. Findings are fitted together,
    with one confusion matrix per rater. A tie goes to the lower label. A rater who shares no item with others has no
    accuracy, since nothing can tell it. Without items: empty tables and None.
    """
    labels = len(ratings.scale.labels)
    found = _patterns(ratings)
    if not len(found.rows):
        return _no_consensus()
    ballots = dawid_skene.votes(found.rows, labels)
    fit = dawid_skene.fit(ballots, labels, found.times[None], smoothing=smoothing)
    confusion_bounds = np.full((*fit.confusion[0].shape, 2), np.nan)
    accuracy_bounds = np.full((len(ratings.raters), 2), np.nan)
    posterior = fit.posterior[found.of_item, 0].round(12)  # so that rounding errors decide no tie
    if IDENTIFIED <= len(ratings.raters) <= RESAMPLED:
        draws = [
            dawid_skene.fit(ballots, labels, block, _BOOTSTRAP_TOLERANCE, smoothing=smoothing)
            for block in found.resamples(resamples, seed)
        ]
        confusion_bounds = _bounds(np.concatenate([each.confusion for each in draws]), confidence)
        accuracy_bounds = _bounds(np.concatenate([each.accuracy for each in draws]), confidence)
        accuracy_bounds = _at_least_wilson(accuracy_bounds, ratings, posterior, confidence)
    rated = ratings.codes != MISSING
    names = np.array(ratings.scale.labels, dtype=object)
    items = pd.DataFrame(
        {
            "item": ratings.items,
            "label": names[posterior.argmax(axis=1)],
            "probability": posterior.max(axis=1),
            "ratings": rated.sum(axis=1),
        }
    )
    confusion = pd.MultiIndex.from_product([ratings.raters, names, names], names=["rater", "truth", "label"]).to_frame(
        index=False
    )
    confusion["probability"] = fit.confusion[0].ravel()
    confusion[["lower", "upper"]] = confusion_bounds.reshape(-1, 2)
    skill = pd.DataFrame({"rater": ratings.raters, "ratings": rated.sum(axis=0), "accuracy": fit.accuracy[0]})
    skill[["lower", "upper"]] = accuracy_bounds
    skill["agreement_with_others"] = _agreement_with_others(ratings)
    skill.loc[skill["agreement_with_others"].isna(), ["accuracy", "lower", "upper"]] = np.nan
    return items, confusion, skill, fit


def against_majority(ratings: Ratings, consensus: pd.DataFrame) -> int:
    """How many items with several ratings have a label in CONSENSUS that is not among their most frequent ones."""
    counts = agreement.label_counts(ratings.codes, len(ratings.scale.labels))
    place = {label: number for number, label in enumerate(ratings.scale.labels)}
    chosen = consensus["label"].map(place).to_numpy(dtype=np.int64)
    fewer = counts[np.arange(len(chosen)), chosen] < counts.max(axis=1, initial=0)
    return int((fewer & (counts.sum(axis=1) >= 2)).sum())


def _no_consensus() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, None]:
    return (
        pd.DataFrame(columns=["item", "label", "probability", "ratings"]),
        pd.DataFrame(columns=["rater", "truth", "label", "probability", "lower", "upper"]),
        pd.DataFrame(columns=["rater", "ratings", "accuracy", "lower", "upper", "agreement_with_others"]),
        None,
    )


def _bounds(draws: Floats, confidence: float) -> Floats:
    """Lower and upper bound (..., 2) over the first axis."""
    columns = draws.reshape(len(draws), -1).T
    bounds = np.array([resampling.interval(column, confidence) for column in columns])
    return bounds.reshape(*draws.shape[1:], 2)


def _at_least_wilson(bounds: Floats, ratings: Ratings, posterior: Floats, confidence: float) -> Floats:
    """`bounds` (raters, 2) of accuracies widened to those of the share of a rater's ratings that are right."""
    wider = bounds.copy()
    for rater, codes in enumerate(ratings.codes.T):
        rated = codes != MISSING
        right = posterior[rated, codes[rated]]
        lower, upper = resampling.clustered_wilson(right, ratings.subjects[rated], confidence)
        wider[rater] = np.fmin(bounds[rater, 0], lower), np.fmax(bounds[rater, 1], upper)
    return wider


def _agreement_with_others(ratings: Ratings) -> Floats:
    """For each rater, over items that others rated as well, the mean share of others of the same label."""
    counts = agreement.label_counts(ratings.codes, len(ratings.scale.labels))
    others = counts.sum(axis=1) - 1
    shares = []
    for codes in ratings.codes.T:
        shared = (codes != MISSING) & (others > 0)
        same = counts[shared, codes[shared]] - 1
        shares.append((same / others[shared]).mean() if shared.any() else np.nan)
    return np.array(shares, dtype=float)


def metrics(
    ratings: Ratings,
    table: pd.DataFrame,
    consensus: pd.DataFrame,
    fit: dawid_skene.DawidSkene | None,
    level: Level,
) -> dict[str, float | int | str | None]:
    """The numbers that matter, of all raters together; None for one that is not defined.

    `kappa` is Conger's, which for two raters is Cohen's; `alpha` is Krippendorff's at `level`.
    """
    kinds = {
        "observed_agreement": (OBSERVED, "none"),
        "kappa": ("Conger's kappa", "none"),
        "kappa_quadratic": ("Conger's kappa", "quadratic"),
        "ac1": ("Gwet's AC1", "none"),
        "alpha": ("Krippendorff's alpha", level),
    }
    together = table[table["raters"] == "all"].set_index(["coefficient", "weighting"])
    found: dict[str, float | int | str | None] = {
        "items": len(ratings.items),
        "items_with_two_ratings": int(((ratings.codes != MISSING).sum(axis=1) >= 2).sum()),
        "raters": len(ratings.raters),
        "ratings": int((ratings.codes != MISSING).sum()),
        "labels": len(ratings.scale.labels),
        "contradicted_ratings": ratings.contradictions,
        "disagreements": int(ratings.disagreeing.sum()),
    }
    for name, kind in kinds.items():
        for suffix, column in (("", "value"), ("_lower", "lower"), ("_upper", "upper")):
            value = float(together[column].get(kind, np.nan))
            found[name + suffix] = round(value, 6) if np.isfinite(value) else None
    found["alpha_level"] = level
    found["consensus_against_majority"] = against_majority(ratings, consensus)
    found["dawid_skene_log_likelihood"] = None if fit is None else round(float(fit.log_likelihood[-1, 0]), 4)
    found["dawid_skene_iterations"] = 0 if fit is None else len(fit.log_likelihood)
    return found


def warnings(metrics: Mapping[str, float | int | str | None]) -> list[str]:
    """What a reader of `metrics` has to know before anything else."""
    found = []
    if metrics["items"] and not metrics["items_with_two_ratings"]:
        found.append("no item has two ratings: agreement cannot be computed, and the consensus is each single rating")
    if count := metrics["consensus_against_majority"]:
        found.append(
            f"{count} items have a consensus (Dawid and Skene) against the majority of their ratings: look at"
            " consensus.csv, and at rater_confusion.csv for why; more smoothing makes that rarer"
        )
    return found


def summary(metrics: Mapping[str, float | int | str | None]) -> str:
    """What was found, in a few words."""
    return (
        f"{metrics['items']} items, {metrics['raters']} raters, {metrics['disagreements']} disagreements;"
        f" alpha ({metrics['alpha_level']}) {metrics['alpha']}, kappa {metrics['kappa']}"
    )
