"""A schema for every table of thresholds and of accepted latents (prefilter); read and written by `radsieve.tables`."""

from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from radsieve.columns import SHARE, count, number, one_of, schema, text
from radsieve.screening_tables import LATENTS, Split, flag

_TOLD = ("argmax(tpr-fpr)", "argmax(2*tpr-fpr)")  # rules whose saving the published study gives in its text
_CELLS = ("tn", "fp", "fn", "tp")
_SHARES = ("accepted_share", "tpr", "fpr", "precision", "base_rate")


class CompositeMethod(StrEnum):
    """A model for each score; one of `valid`, cut by the same rule; the same, cut to keep as many good films."""

    COMPOSITE = "composite"
    DIRECT = "direct"
    DIRECT_EQUAL_TPR = "direct, equal tpr"


def _bounded(name: str) -> dict[str, pa.Column]:
    """A measure with its interval; empty where not defined."""
    checks = [SHARE] if name in _SHARES else [pa.Check.ge(0)]
    return {f"{name}{end}": number(*checks, nullable=True) for end in ("", "_lower", "_upper")}


# A confusion matrix (bad films rejected and accepted, good films rejected and accepted) and what follows from it, each
# with its interval: shares of all latents, of the good and of the bad films that are accepted (tpr, fpr); precision,
# the share of good films among the accepted ones; base_rate, among all; ratio, the one by the other; saving, the time
# for a good film without a sieve by that with one, the predictor paid; seconds_per_good, that time.
_JUDGED = {
    **{name: count() for name in _CELLS},
    **{
        key: column
        for name in (*_SHARES, "ratio", "saving", "seconds_per_good")
        for key, column in _bounded(name).items()
    },
}

# Thresholds chosen on the validation part of the published split, judged on it and on the test part. `reason` says why
# a rule accepts everything; empty if it chose.
RULES = schema(
    "rules",
    group=text(),
    rule=text(),
    part=one_of(Split.VALIDATION, Split.TEST),
    threshold=number(SHARE),
    **_JUDGED,
    reason=text(),
)

# Thresholds chosen on inner out-of-fold scores and judged on the rows that the outer fold held back; `fold` is 1, 2,
# ... or `pooled`, all of these rows together, whose threshold is empty.
NESTED = schema(
    "nested",
    group=text(),
    rule=text(),
    fold=text(),
    threshold=number(SHARE, nullable=True),
    **_JUDGED,
    reason=text(),
)

# A model for each score, accepted if all let pass, against a model of `valid` itself. `way` is composite; direct (cut
# by the same rule); or `direct, equal tpr` (cut to keep as many good films). `precision_difference` is that to the
# composite, with its interval; `reason` names the scores that no model was fitted to and that let everything pass.
COMPOSITE = schema(
    "composite",
    group=text(),
    way=one_of(*CompositeMethod),
    **_JUDGED,
    precision_difference=number(nullable=True),
    difference_lower=number(nullable=True),
    difference_upper=number(nullable=True),
    reason=text(),
)

# How diverse the good latents are that a rule keeps (`kept` of `good`): `value` of the measure, and what as many good
# latents picked at random have (`chance`, with the interval `lower` to `upper`); `p_value`, one-sided, says how often
# chance is as little diverse. Measures: see prefilter/diversity.py.
DIVERSITY = schema(
    "diversity",
    group=text(),
    rule=text(),
    good=count(),
    kept=count(),
    measure=one_of("mean_distance", "log_volume", "coverage"),
    value=number(nullable=True),
    chance=number(nullable=True),
    lower=number(nullable=True),
    upper=number(nullable=True),
    p_value=number(SHARE, nullable=True),
)

# What each rule costs and gains, on rows that chose neither model nor threshold (pooled rows of NESTED). `stored` is 1
# for the rule of the stored sieves, `threshold` that of a model fitted to all rows; `good_films_lost` is 1 - tpr;
# `spread_kept` is the mean distance of kept good latents by that of as many picked at random; `reason` says in which
# folds, or for all rows, the rule accepts everything, and why.
DECISIONS = schema(
    "decisions",
    group=text(),
    rule=text(),
    stored=flag(),
    threshold=number(SHARE),
    **_bounded("accepted_share"),
    **_bounded("precision"),
    **_bounded("base_rate"),
    **_bounded("saving"),
    **_bounded("seconds_per_good"),
    good_films_lost=number(SHARE, nullable=True),
    spread_kept=number(nullable=True),
    coverage=number(SHARE, nullable=True),
    coverage_by_chance=number(SHARE, nullable=True),
    reason=text(),
)

# What each threshold gives on held-back rows, from strict to lenient, at most 200 of a group.
THRESHOLD_CURVES = schema(
    "curves",
    group=text(),
    threshold=number(SHARE),
    **{name: number(nullable=True) for name in (*_SHARES, "ratio", "saving", "seconds_per_good")},
)

# The published confusion matrices of group 18_24m (source 002, part 2) as the source prints them.
THRESHOLDS_18_24M = schema(
    "thresholds_18_24m",
    group=text(),
    score=text(),
    model=text(),
    rule=text(),
    split=text(),
    threshold=number(),
    **{name: count() for name in _CELLS},
    tpr=number(SHARE),
    fpr=number(SHARE),
    precision=number(SHARE),
    init_precision=number(SHARE),
)

# What the source prints beside what our code computes from the same confusion matrices; `digits` are those printed.
PUBLISHED_THRESHOLDS = schema(
    "published",
    group=text(),
    rule=text(),
    part=one_of(Split.VALIDATION, Split.TEST),
    measure=text(),
    published=number(),
    recomputed=number(),
    digits=count(),
    equal=pa.Column(bool),
)

# Accepted latents: `number` says the how many-th drawn each was (from 0), with its probability of a good film.
ACCEPTED = schema("accepted", number=count(), probability=number(SHARE), **{name: number() for name in LATENTS})


def published_savings(published: pd.DataFrame) -> dict[str, float]:
    """The savings that the study gives in its text, by rule, from THRESHOLDS_18_24M: precision with a sieve by without.

    They are of the rows that the thresholds were chosen on, and count drawing alone.
    """
    told = published[(published["split"] == "valid") & published["rule"].isin(_TOLD)]
    return dict(zip(told["rule"], told["precision"] / told["init_precision"], strict=True))
